import { minMax } from './downsample.ts';

/** A tracked series of numbers: `values[i]` at `steps[i]`. NaN and infinities are drawn as gaps. */
export interface Series {
  readonly name: string;
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** A point of a line; a `y` of NaN is a gap. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A series as it is drawn, with what its chart needs to know of it. */
export interface Line {
  readonly name: string;
  /** In the order of their steps; thinned out when there are many. */
  readonly points: readonly Point[];
  /** How many points the series has in all. */
  readonly length: number;
  /** How many of its values are not finite. */
  readonly gaps: number;
  /** The range of the finite values; `low` is above `high` when there are none. */
  readonly low: number;
  readonly high: number;
  readonly wholeSteps: boolean;
}

/** Longer series are thinned out to two points per bucket: about two per pixel of the default width. */
const BUCKETS = 1100;

/** Looks once through a series. O(n). */
export function toLine({ name, steps, values }: Series): Line {
  let gaps = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let wholeSteps = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Infinity - Infinity and NaN - NaN are NaN: the fastest test for finite numbers.
    if (value - value !== 0) gaps++;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (wholeSteps && !Number.isInteger(steps[i])) wholeSteps = false;
  }
  const thin = minMax(steps, values, BUCKETS);
  const points = Array.from(thin.steps, (x, i) => {
    const y = thin.values[i]!;
    return { x, y: Number.isFinite(y) ? y : Number.NaN };
  });
  return { name, points, length: values.length, gaps, low, high, wholeSteps };
}
