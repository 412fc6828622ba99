import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { show } from '../../src/cli/show.ts';
import { decode, encode } from '../../src/codec/json.ts';
import { STARTED, temporaryFolder, writeRun } from './run-folders.ts';

function shown(results: string, selector: string, how: { json?: boolean; columns?: number; unicode?: boolean } = {}) {
  const seen = { out: '', err: '', status: -1 };
  seen.status = show(selector, {
    results,
    cwd: results,
    json: how.json ?? false,
    tty: true,
    out: (text) => {
      expect(text).toMatch(/\n$/);
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
    screen: { columns: how.columns ?? 80, color: false, unicode: how.unicode ?? true },
    now: STARTED + 3 * 3_600_000,
  });
  return seen;
}

const lines = (...values: unknown[]): string => values.map((value) => `${encode(value)}\n`).join('');
const track = (points: readonly unknown[]): string =>
  lines({ format: 1, attempt: 1, origin: '2026-01-31T12:00:00.000Z' }, ...points);

describe('a run of which something is odd', () => {
  it('shows what was lost when it was adopted, whatever stands there', () => {
    const results = temporaryFolder();
    const adopted = { from: '/old', format: 'pycomex', hash: 'x', at: '2026-01-31T12:00:00.000Z' };
    writeRun(results, 'aaaaaaaa', { adopted: { ...adopted, remarks: ['its data were left out', 'b\u001b[31m', 3] } });
    writeRun(results, 'bbbbbbbb', { adopted: { ...adopted, remarks: 'none' } });
    const { out: lost } = shown(results, 'aaaaaaaa');
    expect(lost).toMatch(/^ {2}remarks +its data were left out\n +b.*\n/m);
    expect(lost).not.toContain('\u001b');
    const { out, err } = shown(results, 'bbbbbbbb');
    expect([out, err]).toEqual([expect.not.stringContaining('remarks'), '']);
  });

  it('shows a note as long as it is', () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', { note: `${'word '.repeat(60)}end\nsecond` });
    const { out } = shown(results, 'aaaaaaaa');
    expect(out).toMatch(/word end\n +second\n/);
    expect(out.match(/word/g)).toHaveLength(60);
  });

  it.runIf(process.platform !== 'win32')('names a pipe in place of its data, and shows the rest', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', { result: 7 });
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'experiment_data.json')]);
    const { out, err } = shown(results, 'aaaaaaaa');
    expect(out).toMatch(/result +7/);
    expect(err).toContain('experiment_data.json: it is a pipe, not a file');
  });
});

function archive(): string {
  const results = temporaryFolder();
  writeRun(
    results,
    'aaaaaaaa',
    {
      status: 'failed',
      description: 'Reads handwritten digits.',
      parameters: {
        MODEL: { value: 'mlp', source: 'default', default: "'mlp'" },
        RATE: { value: 0.1, source: 'given', default: '0.01' },
        STEPS: { value: 10, source: 'derived', default: 'RATE * 100' },
        API_KEY: { value: '[redacted]', redacted: true, source: 'given', default: '[redacted]' },
        LATER: { source: 'default', default: 'await load()' },
        SCORE: {
          value: { $function: '(x) => {\n  return x;\n}' },
          source: 'default',
          default: '(x) => {\n  return x;\n}',
        },
        __DEBUG__: { value: false, source: 'default', default: 'false' },
      },
      argv: ['run', 'experiments/digits.ts', '--RATE', '0.1'],
      tags: ['demo', 'night shift'],
      note: 'looks odd',
      git: { commit: '1a2b3c4d5e', branch: 'main', dirty: true, patch: { bytes: 1234, file: 'code/git.patch' } },
      snapshot: {
        hash: 'h',
        files: ['package.json', 'experiments/digits.ts'],
        skipped: [{ path: '.env', reason: 'a secret' }],
      },
      inputs: [{ path: 'data/digits.csv.gz', bytes: 84_123, sha256: 'abcdef0123', copy: 'code/data/digits.csv.gz' }],
      result: 0.9822,
      error: {
        name: 'TypeError',
        message: 'x is not a function',
        stack: 'TypeError: x is not a function\n    at experiment (/project/experiments/digits.ts:12:3)',
        cause: { name: 'Error', message: 'inner' },
      },
      series: {
        'loss/train': { count: 8, kind: 'number', last: 0, min: 0, max: 7 },
        note: { count: 1, kind: 'text', last: null },
      },
    },
    {
      'experiment_track.jsonl': track([
        ...[7, 6, 5, 4, 3, 2, 1, 0].map((value, step) => ['loss/train', step, step, value]),
        ['note', 0, 9, 'hi'],
      ]),
      'experiment_data.jsonl': lines(['results/accuracy', 0.98221], ['results/confusion', [[1], [2]]]),
      'tables/mistakes.jsonl': lines({ a: 1 }, { a: 2 }),
      'figures/fit.png': 'x'.repeat(12_345),
    },
  );
  return results;
}

