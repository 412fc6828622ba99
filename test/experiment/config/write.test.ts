// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configValue } from '../../../src/experiment/config/value.ts';
import { type ConfigContent, writeConfig } from '../../../src/experiment/config/write.ts';
import { read, refusalOf, typeOf } from './reading.ts';

/** What is read back, in the form that was written. */
const again = (text: string): ConfigContent => {
  const { path: _, text: __, variables, extend, include, parameters, tags, ...texts } = read(text);
  expect(variables).toEqual([]);
  return {
    ...texts,
    extend: extend.specifier,
    ...(include.length > 0 ? { include: include.map(({ specifier }) => specifier) } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, value])),
  };
};

const roundTrip = (value: unknown): unknown =>
  again(writeConfig({ extend: './a.ts', parameters: { A: value } })).parameters['A'];

test('a YAML experiment is written for people to go on with', () => {
  const content = {
    extend: './digits.ts',
    name: 'small',
    description: 'Costs $5: not more.',
    tags: ['quick', 'a b'],
    include: ['./notify.ts', './other one.ts'],
    note: 'Two\n  lines.',
    parameters: {
      EPOCHS: 2,
      OPTIMIZER: 'adam',
      MODEL: { kind: 'cnn', channels: [8, 16], blocks: [{ size: 3 }, { size: 5 }] },
    },
  };
  const comments = { EPOCHS: { doc: 'Passes over\nthe data.', type: 'number' }, MODEL: { type: 'Model' } };
  const text = writeConfig(content, comments);
  expect(text).toBe(`extend: ./digits.ts
name: small
description: "Costs $$5: not more."
tags: [quick, a b]
include:
  - ./notify.ts
  - ./other one.ts
note: |-
  Two
    lines.
parameters:
  # Passes over
  # the data.
  # Type: number
  EPOCHS: 2
  OPTIMIZER: adam
  # Type: Model
  MODEL:
    kind: cnn
    channels: [8, 16]
    blocks:
      - size: 3
      - size: 5
`);
  expect(again(text)).toEqual(content);
});

test('an experiment without parameters is one, too', () => {
  expect(writeConfig({ extend: './a.ts', parameters: {} })).toBe('extend: ./a.ts\nparameters: {}\n');
});

