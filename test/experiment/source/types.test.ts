// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
import { describe, expect, test } from 'vitest';
import type { Declaration, ParameterType } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';
import { typeText } from '../../../src/experiment/source/type-text.ts';

const last = (text: string): Declaration => readModule('/x/a.ts', text).parameters.at(-1)!;
const opaque = (text: string): ParameterType => ({ kind: 'opaque', text });

describe('annotations', () => {
  const declarations = `
import { Imported, Record as Shadowed } from './x.ts';
type Mode = 'a' | 'b';
type Size = { width: number; height?: number };
interface Base { name: string; size: Size }
interface Model extends Base { layers: readonly number[]; name: 'm'; run(): void; readonly 'x-y': Mode }
interface Merged { a: 1 } interface Merged { b: 2 }
interface Empty {}
interface Foreign extends Imported { a: 1 }
type Tree = { value: number; children: Tree[] };
type Ping = { pong: Pong | null }; type Pong = { ping: Ping };
type Loop = Loop | 1;
type Box<T> = { value: T };
type Opt = { kind: 'sgd'; lr: number } | { kind: 'adam'; beta: [number, number] };
enum Level { Low, High = 5, Higher } enum Name { A = 'x', B = 'y' } enum Computed { A = f() }
class Klass {}
export type Exported = Mode;
`;
  test.each<[annotation: string, expected: string]>([
    ['number', 'number'],
    ['string', 'string'],
    ['boolean', 'boolean'],
    ['bigint', 'bigint'],
    ['null', 'null'],
    ['undefined', 'undefined'],
    ['any', 'any'],
    ['unknown', 'any'],
    ['{}', 'any'],
    ['Date', 'Date'],
    ['Function', 'Function'],
    ['(x: number) => void', 'Function'],
    ['new () => Klass', 'Function'],
    ['{ (x: number): string }', 'Function'],
    ["'a'", '"a"'],
    ['-1 | 10 | 5n | true', '-1 | 10 | 5n | true'],
    ['true | false', 'boolean'],
    ["number | 5 | 'a' | ('a' | string)", 'number | string'],
    ['number | null', 'number | null'],
    ['any | null', 'any'],
    ['number[]', 'number[]'],
    ['readonly number[]', 'number[]'],
    ['Array<string | number>', '(string | number)[]'],
    ['ReadonlyArray<Date>[]', 'Date[][]'],
    ['[number, x: string]', '[number, string]'],
    ['readonly [Date]', '[Date]'],
    ['Mode', '"a" | "b"'],
    ['Mode[]', '("a" | "b")[]'],
    ['Exported | null', '"a" | "b" | null'],
    ['Size', '{ width: number; height?: number }'],
    [
      'Model',
      '{ name: "m"; size: { width: number; height?: number }; layers: number[]; run: Function; "x-y": "a" | "b" }',
    ],
    ['Merged', '{ a: 1; b: 2 }'],
    ['Empty', 'any'],
    ['Partial<Size>', '{ width?: number; height?: number }'],
    ['Required<Size>', '{ width: number; height: number }'],
    ['Readonly<Size>', '{ width: number; height?: number }'],
    ["Pick<Size, 'width'>", '{ width: number }'],
    ["Omit<Size, 'width' | 'x'>", '{ height?: number }'],
    ['NonNullable<number | null>', 'number'],
    ['Size & { depth: number }', '{ width: number; height?: number; depth: number }'],
    ['Record<string, number>', 'Record<string, number>'],
    ['Record<number, Mode>', 'Record<string, "a" | "b">'],
    ['Record<Mode, number>', '{ a: number; b: number }'],
    ['{ [key: string]: number }', 'Record<string, number>'],
    ['{ a; 1: number; "b c"?: string }', '{ "1": number; a: any; "b c"?: string }'],
    ['Opt', '{ kind: "sgd"; lr: number } | { kind: "adam"; beta: [number, number] }'],
    ['`a${string}`', 'string'],
    ['`a`', '"a"'],
    ['Level', '0 | 5 | 6'],
    ['Name', '"x" | "y"'],
    ['(((number)))', 'number'],
  ])('%s', (annotation, expected) => {
    const found = last(`${declarations}export let A: ${annotation};`);
    expect(typeText(found.type)).toBe(expected);
    expect(found.typeText).toBe(annotation);
  });

  test.each([
    'Imported',
    'Shadowed',
    'ns.Type',
    'Box<number>',
    'Box',
    'Klass',
    'Computed',
    'Foreign',
    'Map<string, number>',
    'symbol',
    'keyof Size',
    'Size["width"]',
    'typeof x',
    "import('./x.ts').T",
    'object',
    'never',
    '[number, ...string[]]',
    '[a?: number]',
    'Mode extends string ? 1 : 2',
    '{ [K in Mode]: K }',
    'Size & Imported',
    'Size & { width: string }',
    'Nowhere',
    'Partial<Imported>',
    'Readonly<Imported>',
    'Record<Imported, 1>',
    '{ a: 1; [key: string]: number }',
    '{ [Symbol.iterator]: 1 }',
  ])('%s is opaque', (annotation) => {
    expect(last(`${declarations}export let A: ${annotation};`).type).toEqual(opaque(annotation));
  });

  test('a recursive type is known up to where it repeats', () => {
    expect(typeText(last(`${declarations}export let A: Tree;`).type)).toBe('{ value: number; children: Tree[] }');
    expect(typeText(last(`${declarations}export let A: Ping;`).type)).toBe('{ pong: { ping: Ping } | null }');
    expect(last(`${declarations}export let A: Loop;`).type).toEqual({
      kind: 'union',
      members: [opaque('Loop'), { kind: 'literal', value: 1 }],
    });
  });

  test('a type of the module hides one of the library', () => {
    expect(last('type Date = 5;\nexport let A: Date;').type).toEqual({ kind: 'literal', value: 5 });
    expect(last("import type { Date } from 'x';\nexport let A: Date;").type).toEqual(opaque('Date'));
    expect(last('class Date {}\nexport let A: Date[];').type).toEqual({ kind: 'array', element: opaque('Date') });
  });

  test('an annotation over several lines reads as one', () => {
    expect(last('export let A:\n  | 1\r\n  | 2;').typeText).toBe('| 1 | 2');
  });

  test('types that double on and on are cut off', () => {
    const lines = ['type T0 = { a: number };'];
    for (let i = 1; i <= 60; i++) lines.push(`type T${i} = { a: T${i - 1}; b: T${i - 1} };`);
    expect(typeText(last(`${lines.join('\n')}\nexport let A: T60;`).type).length).toBeLessThan(100_000);
  });

  test('a field named __proto__ is a field', () => {
    const { type } = last("export let A: { '__proto__': number };");
    expect(Object.keys((type as { fields: object }).fields)).toEqual(['__proto__']);
  });
});

