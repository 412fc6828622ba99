/**
 * Preloaded into several runs, makes them begin at the same moment: they all see the time `COMEX_MOMENT`, and each waits
 * before it makes its first folder until the file `COMEX_GO` is there.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { COMEX_MOMENT, COMEX_GO } = process.env;
const moment = Number(COMEX_MOMENT);

globalThis.Date = class extends Date {
  constructor(...parts) {
    super(...(parts.length === 0 ? [moment] : parts));
  }

  static now() {
    return moment;
  }
};

const makeFolder = fs.mkdirSync;
fs.mkdirSync = (...all) => {
  fs.mkdirSync = makeFolder;
  syncBuiltinESMExports();
  fs.writeFileSync(`${COMEX_GO}-${process.pid}`, '');
  const nap = new Int32Array(new SharedArrayBuffer(4));
  while (!fs.existsSync(COMEX_GO)) Atomics.wait(nap, 0, 0, 1);
  return makeFolder(...all);
};
syncBuiltinESMExports();
