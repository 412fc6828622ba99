import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sorts } from '../../experiments/sorting/sorts.ts';

test.each(Object.entries(sorts))('%s puts any numbers in rising order and loses none', (_, sort) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 70 }), (numbers) => {
      expect(Array.from(sort(Float64Array.from(numbers)))).toEqual(numbers.toSorted((a, b) => a - b));
    }),
    { seed: 1, numRuns: 300 },
  );
});
