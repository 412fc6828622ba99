import { statisticOfNumbers } from '../../codec/running-statistic.ts';
import type { SpreadKind } from './measured.ts';
import { criticalT, twoSided } from './student.ts';

/** Mean and spread of some numbers. */
export interface Statistic {
  readonly count: number;
  /** NaN of none. */
  readonly mean: number;
  /** Undefined where there are too few; two numbers are the smallest and the largest. */
  readonly spread: number | readonly [number, number] | undefined;
}

/** One measured value of a group, with the seed of its run. */
export interface Sample {
  readonly value: number;
  readonly seed: unknown;
}

/**
 * Mean and spread: `sd` is the standard deviation of the sample (n - 1), `sem` that of the mean, `ci95` half the width of
 * the 95 % confidence interval of the mean by Student's t, `minmax` the extremes.
 */
export function statistic(values: readonly number[], kind: SpreadKind): Statistic {
  const { count, mean, deviation } = statisticOfNumbers(values);
  if (count < 2) return { count, mean, spread: undefined };
  if (kind === 'minmax') return { count, mean, spread: extremes(values) };
  const sem = deviation / Math.sqrt(count);
  return { count, mean, spread: kind === 'sd' ? deviation : kind === 'sem' ? sem : sem * criticalT(0.05, count - 1) };
}

/** There may be more of them than a call takes arguments. */
function extremes(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** The probability of such a difference of means, or a larger one, were there none; two-sided. */
export interface Comparison {
  readonly p: number;
  readonly test: 'paired' | 'Welch';
}

/** Fewer pairs say too little. */
const LEAST_PAIRS = 3;

/**
 * Compares the means of two groups: by the paired t-test where the runs of the smaller group have the seeds of runs of
 * the other, three at least, else by Welch's. Undefined where a group has fewer than two values.
 */
export function compare(a: readonly Sample[], b: readonly Sample[]): Comparison | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const differences = pairedDifferences(a, b);
  if (differences !== undefined) {
    const { count, mean, variance } = statisticOfNumbers(differences);
    return { p: probability(mean, Math.sqrt(variance / count), count - 1), test: 'paired' };
  }
  const x = statisticOfNumbers(a.map(({ value }) => value));
  const y = statisticOfNumbers(b.map(({ value }) => value));
  const [vx, vy] = [x.variance / x.count, y.variance / y.count];
  // Welch and Satterthwaite: the degrees of freedom that the sum of the two variances has about.
  const degrees = (vx + vy) ** 2 / (vx ** 2 / (x.count - 1) + vy ** 2 / (y.count - 1));
  return { p: probability(x.mean - y.mean, Math.sqrt(vx + vy), degrees), test: 'Welch' };
}

function probability(difference: number, error: number, degrees: number): number {
  if (error === 0) return difference === 0 ? 1 : 0;
  return twoSided(difference / error, degrees);
}

/** By seed; undefined where they do not match. */
function pairedDifferences(a: readonly Sample[], b: readonly Sample[]): number[] | undefined {
  const [first, second] = [bySeed(a), bySeed(b)];
  if (first === undefined || second === undefined) return undefined;
  const seeds = [...first.keys()].filter((seed) => second.has(seed));
  if (seeds.length < LEAST_PAIRS || seeds.length < Math.min(a.length, b.length)) return undefined;
  return seeds.map((seed) => first.get(seed)! - second.get(seed)!);
}

/** Undefined where a seed is missing, or there twice. */
function bySeed(samples: readonly Sample[]): Map<string, number> | undefined {
  const seeds = new Map<string, number>();
  for (const { seed, value } of samples) {
    if (seed === undefined || seed === null) return undefined;
    seeds.set(`${typeof seed} ${String(seed)}`, value);
  }
  return seeds.size === samples.length ? seeds : undefined;
}