describe('show', () => {
  it('tells all there is to know about a run', () => {
    const { out, err, status } = shown(archive(), 'aaaa');
    const started = out.split('\n').find((line) => line.startsWith('  started'));
    expect(started).toMatch(/^ {2}started {4}2026-0\d-\d\d \d\d:\d\d:00 \(3 h ago\)$/);
    expect(out.replace(`${started}\n`, '')).toBe(`\
digits  aaaaaaaa  failed
  Reads handwritten digits.
  folder     digits/2026-01-31__12-00-00__aaaaaaaa
  took       3 min 05 s
  module     experiments/digits.ts
  command    comex run experiments/digits.ts --RATE 0.1
  tags       demo, night shift
  note       looks odd
  seed       42 (drawn)
  git        1a2b3c4 on main, with changes (patch of 1.2 kB)
  code       2 files in code/
             without .env: a secret
  inputs     data/digits.csv.gz  84 kB  sha256 abcdef01
  params       MODEL    'mlp'
             • RATE     0.1                   (default 0.01)
               STEPS    10                    (derived)
               API_KEY  [redacted]
               LATER    (known when it runs)
               SCORE    (x) => { return x; }
  result     0.9822
  data       results/accuracy   0.9822
             results/confusion  2 items
  series     name        points  last  min  max  trend
             loss/train       8     0    0    7  █▇▆▅▄▃▂▁
             note             1  text
  tables     mistakes  2 rows
  artifacts  figures/fit.png  12 kB
  error      TypeError: x is not a function
             at experiment (/project/experiments/digits.ts:12:3)
             caused by Error: inner
`);
    expect(err).toBe('');
    expect(status).toBe(0);
  });

  it('tells what people changed later, and what was harvested', () => {
    const results = temporaryFolder();
    const at = '2026-01-31T12:00:00.000Z';
    const notes = lines(
      { at, by: 'comex modify', kind: 'edit', path: 'parameters.RATE', from: 0.1, to: 0.2 },
      { at, by: 'comex rename', kind: 'rename', title: 'the good one' },
      { at, by: 'comex harvest', kind: 'harvest', values: { energy: -1.5 }, source: 'out.log' },
    );
    const parameters = { RATE: { value: 0.1, source: 'given' } };
    writeRun(results, 'aaaaaaaa', { parameters }, { 'experiment_notes.jsonl': notes });
    const { out } = shown(results, 'aaaaaaaa');
    expect(out).toContain('  title      the good one\n');
    expect(out).toContain('  edited     RATE: 0.1 -> 0.2\n');
    expect(out).toContain('  harvested  energy  -1.5\n');
    expect(decode(shown(results, 'aaaaaaaa', { json: true }).out)).toMatchObject({
      title: 'the good one',
      parameters: { RATE: 0.2 },
      edits: [{ path: 'parameters.RATE', from: 0.1, to: 0.2 }],
      harvested: { energy: -1.5 },
    });
  });

  it('fits a narrow screen of ASCII', () => {
    const { out } = shown(archive(), 'aaaa', { columns: 40, unicode: false });
    for (const line of out.split('\n')) {
      if (line.includes('folder')) continue;
      expect(line).toMatch(/^[\x20-\x7e]{0,40}$/);
    }
    expect(out).toContain('             * RATE     0.1');
  });

  it('says how the status is known when the run did not write it', () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', { status: 'running', endedAt: undefined, durationMs: undefined });
    expect(shown(results, 'latest').out).toMatch(
      /^digits {2}aaaaaaaa {2}stalled {2}\(no process has a readable claim on it\)\n/,
    );
    expect(shown(results, 'latest', { columns: 36 }).out).toMatch(/\n {2}evidence {3}no process has a reada…\n/);
  });

  it('gives the whole run as one JSON object', () => {
    const results = archive();
    const { out } = shown(results, 'aaaaaaaa', { json: true });
    expect(decode(out)).toMatchObject({
      id: 'aaaaaaaa',
      status: 'failed',
      evidence: 'the run wrote it',
      parameters: { MODEL: 'mlp', RATE: 0.1, API_KEY: null },
      tags: ['demo', 'night shift'],
      series: { 'loss/train': { count: 8, last: 0, min: 0, max: 7 } },
      data: { results: { accuracy: 0.98221, confusion: [[1], [2]] } },
      result: 0.9822,
      artifacts: [{ path: 'figures/fit.png', bytes: 12_345 }],
      error: { name: 'TypeError', cause: { message: 'inner' } },
      git: { commit: '1a2b3c4d5e', dirty: true },
    });
  });

  it('refuses a run that is not there', () => {
    const results = archive();
    expect(() => shown(results, 'zzzz')).toThrow(expect.objectContaining({ code: 'E_RUN_NOT_FOUND' }));
  });

  it('names what cannot be read, and shows the rest', () => {
    const results = archive();
    // A folder where a file should be cannot be read by anybody, not even by root.
    const folder = writeRun(results, 'bbbbbbbb', {}, { 'experiment_data.json/x': '', 'kept.txt': 'abc' });
    const { out, err, status } = shown(results, 'bbbbbbbb');
    expect(err).toContain(join(folder, 'experiment_data.json'));
    expect(err.split('\n')).toHaveLength(2);
    expect(out).toContain('  artifacts  kept.txt  3 B\n');
    expect(status).toBe(0);
  });

  it('makes hostile metadata harmless, whatever its types are', () => {
    const results = temporaryFolder();
    const hostile = `\x1b[2J<script>\n\u202e\x9b${'x'.repeat(10_000)}`;
    const object = { toString: 1, [hostile]: hostile };
    writeRun(
      results,
      'aaaaaaaa',
      {
        namespace: hostile,
        description: hostile,
        status: 'done\u202e',
        module: hostile,
        argv: [hostile],
        note: hostile,
        tags: [hostile],
        parent: { id: 'x' },
        seed: { value: object, drawn: true },
        git: { commit: object, branch: object, dirty: hostile, patch: { skipped: object } },
        snapshot: { files: hostile, skipped: [null, object, { path: object, reason: hostile }] },
        inputs: [{ path: object, bytes: hostile, sha256: object }],
        parameters: {
          [hostile]: { value: hostile, source: 'given', default: hostile },
          B: { value: object, source: object },
        },
        result: object,
        series: { [hostile]: { count: object, kind: object, last: hostile }, none: null },
        error: { name: object, message: hostile, stack: hostile, cause: null },
      },
      { [`artifact \x1b[31m.txt`]: '', 'experiment_data.jsonl': lines([`a\x1b`, object], ['b', [hostile]]) },
    );
    const { out, err } = shown(results, 'aaaaaaaa');
    expect(err).toBe('');
    expect(out).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(out).toContain('artifact \\x1b[31m.txt');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(shown(results, 'aaaaaaaa', { json: true }).out).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  });

  it('changes nothing', () => {
    const results = archive();
    const state = (): unknown =>
      readdirSync(results, { recursive: true }).map((path) => [path, statSync(join(results, String(path))).mtimeMs]);
    const before = state();
    shown(results, 'aaaaaaaa');
    shown(results, 'aaaaaaaa', { json: true });
    expect(state()).toEqual(before);
  });
});
