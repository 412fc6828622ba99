/** Draws noisy points along a line, then finds that line again by gradient descent. */
import type { Experiment } from 'comex';

type Self = typeof import('./quickstart.ts');

/** The line to find: y = SLOPE x + INTERCEPT. */
export const SLOPE = 2;
export const INTERCEPT = -1;
export const POINTS = 200;
/** Standard deviation of the points around the line. */
export const NOISE = 0.5;
/** Largest distance from the line to accept: five standard errors. Follows NOISE and POINTS. */
export const TOLERANCE = 5 * NOISE * Math.sqrt(3 / POINTS);
export const STEPS = 60;

export default async function experiment(e: Experiment<Self>) {
  const xs = Array.from({ length: POINTS }, () => 2 * e.random() - 1);
  const points = xs.map((x) => ({ x, y: SLOPE * x + INTERCEPT + e.random.normal(0, NOISE) }));
  let [slope, intercept] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    const errors = points.map(({ x, y }) => slope * x + intercept - y);
    e.track('loss', errors.reduce((sum, error) => sum + error ** 2, 0) / POINTS);
    slope -= errors.reduce((sum, error, i) => sum + error * xs[i]!, 0) / POINTS / 2;
    intercept -= errors.reduce((sum, error) => sum + error, 0) / POINTS / 2;
  }
  e.log(`found y = ${slope.toFixed(3)} x + ${intercept.toFixed(3)}`);
  e['results/slope'] = slope;
  e['results/intercept'] = intercept;
  e['results/recovered'] = Math.hypot(slope - SLOPE, intercept - INTERCEPT) < TOLERANCE;
  const titled = (text: string) => ({ title: { display: true, text } });
  const line = { label: 'line found', type: 'line', data: [-1, 1].map((x) => ({ x, y: slope * x + intercept })) };
  const data = { datasets: [{ label: 'points', data: points }, line] };
  const options = { plugins: titled('Points and the line found'), scales: { x: titled('x'), y: titled('y') } };
  await e.commitFig('fit.png', { type: 'scatter', data, options });
}

export function testing(e: Experiment<Self>) {
  e.STEPS = 5;
}
