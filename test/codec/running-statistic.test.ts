import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningStatistic, statisticOfNumbers } from '../../src/codec/running-statistic.ts';

describe('a running statistic', () => {
  it('has of equal numbers exactly that mean, and no deviation', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 2, max: 50 }),
        (value, count) => {
          const { mean, deviation } = statisticOfNumbers(new Array(count).fill(value));
          expect([mean + 0, deviation]).toEqual([value + 0, 0]);
        },
      ),
      { seed: 3 },
    );
  });

  it('loses nothing of a sum, and nothing of small differences between large numbers', () => {
    expect(statisticOfNumbers([1e16, 1, -1e16]).sum).toBe(1);
    expect(statisticOfNumbers([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toMatchObject({ mean: 1e9 + 10, variance: 30 });
    expect(statisticOfNumbers([1.5e308, 1.7e308]).mean / 1.6e308).toBeCloseTo(1, 12);
  });

  it('has no mean of none, no deviation of one, and is NaN or infinite where the numbers are', () => {
    const { count, mean, sum, deviation } = new RunningStatistic();
    expect([count, mean, sum, deviation]).toEqual([0, Number.NaN, 0, Number.NaN]);
    expect(statisticOfNumbers([3])).toMatchObject({ mean: 3, deviation: Number.NaN });
    expect(statisticOfNumbers([1, Number.NaN]).mean).toBeNaN();
    expect(statisticOfNumbers([1, Number.POSITIVE_INFINITY])).toMatchObject({ mean: Number.POSITIVE_INFINITY });
  });
});
