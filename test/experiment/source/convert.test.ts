import { describe, expect, test } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import type { ParameterType } from '../../../src/experiment/definition.ts';
import { coerceValue } from '../../../src/experiment/source/coerce.ts';
import { convertText } from '../../../src/experiment/source/convert.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const type = (annotation: string): ParameterType =>
  readModule('/x/a.ts', `export let A: ${annotation};`).parameters[0]!.type;
const convert = (annotation: string, text: string): unknown => convertText(text, type(annotation), '--X');
const refusal = (annotation: string, text: string, option = '--X'): string => {
  try {
    convertText(text, type(annotation), option);
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    expect((error as ComexError).code).toBe('E_PARAMETER_TYPE');
    return (error as ComexError).message;
  }
  throw new Error(`${text} was taken for ${annotation}`);
};

describe('numbers', () => {
  test.each<[string, number]>([
    ['10', 10],
    ['0', 0],
    ['-5', -5],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['-.5', -0.5],
    ['1e-3', 0.001],
    ['1E5', 1e5],
    ['5.e3', 5000],
    ['.5e+1', 5],
    ['0x10', 16],
    ['0XfF', 255],
    ['-0x10', -16],
    ['0b11', 3],
    ['0o17', 15],
    ['1_000', 1000],
    ['1_000.000_1', 1000.0001],
    ['0xff_ff', 65535],
    ['1e1_0', 1e10],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['+Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['-0', -0],
    [' 5\n', 5],
    ['1e999', Number.POSITIVE_INFINITY],
    ['0.1', 0.1],
    ['100000000000000000000000', 1e23],
  ])('%j is %d', (text, expected) => {
    expect(convert('number', text)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    '12abc',
    'ten',
    '007',
    '08',
    '1__0',
    '_1',
    '1_',
    '1_.5',
    '1._5',
    '0_1',
    '.',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '0x',
    '0xg',
    '0b2',
    '0o8',
    '10n',
    '--5',
    '+-5',
    '- 5',
    '1 2',
    '1,5',
    'infinity',
    'inf',
    'nan',
    '-NaN',
    'true',
    'null',
    '[1]',
    '1px',
    '١',
    '５',
    '0x1.5',
    '1e5.5',
  ])('%j is none', (text) => {
    expect(refusal('number', text)).toBe(`Expected --X to be a number, got ${JSON.stringify(text)}.`);
  });

  test('the option is named as it was written', () => {
    expect(refusal('number', 'ten', '--EPOCHS')).toBe('Expected --EPOCHS to be a number, got "ten".');
  });

  test('a long text is not repeated in full, and costs no time', () => {
    expect(refusal('number', '1__1'.repeat(20_000)).length).toBeLessThan(200);
    expect(refusal('number', `${'1'.repeat(50_000)}x`).length).toBeLessThan(200);
  });
});

describe('other simple types', () => {
  test.each<[annotation: string, text: string, expected: unknown]>([
    ['bigint', '10n', 10n],
    ['bigint', '10', 10n],
    ['bigint', '-10n', -10n],
    ['bigint', '0x10', 16n],
    ['bigint', '1_000n', 1000n],
    ['bigint', '123456789012345678901234567890', 123456789012345678901234567890n],
    ['boolean', 'true', true],
    ['boolean', 'True', true],
    ['boolean', 'FALSE', false],
    ['string', '007', '007'],
    ['string', '', ''],
    ['string', '"a"', '"a"'],
    ['string', ' a ', ' a '],
    ['string', 'null', 'null'],
    ['string', 'true', 'true'],
    ['null', 'null', null],
    ['undefined', 'undefined', undefined],
    ['Date', '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    ['Date', '2026-01-31T12:00:00+01:00', new Date('2026-01-31T11:00:00Z')],
    ['Date', '2024-02-29', new Date('2024-02-29')],
    ["'a' | 'b'", 'b', 'b'],
    ['1 | 2', '0x2', 2],
    ['5n', '5', 5n],
    ['true', 'TRUE', true],
    ["'null' | null", 'null', 'null'],
    ['any', '10', 10],
    ['any', '007', '007'],
    ['any', 'abc', 'abc'],
    ['any', '', ''],
    ['any', '"5"', '5'],
    ['any', "{a: [1,], b: 'x'}", { a: [1], b: 'x' }],
    ['any', 'true', true],
    ['any', 'null', null],
    ['any', '[1', '[1'],
    ['any', 'a b', 'a b'],
    ['Imported', '1e3', 1000],
    ['Imported', 'x-y', 'x-y'],
  ])('%s: %j', (annotation, text, expected) => {
    expect(convert(annotation, text)).toStrictEqual(expected);
  });

  test.each<[annotation: string, text: string, message: string]>([
    ['bigint', '1.5', 'Expected --X to be a bigint such as 10n, got "1.5".'],
    ['bigint', 'n', 'Expected --X to be a bigint such as 10n, got "n".'],
    ['bigint', '', 'Expected --X to be a bigint such as 10n, got "".'],
    ['boolean', 'yes', 'Expected --X to be true or false, got "yes".'],
    ['boolean', '1', 'Expected --X to be true or false, got "1".'],
    ['null', '', 'Expected --X to be null, got "".'],
    ['Date', '2026-02-30', 'Expected --X to be a date such as 2026-01-31 or 2026-01-31T12:00:00Z, got "2026-02-30".'],
    ['Date', 'yesterday', 'Expected --X to be a date such as 2026-01-31 or 2026-01-31T12:00:00Z, got "yesterday".'],
    ['Date', '5', 'Expected --X to be a date such as 2026-01-31 or 2026-01-31T12:00:00Z, got "5".'],
    ["'sgd' | 'adam'", 'adm', 'Expected --X to be one of "sgd", "adam", got "adm". Did you mean "adam"?'],
    ["'sgd' | 'adam'", 'zzzzzz', 'Expected --X to be one of "sgd", "adam", got "zzzzzz".'],
    ["'sgd'", 'adam', 'Expected --X to be "sgd", got "adam".'],
    ['number | null', 'x', 'Expected --X to be number or null, got "x".'],
    ["'auto' | number", 'aut', 'Expected --X to be "auto" or number, got "aut". Did you mean "auto"?'],
    [
      '() => void',
      '() => 1',
      'Expected no text for --X, which is a function, got "() => 1"; set it in the module, or give it in code.',
    ],
  ])('%s refuses %j', (annotation, text, message) => {
    expect(refusal(annotation, text)).toBe(message);
  });
});

describe('unions', () => {
  test.each<[annotation: string, text: string, expected: unknown]>([
    ['string | number', '10', 10],
    ['string | number', '007', '007'],
    ['string | number', 'ten', 'ten'],
    ['string | null', 'null', null],
    ['string | boolean', 'True', true],
    ["string | boolean | 'true'", 'true', true],
    ["number | '10'", '10', '10'],
    ['number | bigint', '10', 10],
    ['number | bigint', '10n', 10n],
    ['string | number[]', '[1, 2]', [1, 2]],
    ['string | number[]', '[1, x]', '[1, x]'],
    ['string | number[]', '["a"]', '["a"]'],
    ['string | undefined', 'undefined', undefined],
    ['string | Date', '2026-01-31', new Date('2026-01-31')],
    ['number | number[]', '[5]', [5]],
    ['string[] | number[]', '["a"]', ['a']],
    ['string | { a: number }', '{a: 1}', { a: 1 }],
  ])('%s: %j', (annotation, text, expected) => {
    expect(convert(annotation, text)).toStrictEqual(expected);
  });
});

describe('arrays and objects', () => {
  test.each<[annotation: string, text: string, expected: unknown]>([
    ['number[]', '[64, 0x10, .5, Infinity, NaN,]', [64, 16, 0.5, Number.POSITIVE_INFINITY, Number.NaN]],
    ['[number, string]', "[1, 'a']", [1, 'a']],
    ['{ a: number; b?: string }', '{a: 1}', { a: 1 }],
    ['Record<string, number>', '{"a b": 1}', { 'a b': 1 }],
    [
      '{ when: Date; big: bigint[] }',
      '{when: "2026-01-31", big: [1, "20n"]}',
      { when: new Date('2026-01-31'), big: [1n, 20n] },
    ],
    ['Record<string, Date | null>', '{a: "2026-01-31", b: null}', { a: new Date('2026-01-31'), b: null }],
  ])('%s: %j', (annotation, text, expected) => {
    expect(convert(annotation, text)).toStrictEqual(expected);
  });

  test.each<[annotation: string, text: string, message: string]>([
    ['string[]', '[a, b]', 'Expected --X to be an array (string[]) such as ["a", "b"], got "[a, b]".'],
    ['number[]', '64,32', 'Expected --X to be an array (number[]) such as [1, 2], got "64,32".'],
    [
      'number[]',
      '[1, "a"]',
      'Expected --X to be an array (number[]) such as [1, 2]: [1]: expected number, got string "a".',
    ],
    ['{ a: number }', '{b: 1}', 'Expected --X to be an object ({ a: number }): unknown field "b" (did you mean "a"?).'],
    ['{ a: number }', '5', 'Expected --X to be an object ({ a: number }): expected { a: number }, got number 5.'],
    [
      '{ w: Date; n: number }',
      '{w: "2026-01-31", n: "x"}',
      'Expected --X to be an object ({ w: Date; n: number }): n: expected number, got string "x".',
    ],
  ])('%s refuses %j', (annotation, text, message) => {
    expect(refusal(annotation, text)).toBe(message);
  });

  test('a key named __proto__ changes no prototype', () => {
    const value = convert('Record<string, any>', '{"__proto__": {"polluted": 1}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in value).toBe(false);
    const dates = convert('Record<string, Date>', '{"__proto__": "2026-01-31"}') as object;
    expect(Object.getPrototypeOf(dates)).toBe(Object.prototype);
    expect(Object.keys(dates)).toEqual(['__proto__']);
  });
});

test('values out of YAML take the shape of their type, and what does not fit stays as it is', () => {
  expect(coerceValue('2026-01-31', type('Date'))).toEqual(new Date('2026-01-31'));
  expect(coerceValue('2026-01-31', type('Date | string'))).toBe('2026-01-31');
  expect(coerceValue(5, type('bigint | null'))).toBe(5n);
  expect(coerceValue(5.5, type('bigint'))).toBe(5.5);
  expect(coerceValue('5', type('number'))).toBe('5');
  const given = { a: ['2026-01-31'] };
  expect(coerceValue(given, type('{ a: Date[] }'))).toEqual({ a: [new Date('2026-01-31')] });
  expect(given).toEqual({ a: ['2026-01-31'] });
});
