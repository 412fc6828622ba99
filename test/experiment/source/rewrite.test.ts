// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync } from 'oxc-parser';
import { transformSync } from 'oxc-transform';
import { afterAll, describe, expect, test } from 'vitest';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const temporary = mkdtempSync(join(tmpdir(), 'comex-rewrite-'));
// Below node_modules, vitest leaves a module to Node itself.
const folder = join(temporary, 'node_modules', 'rewritten');
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

let count = 0;

type Exports = Record<string, unknown>;

/** Rewrites a source, checks its shape, and runs it with some values given. */
async function run(
  text: string,
  given: Exports = {},
  extension = 'ts',
): Promise<Exports & { __set: (name: string, value: unknown) => void }> {
  const rewritten = rewrite(text, extension);
  const own = `
export function __set(name, value) { globalThis.__setters[${count}][name](value); }
function __comex(name, init, set) {
  const own = (globalThis.__setters ??= [])[${count}] ??= {};
  own[name] = set;
  const given = globalThis.__given;
  if (Object.hasOwn(given, name)) return init?.constructor.name === 'AsyncFunction' ? Promise.resolve(given[name]) : given[name];
  if (init === undefined) throw new Error(name + ' has no value');
  return init();
}`;
  const { code, errors } = transformSync(`a.${extension}`, `${rewritten}${own}`, { jsx: { runtime: 'classic' } });
  expect(errors).toEqual([]);
  const file = join(folder, `${count++}.mjs`);
  writeFileSync(file, code);
  (globalThis as Exports).__given = given;
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as never;
}

/** The rewritten text, after a check that it is valid and that no line moved. */
function rewrite(text: string, extension = 'ts'): string {
  const { rewritten } = readModule(`/x/a.${extension}`, text);
  expect(parseSync(`a.${extension}`, rewritten).errors).toEqual([]);
  const ends = (source: string): string[] => source.match(/\r\n|[\n\r\u2028\u2029]/g) ?? [];
  expect(ends(rewritten)).toEqual(ends(text));
  return rewritten;
}

