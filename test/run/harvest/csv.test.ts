import { describe, expect, it, test } from 'vitest';
import { checkRules, placeIn } from '../../../src/run/harvest/check.ts';
import { harvest } from '../../../src/run/harvest/harvest.ts';
import { harvested, subjectWith, taken } from './harvested.ts';

const SCORES = 'case,score,kind\n1,0.5,a\n2,0.25,b\n3,1,a\n';
const score = (more: object) => ({ csv: 'e.csv', column: 'score', ...more });

describe('what is made of the values of a column', () => {
  test.each([
    ['mean', (0.5 + 0.25 + 1) / 3],
    ['median', 0.5],
    ['min', 0.25],
    ['max', 1],
    ['sum', 1.75],
    ['sd', Math.sqrt(((0.5 - 1.75 / 3) ** 2 + (0.25 - 1.75 / 3) ** 2 + (1 - 1.75 / 3) ** 2) / 2)],
    ['count', 3],
    ['first', 0.5],
    ['last', 1],
    ['list', [0.5, 0.25, 1]],
  ])('%s', async (take, expected) => {
    const value = await taken({ 'e.csv': SCORES }, score({ take }));
    if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 14);
    else expect(value).toEqual(expected);
  });

  it('is the one value there is, and two are refused', async () => {
    expect(await taken({ 'e.csv': SCORES }, score({ where: { kind: 'b' } }))).toBe(0.25);
    expect(await taken({ 'e.csv': SCORES }, score({ where: { kind: 'a' } }))).toBe(
      'e.csv: Expected one value, got two: 0.5 and 1. Say which: "take": "first", "last", "mean", "list", ...',
    );
    expect(await taken({ 'e.csv': SCORES }, score({ where: { kind: 'c' } }))).toBe(
      'e.csv: Expected a value, but there is none: 0 of 3 rows passed the filter.',
    );
  });

  it('takes the rows of all files together, in the order of their paths', async () => {
    const files = { 'eval/b.csv': 'score\n3\n', 'eval/a.csv': 'score\n1\n2\n', 'eval/deep/c.csv': 'score\n9\n' };
    expect(await taken(files, { csv: 'eval/*.csv', column: 'score', take: 'list' })).toEqual([1, 2, 3]);
    expect(await taken(files, { csv: ['eval/b.csv', 'eval/**/*.csv'], take: 'count' })).toBe(4);
  });

  it('loses nothing to rounding, and nothing to what is larger than any double', async () => {
    const all = (...cells: string[]) => ({ 'e.csv': `score\n${cells.join('\n')}\n` });
    expect(await taken(all('1e16', '1', '-1e16'), score({ take: 'sum' }))).toBe(1);
    expect(await taken(all('1e308', '1e308'), score({ take: 'mean' }))).toBe(1e308);
    expect(await taken(all('1e308', '1e308'), score({ take: 'median' }))).toBe(1e308);
    expect(await taken(all('1e308', '1e308'), score({ take: 'sum' }))).toBe(Number.POSITIVE_INFINITY);
    expect(await taken(all('3'), score({ take: 'sd' }))).toContain('Expected two values or more for "sd", got one.');
  });
});

