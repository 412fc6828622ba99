/** The shortest experiment that shows what there is. */
export const basic = {
  description: 'Tosses a coin again and again, and tells how often it showed heads.',
  imports: "import type { Experiment } from 'comex';",
  text: (head: string): string => `${head}
/** How often the coin is tossed. For other values: --TOSSES 5000, --BIAS 0.6. */
export const TOSSES = 1000;
/** Probability of heads. */
export const BIAS = 0.5;

export default function experiment(e: Experiment<Self>) {
  let heads = 0;
  for (let toss = 1; toss <= TOSSES; toss++) {
    // Random numbers of the run: the same seed (--__SEED__ 1) gives the same ones.
    if (e.random() < BIAS) heads++;
    // A series: every point is kept, and drawn as a chart.
    if (toss % 10 === 0) e.track('share', heads / toss, toss);
  }
  e.log(heads, 'times heads in', TOSSES, 'tosses');
  // Data: kept with the run under its path.
  e['results/share'] = heads / TOSSES;
}

/** With --__TESTING__, to see quickly whether all of it works. */
export function testing(e: Experiment<Self>) {
  e.TOSSES = 20;
}
`,
};
