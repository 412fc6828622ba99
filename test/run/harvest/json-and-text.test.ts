import { describe, expect, it } from 'vitest';
import { checkRules, placeIn } from '../../../src/run/harvest/check.ts';
import { harvest } from '../../../src/run/harvest/harvest.ts';
import { subjectWith, taken } from './harvested.ts';

describe('a JSON file', () => {
  const files = { 'r.json': '{"results": {"pdm": 2.5, "all": [1, 2, null, 4], "name": "x", "n": "7"}}' };
  const at = (path: string, more: object = {}) => taken(files, { json: 'r.json', path, ...more });

  it('gives what a JSONPath finds', async () => {
    expect(await at('$.results.pdm')).toBe(2.5);
    expect(await at('$.results.all[*]', { take: 'sum' })).toBe(7);
    expect(await at('$.results.all[?@ > 1]', { take: 'list' })).toEqual([2, 4]);
    expect(await at("$['results']['all']")).toEqual([1, 2, null, 4]);
    expect(await at('$..name')).toBe('x');
    expect(await at('$.results.all[*]', { take: 'count' })).toBe(3);
    expect(await at('$.results.n', { type: 'number' })).toBe(7);
    expect(await taken(files, { json: 'r.json' })).toMatchObject({ results: { pdm: 2.5 } });
  });

  it('that has none, or two, or another kind, is named', async () => {
    expect(await at('$.results.pmd')).toBe('r.json: Expected a value for $.results.pmd, but there is none.');
    expect(await at('$.results.all[0,1]')).toContain('Expected one value for $.results.all[0,1], got two: 1 and 2.');
    expect(await at('$.results.n', { take: 'mean' })).toBe(
      'r.json: Expected a number, got the text "7". Say "type": "number" to read texts as numbers.',
    );
    expect(await at('$.results.all', { type: 'number' })).toContain('Expected a number, got "[1,2,null,4]"');
  });

  it('has the numbers that Python writes, and texts that look like them', async () => {
    const json = '{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, Infinity", "d": "\\"NaN"}';
    expect(await taken({ 'r.json': json }, { json: 'r.json' })).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      c: 'NaN, Infinity',
      d: '"NaN',
    });
  });

  it('keeps all digits of whole numbers, as a cell does', async () => {
    const json = { 'r.json': `{"id": 12345678901234567890, "all": [1, 9007199254740993], "huge": ${'9'.repeat(400)}}` };
    const rule = (path: string, more: object = {}) => taken(json, { json: 'r.json', path, ...more });
    expect(await rule('$.id')).toBe(12345678901234567890n);
    expect(await rule('$.id', { type: 'integer' })).toBe(12345678901234567890n);
    expect(await rule('$.id', { type: 'string' })).toBe('12345678901234567890');
    expect(await rule('$.all[*]', { take: 'max' })).toBe(9007199254740992);
    expect(await rule('$.all')).toEqual([1, 9007199254740993n]);
    expect(await rule('$.huge', { take: 'mean' })).toContain('Expected a number, got 9999');
    expect(await rule('$.all', { type: 'number' })).toContain('Expected a number, got "[1,\\"9007199254740993');
    expect(await rule('$..*')).toContain('Expected one value for $..*, got 5, from 12345678901234567890 and ');
  });

  it('loses the values of no other rule, whatever goes wrong with it', async () => {
    const subject = subjectWith({ 'deep.json': `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'r.json': '3' });
    const rules = await checkRules(
      { deep: { json: 'deep.json' }, good: { json: 'r.json' } },
      placeIn('config', 'comex.config.json'),
    );
    const { data, failures } = await harvest(rules, subject);
    expect(data.map(({ value }) => value)).toEqual([3]);
    expect(failures.map(({ path }) => path)).toEqual(['deep']);
    const broken = {
      ...rules[0]!,
      get patterns(): readonly string[] {
        throw new RangeError('no');
      },
    };
    const after = await harvest([broken, rules[1]!], subject);
    expect(after.data).toHaveLength(1);
    expect(after.failures[0]?.message).toBe('Unexpected error, please report it: RangeError: no');
  });

  it('may have NaN beside a text of any length', async () => {
    const json = `{"a": NaN, "b": "${'x'.repeat(12_000_000)}"}`;
    expect(await taken({ 'r.json': json }, { json: 'r.json', path: '$.a' })).toBeNaN();
  });

  it('that is damaged is named with the line', async () => {
    expect(await taken({ 'r.json': '{\n "a": 1,\n "b": \n' }, { json: 'r.json' })).toMatch(
      /^r\.json(?::\d)?: Expected JSON, but /,
    );
    expect(await taken({ 'r.json': '' }, { json: 'r.json' })).toContain('Expected JSON, but it is empty.');
    for (const cut of ['{"a": [1, 2', '{"a": 1,\n', '{"a": "x', '{"a": {"b"']) {
      expect(await taken({ 'r.json': cut }, { json: 'r.json' })).toContain('Expected JSON, but it ends in the middle');
    }
    expect(await taken({ 'r.json': '{"a": 1 2}' }, { json: 'r.json' })).not.toContain('ends in the middle');
    expect(await taken({ 'r.json': '{"a": 1}\n{"a": 2}\n' }, { json: 'r.json' })).toContain(
      'let its name end in .jsonl.',
    );
    expect(
      await taken({ 'r.jsonl': '{"a": 1}\n{"a": \n{"a": 2}\n' }, { json: '*.jsonl', path: '$.a', take: 'sum' }),
    ).toMatch(/^r\.jsonl:2: Expected JSON, but /);
  });

  it('of lines gives a value for each', async () => {
    const lines = { 'r.jsonl': '{"a": 1}\n\n{"a": 2}\r\n{"b": 3}' };
    expect(await taken(lines, { json: 'r.jsonl', path: '$.a', take: 'list' })).toEqual([1, 2]);
    expect(await taken(lines, { json: 'r.jsonl', take: 'count' })).toBe(3);
  });

  it('reaches nothing that is not in it', async () => {
    const hostile = { 'r.json': '{"__proto__": {"polluted": 1}, "a": [1, 2]}' };
    expect(await taken(hostile, { json: 'r.json', path: "$['__proto__'].polluted" })).toBe(1);
    expect(await taken(hostile, { json: 'r.json', path: '$.constructor' })).toContain('there is none');
    expect(await taken(hostile, { json: 'r.json', path: '$.a.length' })).toContain('there is none');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('whose value is too large for a datum is refused', async () => {
    const large = JSON.stringify({ all: Array.from({ length: 300_000 }, (_, index) => index) });
    expect(await taken({ 'r.json': large }, { json: 'r.json', path: '$.all' })).toContain(
      'Expected a value of at most',
    );
    expect(await taken({ 'r.json': large }, { json: 'r.json', path: '$.all[*]', take: 'list' })).toContain(
      'at most 10000',
    );
    expect(await taken({ 'r.json': large }, { json: 'r.json', path: '$.all[*]', take: 'max' })).toBe(299_999);
  });
});

describe('a log', () => {
  const log = 'epoch 1 loss=0.5\nepoch 2 loss=nan\rloss=0.25\r\nfinal loss=0.125';
  const match = (pattern: string, more: object = {}) =>
    taken({ 'x.log': log }, { text: '*.log', match: pattern, ...more });

  it('gives what a regular expression finds in its lines', async () => {
    expect(await match('final loss=(\\S+)')).toBe(0.125);
    expect(await match('loss=(\\S+)', { take: 'list' })).toEqual([0.5, Number.NaN, 0.25, 0.125]);
    expect(await match('(epoch) (?<value>\\d)', { take: 'max' })).toBe(2);
    expect(await match('loss', { take: 'count' })).toBe(4);
    expect(await match('x*', { take: 'count' })).toBeGreaterThan(0);
    expect(await match('loss=(\\S+)')).toContain('Expected one value for "match", got 4, from 0.5 and 0.125.');
    expect(await match('accuracy=(\\S+)')).toBe('x.log: Expected a value for "match", but there is none.');
    expect(await match('accuracy=(\\S+)', { optional: true })).toBeUndefined();
    expect(await match('(final)', { type: 'number' })).toBe('x.log:3: Expected a number, got "final".');
  });

  it.each(['(?:\\d+,)*(\\d+)$', 'loss=((?:\\d+\\.)?\\d+)', '(?<=loss=)(\\S+)$', '(?<value>[^=]+)$'])(
    'is looked through with %s',
    async (pattern) => {
      expect(await taken({ 'x.log': 'a,1\nloss=2' }, { text: 'x.log', match: pattern, take: 'last' })).toBe(2);
    },
  );

  it('is not looked through for ever, and neither are texts of JSON', { timeout: 60_000 }, async () => {
    const files = { 'x.log': `${'a'.repeat(50_000)}!\n`, 'r.json': JSON.stringify([{ a: `${'a'.repeat(5000)}!` }]) };
    const slow = 'Expected the pattern to be looked for in 5 s, but it takes longer.';
    expect(await taken(files, { text: 'x.log', match: '(?:a+)+([0-9])$' })).toContain(`x.log: ${slow}`);
    expect(await taken(files, { text: 'x.log', match: 'a*a*a*a*a*([0-9])' })).toContain(slow);
    expect(await taken(files, { json: 'r.json', path: "$[?search(@.a, '(a+)+[0-9]$')].a" })).toContain(slow);
  });

  it('is that of the run where no other is named', async () => {
    const files = { 'experiment_log.txt': 'loss=1\n', 'experiment_log.2.txt': 'loss=2\n', 'other.txt': 'loss=3\n' };
    expect(await taken(files, { match: 'loss=(.*)', take: 'list' })).toEqual([1, 2]);
  });

  it('is looked through without the time before each line when it is that of the run', async () => {
    const line = '2026-01-31 12:00:00.123 acc 0.5\n';
    expect(await taken({ 'experiment_log.txt': line }, { match: '^acc (\\S+)' })).toBe(0.5);
    expect(await taken({ 'other.txt': line }, { text: 'other.txt', match: '^(\\S+)' })).toBe('2026-01-31');
  });

  it('may hold any bytes, but not where the value is', async () => {
    const bytes = Buffer.from('\x00\xff\xfe noise\nname=M\xfcller\nloss=2\n', 'latin1');
    expect(await taken({ 'x.log': bytes }, { text: 'x.log', match: 'loss=(.*)' })).toBe(2);
    expect(await taken({ 'x.log': bytes }, { text: 'x.log', match: 'name=(.*)' })).toContain(
      'x.log:2: Expected a text in UTF-8',
    );
    expect(await taken({ 'x.log': bytes }, { text: 'x.log', match: 'name=(.*)', encoding: 'latin1' })).toBe(
      'M\xfcller',
    );
  });

  it('may have lines of any length, of which the beginning is looked at, and that is said', async () => {
    const subject = subjectWith({ 'x.log': `loss=1 ${'x'.repeat(3_000_000)} loss=2\nloss=3\n` });
    const rules = await checkRules(
      { 'results/x': { text: 'x.log', match: 'loss=(\\d)', take: 'list' } },
      placeIn('config', 'comex.config.json'),
    );
    const { data, remarks } = await harvest(rules, subject);
    expect(data[0]?.value).toEqual([1, 3]);
    expect(remarks).toEqual(['results/x: x.log: line 1 is longer than 1 MiB; only the beginning was looked at.']);
  });
});
