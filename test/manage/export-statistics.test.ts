import { describe, expect, it } from 'vitest';
import { judgeBest } from '../../src/manage/export/best.ts';
import { Measured, measuredText } from '../../src/manage/export/measured.ts';
import { compare, statistic } from '../../src/manage/export/statistics.ts';
import { criticalT, incompleteBeta, twoSided } from '../../src/manage/export/student.ts';

describe("Student's t", () => {
  it('has the quantiles of published tables', () => {
    const table = [
      [0.05, 1, 12.706],
      [0.05, 2, 4.303],
      [0.05, 5, 2.571],
      [0.05, 10, 2.228],
      [0.05, 30, 2.042],
      [0.05, 120, 1.98],
      [0.01, 1, 63.657],
      [0.01, 10, 3.169],
      [0.1, 5, 2.015],
      [0.001, 2, 31.599],
    ] as const;
    for (const [alpha, degrees, t] of table) expect(criticalT(alpha, degrees)).toBeCloseTo(t, 3);
  });

  it('has the probabilities that SciPy has, to ten digits', () => {
    const known = [
      [2, 3, 0.13932596855884305],
      [5, 8.5, 0.0008778006014396204],
      [0.3, 1, 0.8144528418445154],
      [40, 7, 1.5902179984850364e-9],
    ] as const;
    for (const [t, degrees, p] of known) expect(twoSided(t, degrees) / p).toBeCloseTo(1, 10);
    expect(twoSided(-2, 3)).toBe(twoSided(2, 3));
    expect(twoSided(0, 3)).toBe(1);
    expect(twoSided(Number.POSITIVE_INFINITY, 3)).toBe(0);
    expect(twoSided(Number.NaN, 3)).toBeNaN();
  });

  it('becomes the normal distribution with many degrees of freedom', () => {
    expect(criticalT(0.05, 1e5)).toBeCloseTo(1.95998, 4);
  });

  it('rests on an incomplete beta function with its known values', () => {
    expect(incompleteBeta(0.5, 2, 2)).toBeCloseTo(0.5, 14);
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 14);
    expect(incompleteBeta(0.3, 2, 1)).toBeCloseTo(0.09, 14);
    expect(incompleteBeta(0.3, 2.5, 7)).toBeCloseTo(0.6412224629717214, 12);
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});

/** Groups of a column, and what `--best max:x` makes of them. */
function marksOf(groups: ReadonlyArray<readonly number[]>, alpha = 0.05): readonly unknown[] {
  const field = { name: 'x', head: 'x', kind: 'measure' as const, isoMoments: false, get: () => undefined };
  const folded = {
    columns: [{ field, kind: 'numbers' as const }],
    groups: groups.map((values) => ({
      count: values.length,
      failed: 0,
      values: [statistic(values, 'sd')],
      samples: [values.map((value) => ({ value, seed: undefined }))],
      gaps: [''],
    })),
    notes: [],
  };
  return judgeBest(folded, [{ direction: 'max', name: 'x' }], alpha).judged[0]!.marks;
}

describe('the best', () => {
  const around = (mean: number): number[] => [mean - 1, mean, mean + 1];

  it('is marked where it is told from every other group', () => {
    expect(marksOf([around(10), around(5), around(0)])).toEqual(['best', undefined, undefined]);
    expect(marksOf([around(10), around(9), [0.3, 8.9, 17.5]])).toEqual(['tie', 'tie', 'tie']);
  });

  it('has to be told the more clearly, the more groups there are (Holm)', () => {
    // One such comparison has p = 0.036.
    const [best, other] = [around(10), around(7.5)];
    expect(compare([...best.map(sample)], [...other.map(sample)])!.p).toBeCloseTo(0.0377, 3);
    expect(marksOf([best, other])).toEqual(['best', undefined]);
    expect(marksOf([best, other, other])).toEqual(['tie', 'tie', 'tie']);
    expect(marksOf([best, other, around(-50)])).toEqual(['best', undefined, undefined]);
    expect(marksOf([best, other, other], 0.1)).toEqual(['best', undefined, undefined]);
  });

  it('is not told from a group of one run, and of groups of one run there is none', () => {
    expect(marksOf([around(10), around(0), [3]])).toEqual(['tie', undefined, 'tie']);
    expect(marksOf([around(10), [3]])).toEqual([undefined, undefined]);
    expect(marksOf([[10], around(3)])).toEqual([undefined, undefined]);
  });
});

const sample = (value: number) => ({ value, seed: undefined });

describe('a statistic', () => {
  const values = [0.91, 0.93, 0.9, 0.92];

  it('is mean and spread', () => {
    expect(statistic(values, 'sd').mean).toBeCloseTo(0.915, 14);
    expect(statistic(values, 'sd').spread).toBeCloseTo(0.012909944487358068, 12);
    expect(statistic(values, 'sem').spread).toBeCloseTo(0.006454972243679034, 12);
    expect(statistic(values, 'ci95').spread).toBeCloseTo(0.020542602567605227, 12);
    expect(statistic(values, 'minmax').spread).toEqual([0.9, 0.93]);
  });

  it('takes more values than a call takes arguments', () => {
    const many = Array.from({ length: 300_000 }, (_, index) => index);
    expect(statistic(many, 'minmax')).toEqual({ count: 300_000, mean: 149_999.5, spread: [0, 299_999] });
  });

  it('has no spread of one value, and no mean of none', () => {
    expect(statistic([3], 'ci95')).toEqual({ count: 1, mean: 3, spread: undefined });
    expect(statistic([3], 'minmax')).toEqual({ count: 1, mean: 3, spread: undefined });
    expect(statistic([], 'sd').mean).toBeNaN();
  });

  it('of equal values is that value, and of huge ones no infinity', () => {
    expect(statistic([0.1, 0.1, 0.1], 'sd')).toEqual({ count: 3, mean: 0.1, spread: 0 });
    expect(statistic([1.5e308, 1.7e308], 'sd').mean / 1.6e308).toBeCloseTo(1, 12);
  });
});

describe('two groups', () => {
  const samples = (values: readonly number[], seeds?: readonly unknown[]) =>
    values.map((value, index) => ({ value, seed: seeds === undefined ? undefined : seeds[index] }));
  const a = [0.91, 0.93, 0.9, 0.92];
  const b = [0.89, 0.92, 0.885, 0.9];

  it('are compared by pairs of the same seed', () => {
    const paired = compare(samples(a, [1, 2, 3, 4]), samples([...b].reverse(), [4, 3, 2, 1]))!;
    expect(paired.test).toBe('paired');
    expect(paired.p).toBeCloseTo(0.006533194475465786, 10);
  });

  it('are compared by the test of Welch where the seeds do not match, are missing or are there twice', () => {
    for (const seeds of [[5, 6, 7, 8], [1, 1, 2, 3], undefined, [1, 2, 3, undefined]]) {
      const welch = compare(samples(a, [1, 2, 3, 4]), samples(b, seeds))!;
      expect(welch.test).toBe('Welch');
      expect(welch.p).toBeCloseTo(0.15957841369476505, 10);
    }
    expect(compare(samples([1, 2, 3.5]), samples([2.2, 2.9, 4, 5.1]))!.p).toBeCloseTo(0.21774540875235765, 10);
  });

  it('are compared by pairs also where one of them lacks a run, three pairs at least', () => {
    expect(compare(samples(a, [1, 2, 3, 4]), samples(b.slice(0, 3), [1, 2, 3]))!.test).toBe('paired');
    expect(compare(samples(a.slice(0, 2), [1, 2]), samples(b.slice(0, 2), [1, 2]))!.test).toBe('Welch');
  });

  it('cannot be compared with one value, and differ surely where nothing varies', () => {
    expect(compare(samples([1]), samples(b))).toBeUndefined();
    expect(compare(samples([1, 1]), samples([2, 2]))!.p).toBe(0);
    expect(compare(samples([1, 1]), samples([1, 1]))!.p).toBe(1);
  });
});

describe('a measured value', () => {
  const text = (mean: number, spread?: number | readonly [number, number], digits?: number): string => {
    const parts = measuredText(new Measured(mean, spread, undefined), digits);
    const around =
      parts.ends === undefined ? (parts.spread === undefined ? '' : ` ± ${parts.spread}`) : ` [${parts.ends}]`;
    return `${parts.mean}${around}${parts.exponent === undefined ? '' : ` e${parts.exponent}`}`;
  };

  it('is rounded to the digits of its spread', () => {
    expect(text(0.91234, 0.0041)).toBe('0.912 ± 0.004');
    expect(text(0.91234, 0.0141)).toBe('0.912 ± 0.014');
    expect(text(0.91234, 0.00996)).toBe('0.912 ± 0.010');
    expect(text(12345.6, 678)).toBe('12346 ± 678');
    expect(text(12345.6, 0.31)).toBe('12345.6 ± 0.3');
    expect(text(-0.0004, 0.02)).toBe('0.00 ± 0.02');
    expect(text(2.5e-7, 3e-9)).toBe('2.50 ± 0.03 e-7');
    expect(text(1e308, 2e307)).toBe('1.0 ± 0.2 e308');
    expect(text(0.91234, 0.0041, 3)).toBe('0.91234 ± 0.00410');
  });

  it('has four digits without a spread', () => {
    expect(text(0.9576088417)).toBe('0.9576');
    expect(text(12)).toBe('12');
    expect(text(0, 0)).toBe('0 ± 0');
    expect(text(Number.POSITIVE_INFINITY, Number.NaN)).toBe('Infinity ± NaN');
    expect(text(2, [1, 3])).toBe('2.0 [1.0,3.0]');
  });

  it('has the shortest digits that tell it where nothing varies, and where it is whole and alone', () => {
    expect(text(1e308, 0)).toBe('1e308 ± 0');
    expect(text(1e308)).toBe('1e308');
    expect(text(12345678)).toBe('12345678');
    expect(text(0.9576088417, 0)).toBe('0.9576088417 ± 0');
    expect(text(0.9576088417, 0, 2)).toBe('0.96 ± 0');
    expect(text(-0, 0)).toBe('0 ± 0');
    expect(text(2.5e-7, [2.5e-7, 2.5e-7])).toBe('2.5e-7 [2.5e-7,2.5e-7]');
  });
});
