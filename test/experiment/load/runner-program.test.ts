import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { Program, type ProgramFile, type ProgramInstance } from '../../../src/experiment/load/runner.ts';
import { withCommonNames } from '../../../src/experiment/load/transform.ts';

const root = mkdtempSync(join(tmpdir(), 'comex runner-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

interface TestProgram {
  readonly folder: string;
  readonly main: string;
  readonly program: Program;
  instance(globals?: Readonly<Record<string, unknown>>): ProgramInstance;
}

/** A program of files in a folder with a space in its name; main.ts is its entry. */
function programOf(
  files: Readonly<Record<string, string>>,
  { library = {}, keepImports = false }: { library?: Record<string, string>; keepImports?: boolean } = {},
): TestProgram {
  const folder = join(root, String(folders++));
  const known = new Map<string, ProgramFile>();
  const resolved: Record<string, Record<string, string>> = {};
  for (const [name, source] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source);
    if (name.includes('node_modules')) continue;
    known.set(path, { path, format: name.endsWith('.json') ? 'json' : 'module', source, keepImports });
    const specifiers = [...source.matchAll(/['"](\.\/[\w/.]+)['"]/g)].map((found) => found[1]!);
    resolved[path] = Object.fromEntries(specifiers.map((specifier) => [specifier, resolve(dirname(path), specifier)]));
  }
  const program = new Program(known, resolved, library);
  return {
    folder,
    main: join(folder, 'main.ts'),
    program,
    instance: (globals = {}) => program.instantiate(() => globals),
  };
}

async function evaluate(files: Readonly<Record<string, string>>, globals?: Readonly<Record<string, unknown>>) {
  const { instance, main } = programOf(files);
  return instance(globals).import(main);
}

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected a failure.');
}

it('a rewritten parameter gets its value from outside, and importers see each change', async () => {
  const setters: Array<(value: unknown) => void> = [];
  const declare = (name: string, initial: () => unknown, set: (value: unknown) => void): unknown => {
    setters.push(set);
    return name === 'RATE' ? 5 : initial();
  };
  const { read, all, RATE, DOUBLE } = await evaluate(
    {
      'main.ts': `import { read } from './helper.ts'; import * as self from './main.ts';
export let   RATE: number = __comex("RATE", () => (1), (__v) => { RATE = __v; });
export let   DOUBLE = __comex("DOUBLE", () => (RATE * 2), (__v) => { DOUBLE = __v; }); export { read }; export const all = () => ({ ...self });`,
      'helper.ts': `import { RATE, DOUBLE } from './main.ts'; export const read = (): number[] => [RATE, DOUBLE];`,
    },
    { __comex: declare },
  );
  expect([RATE, DOUBLE]).toEqual([5, 10]);
  setters[0]!(7);
  expect((read as () => unknown)()).toEqual([7, 10]);
  expect((all as () => unknown)()).toMatchObject({ RATE: 7, DOUBLE: 10 });
});

it('globals are asked for by path, once for each file that is evaluated', async () => {
  const { program, folder, main } = programOf({
    'main.ts': `import { own as other } from './other.ts'; import './none.ts'; export const own = [__own, other];`,
    'other.ts': `export const own = __own;`,
    'none.ts': `export {}`,
    'never.ts': `throw 1;`,
  });
  const asked: string[] = [];
  const globals = (path: string) => {
    asked.push(path);
    return path.endsWith('none.ts') ? {} : { __own: path };
  };
  const { own } = await program.instantiate(globals).import(main);
  expect(own).toEqual([main, join(folder, 'other.ts')]);
  expect(asked.sort()).toEqual(['main.ts', 'none.ts', 'other.ts'].map((name) => join(folder, name)));
});

it('instances share nothing but packages', async () => {
  const { program, main } = programOf({
    'main.ts': `import { state } from './state.ts'; import data from './data.json'; import { shared } from 'pkg';
export { state, data, shared }; export class K {} export default () => { state.n++; data.n++; };`,
    'state.ts': `export const state = { n: 0 };`,
    'data.json': `{ "n": 1 }`,
    'node_modules/pkg/package.json': `{ "name": "pkg", "type": "module", "exports": { "import": "./index.js" } }`,
    'node_modules/pkg/index.js': `export const shared = {};`,
  });
  const [one, two] = await Promise.all([0, 1].map(() => program.instantiate(() => ({})).import(main)));
  (one!['default'] as () => void)();
  expect([one!['state'], one!['data'], two!['state'], two!['data']]).toEqual([{ n: 1 }, { n: 2 }, { n: 0 }, { n: 1 }]);
  expect(one!['K']).not.toBe(two!['K']);
  expect(one!['shared']).toBe(two!['shared']);
});

it('import() of an instance gives the same namespace each time', async () => {
  const { instance, main } = programOf({ 'main.ts': `export let count = 0; count++;` });
  const one = instance();
  const [first, second] = await Promise.all([one.import(main), one.import(main)]);
  expect(first).toBe(second);
  expect(first!['count']).toBe(1);
});

it('JSON is imported with and without its attribute, also by import()', async () => {
  const { all } = await evaluate({
    'main.ts': `import a from './a.json'; import b from './a.json' with { type: 'json' }; import * as c from './a.json';
const d = await import('./a.json', { with: { type: 'json' } }); export const all = [a.n, a === b, c.default === a, d === c, Object.keys(c)];`,
    'a.json': '\uFEFF{ "n": 1 }',
  });
  expect(all).toEqual([1, true, true, true, ['default']]);
});

it('JSON that cannot be parsed is an error with its path', async () => {
  const error = await failure(evaluate({ 'main.ts': `import './a.json';`, 'a.json': '{ "n": }' }));
  expect(error).toBeInstanceOf(SyntaxError);
  expect(error.message).toMatch(/a\.json: /);
});

it('TypeScript is compiled: enums, parameter properties, type-only imports', async () => {
  const { all } = await evaluate({
    'main.ts': `import type { Shape } from './none.ts'; import { type Other, area } from './shape.ts'; import { Unused } from './none.ts';
enum Mode { Fast = 1, Slow } class Box { constructor(private readonly n: number) {} get = <T,>(x: T): [T, number] => [x, this.n]; }
const SHAPE = { w: 2, h: 3 } satisfies Shape; const o: Other = 1; const u: Unused | null = null;
export const all = [Mode.Slow, new Box(5).get('x'), area(SHAPE), o, u];`,
    'shape.ts': `export interface Shape { w: number; h: number }\nexport type Other = number;\nexport const area = (s: Shape): number => s.w * s.h;`,
  });
  expect(all).toEqual([2, ['x', 5], 6, 1, null]);
});

it('with keepImports, imports that only types use are evaluated', async () => {
  const seen: string[] = [];
  const files = {
    'main.ts': `import { T } from './t.ts'; export const x: T = 1;`,
    't.ts': `see('t'); export class T {}`,
  };
  for (const keepImports of [false, true]) {
    const { instance, main } = programOf(files, { keepImports });
    await instance({ see: (name: string) => seen.push(`${name} ${keepImports}`) }).import(main);
  }
  expect(seen).toEqual(['t true']);
});

it('import.meta tells the file, and resolves as its imports do', async () => {
  const { folder, instance, main } = programOf(
    {
      'main.ts': `export const meta = import.meta; const { resolve } = import.meta;
export const found = ['./a.js', './b.ts', 'comex', 'fs', 'node:fs', 'pkg', 'pkg/sub/x', '@s/old', '@s/old/deep.js', 'https://a.b/c', '#inner', '/abs'].map((each) => resolve(each));
export const failed = (() => { try { resolve('no-such'); } catch (error) { return (error as { code: string }).code; } })();`,
      'a.ts': 'export {}',
      'package.json': '{ "imports": { "#inner": { "require": "./no.js", "default": "./inner.ts" } } }',
      'node_modules/pkg/package.json': `{ "exports": { ".": { "require": "./no.cjs", "import": { "types": "./no.d.ts", "default": "./yes.js" } }, "./sub/*": "./lib/*.mjs" } }`,
      'node_modules/@s/old/package.json': `{ "main": "lib/index.js" }`,
      'node_modules/@s/old/lib/index.js': '',
    },
    { library: { comex: 'file:///own/comex.js' } },
  );
  const { meta, found, failed } = await instance().import(main);
  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  expect({ ...(meta as object) }).toMatchObject({ url: url('main.ts'), filename: main, dirname: folder, main: false });
  expect(Object.getPrototypeOf(meta)).toBe(null);
  const packages = ['pkg/yes.js', 'pkg/lib/x.mjs', '@s/old/lib/index.js', '@s/old/deep.js'];
  expect(found).toEqual([
    ...[url('a.js'), url('b.ts'), 'file:///own/comex.js', 'node:fs', 'node:fs'],
    ...packages.map((name) => url(`node_modules/${name}`)),
    ...['https://a.b/c', url('inner.ts'), 'file:///abs'],
  ]);
  expect(failed).toBe('ERR_MODULE_NOT_FOUND');
});

it('comex itself is the copy that is named, by import and by import()', async () => {
  const folder = mkdtempSync(join(root, 'library-'));
  writeFileSync(join(folder, 'own.mjs'), 'export const own = {};');
  const url = pathToFileURL(join(folder, 'own.mjs')).href;
  const { instance, main } = programOf(
    { 'main.ts': `import { own } from 'comex'; export const same = own === (await import('comex')).own;` },
    { library: { comex: url } },
  );
  expect(await instance().import(main)).toMatchObject({ same: true });
});

it('import() finds files of the program by URL and by a computed path, packages by name', async () => {
  const { all } = await evaluate({
    'main.ts': `import * as a from './a.ts'; const name = './' + 'a' + '.ts'; const pkg = 'pkg';
export const all = [(await import(name)) === a, (await import(new URL('./a.ts', import.meta.url).href)) === a, (await import(pkg)).p];`,
    'a.ts': 'export let a = 1; a++;',
    'node_modules/pkg/package.json': `{ "name": "pkg", "exports": { "require": "./no.cjs", "import": "./index.mjs" } }`,
    'node_modules/pkg/index.mjs': `export const p = 'p';`,
  });
  expect(all).toEqual([true, true, 'p']);
});

it('names of CommonJS that a file is given work', async () => {
  const main = withCommonNames(
    `import { basename } from 'node:path';\nconst { sep } = require('node:path');\nexport const all = [basename(__filename), sep, basename(__dirname)];`,
  );
  const { all } = await evaluate({ 'main.ts': main });
  expect(all).toEqual(['main.ts', expect.any(String), expect.any(String)]);
});

it('a syntax error is an error of comex with the path', async () => {
  const { instance, main } = programOf({ 'main.ts': `import './bad.ts';`, 'bad.ts': 'const = 1; export {};' });
  const error = await failure(instance().import(main));
  expect(error.code).toBe('E_SYNTAX');
  expect(error.message).toContain('bad.ts');
});

it('what the compiler lets pass and the engine does not is a syntax error in the file', async () => {
  const { instance, main } = programOf({ 'main.ts': `export const a = 1;\nexport const b = 2;\nlet a;` });
  const error = await failure(instance().import(main));
  expect(`${error.name} ${error.message} ${error.code}`).toMatch(/SyntaxError|E_SYNTAX/);
  expect(error.stack).toContain('main.ts');
});

it('a call of an import that is no function names it', async () => {
  const { instance, main } = programOf({
    'main.ts': `import { n, live } from './n.ts'; export const one = () => n(); export const two = () => live();`,
    'n.ts': `export const n = 1; export let live = 1; export const set = () => { live = 2; };`,
  });
  const module = await instance().import(main);
  expect(module['one']).toThrow('n is not a function');
  expect(module['two']).toThrow('imported.live(...) is not a function');
});
