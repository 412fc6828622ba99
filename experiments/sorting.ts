/**
 * How the time of sorting grows: sorts random numbers in four ways, checks every result, and fits time ~ n^k. Over the
 * default lengths n log n would give k = 1.11, so the fast sorts come out near that; insertion sort near k = 2.
 */
import { type ChartConfiguration, type Experiment, type Random, runIfMain } from 'comex';
import { insertionSort, type Sort, sorts } from './sorting/sorts.ts';

type Self = typeof import('./sorting.ts');

/** How many numbers are sorted. */
export const LENGTHS: readonly number[] = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072];
/** Insertion sort gets no longer rows: each of them would take seconds. */
export const INSERTION_LIMIT = 8192;
/** Timings of each case, of which the median counts. */
export const REPEATS = 9;

interface Timing {
  readonly sort: string;
  readonly length: number;
  /** Nanoseconds per number. */
  readonly ns: number;
}

/** Time is never the same twice: `comex reproduce` compares the rest. */
export const volatile = ['ns/*', 'timings/ns', 'results/exponents', 'sorting.png'];

export default async function experiment(e: Experiment<Self>) {
  const warmUp = Array.from({ length: 100 }, () => drawNumbers(1000, e.random));
  for (const sort of Object.values(sorts)) for (const row of warmUp) timeSort(sort, row);
  const timings: Timing[] = [];
  for (const length of e.progress(LENGTHS, { label: 'lengths' })) {
    // Fresh numbers for every repeat: the processor would learn the branches of a short row by heart.
    const rows = Array.from({ length: REPEATS }, () => drawNumbers(length, e.random));
    for (const [name, sort] of Object.entries(sorts)) {
      if (sort === insertionSort && length > INSERTION_LIMIT) continue;
      const times = rows.map((row) => timeSort(sort, row));
      const timing = { sort: name, length, ns: median(times) / length };
      timings.push(timing);
      e.record('timings', timing);
      e.track(`ns/${name}`, timing.ns, length);
    }
  }

  for (const name of Object.keys(sorts)) {
    const points = timings.filter(({ sort }) => sort === name);
    const exponent = fitExponent(points.map(({ length, ns }) => [length, ns * length]));
    e.set(`results/exponents/${name}`, exponent);
    e.log(`${name.padEnd(12)} n^${exponent.toFixed(2)}, ${points.at(-1)!.ns.toFixed(1)} ns per number at the longest`);
  }
  e.log(`n log n      n^${fitExponent(LENGTHS.map((n) => [n, n * Math.log2(n)])).toFixed(2)}`);
  await e.commitFig('sorting.png', timingChart(timings));
}

export function testing(e: Experiment<Self>) {
  e.LENGTHS = [64, 128, 256];
  e.REPEATS = 3;
}

/** Whole numbers, because their sum is exact in any order. */
function drawNumbers(length: number, random: Random): Float64Array {
  return Float64Array.from({ length }, () => random.int(0, 2 ** 31));
}

/** Nanoseconds of one sort. Throws when the result is out of order or has lost a number. */
function timeSort(sort: Sort, values: Float64Array): number {
  const copy = values.slice();
  const start = performance.now();
  const sorted = sort(copy);
  const time = performance.now() - start;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (i > 0 && sorted[i - 1]! > sorted[i]!) throw new Error(`out of order at ${i} of ${values.length}`);
    sum += sorted[i]! - values[i]!;
  }
  if (sum !== 0 || sorted.length !== values.length) throw new Error('the result holds other numbers');
  return time * 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** The exponent k of y ~ x^k: the slope of log y over log x by least squares. */
function fitExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [centreX, centreY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const covariance = mean(logs.map(([x, y]) => (x - centreX) * (y - centreY)));
  return covariance / mean(logs.map(([x]) => (x - centreX) ** 2));
}

function timingChart(timings: readonly Timing[]): ChartConfiguration {
  const names = [...new Set(timings.map(({ sort }) => sort))];
  return {
    type: 'line',
    data: {
      labels: [...new Set(timings.map(({ length }) => length))],
      datasets: names.map((name) => ({
        label: name,
        data: timings.filter(({ sort }) => sort === name).map(({ length, ns }) => ({ x: length, y: ns })),
      })),
    },
    options: {
      plugins: { title: { display: true, text: 'Time of sorting random numbers' } },
      scales: {
        x: { title: { display: true, text: 'how many numbers' } },
        y: { type: 'logarithmic', title: { display: true, text: 'time per number [ns]' } },
      },
    },
  };
}

runIfMain(import.meta);