describe('the rewritten text', () => {
  test.each<[form: string, text: string, expected: string]>([
    ['const', 'export const A = 1;', 'export let   A = __comex("A", () => (1), (__v) => { A = __v; });'],
    [
      'let with a type',
      'export let A: number = 1;',
      'export let A: number = __comex("A", () => (1), (__v) => { A = __v; });',
    ],
    [
      'no semicolon',
      'export const A = 1 // x',
      'export let   A = __comex("A", () => (1), (__v) => { A = __v; }); // x',
    ],
    [
      'no initialiser',
      'export let A: number;',
      'export let A: number = __comex("A", undefined, (__v) => { A = __v; });',
    ],
    ['definite', 'export let A!: number', 'export let A : number = __comex("A", undefined, (__v) => { A = __v; });'],
    [
      'await',
      'export const A = await f();',
      'export let   A = await __comex("A", async () => (await f()), (__v) => { A = __v; });',
    ],
    [
      'arrow',
      'export const A = () => 1;',
      'export let   A = __comex("A", () => ({ A: () => 1 }).A, (__v) => { A = __v; });',
    ],
    [
      'named function',
      'export const A = function f() {};',
      'export let   A = __comex("A", () => (function f() {}), (__v) => { A = __v; });',
    ],
    [
      'others in the declaration',
      'export const a = 1, B = 2, c = 3',
      'export let   a = 1, B = __comex("B", () => (2), (__v) => { B = __v; }), c = 3',
    ],
    [
      'exported by name',
      'const A = 1; export { A };',
      'let   A = __comex("A", () => (1), (__v) => { A = __v; }); export { A };',
    ],
    ['nothing to do', 'const A = 1;\nexport default A;', 'const A = 1;\nexport default A;'],
  ])('%s', (_, text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  test('everything in front of an initialiser keeps its column', () => {
    const text = 'export const /* 😀 */ LEARNING_RATE: number = 1, x = 2;';
    expect(rewrite(text).indexOf('__comex(')).toBe(text.indexOf('1,'));
  });
});

describe('the rewritten module runs as before', () => {
  test.each<[form: string, text: string, expected: Exports]>([
    ['numbers and text', "export const A = 1, B = 'x', c = A + 1;", { A: 1, B: 'x', c: 2 }],
    ['object literal', 'export const A = { a: 1, b: { c: [2] } };', { A: { a: 1, b: { c: [2] } } }],
    ['empty object', 'export const A = {}', { A: {} }],
    ['comma in parentheses', 'export const A = (1, 2), B = 3;', { A: 2, B: 3 }],
    ['comment behind', 'export const A = 1 // one\nexport const B = 2 /* two */ // 2', { A: 1, B: 2 }],
    ['comment before', 'export const A = // one\n  1;\nexport const B /* b */ = /* c */ 2;', { A: 1, B: 2 }],
    [
      'comments within',
      'export const A = [\n  1, // one\n  2 // two\n] // all\nexport const B = 1 + // plus\n  1 // end',
      { A: [1, 2], B: 2 },
    ],
    ['semicolon on the next line', 'export const A = 1 // x\n;', { A: 1 }],
    ['as', 'export const A = 1 as number | string, B = <number>2, C = [3] as const;', { A: 1, B: 2, C: [3] }],
    ['satisfies', "type M = { k: 'a' };\nexport const A = { k: 'a' } satisfies M;", { A: { k: 'a' } }],
    [
      'generic types',
      'export const A: Map<string, Array<number>> = new Map<string, Array<number>>();',
      { A: new Map() },
    ],
    [
      'ternary, assignment, comma',
      'let x: any;\nexport const A = true ? 1 : 2, B = (x = 5), C = x;',
      { A: 1, B: 5, C: 5 },
    ],
    ['templates', 'export const A = `a\n${1 + 1}\r\nb`;', { A: 'a\n2\nb' }],
    ['regular expressions', 'export const A = /[)"]/.test(")");', { A: true }],
    ['CRLF', 'export const A = 1\r\nexport const B = {\r\n  a: A, // x\r\n}\r\n', { A: 1, B: { a: 1 } }],
    ['byte order mark', '\uFEFFexport const A = 1;', { A: 1 }],
    ['emoji', "const x = '😀'; /* 👩‍👩‍👧 */ export const A = x + '😀', B = '𝒳'; // 😀", { A: '😀😀', B: '𝒳' }],
    ['hashbang', '#!/usr/bin/env node\nexport const A = 1;', { A: 1 }],
    ['line separators in text', "export const A = '\u2028', B = 1;", { A: '\u2028', B: 1 }],
    [
      'top-level await',
      'export const A = await Promise.resolve(1), B = [await A, 2], C = A + 1;',
      { A: 1, B: [1, 2], C: 2 },
    ],
    ['escaped letters', 'export const \\u0041B = 1;', { AB: 1 }],
    ['other scripts', 'export const ÄÖ = 1, F_Ä = (() => 2)();', { ÄÖ: 1, F_Ä: 2 }],
    ['exported before declared', 'export { A };\nlet A = 1;', { A: 1 }],
    ['derived', 'export const A = 2, B = A * 10;\nexport const C = { ...{ b: B } };', { A: 2, B: 20, C: { b: 20 } }],
    [
      'self reference in a function',
      'export const F = (n: number): number => (n < 2 ? 1 : n * F(n - 1));\nexport const A = F(4);',
      { A: 24 },
    ],
    ['a directive', "'use strict';\nexport const A = (function () { return this; })();", { A: undefined }],
    ['this', 'export const A = this;', { A: undefined }],
    [
      'optional chaining and non-null',
      'const o: any = { a: 1 };\nexport const A = o?.a!, B = o!.b?.c;',
      { A: 1, B: undefined },
    ],
    [
      'a class with await in it',
      "export const A = class { static [await Promise.resolve('x')] = 1; };\nexport const B = (A as any).x;",
      { B: 1 },
    ],
    ['types of the same name', 'export const A = 1; export type A = number;', { A: 1 }],
  ])('%s', async (_, text, expected) => {
    expect(await run(text)).toMatchObject(expected);
  });

  test('JSX and JavaScript files work as well', async () => {
    const head = 'const React = { createElement: (...all) => all };\n';
    expect((await run(`${head}export const A = <b c={1}>x</b>;`, {}, 'tsx')).A).toEqual(['b', { c: 1 }, 'x']);
    expect((await run('export const A = 1, F = () => 2', {}, 'mjs')).A).toBe(1);
  });

  test.each<[next: string]>([
    ['(globalThis.__called = 1)'],
    ['[1].map(() => 0)'],
    ['`x`.length'],
    ['/x/.test("x")'],
    ['+1'],
    ['-1'],
  ])('a line that begins with %s stays a statement of its own', async (next) => {
    for (const head of [
      'export const A = () => {}',
      'export let A: any',
      'export let A!: number',
      'const x = 0; export const A = async (a) => {}',
    ]) {
      // An expression may go on in the next line as it did before.
      const text = `${head}\n${next}\nexport const B = 1\n;`;
      if (parseSync('a.ts', text).errors.length > 0) continue;
      expect((await run(text, { A: 5 })).A, text).toBe(5);
    }
  });

  test('an initialiser that goes on in the next line still does', async () => {
    const found = await run(
      'const f = (x: number) => (y: number) => x + y;\nexport const A = f(1)\n(2)\nexport const B = [1, 2]\n[1]',
    );
    expect(found).toMatchObject({ A: 3, B: 2 });
  });
});

describe('functions keep their names', () => {
  test.each([
    ['() => 1'],
    ['async () => 1'],
    ['(() => 1)'],
    ['((() => 1)) as () => number'],
    ['(() => 1) satisfies unknown'],
    ['(() => 1)!'],
    ['<T,>(x: T) => x'],
    ['function () {}'],
    ['function* () {}'],
    ['async function () {}'],
    ['class {}'],
    ['class extends Object {}'],
    ['(class { x = 1 } as any)'],
    ['function ()\n// comment\n{}\n// end'],
    ['class { static [await Promise.resolve("x")] = 1 }'],
  ])('%s', async (initialiser) => {
    expect(((await run(`export const TRANSFORM = ${initialiser};`)).TRANSFORM as { name: string }).name).toBe(
      'TRANSFORM',
    );
  });

  test('those that have a name of their own, or none in JavaScript, stay so', async () => {
    const found = await run(
      'export const A = function own() {}, B = class Own {}, C = (0, () => {}), D = class { static name = "x"; };',
    );
    expect([found.A, found.B, found.C, found.D].map((f) => (f as { name: string }).name)).toEqual([
      'own',
      'Own',
      '',
      'x',
    ]);
  });
});

describe('values from outside', () => {
  test('replace an initialiser, which then does not run', async () => {
    const text =
      'const fail = (): never => { throw new Error("ran"); };\nexport const A = fail();\nexport const B: number = A * 2, F = () => B;\nexport const W = await fail();';
    const found = await run(text, { A: 4, W: 'w' });
    expect(found).toMatchObject({ A: 4, B: 8, W: 'w' });
    expect((found.F as () => number)()).toBe(8);
  });

  test('fill a parameter without initialiser', async () => {
    expect((await run('export let A: number, B!: { a: 1 };\nexport const C = A + 1;', { A: 1, B: 2 })).C).toBe(2);
    await expect(run('export let A: number;')).rejects.toThrow('A has no value');
  });

  test('reach every reader through the setter, also across the export', async () => {
    const found = await run(
      'export const A = 1; const B = 2; export { B };\nexport function read() { return [A, B]; }',
    );
    found.__set('A', 10);
    found.__set('B', 20);
    expect((found.read as () => number[])()).toEqual([10, 20]);
    expect([found.A, found.B]).toEqual([10, 20]);
  });
});

test('stack traces keep their lines', async () => {
  const text = "\nexport const A = {\n  a: 1, // x\n};\nexport const F = () => {\n  throw new Error('here');\n};\n";
  const line = rewrite(text)
    .split('\n')
    .findIndex((part) => part.includes("'here'"));
  expect(line).toBe(5);
});
