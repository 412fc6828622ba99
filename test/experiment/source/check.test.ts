import { describe, expect, test } from 'vitest';
import { checkValue } from '../../../src/experiment/source/check.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const check = (annotation: string, value: unknown): string | undefined => {
  const text = `type Opt = { kind: 'sgd'; lr: number } | { kind: 'adam' | 'adamw'; beta: number; decay?: number };
type Flat = { a: number } | { b: string };
export let A: ${annotation};`;
  return checkValue(value, readModule('/x/a.ts', text).parameters[0]!.type);
};

test.each<[annotation: string, value: unknown]>([
  ['number', 1],
  ['number', Number.NaN],
  ['number', Number.NEGATIVE_INFINITY],
  ['number', -0],
  ['string', ''],
  ['boolean', false],
  ['bigint', 1n],
  ['null', null],
  ['undefined', undefined],
  ['Date', new Date()],
  ['() => void', () => 1],
  ['Function', class {}],
  ['any', Symbol('x')],
  ['unknown', undefined],
  ['Imported', { x: 1 }],
  ["'a' | 1", 1],
  ['number | null', null],
  ['number[]', []],
  ['number[]', Object.freeze([1, 2])],
  ['[number, string]', [1, 'a']],
  ['any[]', [1, 'a', null]],
  ['{ a: number; b?: string }', { a: 1 }],
  ['{ a: number; b?: string }', { a: 1, b: undefined }],
  ['{ a: number | undefined }', {}],
  ['{ a: number }', Object.assign(Object.create(null), { a: 1 })],
  ['Record<string, number>', { x: 1 }],
  ['Record<string, number>', {}],
  ['Opt', { kind: 'sgd', lr: 1 }],
  ['Opt', { kind: 'adamw', beta: 1, decay: 2 }],
  ['Flat', { b: 'x' }],
  ['Opt | null', null],
  ['{ inner: Imported }', { inner: 5 }],
  ['Record<string, Imported>', { a: () => 1 }],
])('%s takes %o', (annotation, value) => {
  expect(check(annotation, value)).toBeUndefined();
});

test.each<[annotation: string, value: unknown, problem: string]>([
  ['number', 'ten', 'expected number, got string "ten"'],
  ['number', 1n, 'expected number, got bigint 1n'],
  ['number', undefined, 'expected number, got undefined'],
  ['number', null, 'expected number, got null'],
  ['string', -0, 'expected string, got number -0'],
  ['boolean', 0, 'expected boolean, got number 0'],
  ['Date', '2026', 'expected Date, got string "2026"'],
  ['() => void', 1, 'expected Function, got number 1'],
  ['number', () => 1, 'expected number, got a function'],
  ['number', [1, 2], 'expected number, got an array of 2'],
  ['number', { a: 1 }, 'expected number, got an object'],
  ['number', new Map(), 'expected number, got a Map'],
  ["'sgd' | 'adam'", 'adm', 'expected one of "sgd", "adam", got string "adm" (did you mean "adam"?)'],
  ["'sgd'", 'adm', 'expected "sgd", got string "adm"'],
  ["'a' | 1", true, 'expected one of "a", 1, got boolean true'],
  ['number | string', true, 'expected number | string, got boolean true'],
  ['number[]', [1, 'a'], '[1]: expected number, got string "a"'],
  ['number[]', new Float64Array(2), 'expected number[], got a Float64Array'],
  ['number[][]', [[1], [2, '3']], '[1][1]: expected number, got string "3"'],
  ['[number, string]', [1], 'expected 2 elements, got 1'],
  ['[number, string]', [1, 2], '[1]: expected string, got number 2'],
  ['{ hidden: number }', { hiden: 1 }, 'unknown field "hiden" (did you mean "hidden"?)'],
  ['{ hidden: number }', { hidden: 1, zzz: 1 }, 'unknown field "zzz", expected { hidden: number }'],
  ['{ hidden: number }', {}, 'missing field "hidden" of type number'],
  ['{ hidden: any }', {}, 'missing field "hidden" of type any'],
  ['{ a: { b: { c: number }[] } }', { a: { b: [{ c: 1 }, { c: 'x' }] } }, 'a.b[1].c: expected number, got string "x"'],
  ['{ a: number }', [1], 'expected { a: number }, got an array of 1'],
  ['{ a: number }', new Date(), 'expected { a: number }, got a Date'],
  ['Record<string, number>', { a: 1, b: 'x' }, 'b: expected number, got string "x"'],
  ['Record<string, number>', new Map(), 'expected Record<string, number>, got a Map'],
  ['Opt', { kind: 'sgd', beta: 1 }, 'unknown field "beta", expected { kind: "sgd"; lr: number }'],
  ['Opt', { kind: 'sgd', lr: 'x' }, 'lr: expected number, got string "x"'],
  ['Opt', { kind: 'adamw' }, 'missing field "beta" of type number'],
  [
    'Opt',
    { kind: 'adm', beta: 1 },
    'kind: expected one of "sgd", "adam", "adamw", got string "adm" (did you mean "adam"?)',
  ],
  ['Opt', { beta: 1 }, 'kind: expected one of "sgd", "adam", "adamw", got undefined'],
  ['{ opt: Opt }', { opt: { kind: 'adam', beta: 'x' } }, 'opt.beta: expected number, got string "x"'],
  ['Flat', { a: 1, zzz: 2 }, 'unknown field "zzz", expected { a: number } | { b: string }'],
  ['number | number[]', [1, 'a'], '[1]: expected number, got string "a"'],
  ['null | { a: number }', { a: 'x' }, 'a: expected number, got string "x"'],
  ['null | Record<string, number>', { a: 'x' }, 'a: expected number, got string "x"'],
  ['{ a: number }', JSON.parse('{"a":1,"__proto__":2}'), 'unknown field "__proto__", expected { a: number }'],
  ['{ constructor: number }', {}, 'missing field "constructor" of type number'],
])('%s refuses %o', (annotation, value, problem) => {
  expect(check(annotation, value)).toBe(problem);
});

describe('values of any kind', () => {
  test('a long text is cut', () => {
    expect(check('number', 'x'.repeat(1000))!.length).toBeLessThan(100);
  });

  test('a value that holds itself is no trouble', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop.self = loop;
    expect(check('{ a: number }', loop)).toBe('unknown field "self", expected { a: number }');
    expect(check('Record<string, any>', loop)).toBeUndefined();
  });
});
