import { describe, expect, test } from 'vitest';
import { markerOf } from '../../../src/experiment/compose.ts';
import type { ModuleSource, StaticValue } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const read = (text: string): ModuleSource =>
  readModule('/x/a.ts', `import { inherit, replace } from 'comex';\n${text}`);
const UNKNOWN: StaticValue = { known: false };
const known = (value: unknown): StaticValue => ({ known: true, value });
const values = (
  text: string,
  overrides: Record<string, unknown> = {},
  withheld: readonly string[] = [],
): Record<string, StaticValue> =>
  Object.fromEntries(read(text).evaluate(new Map(Object.entries(overrides)), new Set(withheld)));

describe('values of a module that has parents', () => {
  test('what needs a withheld name is not known, the name’s own initialiser is', () => {
    const text =
      'export const A = 1;\nexport const B = A * 2;\nconst c = B + 1;\nexport const D = [c];\nexport const E = 5;';
    expect(values(text, {}, ['A'])).toEqual({
      A: known(1),
      B: UNKNOWN,
      D: UNKNOWN,
      E: known(5),
    });
    expect(values(text, {}, ['B'])).toMatchObject({ A: known(1), B: known(2), D: UNKNOWN });
  });

  test('an overridden name is known, withheld or not', () => {
    expect(values('export const A = 1;\nexport const B = A * 2;', { A: 5 }, ['A'])).toEqual({
      A: known(5),
      B: known(10),
    });
  });

  test('inherit is not known, nor what is derived from it, unless it is overridden', () => {
    const text = 'export const A = inherit((x) => x * 2);\nexport const B = A + 1;';
    expect(values(text)).toEqual({ A: UNKNOWN, B: UNKNOWN });
    expect(values(text, { A: 4 })).toEqual({ A: known(4), B: known(5) });
    expect(read(text).parameters[0]?.defaultValue).toEqual(UNKNOWN);
  });

  test('replace gives what it holds', () => {
    expect(values('export const A = replace({ a: [1] });\nexport const B = A.a[0];')).toEqual({
      A: known({ a: [1] }),
      B: known(1),
    });
    expect(values('export const A = replace();\nexport const B = replace(...x);')).toEqual({ A: UNKNOWN, B: UNKNOWN });
  });

  test('an object with an inherit in it is not known', () => {
    expect(values('export const A = { a: 1, b: { c: inherit() } };\nexport const B = A.a;')).toEqual({
      A: UNKNOWN,
      B: UNKNOWN,
    });
  });

  test('a field that is replaced is a marker for the merge, and its value for other parameters', () => {
    const { A, B } = values('export const A = { a: 1, b: replace({ c: 2 }) };\nexport const B = { ...A, d: A.b.c };');
    const field = (A as { value: { b: unknown } }).value.b;
    expect(markerOf(field)).toEqual({ kind: 'replace', value: { c: 2 } });
    expect(B).toEqual(known({ a: 1, b: { c: 2 }, d: 2 }));
  });
});

describe('what inherit makes of a parent’s value', () => {
  const inherited = (
    text: string,
    parent: unknown,
    overrides: Record<string, unknown> = {},
    withheld: readonly string[] = [],
  ): StaticValue => read(text).inherited('A', parent, new Map(Object.entries(overrides)), new Set(withheld));

  test.each<[initialiser: string, parent: unknown, expected: unknown]>([
    ['inherit()', 5, 5],
    ['inherit((x) => x * 2)', 5, 10],
    ['inherit((x: number): number => x * 2)', 5, 10],
    ['(inherit(((x) => x + "!")) as string)', 'a', 'a!'],
    ['inherit((x) => [...x, 3])', [1], [1, 3]],
    ['inherit((x) => ({ ...x, hidden: x.hidden * 2 }))', { hidden: 3, kind: 'a' }, { hidden: 6, kind: 'a' }],
    ['inherit((x) => x > 3 ? "big" : "small")', 5, 'big'],
    ['inherit(() => 7)', 5, 7],
    ['inherit((FACTOR) => FACTOR)', 5, 5],
    ['inherit((undefined) => undefined)', 5, 5],
    ['inherit((x) => x * FACTOR)', 5, 50],
    ['inherit((x) => x * LATER)', 5, 500],
  ])('%s', (initialiser, parent, expected) => {
    const text = `export const FACTOR = 10;\nexport const A = ${initialiser};\nexport const LATER = FACTOR * 10;`;
    expect(inherited(text, parent)).toEqual(known(expected));
  });

  test.each([
    'inherit((x) => { return x; })',
    'inherit(function (x) { return x; })',
    'inherit(async (x) => x)',
    'inherit((x = 1) => x)',
    'inherit(({ a }) => a)',
    'inherit((...x) => x)',
    'inherit((x, y) => x)',
    'inherit((x) => Math.max(x, 1))',
    'inherit((x) => x.map((y) => y))',
    'inherit((x) => A)',
    'inherit(double)',
    'inherit(...x)',
    'replace(5)',
    '5',
  ])('%s is for the run to tell', (initialiser) => {
    expect(inherited(`export const A = ${initialiser};`, 5)).toEqual(UNKNOWN);
  });

  test('other parameters have the values that they are overridden with, and are not known while withheld', () => {
    const text = 'export const B = 2;\nexport const C = B * 2;\nexport const A = inherit((x) => x * C);';
    expect(inherited(text, 10)).toEqual(known(40));
    expect(inherited(text, 10, { B: 3 })).toEqual(known(60));
    expect(inherited(text, 10, { C: 1 }, ['B'])).toEqual(known(10));
    expect(inherited(text, 10, {}, ['B'])).toEqual(UNKNOWN);
  });

  test('a parameter that the module does not have is not known', () => {
    expect(inherited('export const B = 1;', 5)).toEqual(UNKNOWN);
  });
});
