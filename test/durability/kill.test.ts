import { expect, it } from 'vitest';
import { killRuns } from './kills.ts';

// `npm run soak -- --kills 1000` does the same for longer.
it('a run that is killed at a random moment has all that it acknowledged, and is listed as killed', async () => {
  const report = await killRuns(12, 20, ['steady']);
  expect(report.problems).toEqual([]);
  expect(report.acks).toBeGreaterThan(1000);
});

it('a run that is killed at full speed misses at most the points of the last 5 ms', async () => {
  const report = await killRuns(8, 21, ['fast', 'bursts']);
  expect(report.problems).toEqual([]);
  expect(report.acks).toBeGreaterThan(1000);
});
