// Preloaded by the documentation tests: what a program writes into a file is written as for a terminal without colour.
const { fstatSync } = require('node:fs');

if (fstatSync(1).isFile()) {
  Object.assign(process.stdout, { isTTY: true, columns: 80, getColorDepth: () => 1, hasColors: () => false });
}
