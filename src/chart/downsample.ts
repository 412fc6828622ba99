/** Points of a series: `values[i]` was measured at `steps[i]`. */
export interface Points {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/**
 * Thins out a series for a picture: cuts the range of steps into equal buckets and keeps of each the lowest and the
 * highest point, and the first value that is not finite. So every spike and every gap stays visible.
 *
 * The first and the last point are kept. O(n); steps that are out of order are put in order. Points whose step is not
 * finite are left out.
 *
 * @param steps - length n
 * @param values - length n; NaN and infinities are gaps
 * @param buckets - at least 1; about the width of the picture in pixels
 * @returns at most `3 * buckets + 2` points in the order of their steps; all of them when n is at most `2 * buckets`
 *
 * @example
 * ```ts
 * import { minMax } from 'comex/chart';
 *
 * const steps = Float64Array.from({ length: 100_000 }, (_, i) => i);
 * const thin = minMax(steps, steps.map(Math.sin), 600);
 * console.log(thin.steps.length); // 1202
 * ```
 */
export function minMax(steps: Float64Array, values: Float64Array, buckets: number): Points {
  const { first, last, ordered } = extent(steps);
  if (first === -1) return { steps: new Float64Array(0), values: new Float64Array(0) };
  if (steps.length <= 2 * buckets) return ordered ? { steps, values } : inOrder(steps, values, everyFinite(steps));
  const count = Math.max(1, Math.floor(buckets));
  const kept = keptOfBuckets(steps, values, first, last, count);
  if (ordered) return pick(steps, values, kept);
  return inOrder(steps, values, kept);
}

/** The points with the lowest and highest step (the earliest and latest of equals), and whether steps never fall. */
function extent(steps: Float64Array): { first: number; last: number; ordered: boolean } {
  let first = -1;
  let last = -1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let ordered = true;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (step - step !== 0) {
      ordered = false;
      continue;
    }
    if (step >= high) {
      high = step;
      last = i;
    } else {
      ordered = false;
    }
    if (step < low) {
      low = step;
      first = i;
    }
  }
  return { first, last, ordered };
}

/** The indices to keep, bucket by bucket, rising within each bucket. */
function keptOfBuckets(
  steps: Float64Array,
  values: Float64Array,
  first: number,
  last: number,
  buckets: number,
): Uint32Array {
  const start = steps[first]!;
  const range = steps[last]! - start;
  const scale = range > 0 && range < Number.POSITIVE_INFINITY ? buckets / range : 0;
  const lowest = new Int32Array(buckets).fill(-1);
  const highest = new Int32Array(buckets).fill(-1);
  const gap = new Int32Array(buckets).fill(-1);
  const low = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(buckets).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < values.length; i++) {
    const step = steps[i]!;
    if (step - step !== 0) continue;
    const place = (step - start) * scale;
    const bucket = place >= buckets ? buckets - 1 : place | 0;
    const value = values[i]!;
    if (value - value !== 0) {
      if (gap[bucket] === -1) gap[bucket] = i;
      continue;
    }
    if (value < low[bucket]!) {
      low[bucket] = value;
      lowest[bucket] = i;
    }
    if (value > high[bucket]!) {
      high[bucket] = value;
      highest[bucket] = i;
    }
  }
  const kept = new Uint32Array(3 * buckets + 2);
  let size = 0;
  kept[size++] = first;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const a = lowest[bucket]!;
    const b = highest[bucket]!;
    const c = gap[bucket]!;
    size = push(kept, size, Math.min(a, b, c));
    size = push(kept, size, a + b + c - Math.min(a, b, c) - Math.max(a, b, c));
    size = push(kept, size, Math.max(a, b, c));
  }
  size = push(kept, size, last);
  return kept.subarray(0, size);
}

/** Appends an index, unless it stands for nothing (-1), is the one before it, or the very first point again. */
function push(kept: Uint32Array, size: number, index: number): number {
  if (index === -1 || index === kept[size - 1] || index === kept[0]) return size;
  kept[size] = index;
  return size + 1;
}

function inOrder(steps: Float64Array, values: Float64Array, indices: Uint32Array): Points {
  const sorted = new Uint32Array(indices).sort((a, b) => steps[a]! - steps[b]! || a - b);
  return pick(
    steps,
    values,
    sorted.filter((index, i) => index !== sorted[i - 1]),
  );
}

function everyFinite(steps: Float64Array): Uint32Array {
  return Uint32Array.from(steps.keys()).filter((i) => Number.isFinite(steps[i]!));
}

function pick(steps: Float64Array, values: Float64Array, indices: Uint32Array): Points {
  const picked = { steps: new Float64Array(indices.length), values: new Float64Array(indices.length) };
  for (let i = 0; i < indices.length; i++) {
    picked.steps[i] = steps[indices[i]!]!;
    picked.values[i] = values[indices[i]!]!;
  }
  return picked;
}