describe('a cell', () => {
  const cell = (text: string, more: object = {}) =>
    taken({ 'e.csv': `score;other\n${text};x\n` }, score({ delimiter: ';', ...more }));

  test.each([
    ['1', 1],
    ['-0.5e-3', -0.0005],
    ['1e5', 100_000],
    ['.5', 0.5],
    ['nan', Number.NaN],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['1e308', 1e308],
    ['True', true],
    ['007', '007'],
    ['12345678901234567890', 12345678901234567890n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740992', 9007199254740992],
    ['9'.repeat(310), BigInt('9'.repeat(310))],
    ['1e999', '1e999'],
    ['1.5 m', '1.5 m'],
    ['0x10', '0x10'],
    ['"a;b"', 'a;b'],
    ['"=1+1"', '=1+1'],
  ])('%s is told from its text', async (text, value) => {
    expect(await cell(text)).toEqual(value);
  });

  it('is of the type that is asked for', async () => {
    expect(await cell('1e5', { type: 'string' })).toBe('1e5');
    expect(await cell('007', { type: 'integer' })).toBe(7);
    expect(await cell('12345678901234567890', { type: 'integer' })).toBe(12345678901234567890n);
    expect(await cell('12345678901234567890', { type: 'number' })).toBe(12345678901234567000);
    expect(await cell('0', { type: 'boolean' })).toBe(false);
    expect(await cell('2026-01-31', { type: 'date' })).toEqual(new Date('2026-01-31T00:00:00Z'));
    expect(await cell('2026-01-31 12:00', { type: 'date' })).toEqual(new Date('2026-01-31T12:00:00Z'));
    expect(await cell('2026-01-31T12:00:00+02:00', { type: 'date' })).toEqual(new Date('2026-01-31T10:00:00Z'));
    expect(await cell('2026-02-30', { type: 'date' })).toBe(
      'e.csv:2: Expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z, got "2026-02-30".',
    );
    expect(await cell('0.5', { type: 'integer' })).toBe('e.csv:2: Expected a whole number, got "0.5".');
    expect(await cell('1e999', { type: 'number' })).toBe('e.csv:2: Expected a number, got "1e999".');
  });

  it('has a decimal comma where the rule says so, and the advice otherwise', async () => {
    expect(await cell('1,5', { decimal: ',' })).toBe(1.5);
    expect(await cell('1,5', { take: 'mean' })).toBe(
      'e.csv:2: Expected a number, got "1,5". Say "decimal": "," for numbers such as 1,5.',
    );
    expect(await cell('1.234,5', { decimal: ',', type: 'number' })).toContain('Expected a number, got "1.234,5"');
  });

  it('that is empty is no value, and NaN is one', async () => {
    const subject = { 'e.csv': 'score,other\n1,x\n,x\nnan,x\n' };
    expect(await taken(subject, score({ take: 'count' }))).toBe(2);
    expect(await taken(subject, score({ take: 'mean' }))).toBeNaN();
    expect(await taken(subject, score({ take: 'max' }))).toBeNaN();
    expect(await taken({ 'e.csv': 'score,other\n1,x\n,x\n3,x\n' }, score({ take: 'mean' }))).toBe(2);
    expect(await taken({ 'e.csv': 'score,other\n,x\n' }, score({ take: 'mean' }))).toBe(
      'e.csv: Expected a value, but there is none, and 1 without a value.',
    );
  });

  it('that says true counts as 1 where the rule says that it does', async () => {
    const files = { 'e.csv': 'score\nTrue\nFalse\n' };
    expect(await taken(files, score({ take: 'mean', type: 'boolean' }))).toBe(0.5);
    expect(await taken(files, score({ take: 'mean' }))).toBe(
      'e.csv:2: Expected a number, got "True". Say "type": "boolean" to count true as 1.',
    );
  });
});

describe('a file', () => {
  it('is read with tabs, semicolons or commas, with a byte order mark or without', async () => {
    for (const text of [SCORES, SCORES.replaceAll(',', ';'), SCORES.replaceAll(',', '\t'), `\ufeff${SCORES}`]) {
      expect(await taken({ 'e.csv': text }, score({ take: 'max' }))).toBe(1);
      expect(await taken({ 'e.csv': text.replaceAll('\n', '\r\n') }, score({ take: 'max' }))).toBe(1);
    }
    expect(await taken({ 'e.csv': 'a;score;b\n1,5;2,5;3\n' }, score({ decimal: ',' }))).toBe(2.5);
    expect(await taken({ 'e.csv': '"a;b",score\n1,2\n' }, score({}))).toBe(2);
    expect(await taken({ 'e.csv': 'score\n5' }, score({}))).toBe(5);
  });

  it('without a header has columns by number', async () => {
    const files = { 'e.csv': '1;2,5\n3;4,5\n' };
    expect(await taken(files, { csv: 'e.csv', header: false, column: 1, take: 'sum', decimal: ',' })).toBe(7);
    expect(await taken(files, { csv: 'e.csv', header: false, take: 'count' })).toBe(2);
    expect(await taken(files, { csv: 'e.csv', header: false, column: 1, where: { 0: 3 }, decimal: ',' })).toBe(4.5);
    expect(await taken(files, { csv: 'e.csv', header: false, column: 7 })).toBe(
      'e.csv:1: Expected a column 7, counted from 0, but there are 2 columns.',
    );
  });

  it('with a row too short or too long is named with its line, and gives no value', async () => {
    expect(await taken({ 'e.csv': 'a,score\n1,2\n3\n' }, score({ take: 'mean' }))).toBe(
      'e.csv:3: Expected 2 cells, as the header has, got 1.',
    );
    expect(await taken({ 'e.csv': 'a,score\n1,2,3\n' }, score({ take: 'mean' }))).toContain(
      'e.csv:2: Expected 2 cells',
    );
  });

  it('with a quote that is not closed is named with the line of the row', async () => {
    expect(await taken({ 'e.csv': 'a,score\n1,2\n"3,4\n5,6\n' }, score({ take: 'mean' }))).toBe(
      'e.csv:3: Expected a quote to be closed in the row that begins here.',
    );
    const long = `a,score\n1,2\n"3,4\n${'5,6\n'.repeat(600_000)}`;
    expect(await taken({ 'e.csv': long }, score({ take: 'mean' }))).toContain('e.csv:3: Expected a row of at most');
    expect(await taken({ 'e.csv': 'a,score\n1,2\nx"y,4\n' }, score({ take: 'mean' }))).toContain(
      'e.csv:3: Expected quotes',
    );
  });

  it('without the column is named, with the nearest name', async () => {
    expect(await taken({ 'e.csv': SCORES }, { csv: 'e.csv', column: 'scroe', take: 'mean' })).toBe(
      'e.csv:1: Expected a column "scroe", but there are "case", "score", "kind". Did you mean "score"?',
    );
    expect(await taken({ 'e.csv': 'score,score\n1,2\n' }, score({}))).toBe(
      'e.csv:1: Expected one column "score", got 2. Give its number, from 0 on: 0 or 1.',
    );
    expect(await taken({ 'e.csv': 'score,score\n1,2\n' }, score({ column: '1' }))).toBe(2);
    expect(await taken({ 'e.csv': '1,0\n5,6\n' }, score({ column: '1' }))).toBe(5);
    expect(await taken({ 'e.csv': 'a|score\n1|2\n' }, score({}))).toContain('Say "delimiter": "|".');
    expect(await taken({ 'e.csv': 'a score\n1 2\n' }, score({}))).toContain('Say "delimiter": " ".');
    expect(await taken({ 'e.csv': '' }, score({}))).toBe('e.csv: Expected a header, but the file is empty.');
  });

  it('in another encoding is named with the line, and read when the rule says which', async () => {
    const latin = Buffer.from('name,score\na,1\nM\xfcller,2\n', 'latin1');
    expect(await taken({ 'e.csv': latin }, score({ take: 'sum' }))).toBe(
      'e.csv:3: Expected a text in UTF-8, but that line has other bytes. Say how it is written: "encoding": "latin1" or "utf-16le".',
    );
    expect(await taken({ 'e.csv': latin }, score({ where: { name: 'M\xfcller' }, encoding: 'latin1' }))).toBe(2);
    const wide = Buffer.from('\ufeffname,score\nM\xfcller,2\n', 'utf16le');
    expect(await taken({ 'e.csv': wide }, score({ where: { name: 'M\xfcller' } }))).toBe(2);
    expect(await taken({ 'e.csv': wide.subarray(2) }, score({}))).toContain('Say "encoding": "utf-16le"');
    expect(await taken({ 'e.csv': wide.subarray(2) }, score({ encoding: 'utf-16le' }))).toBe(2);
  });

  it('may have characters of several bytes anywhere, also where it is read in pieces', async () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `${'é€😀'.repeat(row % 5)},${row}`).join('\n');
    expect(await taken({ 'e.csv': `name,score\n${rows}\n` }, score({ take: 'max' }))).toBe(59_999);
  });

  it('is one of several that are wrong: each is named, and there is no value', async () => {
    const files = { 'a.csv': 'score\n1\n', 'b.csv': 'other\n1\n', 'c.csv': 'score\nx\n' };
    expect(await taken(files, { csv: '*.csv', column: 'score', take: 'mean' })).toBe(
      'b.csv:1: Expected a column "score", but there are "other".\nc.csv:2: Expected a number, got "x".',
    );
  });
});

