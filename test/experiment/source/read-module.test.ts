// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
import { describe, expect, test } from 'vitest';
import type { Declaration, ModuleSource } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const read = (text: string, path = `${process.cwd()}/experiments/foo.ts`): ModuleSource => readModule(path, text);
const names = (text: string): string[] => read(text).parameters.map(({ name }) => name);
const only = (text: string): Declaration => {
  const { parameters } = read(text);
  expect(parameters).toHaveLength(1);
  return parameters[0]!;
};

describe('which exports are parameters', () => {
  test.each<[form: string, text: string, expected: string[]]>([
    ['const', 'export const LR = 1', ['LR']],
    ['let', 'export let LR = 1;', ['LR']],
    ['a separate export', 'const LR = 1;\nexport { LR };', ['LR']],
    ['a separate export that comes first', 'export { LR };\nlet LR = 1;', ['LR']],
    ['several declarators', 'export const A = 1, b = 2, C = 3;', ['A', 'C']],
    ['no initialiser', 'export let LR: number;', ['LR']],
    ['definite assignment', 'export let LR!: number;', ['LR']],
    [
      'dunders, digits, one letter',
      'export const __DEBUG__ = true, X = 1, A1_B2 = 2, _P = 3;',
      ['__DEBUG__', 'X', 'A1_B2', '_P'],
    ],
    ['letters of other scripts', 'export const ÄÖ = 1, ΑΒΓ = 2;', ['ÄÖ', 'ΑΒΓ']],
    ['escaped letters', 'export const \\u0041B = 1;', ['AB']],
    ['mixed case is none', 'export const Lr = 1, lr = 2, LRa = 3, $A = 4, _ = 5, __ = 6, _1 = 7;', []],
    [
      'functions, classes, enums, namespaces',
      'export function F() {} export class C {} export enum E { A } export namespace N { export const Q = 1; }',
      [],
    ],
    ['types', 'export type T = 1; export interface I {} export type { T as U };', []],
    [
      'type re-exports',
      "export type { A } from './a.ts'; export { type B } from './b.ts'; export type * from './c.ts';",
      [],
    ],
    ['exported types by name', 'interface I {} type T = 1; export { I, type T };', []],
    ['an imported type by name', "import type { T } from './t.ts'; export { T };", []],
    ['a function exported under an upper-case name', 'function f() {} export { f as F };', []],
    ['a constant that is not exported', 'const LR = 1;', []],
    ['inner declarations', 'function f() { const LR = 1; return LR; }', []],
    ['a parameter also exported as default', 'export const A = 1; export default A;', ['A']],
    ['a lower-case alias beside it', 'export const A = 1; export { A as a };', ['A']],
  ])('%s', (_, text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test('other exports are listed, types are not', () => {
    const text = `export const lower = 1, { a, b: [c] } = x; export async function testing() {} export class K {}
export enum E { A } export interface I {} export type T = 1; export default 5; export { lower as other };
export * as ns from './ns.ts'; export { q, default as r } from './q.ts'; export declare const z: number;
export function over(): void; export function over(a?: number) {}`;
    expect(read(text).exports).toEqual([
      'lower',
      'a',
      'c',
      'testing',
      'K',
      'E',
      'default',
      'other',
      'ns',
      'q',
      'r',
      'over',
    ]);
  });

  test('JavaScript and JSX files are read by their extension', () => {
    expect(read('export const A = 1;', '/x/a.mjs').parameters[0]?.name).toBe('A');
    expect(read('export const A = <Chart b={B}/>; export const B = 1;', '/x/a.tsx').parameters[0]?.uses).toEqual(['B']);
  });

  test('positions are 1-based and count a byte order mark as nothing', () => {
    expect(only('\uFEFFexport const LR = 1;')).toMatchObject({ line: 1, column: 14 });
    expect(only('// 😀\r\n/* a\r\nb */ export const LR = 1;')).toMatchObject({ line: 3, column: 19 });
    expect(only('const s = `\n\u2028\n`;\nexport const LR = 1;')).toMatchObject({ line: 5 });
  });

  test('the default is the source of the initialiser', () => {
    expect(only('export const A = (1 +\n 2) as number; // x').defaultText).toBe('(1 +\n 2) as number');
    expect(only('export let A: number;')).not.toHaveProperty('defaultText');
  });
});

describe('documentation', () => {
  test.each<[form: string, text: string, doc: string | undefined, tags: Record<string, string>]>([
    ['JSDoc', '/** Step size. */\nexport const A = 1;', 'Step size.', {}],
    ['JSDoc on the same line', '/** Step size. */ export const A = 1;', 'Step size.', {}],
    [
      'several lines',
      '/**\n * Step size.\n *\n *   - indented\n */\nexport const A = 1;',
      'Step size.\n\n  - indented',
      {},
    ],
    ['CRLF', '/**\r\n * Step\r\n * size.\r\n */\r\nexport const A = 1;\r\n', 'Step\nsize.', {}],
    ['no stars', '/**\n  Step\n  size.\n*/\nexport const A = 1;', 'Step\n  size.', {}],
    [
      'tags',
      '/**\n * Wait.\n * @unit ms\n * @min 0\n * @secret\n */\nexport const A = 1;',
      'Wait.',
      { unit: 'ms', min: '0', secret: '' },
    ],
    ['only tags', '/** @secret */\nexport const A = 1;', undefined, { secret: '' }],
    ['tags behind text', '/** Key. @secret @unit ms */\nexport const A = 1;', 'Key.', { secret: '', unit: 'ms' }],
    [
      'tags of several lines',
      '/**\n * X.\n * @choices a\n *   b\n */\nexport const A = 1;',
      'X.',
      { choices: 'a\n  b' },
    ],
    ['a repeated tag', '/** @x 1\n * @x 2 */\nexport const A = 1;', undefined, { x: '1\n2' }],
    [
      'no tags',
      '/** See {@link B}, `a @b c`, me@x.org, @scope/pkg. */\nexport const A = 1;',
      'See {@link B}, `a @b c`, me@x.org, @scope/pkg.',
      {},
    ],
    [
      'code is no tag',
      '/** X.\n * ```\n * @dec class {}\n * ```\n */\nexport const A = 1;',
      'X.\n```\n@dec class {}\n```',
      {},
    ],
    [
      'tags named like object members',
      '/** @constructor x\n * @__proto__ y */\nexport const A = 1;',
      undefined,
      { constructor: 'x\n@__proto__ y' },
    ],
    ['trailing comment', 'export const A = 1; // seconds', 'seconds', {}],
    ['trailing comment with emoji, last line', 'const x = "😀";\nexport const A = "😀" // 😀 face', '😀 face', {}],
    ['trailing tag', 'export const A = 1; // key @secret', 'key', { secret: '' }],
    ['trailing comment without JSDoc text', '/** @min 1 */\nexport const A = 1; // seconds', 'seconds', { min: '1' }],
    ['JSDoc before trailing comment', '/** Above. */\nexport const A = 1; // behind', 'Above.', {}],
    ['behind several lines', 'export const A = {\n  a: 1, // not this\n}; // this', 'this', {}],
    ['linter comments', 'export const A = 1; // eslint-disable-line', undefined, {}],
    ['a comment on the next line', 'export const A = 1;\n// not this', undefined, {}],
    ['a plain block comment', '/* plain */\nexport const A = 1;', undefined, {}],
    ['a blank line between', 'const x = 1;\n/** Section. */\n\nexport const A = 1;', undefined, {}],
    ['the nearest', '/** a */\n/** b */\nexport const A = 1;', 'b', {}],
    ['through a linter comment', '/** Doc. */\n// biome-ignore lint: x\nexport const A = 1;', 'Doc.', {}],
    ['not the comment of the line before', 'const x = 1; /** of x */\nexport const A = 1;', undefined, {}],
    ['separate export', '/** Doc. */\nconst A = 1;\n/** no */\nexport { A };', 'Doc.', {}],
    ['between export and const', 'export /** Doc. */ const A = 1;', 'Doc.', {}],
  ])('%s', (_, text, doc, tags) => {
    const found = only(text);
    expect(found.doc).toBe(doc);
    expect({ ...found.tags }).toEqual(tags);
  });

  test('each parameter keeps its own, the last one too', () => {
    const text =
      '/** a */\nexport const A = 1, // no\n  B = 2, // b\n  /** c */\n  C = 3;\nexport const D = 1; // d\n/** e */\nexport const E = 2';
    expect(read(text).parameters.map(({ doc }) => doc)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test.each<[form: string, text: string, expected: string | undefined]>([
    ['followed by an import', "/** Mine. */\nimport x from 'x';\nexport const A = 1;", 'Mine.'],
    ['followed by a blank line', '/** Mine.\n * Yes. */\n\nexport const A = 1;', 'Mine.\nYes.'],
    ['behind a hashbang and a directive', "#!/usr/bin/env node\n'use strict';\n/** Mine. */\nimport 'x';", 'Mine.'],
    ['behind imports, before a blank line', "import 'x';\n/** Mine. */\n\nexport const A = 1;", 'Mine.'],
    ['attached to a parameter', '/** Its. */\nexport const A = 1;', undefined],
    ['attached to a parameter behind imports', "import 'x';\n/** Its. */\nexport const A = 1;", undefined],
    ['attached to a type', '/** Its. */\ntype T = 1;', undefined],
    ['attached to a function', '/** Its. */\nexport default function () {}', undefined],
    ['one for the module, one for the parameter', '/** Mine. */\n\n/** Its. */\nexport const A = 1;', 'Mine.'],
    ['both without a blank line', '/** Mine. */\n/** Its. */\nexport const A = 1;', 'Mine.'],
    ['behind a licence', '/** @license MIT */\n/** Mine. */\nimport "x";', 'Mine.'],
    ['further down', 'export const A = 1;\n/** x */\n\nexport const B = 1;', undefined],
    ['in a file of comments', '/** Mine. */', 'Mine.'],
    ['a plain comment', '/* Not. */\nimport "x";', undefined],
  ])('the description of a module: %s', (_, text, expected) => {
    expect(read(text).description).toBe(expected);
  });
});

describe('what a module loads', () => {
  test('static, dynamic and required modules come in source order', () => {
    const text = `import a from 'a';
import type { B } from 'b';
import { type C, type D } from 'c';
import { type E, f } from 'd';
import {} from 'e';
import 'f';
export { g } from 'g';
export type { H } from 'h';
export * from 'i';
export type * from 'j';
const k = await import('k'); import(\`l\`); import(a + 'x');
require('m'); require(a);
function inner(require) { require('no'); }`;
    const found = read(text).imports.map(
      ({ specifier, kind, typeOnly, line }) => `${line} ${kind} ${specifier} ${typeOnly}`,
    );
    expect(found).toEqual([
      '1 static a false',
      '2 static b true',
      '3 static c true',
      '4 static d false',
      '5 static e false',
      '6 static f false',
      '7 static g false',
      '8 static h true',
      '9 static i false',
      '10 static j true',
      '11 dynamic k false',
      '11 dynamic l false',
      '11 dynamic null false',
      '12 require m false',
      '12 require null false',
    ]);
    expect(read(text).starExports).toEqual(['i']);
  });

  test('a require made by createRequire counts', () => {
    const text =
      "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nrequire('x');";
    expect(read(text).imports.map(({ specifier }) => specifier)).toEqual(['node:module', 'x']);
  });

  test('import = require() counts', () => {
    expect(read("import a = require('x');\nexport = a;", '/x/a.cts').imports).toEqual([
      { specifier: 'x', kind: 'require', typeOnly: false, line: 1 },
    ]);
  });

  test.each([
    ['export const a = 1', true],
    ["import type { A } from 'a'", true],
    ['export type A = 1', true],
    ['import.meta.url', true],
    ["const a = require('a'); module.exports = a", false],
  ])('%s is a module: %s', (text, expected) => {
    expect(read(text).isModule).toBe(expected);
  });
});

describe('names', () => {
  test.each<[form: string, text: string, expected: string[]]>([
    [
      'globals',
      'console.log(__dirname); typeof require; module.exports = 1;',
      ['console', '__dirname', 'require', 'module'],
    ],
    ['types are no use', 'let a: Foo<Bar> = b as Baz; class C<T> implements I {}', ['b']],
    [
      'declared only for the type checker',
      'declare const __dirname: string; declare function f(): void; __dirname; f();',
      ['__dirname', 'f'],
    ],
    ['a type import used as a value', "import type { A } from 'a'; A;", ['A']],
    ['property names', '({ a: 1, b() {}, get c() { return 1; } }).d; class K { e = 1; f() {} }', []],
    ['computed and shorthand names', '({ [a]: 1, b }); x[c]; class K { [d] = 1 }', ['a', 'b', 'x', 'c', 'd']],
    ['labels', 'a: for (;;) { break a; }', []],
    ['hoisting', 'f(a, b); function f() {} var a; { var b; }', []],
    ['blocks end', '{ let a; const b = 1; class C {} function d() {} } a; b; C; d;', ['a', 'b', 'C', 'd']],
    ['loops', 'for (const a of [1]) a; for (let i = 0; i; i++); for (const k in {}) k; a; i; k;', ['a', 'i', 'k']],
    ['catch', 'try {} catch ({ message }) { message; } message;', ['message']],
    [
      'parameters and patterns',
      'const { a, b: [c = d], ...e } = x; function f(g, { h = a }, ...i) { g; h; i; arguments; } c; e;',
      ['d', 'x'],
    ],
    ['defaults do not see the body', 'function f(a = b) { var b; }', ['b']],
    [
      'names of function and class expressions',
      '(function a() { a; }); (class B { static x = B; }); a; B;',
      ['a', 'B'],
    ],
    ['import names', "import a, { b as c } from 'x'; import * as d from 'y'; a; b; c; d;", ['b']],
    ['enums and namespaces', 'enum E { A = 1, B = A, C = q } namespace N { const x = 1; x; y; } E; N;', ['q', 'y']],
    ['assignments', 'a = 1; [b, c.d] = x; ({ e: f = g } = h); i++;', ['a', 'b', 'c', 'x', 'f', 'g', 'h', 'i']],
    ['arguments of arrows', '() => arguments;', ['arguments']],
    ['constructor properties', 'class C { constructor(private a = b) { a; } }', ['b']],
  ])('free: %s', (_, text, expected) => {
    expect(read(text).free).toEqual(expected);
  });

  test.each<[initialiser: string, expected: string[]]>([
    ['A * B', ['A', 'B']],
    ['[B, { c: A }, B]', ['B', 'A']],
    ['() => A', ['A']],
    ['(A: number) => A', []],
    ['({ A = B }) => A', ['B']],
    ['function () { var A = 1; return () => A + B; }', ['B']],
    ['function () { { let A = 1; } return A; }', ['A']],
    ['{ A: 1, b: x.A, ["B"]: 2 }', []],
    ['{ A, [B]: 1 }', ['A', 'B']],
    ['class { A = B; static A() {} }', ['B']],
    ['class A { static B = 1; x = A }', []],
    ['x as typeof A', []],
    ['`${A}`', ['A']],
    ['f<A>(B!)', ['B']],
    ['P ? P : 1', []],
    ['helper(A)', ['A']],
    ['{ try: () => { try {} catch (A) { A; } } }', []],
    ['[1].map((x) => x * A)', ['A']],
    ['(() => { for (const A of B) A; })()', ['B']],
  ])('P = %s uses %j', (initialiser, expected) => {
    const { parameters } = read(`export const A = 1;\nexport const B = 2;\nexport const P = ${initialiser};`);
    expect(parameters[2]?.uses).toEqual(expected);
  });

  test('parameters exported by name are used like others', () => {
    expect(read('const A = 1; export const B = A; export { A };').parameters[1]?.uses).toEqual(['A']);
  });

  test.each([
    ['await f()', true],
    ['[1, { a: await f() }]', true],
    ['class { [await f()] = 1 }', true],
    ['async () => await f()', false],
    ['async () => { for await (const x of y) x; }', false],
    ['{ async run() { await f(); } }', false],
    ['f()', false],
  ])('%s awaits: %s', (initialiser, expected) => {
    expect(only(`export const A = ${initialiser};`).awaits).toBe(expected);
  });

  test('copies are the constants of the top that name a parameter directly', () => {
    const text = `export const A = 1, B = 2;
const x = A * B, y = () => A;
let { z, q: [w] } = f(B);
export const lower = \`\${A}\`;
function f(v) { const inner = A; return v; }
{ const block = A; }
const shadow = ((A) => A)(1);
export const C = A;`;
    expect(read(text).copies).toEqual([
      { name: 'x', parameter: 'A', line: 2 },
      { name: 'x', parameter: 'B', line: 2 },
      { name: 'z', parameter: 'B', line: 3 },
      { name: 'w', parameter: 'B', line: 3 },
      { name: 'lower', parameter: 'A', line: 4 },
    ]);
  });
});