describe('inferred types', () => {
  const head = `import * as path from 'node:path'; import { imported } from './x.ts';
type Mode = 'a' | 'b'; enum Level { Low, High }
export const EPOCHS = 20; export const NAME: Mode = 'a'; export const MODEL = { hidden: 3, sizes: [1], opt: { lr: 0.1 } };
export const LIST = ['a']; const plain = 5; let text = ''; function fn() {} const self = self2, self2 = self;
`;
  test.each<[initialiser: string, expected: string]>([
    ['10', 'number'],
    ['-1.5', 'number'],
    ["'a'", 'string'],
    ['`a${EPOCHS}`', 'string'],
    ['true', 'boolean'],
    ['!EPOCHS', 'boolean'],
    ['10n', 'bigint'],
    ['-10n', 'bigint'],
    ['2n ** 3n', 'bigint'],
    ['null', 'any'],
    ['undefined', 'any'],
    ['NaN', 'number'],
    ['-Infinity', 'number'],
    ['/x/', 'RegExp'],
    ['[1, 2]', 'number[]'],
    ["[1, 'a', null]", '(number | string | null)[]'],
    ['[]', 'any[]'],
    ['[[1], [2]]', 'number[][]'],
    ['[...LIST, 1]', '(string | number)[]'],
    ["{ a: 1, 'b-c': [true], d: null }", '{ a: number; "b-c": boolean[]; d: any }'],
    ['{}', 'Record<string, any>'],
    ['{ [NAME]: 1 }', 'Record<string, any>'],
    ['{ ...MODEL, hidden: "x", n: 1 }', '{ hidden: string; sizes: number[]; opt: { lr: number }; n: number }'],
    ['{ ...imported, a: 1 }', 'unknown'],
    ['{ run() {}, f: () => 1, get g() { return 1; } }', '{ run: Function; f: Function; g: any }'],
    ["'a' as const", 'string'],
    ['[1, 2] as const', 'number[]'],
    ['<const>{ a: 1 }', '{ a: number }'],
    ["'a' as Mode", '"a" | "b"'],
    ["'a' satisfies Mode", '"a" | "b"'],
    ['<number>imported', 'number'],
    ['(imported as number | null)!', 'number'],
    ['(x: number) => x', 'Function'],
    ['function () {}', 'Function'],
    ['class {}', 'Function'],
    ['fn', 'Function'],
    ['new Date()', 'Date'],
    ['new Map()', 'Map'],
    ['new imported.Thing()', 'unknown'],
    ['EPOCHS * 100', 'number'],
    ['EPOCHS + 1', 'number'],
    ["EPOCHS + 'x'", 'string'],
    ['imported * 2', 'number'],
    ['imported + imported', 'unknown'],
    ['EPOCHS > 1', 'boolean'],
    ['EPOCHS === 1', 'boolean'],
    ["'a' in MODEL", 'boolean'],
    ['typeof EPOCHS', 'string'],
    ['void 0', 'any'],
    ['~EPOCHS', 'number'],
    ['EPOCHS', 'number'],
    ['NAME', '"a" | "b"'],
    ['plain', 'number'],
    ['text', 'string'],
    ['imported', 'unknown'],
    ['self', 'any'],
    ["EPOCHS > 5 ? 'a' : 1", 'string | number'],
    ['EPOCHS > 5 ? 1 : null', 'number | null'],
    ['null ?? 5', 'number'],
    ["process.env.KEY ?? ''", 'string'],
    ['process.env.KEY', 'string | undefined'],
    ['process.env["KEY"] || 5', 'string | number'],
    ['EPOCHS && NAME', 'number | "a" | "b"'],
    ['MODEL.hidden', 'number'],
    ["MODEL['opt'].lr", 'number'],
    ['MODEL.sizes[0]', 'number'],
    ['MODEL.sizes.length', 'number'],
    ['MODEL?.nowhere', 'unknown'],
    ['Level.High', '0 | 1'],
    ['Math.PI', 'number'],
    ['Math.round(EPOCHS)', 'number'],
    ['Number.MAX_SAFE_INTEGER', 'number'],
    ['Date.now()', 'number'],
    ["Number('5')", 'number'],
    ['String(5)', 'string'],
    ["path.join('a', 'b')", 'string'],
    ["'ab'.repeat(2)", 'string'],
    ["LIST.join(',')", 'string'],
    ['imported.repeat(2)', 'unknown'],
    ['imported()', 'unknown'],
    ['await imported()', 'unknown'],
    ['(1, "a")', 'string'],
    ['((1))', 'number'],
  ])('%s', (initialiser, expected) => {
    const found = last(`${head}export const A = ${initialiser};`);
    expect(typeText(found.type)).toBe(expected);
    expect(found.typeText).toBe(expected);
  });

  test('a name of the module hides a global of that name', () => {
    expect(last('const Math = f(); export const A = Math.round(1);').type).toEqual(opaque('unknown'));
    expect(last('class Date {} export const A = new Date();').type).toEqual(opaque('Date'));
  });

  test('a parameter without type and initialiser can be anything', () => {
    expect(last('export let A;').type).toEqual({ kind: 'any' });
  });

  test('parameters defined by each other do not hang', () => {
    expect(last('export const A = B; export const B = A;').type).toEqual({ kind: 'any' });
  });
});
