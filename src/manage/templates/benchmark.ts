/** Two ways to the same result, and which of them is faster. */
export const benchmark = {
  description: 'Compares how fast two functions find a number in a sorted list: step by step, and by halving.',
  imports: "import type { Experiment } from 'comex';",
  text: (head: string): string => `${head}
/** Length of the list. */
export const LENGTH = 1000;
/** Numbers that are looked for in one repeat. */
export const LOOKUPS = 1000;
/** Repeats that count; the median of them is the result. */
export const REPEATS = 30;
/** Repeats before these, until the engine has compiled the functions. */
export const WARM_UP = 10;

/** What is compared. Each gives the index of a number in a sorted list, or -1. */
const candidates = {
  stepping: (list: Float64Array, wanted: number): number => list.indexOf(wanted),
  halving(list: Float64Array, wanted: number): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return list[low] === wanted ? low : -1;
  },
};

export default async function experiment(e: Experiment<Self>) {
  const names = Object.keys(candidates) as Array<keyof typeof candidates>;
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let repeat = -WARM_UP; repeat < REPEATS; repeat++) {
    const list = Float64Array.from({ length: LENGTH }, () => e.random()).sort();
    const wanted = Array.from({ length: LOOKUPS }, () => list[e.random.int(0, LENGTH - 1)]!);
    const sums = new Set<number>();
    // In another order each time: what comes second finds warm caches.
    for (const name of e.random.shuffle(names)) {
      const { nanoseconds, sum } = measure(() => wanted.reduce((total, each) => total + candidates[name](list, each), 0));
      // A result that is used cannot be optimised away, and tells whether both are right.
      sums.add(sum);
      if (repeat < 0) continue;
      times.get(name)!.push(nanoseconds / LOOKUPS);
      e.record('times', { name, repeat, nanoseconds: nanoseconds / LOOKUPS });
    }
    if (sums.size > 1) throw new Error('The functions do not give the same results.');
  }
  const medians = names.map((name) => median(times.get(name)!));
  for (const [i, name] of names.entries()) {
    e.set(\`results/\${name}\`, medians[i]);
    e.log(name, medians[i]!.toFixed(1), 'ns per lookup');
  }
  const datasets = [{ label: 'median, ns per lookup', data: medians }];
  await e.commitFig('medians.png', { type: 'bar', data: { labels: names, datasets } });
}

/** With --__TESTING__, to see quickly whether all of it works. */
export function testing(e: Experiment<Self>) {
  e.LENGTH = 100;
  e.LOOKUPS = 10;
  e.REPEATS = 3;
  e.WARM_UP = 1;
}

function measure(run: () => number): { nanoseconds: number; sum: number } {
  const start = process.hrtime.bigint();
  const sum = run();
  return { nanoseconds: Number(process.hrtime.bigint() - start), sum };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
`,
};
