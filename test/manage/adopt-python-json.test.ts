import { describe, expect, it } from 'vitest';
import { parsePythonJson } from '../../src/manage/adopt/python-json.ts';

describe('JSON of Python', () => {
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
    ['"\\ud83d\\ude00 \\ud800 Infinity"', '\u{1f600} \ud800 Infinity'],
    ['{"$number": "NaN", "x": [NaN]}', { $number: 'NaN', x: [Number.NaN] }],
  ])('reads %s', (text, value) => {
    expect(parsePythonJson(text)).toEqual(value);
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
  ])('refuses %s, which Python does not write', (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });

  it('reads a long list of them in little time', () => {
    const text = `[${'NaN,1.234567890123456,"a text",'.repeat(300_000)}null]`;
    const list = parsePythonJson(text) as unknown[];
    expect(list).toHaveLength(900_001);
    expect(list.slice(-4)).toEqual([Number.NaN, 1.234567890123456, 'a text', null]);
  });
});
