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
    const scope = scopeOf(results);
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
