// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import { describe, expect, test } from 'vitest';
import { markerOf } from '../../../src/experiment/compose.ts';
import { configValueProblems } from '../../../src/experiment/config/value.ts';
import { converted, type Env, read, refusalOf, typeOf, withParameters } from './reading.ts';

const refused = (type: string, lines: string, env: Env = {}): string => {
  const { code, message } = refusalOf(() => converted(type, lines, env));
  expect(message).not.toContain('\n');
  return `${code} ${message}`;
};

describe('texts that environment variables went into', () => {
  test.each<[type: string, text: string, expected: unknown]>([
    ['number', '32', 32],
    ['number', '1e-3', 0.001],
    ['string', '32', '32'],
    ['boolean', 'true', true],
    ['bigint', '12345678901234567890', 12345678901234567890n],
    ['Date', '2026-01-31', new Date('2026-01-31')],
    ['number | null', 'null', null],
    ["'sgd' | 'adam'", 'adam', 'adam'],
    ['1 | 2', '2', 2],
    ['number[]', '[1, 2]', [1, 2]],
    ['{ a: number }', '{ a: 1 }', { a: 1 }],
    ['any', '[1]', [1]],
    ['any', 'hello', 'hello'],
    ['string[]', '["1"]', ['1']],
  ])('are converted to %s: %s', (type, text, expected) => {
    expect(converted(type, 'A: ${V}', { V: text })).toEqual(expected);
    expect(converted(type, 'A: "${V}"', { V: text })).toEqual(expected);
    expect(converted(type, 'A: ${V:-no} ', { V: text })).toEqual(expected);
  });

  test('also inside of lists and mappings, by the type that stands there', () => {
    const type = '{ a: [number, string]; b: Record<string, boolean>; c?: { d: bigint }[] }';
    const env = { N: '1', T: 'true' };
    const lines = 'A: {a: ["${N}", "${N}"], b: {x.y: "${T}"}, c: [{d: "${N}"}]}';
    expect(converted(type, lines, env)).toEqual({ a: [1, '1'], b: { 'x.y': true }, c: [{ d: 1n }] });
  });

  test('texts without variables are not converted', () => {
    expect(refused('number', 'A: "5"')).toBe(
      'E_PARAMETER_TYPE sub/a.yml:3:3: Wrong value for A: expected number, got string "5".',
    );
    expect(refused('number', 'A: $$5')).toContain('got string "$5"');
  });

  test('what does not fit is told by the name of its variables', () => {
    expect(refused('number', 'A: ${BATCH:-ten}')).toBe(
      'E_PARAMETER_TYPE sub/a.yml:3:3: Expected A to be a number, got "${BATCH:-ten}". Check what the environment variable BATCH holds.',
    );
    expect(refused('{ a: number[] }', 'A:\n  a:\n    - 1\n    - ${P}${Q}', { P: 'x', Q: 'y' })).toBe(
      'E_PARAMETER_TYPE sub/a.yml:6:9: Expected A.a[1] to be a number, got "${P}${Q}". Check what the environment variables P and Q hold.',
    );
  });

  test.each([
    ['number', 'A: ${KEY}'],
    ["'a' | 'b'", 'A: ${KEY}'],
    ['number[]', 'A: ${KEY}'],
    ['{ a: number }', 'A: ${KEY}'],
    ['number[]', 'A: ["${KEY}"]'],
    ['{ a: number }[]', 'A: [{a: "${KEY}"}]'],
    ["{ kind: 'a'; v: number } | { kind: 'b'; v: string }", 'A: {v: "${KEY}", kind: a}'],
    ["{ kind: 'a'; v: number } | { kind: 'b'; v: string }", 'A: {kind: "${KEY}", v: 1}'],
    ["({ kind: 'a'; v: number } | { kind: 'b'; v: string })[]", 'A: [{v: "${KEY}", kind: a}]'],
    ['[number]', 'A: ["1", "${KEY}"]'],
    ['number[] | string[]', 'A: [1, "${KEY}"]'],
    ['number', 'A: {x: "${KEY}"}'],
  ])('a secret is not shown where %s does not take it: %s', (type, lines) => {
    for (const secret of ['hunter2', '{ a: "hunter2" }', '["hunter2"]']) {
      expect(refused(type, lines, { KEY: secret })).not.toContain('hunter2');
    }
  });
});