describe('what is written is read back', () => {
  test.each<[string]>(
    [
      'a: b',
      'a #b',
      '#',
      '${V}',
      '$',
      '$$',
      '$${V',
      'a\nb',
      '\na',
      'a\n',
      'a\n\n',
      '  a',
      'a  ',
      ' \n ',
      'a\n b\n\n c',
      'a\n\tb',
      'a\r\nb',
      '\t',
      '',
      '-',
      '- a',
      '?',
      ': ',
      '[',
      '{}',
      '!a',
      '&a',
      '*a',
      '|',
      '>',
      '%',
      '@',
      '`',
      '"',
      "'",
      '\\',
      '---',
      '...',
      '1e3',
      '0x10',
      '0o7',
      '1_000',
      '.5',
      '.inf',
      '.nan',
      '~',
      'null',
      'true',
      'No',
      'y',
      'n',
      '<<',
      '=',
      '2026-01-31',
      '12:30',
      'ä😀',
      '\u0000\u0007\u001b\u007f\u0085\u00a0\u2028\u2029\ufeff',
      '\ud800',
      'x'.repeat(5000),
      'a b '.repeat(500),
      'a\n---\nb',
      'a\n...\nb',
      'a\n# b',
      'line\u2028line\nb',
      'a \nb',
      '\u00a0a\nb',
      '\ufeffa\nb',
      '../..',
      './a',
      'a@b+c',
      'a:',
      'a-',
    ].map((text): [string] => [text]),
  )('%j', (text) => {
    expect(roundTrip(text)).toBe(text);
    expect(roundTrip([text, [text], { [text]: text, b: [text] }])).toEqual([text, [text], { [text]: text, b: [text] }]);
    const content = { extend: './a.ts', description: text, note: text, parameters: {} };
    expect(again(writeConfig(content, {}))).toEqual(content);
  });

  test.each([
    0,
    -0,
    1,
    -1,
    0.1,
    1e21,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    2 ** 53,
    -(2 ** 60),
    Number.NaN,
    Infinity,
    -Infinity,
  ])('the number %d', (number) => {
    expect(roundTrip(number)).toBe(number);
    expect(roundTrip([number])).toEqual([number]);
  });

  test('null, booleans, empty lists and mappings', () => {
    const value = [null, true, false, [], {}, [[]], [{}], { a: [], b: {} }];
    expect(roundTrip(value)).toEqual(value);
  });

  test('long and strange keys', () => {
    const value = {
      ['k'.repeat(3000)]: { a: 1 },
      'a: b': 1,
      '1': 2,
      true: 3,
      null: 4,
      '<<': 5,
      '': 6,
      '#': 7,
      '${V}': 8,
      'a\nb': 9,
    };
    expect(roundTrip(value)).toEqual(value);
    expect(roundTrip([value])).toEqual([value]);
  });

  test('any JSON-like value', () => {
    const key = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '<<', 'a.b', 'y'));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'ab $ {}[]:#-?!&*|>%@`\'",\\\n\t\r'.split('')) }),
      fc.stringMatching(/^[-+.0-9eExo_]{1,6}$/),
    );
    const value = fc.letrec((tie) => ({
      leaf: fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.maxSafeInteger()),
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        tie('leaf'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(value, fc.option(text), fc.option(text), (parameter, description, doc) => {
        const content = {
          extend: './a.ts',
          ...(description === null ? {} : { description, note: description }),
          parameters: { A: parameter, B: [parameter], C: { x: parameter } },
        };
        expect(again(writeConfig(content, doc === null ? {} : { A: { doc, type: doc }, B: { doc } }))).toEqual(content);
      }),
      { numRuns: 500 },
    );
  });

  test('dates and bigints, by the types of their parameters', () => {
    const value = { d: new Date('2026-01-31T12:00:00.123Z'), b: 10n, c: -(2n ** 80n) };
    const config = read(writeConfig({ extend: './a.ts', parameters: { A: value } }));
    expect(configValue(config.parameters[0]!, typeOf('{ d: Date; b: bigint; c: bigint }'), 'a.yml')).toEqual(value);
  });

  test('paths are not interpolated, and so not escaped', () => {
    const content = { extend: './$a $$.ts', include: ['./$m.ts'], parameters: {} };
    expect(again(writeConfig(content))).toEqual(content);
  });
});

test.each<[string, unknown, string]>([
  ['a function', () => 1, 'Expected A to be plain data, as YAML holds no other, got a function.'],
  ['undefined', undefined, 'got undefined.'],
  ['a Map', { x: [new Map()] }, 'Expected A.x[0] to be plain data, as YAML holds no other, got a Map.'],
  ['an invalid date', new Date(Number.NaN), 'got a Date.'],
  ['a symbol', Symbol('x'), 'got symbol.'],
  ['a typed array', new Float64Array(2), 'got a Float64Array.'],
  ['too much', 'x'.repeat(300_000), 'Expected a YAML experiment of at most 262144 characters, got 300'],
])('%s is refused', (_, value, message) => {
  const refusal = refusalOf(() => writeConfig({ extend: './a.ts', parameters: { A: value } }));
  expect(refusal.code).toBe('E_CONFIG');
  expect(refusal.message).toContain(message);
});

test('what is nested as deeply as may be is read back; a cycle is refused', () => {
  const nest = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => ({ a: [inner] }), {});
  expect(roundTrip(nest(48))).toEqual(nest(48));
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(refusalOf(() => roundTrip(cycle)).message).toContain('levels of nesting');
});
