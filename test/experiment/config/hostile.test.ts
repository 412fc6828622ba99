// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import { readConfigProblems } from '../../../src/experiment/config/read.ts';
import { configValueProblems } from '../../../src/experiment/config/value.ts';
import { read, typeOf, withParameters } from './reading.ts';

const TYPES = ['number', 'string', 'any', "{ kind: 'a'; v: number } | { kind: 'b'; w: string[] } | Date[]"].map(typeOf);

/** Reads and converts, and lets nothing but problems through. */
const attempt = (text: string): string[] => {
  const { source, problems } = readConfigProblems('/x/a.yml', text, { V: '1', W: '[' });
  if (source === undefined) expect(problems).not.toEqual([]);
  for (const parameter of source?.parameters ?? []) for (const type of TYPES) configValueProblems(parameter, type);
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
  }
  for (const { line, column, message } of problems) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(message.length).toBeLessThan(1000);
    expect(message).not.toContain('\n');
  }
  return problems.map(({ message }) => message);
};

describe('any text', () => {
  test('of characters that YAML knows gives problems or values', () => {
    const unit = fc.constantFrom(...'aA1 -?:,[]{}#&*!|>\'"%@`$\\\n\t\r.~<=_\uFEFF\u2028é'.split(''));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => void attempt(text)),
      { numRuns: 1000 },
    );
  });

  test('of pieces of YAML experiments gives problems or values', () => {
    const pieces =
      'extend: ./a.ts\n|parameters:\n|  A: |  B.c: |A|x|1|[|]|{|}|: |, |- |\n|\n  |\n    |&a |*a|<<: |!replace |!!int |${V}|${W}|${X:-|"|\'|? |\\||>-|# |---\n|~|1e999|.nan|$$|~0/|99999999999999999999';
    const unit = fc.constantFrom(...pieces.split(/(?<!\\)\|/).map((piece) => piece.replace('\\|', '|')));
    const text = fc.array(unit, { maxLength: 25 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (body) => void attempt(body)),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(text, (body) => void attempt(`extend: a\nparameters:\n  A: ${body}`)),
      { numRuns: 1000 },
    );
  });
});

describe('what is made to exhaust the reader', () => {
  const many = (count: number, part: string | ((i: number) => string)): string =>
    Array.from({ length: count }, (_, i) => (typeof part === 'string' ? part : part(i))).join('');

  test.each<[name: string, text: string, message: string]>([
    ['lists in lists', '['.repeat(200_000), 'Expected at most 100 levels of nesting, got more.'],
    ['closed lists in lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'levels of nesting'],
    ['mappings in mappings', '{'.repeat(100_000), 'levels of nesting'],
    ['blocks in blocks', many(700, (i) => `${' '.repeat(i)}a:\n`), 'levels of nesting'],
    ['dashes', '- '.repeat(50_000), 'levels of nesting'],
    ['errors', ']'.repeat(50_000), 'Expected YAML'],
    ['quotes', '"\n'.repeat(30_000), 'Expected YAML'],
    ['open brackets before a variable', `a: ${'[ ]'.repeat(40_000)}\${`, 'Expected YAML'],
    ['a large file', `# ${'x'.repeat(300_000)}`, 'Expected at most 262144 characters, got 300002.'],
    ['documents', '---\n'.repeat(30_000), 'Expected one YAML document'],
    [
      'laughs',
      withParameters(`A0: &a0 [x]\n${many(30, (i) => `A${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]\n`)}`),
      'Expected at most 100000 values, aliases followed, got more.',
    ],
    [
      'merges of merges',
      withParameters(`A0: &a0 {x: 1}\n${many(3000, (i) => `A${i + 1}: &a${i + 1} {<<: *a${i}, k${i}: 1}\n`)}`),
      'Expected merge keys to copy at most 10000 keys, got more.',
    ],
    [
      'aliases of aliases',
      withParameters(`A0: &a0 [x]\n${many(3000, (i) => `A${i + 1}: &a${i + 1} [*a${i}]\n`)}`),
      'Expected at most 100 levels of nesting, aliases followed, got more.',
    ],
    [
      'aliases of aliases that are met from their end',
      `x: [&a0 [x]${many(3000, (i) => `,\n  &a${i + 1} [*a${i}]`)}]\nextend: a\nparameters: {A: *a3000}`,
      'Expected at most 100 levels of nesting, aliases followed, got more.',
    ],
  ])('%s', (_, text, message) => {
    expect(attempt(text).join('\n')).toContain(message);
  });

  test.each<[string, string]>([
    ['many keys', withParameters(many(15_000, (i) => `A${i}: ${i}\n`))],
    ['many anchors', withParameters(many(5_000, (i) => `A${i}: &a${i} 1\nB${i}: *a${i}\n`))],
    ['many digits', withParameters(`A: ${'9'.repeat(200_000)}`)],
    ['many dollars', withParameters(`A: ${'$'.repeat(200_000)}`)],
    ['many openings', withParameters(`A: ${'${V:-'.repeat(40_000)}}`)],
    ['a long list', withParameters(`A: [${'1,'.repeat(60_000)}]`)],
  ])('%s are no harm', (_, text) => {
    expect(readConfigProblems('/x/a.yml', text, { V: '1' }).problems).toEqual([]);
  });
});
