import { expect, it } from 'vitest';
import { fuzz, sampleRun } from './fuzz.ts';

// `npm run soak -- --fuzz 60` does the same for longer.
it('whatever the files of a run hold, reading and showing it neither hangs nor fails without a reason', async () => {
  const { problems, rounds } = await fuzz(await sampleRun(), 1, 3000);
  expect(problems).toEqual([]);
  expect(rounds).toBeGreaterThan(20);
});
