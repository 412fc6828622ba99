import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'comex-runner-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Evaluates a program again and again and prints the bytes in use after some and after many times. */
const SCRIPT = (runner: string): string => `
import { join } from 'node:path';
import { Program } from ${JSON.stringify(runner)};
const folder = process.argv[2];
const sources = {
  'main.ts': \`import { helper } from './helper.ts'; import * as all from './cyclic.ts'; import data from './data.json'; import { join } from 'node:path';
    export let RATE: number = __comex('RATE', () => (1), (v) => { RATE = v; }); export const big = new Float64Array(1000).fill(RATE);
    await 0; export default async () => [helper(RATE), all.rate(), data.n, join('a', 'b'), (await import('./late.ts')).late(), import.meta.url];\`,
  'helper.ts': \`export const helper = (x: number): number => x * 2; export class Unused { readonly field = new Map(); }\`,
  'cyclic.ts': \`import { RATE } from './main.ts'; const kept: unknown[] = []; export const rate = (): number => { kept.push(RATE); return RATE; };\`,
  'late.ts': \`import { RATE } from './main.ts'; export const late = () => RATE;\`,
  'data.json': '{ "n": 3 }',
};
const files = new Map();
const resolved = {};
for (const [name, source] of Object.entries(sources)) {
  const path = join(folder, name);
  files.set(path, { path, format: name.endsWith('.json') ? 'json' : 'module', source, keepImports: false });
  resolved[path] = Object.fromEntries(Object.keys(sources).map((other) => ['./' + other, join(folder, other)]));
}
const program = new Program(files, resolved, {});
const declare = (_name, initial, _set) => initial();
async function repeat(times) {
  for (let done = 0; done < times; done += 8) {
    await Promise.all(Array.from({ length: 8 }, async () => {
      const module = await program.instantiate(() => ({ __comex: declare })).import(join(folder, 'main.ts'));
      if ((await module.default()).length !== 6) throw new Error('The program did not run.');
    }));
  }
  // A turn of the event loop lets go of what settled last.
  await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 3; turn++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
const some = await repeat(200);
const many = await repeat(1800);
process.stdout.write(JSON.stringify({ some, many }));
`;

it('instances are collected: 2,000 take no more memory than 200', () => {
  const runner = pathToFileURL(join(import.meta.dirname, '../../../src/experiment/load/runner.ts')).href;
  const script = join(folder, 'script.mjs');
  writeFileSync(script, SCRIPT(runner));
  const flags = ['--expose-gc', '--import', import.meta.resolve('tsx')];
  const printed = execFileSync(process.execPath, [...flags, script, folder], { encoding: 'utf8' });
  const { some, many } = JSON.parse(printed) as { some: number; many: number };
  // As modules of Node's they would leave 70 kB each behind, and the 8 kB that each allocates.
  expect((many - some) / 1800).toBeLessThan(500);
});
