import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/archive/summary.ts';
import { overviewOf } from '../../src/manage/overview.ts';

const NOW = new Date(2026, 0, 31, 18).getTime();
const DAY = 86_400_000;

function run(changes: Partial<RunSummary> & { readonly daysAgo?: number }): RunSummary {
  const startedMs = NOW - (changes.daysAgo ?? 0) * DAY;
  const all = { id: 'aaaaaaaa', namespace: 'digits', status: 'done', durationMs: 1000, ...changes };
  return { ...all, startedMs, startedAt: new Date(startedMs).toISOString() } as RunSummary;
}

describe('overviewOf', () => {
  it('says of an empty archive that there is nothing, without a rate or a median', () => {
    expect(overviewOf([], 0, undefined, NOW)).toEqual({
      runs: 0,
      broken: 0,
      statuses: {},
      successRate: null,
      time: { totalMs: 0, medianMs: null, longestMs: null },
      days: [],
      disk: null,
      errors: [],
      experiments: [],
    });
  });

  it('counts a run that still goes on neither as done nor as failed', () => {
    const statuses = ['done', 'done', 'failed', 'running', 'queued', 'stalled'] as const;
    const seen = overviewOf(
      statuses.map((status) => run({ status })),
      0,
      undefined,
      NOW,
    );
    expect(seen.successRate).toBeCloseTo(2 / 3);
    expect(seen.statuses).toEqual({ done: 2, failed: 1, running: 1, queued: 1, stalled: 1 });
    expect(seen.experiments).toMatchObject([{ namespace: 'digits', runs: 6, done: 2, failed: 1 }]);
  });

  it('takes the median of those that have ended, and the sum of all', () => {
    const runs = [run({ durationMs: 1 }), run({ durationMs: 5 }), run({ durationMs: 100, status: 'running' })];
    expect(overviewOf(runs, 0, undefined, NOW).time).toEqual({ totalMs: 106, medianMs: 3, longestMs: 5 });
  });

  it('tells the days one by one up to today, those without runs too, at most sixty', () => {
    const { days } = overviewOf([run({ daysAgo: 3 }), run({ daysAgo: 3 }), run({ daysAgo: 1 })], 0, undefined, NOW);
    expect(days).toEqual([
      { day: '2026-01-28', runs: 2 },
      { day: '2026-01-29', runs: 0 },
      { day: '2026-01-30', runs: 1 },
      { day: '2026-01-31', runs: 0 },
    ]);
    expect(overviewOf([run({ daysAgo: 4000 })], 0, undefined, NOW).days).toHaveLength(60);
  });

  it('survives times that are none, or lie ahead', () => {
    const odd = { ...run({}), startedAt: 'never', startedMs: Number.NaN } as RunSummary;
    expect(overviewOf([odd, run({ daysAgo: -2 })], 0, undefined, NOW).days.at(-1)).toEqual({
      day: '2026-02-02',
      runs: 1,
    });
  });

  it('groups errors by kind, each with its latest run', () => {
    const error = (name: string, message: string, code?: string) => ({
      error: { name, message, ...(code === undefined ? {} : { code }) },
      status: 'failed' as const,
    });
    const seen = overviewOf(
      [
        run({ id: 'a', daysAgo: 2, ...error('TypeError', 'old') }),
        run({ id: 'b', daysAgo: 1, ...error('TypeError', 'new') }),
        run({ id: 'c', ...error('ComexError', 'said', 'E_TRACK') }),
        run({ id: 'd', status: 'killed' }),
      ],
      0,
      undefined,
      NOW,
    );
    expect(seen.errors).toEqual([
      { name: 'TypeError', count: 2, latest: 'b', message: 'new' },
      { name: 'E_TRACK', count: 1, latest: 'c', message: 'said' },
      { name: 'killed', count: 1, latest: 'd', message: '' },
    ]);
  });
});
