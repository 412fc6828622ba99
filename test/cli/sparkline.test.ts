import { describe, expect, it } from 'vitest';
import { sparkline } from '../../src/cli/sparkline.ts';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

describe('sparkline', () => {
  it('has a bar for each value when they fit', () => {
    expect(sparkline(of(0, 1, 2, 3, 4, 5, 6, 7), 20)).toBe('▁▂▃▄▅▆▇█');
  });

  it('has the mean of the values that share a cell', () => {
    expect(sparkline(of(-1, 1, 9, 13, 19, 21), 3)).toBe('▁▅█');
    expect(
      sparkline(
        Float64Array.from({ length: 1000 }, (_, i) => i),
        8,
      ),
    ).toBe('▁▂▃▄▅▆▇█');
  });

  it('leaves gaps where there is no number', () => {
    expect(sparkline(of(1, Number.NaN, 2), 3)).toBe('▁ █');
    expect(sparkline(of(1, Number.NaN, 2, 2), 2)).toBe('▁█');
    expect(sparkline(of(Number.NaN, Number.NaN), 2)).toBe('  ');
  });

  it('is halfway up for a constant, and has infinities at the ends', () => {
    expect(sparkline(of(5, 5, 5), 3)).toBe('▄▄▄');
    expect(sparkline(of(Number.NEGATIVE_INFINITY, 1, 2, Number.POSITIVE_INFINITY), 4)).toBe('▁▁██');
  });

  it('holds numbers whose difference is no number', () => {
    expect(sparkline(of(-Number.MAX_VALUE, 0, Number.MAX_VALUE), 3)).toBe('▁▅█');
  });

  it('is nothing for nothing, and ASCII where that is all there is', () => {
    expect(sparkline(of(), 10)).toBe('');
    expect(sparkline(of(1, 2), 0)).toBe('');
    expect(sparkline(of(0, 1, 2, 3, 4, 5, 6, 7), 8, false)).toBe('_.-~=+*#');
  });
});