describe('conditions', () => {
  it('hold for a number however it is written, and fill in what is known of the run', async () => {
    const subject = subjectWith({ '../../../all.csv': 'run,epoch,score\nk3v9x2ab,10.0,5\nk3v9x2ab,2,4\nother,10,3\n' });
    const rule = { csv: 'all.csv', in: 'project', column: 'score', where: { run: '{id}', epoch: 10 } };
    expect(await harvested(subject, rule)).toBe(5);
    expect(await harvested(subject, { ...rule, where: { run: '{id}', epoch: '1e1' } })).toBe(5);
    expect(await harvested(subject, { ...rule, where: { rnu: 'x' } })).toContain('Did you mean "run"?');
  });

  it.each<[what: unknown, cells: number]>([
    [false, 3],
    ['false', 3],
    [0, 1],
    ['0', 1],
    [1e-7, 2],
    ['1e-7', 2],
    ['{LR}', 2],
    ['12345678901234567891', 1],
    ['nan', 1],
    ['x', 1],
    ['X', 0],
  ])('compare %j by value, however it is said', async (value, count) => {
    const cells = 'False,FALSE,false,0,1e-07,0.0000001,12345678901234567890,12345678901234567891,NaN,x';
    const subject = subjectWith({ 'e.csv': `ok\n${cells.replaceAll(',', '\n')}\n` }, { LR: 1e-7 });
    expect(await harvested(subject, { csv: 'e.csv', where: { ok: value }, take: 'count' })).toBe(count);
  });

  it('that no row meets are told with a count, too', async () => {
    const rules = { 'results/x': { csv: 'e.csv', where: { kind: 'c' }, take: 'count' } };
    const checked = await checkRules(rules, placeIn('config', 'comex.config.json'));
    const { data, remarks } = await harvest(checked, subjectWith({ 'e.csv': SCORES }));
    expect(data[0]?.value).toBe(0);
    expect(remarks).toEqual(['results/x: 0 of 3 rows passed the filter.']);
  });
});

it('a file that is compressed is said to be', async () => {
  const { gzipSync } = await import('node:zlib');
  expect(await taken({ 'e.csv.gz': gzipSync(SCORES) }, score({ csv: 'e.csv.gz' }))).toContain('the file is compressed');
  expect(await taken({ 'x.gz': gzipSync('loss=1') }, { text: 'x.gz', match: 'loss=(.*)' })).toContain('is compressed');
});
