import { describe, expect, test } from 'vitest';
import { linearLabel, logTicks, niceAbove, niceBelow, powerLabel } from '../../src/chart/ticks.ts';

const labels = (...ticks: readonly number[]) => ticks.map((tick) => linearLabel(tick, ticks));

describe('the labels of a linear axis', () => {
  test('show no noise of binary fractions', () => {
    expect(labels(0, 0.1, 0.2, 0.1 * 3)).toEqual(['0', '0.1', '0.2', '0.3']);
    expect(labels(-0.1, 1e-17, 0.1)).toEqual(['-0.1', '0', '0.1']);
  });

  test('have as many decimals as their spacing needs', () => {
    expect(labels(0, 0.25, 0.5)).toEqual(['0', '0.25', '0.50']);
    expect(labels(10, 12.5, 15)).toEqual(['10.0', '12.5', '15.0']);
    expect(labels(1000.001, 1000.002)).toEqual(['1,000.001', '1,000.002']);
  });

  test('group thousands, and write very large and very small numbers with an exponent', () => {
    expect(labels(0, 500_000, 1_000_000)).toEqual(['0', '500,000', '1,000,000']);
    expect(labels(0, 2e-5, 4e-5)).toEqual(['0', '2e-5', '4e-5']);
    expect(labels(1e-5, 1.5e-5)).toEqual(['1e-5', '1.5e-5']);
    expect(labels(-2e9, 0, 2e9)).toEqual(['-2e9', '0', '2e9']);
    expect(labels(1e20, 2e20, 10e20)).toEqual(['1e20', '2e20', '1e21']);
  });

  test('show a lone tick', () => {
    expect(labels(3)).toEqual(['3']);
    expect(labels(0)).toEqual(['0']);
  });
});

describe('a logarithmic axis', () => {
  test('has its powers of ten as labelled ticks', () => {
    const majors = logTicks(0.002, 5).filter((tick) => tick.major);
    expect(majors.map((tick) => powerLabel(tick.value))).toEqual(['0.01', '0.1', '1']);
    expect(powerLabel(1e-9)).toBe('1e-9');
    expect(powerLabel(10_000)).toBe('10,000');
    expect(powerLabel(1e12)).toBe('1e12');
  });

  test('has at most about a dozen labels, also from the smallest to the largest number', () => {
    const ticks = logTicks(5e-324, 1.7e308);
    expect(ticks.length).toBeLessThan(13);
    expect(ticks.length).toBeGreaterThan(5);
  });

  test('begins and ends at 1, 2 or 5 times a power of ten', () => {
    expect([niceBelow(0.0031), niceAbove(0.0031)]).toEqual([0.002, 0.005]);
    expect([niceBelow(0.001), niceAbove(1000)]).toEqual([0.001, 1000]);
    expect([niceBelow(7), niceAbove(7)]).toEqual([5, 10]);
    expect(niceBelow(5e-324)).toBeGreaterThan(0);
    expect(niceAbove(1.7e308)).toBe(1.7e308);
  });
});
