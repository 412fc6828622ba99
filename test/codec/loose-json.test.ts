import { describe, expect, it } from 'vitest';
import { parseLooseJson } from '../../src/codec/loose-json.ts';

describe('JSON of other programs', () => {
  it.each([
    ['[NaN, Infinity, -Infinity, -0.0]', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]],
    [
      '{"NaN": "NaN", "a\\"NaN": [NaN], "b\\\\": Infinity}',
      { NaN: 'NaN', 'a"NaN': [Number.NaN], 'b\\': Number.POSITIVE_INFINITY },
    ],
    ['{"a": 9007199254740993, "b": -18446744073709551616, "c": 1}', { a: 9007199254740993n, b: -(2 ** 64), c: 1 }],
    [
      '[0.1234567890123456, 1234567890123456.5, 1e+22, 1.5e300, 12345678901234567e3]',
      [0.1234567890123456, 1234567890123456.5, 1e22, 1.5e300, 12345678901234567e3],
    ],
    ['["12345678901234567890", "@0@NaN", NaN]', ['12345678901234567890', '@0@NaN', Number.NaN]],
    [
      '{"__proto__": {"x": NaN}}',
      JSON.parse('{"__proto__": {"x": null}}', (_, value) => (value === null ? Number.NaN : value)),
    ],
    ['NaN', Number.NaN],
    ['["\\u00400@NaN", NaN]', ['@0@NaN', Number.NaN]],
    [`[1, -${'9'.repeat(309)}, 1${'0'.repeat(400)}]`, [1, -BigInt('9'.repeat(309)), 10n ** 400n]],
    ['"\\ud83d\\ude00 \\ud800 Infinity"', '\u{1f600} \ud800 Infinity'],
    ['{"$number": "NaN", "x": [NaN]}', { $number: 'NaN', x: [Number.NaN] }],
  ])('reads %s', (text, value) => {
    expect(parseLooseJson(text)).toEqual(value);
  });

  it.each([
    '',
    'nan',
    'Nan',
    '[NaNN]',
    '-NaN',
    '{"a": Infinit}',
    '["NaN]',
    '[1,]',
    '{NaN: 1}',
    'inf',
    '12345678901234567890 1',
    '[00000000000000000001]',
  ])('refuses %s, which Python does not write', (text) => {
    expect(() => parseLooseJson(text)).toThrow(SyntaxError);
  });

  it('reads a long list of them in little time', () => {
    const text = `[${'NaN,1.234567890123456,"a text",'.repeat(300_000)}null]`;
    const list = parseLooseJson(text) as unknown[];
    expect(list).toHaveLength(900_001);
    expect(list.slice(-4)).toEqual([Number.NaN, 1.234567890123456, 'a text', null]);
  });

  it('reads texts of many megabytes and lists of any depth', () => {
    const text = '\\"x'.repeat(4_000_000);
    expect(parseLooseJson(`["${text}", NaN]`)).toEqual([text.replaceAll('\\', ''), Number.NaN]);
    const deep = parseLooseJson(`${'['.repeat(100_000)}NaN${']'.repeat(100_000)}`) as unknown[];
    expect(Array.isArray(deep[0])).toBe(true);
  });

  it('says in which line it is damaged, also behind what is no JSON', () => {
    const lineOf = (text: string): unknown => {
      try {
        return parseLooseJson(text);
      } catch (error) {
        return (error as { line?: number }).line;
      }
    };
    expect(lineOf('{"a": NaN,\n"b": 12345678901234567890\n"c": 1}')).toBe(3);
  });
});
