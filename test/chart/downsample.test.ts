import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minMax } from '../../src/chart/downsample.ts';

const range = (length: number, f: (i: number) => number = (i) => i) => Float64Array.from({ length }, (_, i) => f(i));

describe('minMax', () => {
  test('returns a short series as it is', () => {
    const points = minMax(range(10), range(10), 5);
    expect([...points.steps]).toEqual([...range(10)]);
    expect([...points.values]).toEqual([...range(10)]);
  });

  test('returns nothing for nothing', () => {
    expect(minMax(range(0), range(0), 5)).toEqual({ steps: range(0), values: range(0) });
  });

  test('keeps a single spike up and a single spike down among a million points', () => {
    const values = range(1_000_000, (i) => (i === 123_456 ? 9 : i === 777_777 ? -9 : Math.sin(i)));
    const thin = minMax(range(1_000_000), values, 500);
    expect(thin.steps.length).toBeLessThanOrEqual(1002);
    expect(thin.steps[thin.values.indexOf(9)]).toBe(123_456);
    expect(thin.steps[thin.values.indexOf(-9)]).toBe(777_777);
  });

  test('keeps a single NaN among a million points', () => {
    const thin = minMax(
      range(1_000_000),
      range(1_000_000, (i) => (i === 500_500 ? Number.NaN : i % 7)),
      500,
    );
    expect([...thin.steps].filter((_, i) => Number.isNaN(thin.values[i]))).toEqual([500_500]);
  });

  test('keeps a stretch of NaN between finite points as a gap', () => {
    const thin = minMax(
      range(10_000),
      range(10_000, (i) => (i >= 2000 && i < 4000 ? Number.NaN : 1)),
      100,
    );
    const finiteInside = [...thin.steps].filter((s, i) => s >= 2000 && s < 4000 && !Number.isNaN(thin.values[i]));
    expect(finiteInside).toEqual([]);
    expect([...thin.values].filter((value) => Number.isNaN(value)).length).toBeGreaterThanOrEqual(20);
  });

  test('puts steps that are out of order in order', () => {
    const thin = minMax(Float64Array.of(3, 1, 2), Float64Array.of(30, 10, 20), 10);
    expect([...thin.steps]).toEqual([1, 2, 3]);
    expect([...thin.values]).toEqual([10, 20, 30]);
  });

  test('leaves out points whose step is not finite', () => {
    const thin = minMax(Float64Array.of(0, Number.NaN, 2), Float64Array.of(1, 2, 3), 10);
    expect([...thin.steps]).toEqual([0, 2]);
  });

  test('copes with one step for all points and with steps as far apart as numbers go', () => {
    const same = minMax(
      range(100, () => 7),
      range(100),
      4,
    );
    expect([...same.values]).toEqual([0, 99]);
    const far = minMax(
      range(100, (i) => (i < 50 ? -Number.MAX_VALUE : Number.MAX_VALUE)),
      range(100),
      4,
    );
    expect([far.values[0], far.values.at(-1)]).toEqual([0, 99]);
  });

  test('keeps ends, extremes, gaps and the order for any series', () => {
    const value = fc.oneof(fc.double({ noNaN: false }), fc.integer({ min: -5, max: 5 }));
    const step = fc.oneof(fc.integer({ min: -100, max: 100 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const series = fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 20 }), fc.boolean(), (points, buckets, sorted) => {
        if (sorted) points.sort((a, b) => a[0] - b[0]);
        const steps = Float64Array.from(points, ([s]) => s);
        const values = Float64Array.from(points, ([, v]) => v);
        const thin = minMax(steps, values, buckets);
        const finite = points.map(([, v]) => v).filter(Number.isFinite);
        const thinFinite = [...thin.values].filter(Number.isFinite);
        const ordered = points.toSorted((a, b) => a[0] - b[0]);
        expect(thin.steps.length).toBeLessThanOrEqual(Math.max(3 * buckets + 2, 2 * buckets));
        expect([...thin.steps]).toEqual([...thin.steps].toSorted((a, b) => a - b));
        expect(thin.steps[0] === ordered[0]![0] && thin.steps.at(-1) === ordered.at(-1)![0]).toBe(true);
        expect(Math.max(...thinFinite)).toBe(Math.max(...finite));
        expect(Math.min(...thinFinite)).toBe(Math.min(...finite));
        expect(thinFinite.length === thin.values.length).toBe(finite.length === points.length);
      }),
    );
  });
});
