import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'comex stack-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Imports main.ts of a folder's files and calls its default export; prints the stack. Vitest has its own stacks. */
const SCRIPT = (runner: string): string => `
import { join } from 'node:path';
import { Program } from ${JSON.stringify(runner)};
const [folder, files] = JSON.parse(process.argv[2]);
const known = new Map();
const resolved = {};
for (const [name, source] of Object.entries(files)) {
  known.set(join(folder, name), { path: join(folder, name), format: 'module', source, keepImports: false });
  resolved[join(folder, name)] = Object.fromEntries(Object.keys(files).map((other) => ['./' + other, join(folder, other)]));
}
const program = new Program(known, resolved, {});
try {
  for (let instance = 0; instance < 2; instance++) {
    const module = await program.instantiate(() => ({ __comex: (_name, initial) => initial() })).import(join(folder, 'main.ts'));
    if (instance === 1) await module.default();
  }
} catch (error) { process.stdout.write(error.stack); }
`;

function stackOf(files: Readonly<Record<string, string>>): { readonly stack: string; readonly folder: string } {
  const folder = mkdtempSync(join(root, 'a b-'));
  const script = join(folder, 'script.mjs');
  writeFileSync(
    script,
    SCRIPT(pathToFileURL(join(import.meta.dirname, '../../../src/experiment/load/runner.ts')).href),
  );
  const flags = ['--import', import.meta.resolve('tsx'), script, JSON.stringify([folder, files])];
  return { stack: execFileSync(process.execPath, flags, { encoding: 'utf8' }), folder };
}

it('a stack shows the paths, lines and columns of the source', () => {
  const { stack, folder } = stackOf({
    'main.ts': `/** Doc. */
import { fail, type Unused, count } from './fail.ts';

interface Gone {
  a: number;
}
export function later(x: Gone | Unused): void { if (count) fail(x, fail, count), fail(fail); }
export default (): void => later({ a: 1 });
`,
    'fail.ts': `export type Unused = {
  x: 1;
};
export let   count = __comex("count", () => (1), (__v) => { count = __v; });
export function fail(...values: unknown[]): void {
  count += values.length as number; if (count > 4) throw new Error('here');
}
`,
  });
  expect(stack).toContain(`at fail (${join(folder, 'fail.ts')}:6:58)`);
  expect(stack).toContain(`at later (${join(folder, 'main.ts')}:7:82)`);
  expect(stack).toMatch(/main\.ts:8:28\)?$/m);
});

it('columns are those of the source in a cycle, where names are read when they are used', () => {
  const { stack, folder } = stackOf({
    'main.ts': `import { one, two } from './other.ts';\n\nexport const three: number = 3;
export default (): number => { const all = { one, two }; return one(two) + all.two + two + one(all); };`,
    'other.ts': `import { three } from './main.ts';
export const one = (x: unknown): number => { if (typeof x === 'object') throw new Error(\`\${three} here\`); return three; };
export const two = 2;`,
  });
  expect(stack).toMatch(/^Error: 3 here/);
  expect(stack).toContain(`at one (${join(folder, 'other.ts')}:2:79)`);
  expect(stack).toMatch(/main\.ts:4:92\)?$/m);
});

it('what fails at the top of a file shows its line', () => {
  const { stack, folder } = stackOf({ 'main.ts': `type A = 1;\n\nexport const x: A = 1;\n\nnull!.x;\n` });
  expect(stack).toContain(`${join(folder, 'main.ts')}:5:`);
});

it('an import of what is not exported says where it stands', () => {
  const { stack, folder } = stackOf({
    'main.ts': `type A = 1;\nimport { a } from './a.ts';\n\nimport { b, nope } from './a.ts'; b(a, nope);`,
    'a.ts': 'export const a = 1, b = 2;',
  });
  expect(stack).toContain(`The requested module './a.ts' does not provide an export named 'nope'`);
  expect(stack).toContain(`${join(folder, 'main.ts')}:4:13`);
});
