import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tail } from '../../src/cli/tail.ts';
import { decode } from '../../src/codec/json.ts';
import { CONTROLS, HARMFUL, scopeOf, widthOf } from './looking.ts';
import { temporaryFolder, writeRun } from './run-folders.ts';

const started = (hour: number) => ({ startedAt: `2026-01-31T0${hour}:00:00.000Z` });

describe('comex tail', () => {
  it('shows the newest runs first, with what they came to', async () => {
    const results = temporaryFolder();
    const series = { loss: { count: 3, kind: 'number', last: 0.123456, min: 0, max: 1 } };
    writeRun(results, 'aaaaaaaa', started(1));
    writeRun(results, 'bbbbbbbb', { ...started(2), series, result: { accuracy: 1 } });
    writeRun(results, 'cccccccc', {
      ...started(3),
      status: 'failed',
      error: { name: 'TypeError', message: 'no\nmore' },
    });
    const scope = scopeOf(results, { columns: 100 });
    expect(await tail([], { limit: 2 }, scope)).toBe(0);
    const [head, first, second, ...rest] = scope.seen.out.split('\n');
    expect(head).toMatch(/^id +status +experiment +started +took +last values$/);
    expect(first).toMatch(/^cccccccc +failed +digits .* TypeError: no$/);
    expect(second).toMatch(/^bbbbbbbb +done +digits .* -> \{ accuracy: 1 \}/);
    expect(rest).toEqual(['']);
  });

  it('shows five unless told otherwise, of those that a query lets through', async () => {
    const results = temporaryFolder();
    for (let i = 1; i < 10; i++) {
      const parameters = { RATE: { value: i, source: 'given' } };
      writeRun(results, `aaaaaaa${i}`, { ...started(i), parameters });
    }
    const scope = scopeOf(results, { json: true });
    await tail(['RATE < 8'], {}, scope);
    const ids = (decode(scope.seen.out) as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(['aaaaaaa7', 'aaaaaaa6', 'aaaaaaa5', 'aaaaaaa4', 'aaaaaaa3']);
  });

  it('gives programs tab-separated values', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', started(1));
    const scope = scopeOf(results, { tty: false });
    await tail([], {}, scope);
    expect(scope.seen.out).toBe(
      'id\tstatus\texperiment\tstarted\tduration_ms\tlast values\n' +
        'aaaaaaaa\tdone\tdigits\t2026-01-31T01:00:00.000Z\t185000\t\n',
    );
  });

  it.each([80, 40])('puts values below the runs where they do not fit into %d columns, rounded', async (columns) => {
    const results = temporaryFolder();
    const last = (value: unknown) => ({ count: 3, kind: 'number', last: value, min: 0, max: 1 });
    const series = { 'loss/train': last(0.1234567890123), 'loss/val': last(0.9876543210123), lr: last(1.23456789e-5) };
    writeRun(results, 'aaaaaaaa', { ...started(1), series, result: { accuracy: 0.5555555555555, deep: [1 / 3] } });
    writeRun(results, 'bbbbbbbb', { ...started(2), series: { text: last('y'.repeat(10_000)) } });
    const scope = scopeOf(results, { columns });
    await tail([], {}, scope);
    const { out } = scope.seen;
    expect(widthOf(out)).toBeLessThanOrEqual(columns);
    const words = out.replace(/\s+/g, ' ');
    expect(words).toContain('-> { accuracy: 0.5556, deep: [ 0.3333 ] } loss/train=0.1235 loss/val=0.9877 lr=1.235e-5');
    expect(words).toMatch(/y…$|y… aaaaaaaa/);
  });

  it('gives programs all values in full', async () => {
    const results = temporaryFolder();
    const series = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`s${i}`, { count: 1, kind: 'number', last: i / 3, min: 0, max: 1 }]),
    );
    const result = { text: `${'z'.repeat(1000)}\n`, third: 1 / 3 };
    writeRun(results, 'aaaaaaaa', { ...started(1), series, result });
    const scope = scopeOf(results, { tty: false });
    await tail([], {}, scope);
    const values = Array.from({ length: 20 }, (_, i) => `s${i}=${i / 3}`).join(' ');
    expect(scope.seen.out.split('\n')[1]?.split('\t').at(-1)).toBe(`-> ${JSON.stringify(result)} ${values}`);
  });

  it('says that there are no runs, names broken ones, and is harmless in 40 columns', async () => {
    const results = temporaryFolder();
    const empty = scopeOf(results);
    expect(await tail([], {}, empty)).toBe(0);
    expect(empty.seen).toMatchObject({ out: '', err: expect.stringContaining('No runs yet') });
    writeRun(results, 'aaaaaaaa', { namespace: HARMFUL, result: HARMFUL });
    writeFileSync(join(writeRun(results, 'bbbbbbbb'), 'experiment_meta.json'), 'no JSON');
    const scope = scopeOf(results, { columns: 40 });
    expect(await tail([], {}, scope)).toBe(0);
    expect(scope.seen.err).toContain('bbbbbbbb');
    expect(scope.seen.out).toContain('aaaaaaaa');
    expect(scope.seen.out + scope.seen.err).not.toMatch(CONTROLS);
    expect(widthOf(scope.seen.out)).toBeLessThanOrEqual(40);
  });
});
