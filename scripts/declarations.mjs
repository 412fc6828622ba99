/**
 * The declarations of the package: what its entries reach, in a form that resolves whatever the compiler options of the
 * project that installs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** AbortSignal, Buffer and node:fs come from @types/node, which comex depends on; `types` of a tsconfig may leave it out. */
const NODE_TYPES = '/// <reference types="node" />\n';

/**
 * Writes the declarations of a package into a folder.
 *
 * @param {string} root the package, with scripts/tsconfig.build.json
 * @param {readonly string[]} entries paths below the folder, such as `archive/index.d.ts`
 * @param {string} folder where they go
 * @throws when the compiler finds an error, which it has printed then
 */
export function writeDeclarations(root, entries, folder) {
  const emitted = mkdtempSync(join(tmpdir(), 'comex-types-'));
  try {
    const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const { status } = spawnSync(
      process.execPath,
      [join(typescript, 'bin/tsc'), '-p', 'scripts/tsconfig.build.json', '--outDir', emitted],
      { cwd: root, stdio: 'inherit' },
    );
    if (status !== 0) throw new Error('The declarations could not be written.');
    const written = new Set();
    for (const entry of entries) copyReached(emitted, entry, folder, written);
    for (const entry of entries) writeFileSync(join(folder, entry), NODE_TYPES + readFileSync(join(folder, entry)));
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function copyReached(from, path, to, written) {
  if (written.has(path)) return;
  written.add(path);
  const reached = [];
  // Statements begin their line; the examples in the comments do not.
  const text = readFileSync(join(from, path), 'utf8')
    .replace(/^((?:import|export)\b[^;]*?['"])(\.[^'"]*)\.ts(['"];)/gm, (_, before, specifier, after) => {
      reached.push(join(dirname(path), `${specifier}.d.ts`));
      return `${before}${specifier}.js${after}`;
    })
    // As nominal as a private field, and allowed whatever the target.
    .replace(/^( +)#private;$/gm, '$1private readonly _private;');
  mkdirSync(dirname(join(to, path)), { recursive: true });
  writeFileSync(join(to, path), text);
  for (const next of reached) copyReached(from, next, to, written);
}
