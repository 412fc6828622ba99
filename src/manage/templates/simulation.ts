/** A system with chance in it, simulated several times and compared with what theory says. */
export const simulation = {
  description:
    'Simulates a queue in front of one counter, and compares the waiting time with what theory says (M/M/1).',
  imports: "import type { Experiment } from 'comex';",
  text: (head: string): string => `${head}
/** Customers that come in a minute, on average. */
export const ARRIVALS = 0.8;
/** Customers that are served in a minute, on average. */
export const SERVICES = 1;
/** Customers of one repetition. */
export const CUSTOMERS = 5000;
/** How often all of it is repeated: the spread tells how far the result can be trusted. */
export const REPETITIONS = 20;

export default function experiment(e: Experiment<Self>) {
  if (ARRIVALS >= SERVICES) throw new Error('The queue would grow for ever: ARRIVALS must be below SERVICES.');
  const means: number[] = [];
  for (let repetition = 1; repetition <= REPETITIONS; repetition++) {
    const waits = simulate(e, CUSTOMERS);
    const mean = average(waits);
    means.push(mean);
    e.track('wait', mean, repetition);
    // A table: one row at a time, tables/repetitions.jsonl.
    e.record('repetitions', { repetition, mean, longest: waits.reduce((most, wait) => Math.max(most, wait), 0) });
  }
  e['waits/means'] = means;
}

/** With --__TESTING__, to see quickly whether all of it works. */
export function testing(e: Experiment<Self>) {
  e.CUSTOMERS = 50;
  e.REPETITIONS = 3;
}

/** Runs after the experiment, with its data. */
export async function analysis(e: Experiment<Self>) {
  const means: number[] = e['waits/means'];
  const mean = average(means);
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, means.length - 1);
  const expected = e.ARRIVALS / (e.SERVICES * (e.SERVICES - e.ARRIVALS));
  e['results/wait'] = mean;
  e['results/standard error'] = Math.sqrt(variance / means.length);
  e['results/expected'] = expected;
  e.log('minutes of waiting:', mean, 'expected:', expected);
  const datasets = [
    { label: 'simulated', data: means },
    { label: 'expected', data: means.map(() => expected) },
  ];
  await e.commitFig('waits.png', { type: 'line', data: { labels: means.map((_, i) => i + 1), datasets } });
}

/** How long each customer waits until the counter is free: the wait of the one before, and how far time has gone on. */
function simulate(e: Experiment<Self>, customers: number): number[] {
  const draw = (rate: number) => -Math.log(1 - e.random()) / rate;
  let wait = 0;
  return Array.from({ length: customers }, () => {
    const own = wait;
    wait = Math.max(0, wait + draw(e.SERVICES) - draw(e.ARRIVALS));
    return own;
  });
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
`,
};