describe('values as the file has them', () => {
  test.each<[type: string, yaml: string, expected: unknown]>([
    ['number', '5', 5],
    ['number', '.nan', Number.NaN],
    ['number', '-0', -0],
    ['Date', '2026-01-31', new Date('2026-01-31')],
    ['Date', '2026-01-31T12:00:00Z', new Date('2026-01-31T12:00:00Z')],
    ['Date[]', '[2026-01-31]', [new Date('2026-01-31')]],
    ['bigint', '5', 5n],
    ['bigint', '9007199254740993', 9007199254740993n],
    ['bigint', '10n', 10n],
    ['number', '9007199254740992', 9007199254740992],
    ['number[]', '[100000000000000000000]', [1e20]],
    ['number | bigint', '9007199254740993', 9007199254740993n],
    ['any', '9007199254740993', 9007199254740993n],
    ['string', 'NO', 'NO'],
    ['string | null', '', null],
    ["'a' | 'b'", 'b', 'b'],
    ['number[]', '[1, 2]', [1, 2]],
    ['Imported', '{a: 1}', { a: 1 }],
    ['Record<string, number>', '{a: 1, b.c: 2}', { a: 1, 'b.c': 2 }],
    ['{ a: number; b: number }', '{a: 1}', { a: 1 }],
    ['{ a: { b: number; c: number } }', '{a: {b: 1}}', { a: { b: 1 } }],
    ["{ kind: 'a'; v: number } | { kind: 'b'; v: string }", '{v: 1}', { v: 1 }],
    [
      "{ kind: 'a'; v: number } | { kind: 'b'; v: Date }",
      '{v: 2026-01-31, kind: b}',
      { kind: 'b', v: new Date('2026-01-31') },
    ],
    ['number | { a: Date }', '{a: 2026-01-31}', { a: new Date('2026-01-31') }],
  ])('%s takes %s', (type, yaml, expected) => {
    expect(converted(type, `A: ${yaml}`)).toEqual(expected);
  });

  test('a dotted key sets its field', () => {
    expect(converted('{ a: { b: number; c: number } }', 'A.a.b: 1')).toEqual({ a: { b: 1 } });
  });

  test('the order of fields is that of the file', () => {
    const type = "{ v: number; kind: 'a' } | { v: number; kind: 'b'; w: number }";
    expect(Object.keys(converted(type, 'A: {w: 1, v: 2, kind: b}') as object)).toEqual(['w', 'v', 'kind']);
  });

  test.each<[type: string, lines: string, message: string]>([
    ['string', 'A: 1.10', '3:3: Wrong value for A: expected string, got number 1.1. Write it in quotes: "1.10".'],
    ['string', 'A: true', 'got boolean true. Write it in quotes: "true".'],
    ['string', 'A:', 'Wrong value for A: expected string, got null. Write it in quotes: "".'],
    [
      'string[]',
      'A:\n- a\n- 010',
      '5:5: Wrong value for A: [1]: expected string, got number 10. Write it in quotes: "010".',
    ],
    [
      '{ a: string[] }',
      'A:\n  a: [x, 1e3]',
      '4:12: Wrong value for A.a: [1]: expected string, got number 1000. Write it in quotes: "1e3".',
    ],
    ['number', 'A: [1]', 'expected number, got an array of 1.'],
    ['number', 'A: {a: 1}', 'expected number, got an object.'],
    ['number[]', 'A: {0: 1}', 'expected number[], got an object.'],
    [
      'number',
      'A: 9007199254740993',
      'Expected A to be a number, got 9007199254740993, which a number does not hold exactly. Write it with fewer',
    ],
    ["'a' | 'b'", 'A: B', 'expected one of "a", "b", got string "B" (did you mean "b"?).'],
    ['Date', 'A: 2026-02-30', 'expected Date, got string "2026-02-30".'],
    ['{ a: number; b: Date }', 'A:\n  a: 1\n  b: x', '5:5: Wrong value for A.b: expected Date, got string "x".'],
  ])('%s refuses %j', (type, lines, message) => {
    expect(refused(type, lines)).toContain(message);
    expect(refused(type, lines)).toMatch(/^E_PARAMETER_TYPE sub\/a\.yml:\d+:\d+: /);
  });

  test.each<[type: string, lines: string, message: string]>([
    [
      '{ hidden: number }',
      'A:\n  hiden: 1',
      '4:5: Expected a field of A ({ hidden: number }), got "A.hiden". Did you mean "hidden"?',
    ],
    ['{ a: { b: number } }', 'A.a.c: 1', '3:3: Expected a field of A.a ({ b: number }), got "A.a.c".'],
    [
      "{ kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[] }",
      'A:\n  hidden: 1\n  kind: cnn',
      '4:5: Expected a field of A with { kind: "cnn" }, got "A.hidden", which belongs to another branch. It has: channels.',
    ],
    ['{ a: { b: number } }', 'A:\n  a.b: 1', 'got "a.b". Write a field of a field as a mapping of its own.'],
    ['{ a: number }', 'A: {"": 1}', 'got "".'],
  ])('%s has no such field: %j', (type, lines, message) => {
    expect(refused(type, lines)).toContain(message);
    expect(refused(type, lines)).toMatch(/^E_PARAMETER_NAME sub\/a\.yml:\d+:\d+: /);
  });

  test('all problems are found at once', () => {
    const config = read(withParameters('A:\n  a: x\n  c: 1\n  b: ${V}'), { V: 'y' });
    const { problems } = configValueProblems(config.parameters[0]!, typeOf('{ a: number; b: number }'));
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [4, 'E_PARAMETER_TYPE'],
      [5, 'E_PARAMETER_NAME'],
      [6, 'E_PARAMETER_TYPE'],
    ]);
  });
});

describe('!replace', () => {
  const type = "{ kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[]; when?: Date }";

  test('gives the whole value as a marker', () => {
    const value = converted(type, 'A: !replace\n  kind: cnn\n  channels: ["${C}"]\n  when: 2026-01-31', { C: '8' });
    expect(markerOf(value)).toEqual({
      kind: 'replace',
      value: { kind: 'cnn', channels: [8], when: new Date('2026-01-31') },
    });
  });

  test('may stand below a field, also one that a merge key or an alias brings', () => {
    const lines = 'A: {a: !replace {b: 1}}\nB: &b !replace {b: 2}\nC: {a: *b}\nD: {<<: {a: !replace {b: 3}}}';
    const { parameters } = read(withParameters(lines));
    expect(parameters.map(({ name, replaced }) => [name, ...replaced])).toEqual([
      ['A', '/a'],
      ['B', ''],
      ['C', '/a'],
      ['D', '/a'],
    ]);
    const value = converted('{ a: { b: number } }', lines) as { a: unknown };
    expect(markerOf(value)).toBeUndefined();
    expect(markerOf(value.a)).toEqual({ kind: 'replace', value: { b: 1 } });
  });

  test('needs all fields', () => {
    expect(refused(type, 'A: !replace {kind: cnn}')).toContain('missing field "channels" of type number[]');
    expect(refused(type, 'A: !replace\n  kind: cnn\n  channels: [a]')).toContain(
      '5:16: Wrong value for A: channels[0]: expected number, got string "a".',
    );
  });
});
