/**
 * Run and tumble: walkers move on a line at constant speed and turn round at random, as bacteria do. At first they fly
 * straight, so their mean squared displacement (msd) grows as v² t²; after many turns they diffuse, and it grows as
 * 2 D t with D = v² / 2a. At every time it is
 *
 *     msd = (v² / a) (t - (1 - exp(-2 a t)) / 2a)        (S. Goldstein, Q. J. Mech. Appl. Math. 4, 129, 1951)
 *
 * The times between turns are drawn exactly, so that only chance separates the simulation from the formula: z, the
 * deviation in standard errors, has to be small at every time.
 */
import { type Experiment, runIfMain } from 'comex';

type Self = typeof import('./diffusion.ts');

export const WALKERS = 20_000;
/** Speed v [µm/s]. */
export const SPEED = 20;
/** Turns per second, a [1/s]. */
export const TURN_RATE = 1;
/** When to measure [s]: from a tenth to a hundred times the mean time between turns, evenly on a logarithmic scale. */
export const TIMES: readonly number[] = Array.from({ length: 25 }, (_, i) => 10 ** (i / 8 - 1) / TURN_RATE);
/** The largest |z| to accept. */
export const Z_LIMIT = 5;

interface Walker {
  time: number;
  position: number;
  velocity: number;
  nextTurn: number;
}

export default async function experiment(e: Experiment<Self>) {
  e.logParameters(['WALKERS', 'SPEED', 'TURN_RATE']);
  const drawFlight = () => -Math.log(1 - e.random()) / TURN_RATE;
  const walkers = Array.from({ length: WALKERS }, (): Walker => {
    return { time: 0, position: 0, velocity: e.random.choice([-SPEED, SPEED]), nextTurn: drawFlight() };
  });

  let [largestZ, diffusion] = [0, 0];
  for (const time of e.progress(TIMES, { label: 'walking' })) {
    for (const walker of walkers) advance(walker, time, drawFlight);
    const [measured, error] = meanAndError(walkers.map(({ position }) => position ** 2));
    const expected = expectedMsd(time, SPEED, TURN_RATE);
    const z = (measured - expected) / error;
    e.trackMany({ 'msd/measured': measured, 'msd/expected': expected, z }, { time });
    e.record('msd', { time, measured, error, expected, z });
    largestZ = Math.max(largestZ, Math.abs(z));
    diffusion = measured / (2 * time);
  }

  e['results/largestZ'] = largestZ;
  e['results/agrees'] = largestZ <= Z_LIMIT;
  e['results/diffusion'] = { measured: diffusion, expected: SPEED ** 2 / (2 * TURN_RATE) };
  e.log(`largest |z| of ${TIMES.length} times: ${largestZ.toFixed(2)}`);
  e.log('diffusion coefficient [µm²/s]:', e['results/diffusion']);
}

export function testing(e: Experiment<Self>) {
  e.WALKERS = 500;
  e.TIMES = [0.5, 1, 2];
}

/** Draws what was tracked: after a run, or again later from its folder alone. */
export async function analysis(e: Experiment<Self>) {
  const points = (values: readonly number[]) => values.map((y, i) => ({ x: e.TIMES[i], y }));
  const limit = { type: 'line', pointRadius: 0, borderColor: '#888888', borderWidth: 1.5 };
  await e.commitFig('msd.png', {
    type: 'scatter',
    data: {
      datasets: [
        { label: 'measured', data: points(e['msd/measured']), radius: 5, backgroundColor: '#3273a8' },
        { label: 'expected', data: points(e['msd/expected']), type: 'line', pointRadius: 0, borderColor: '#d1495b' },
        {
          ...limit,
          borderDash: [8, 6],
          label: 'straight flight, v² t²',
          data: points(e.TIMES.map((t) => (e.SPEED * t) ** 2)),
        },
        {
          ...limit,
          borderDash: [2, 4],
          label: 'diffusion, 2 D t',
          data: points(e.TIMES.map((t) => (e.SPEED ** 2 / e.TURN_RATE) * t)),
        },
      ],
    },
    options: {
      plugins: { title: { display: true, text: 'From straight flight to diffusion' } },
      scales: { x: decades('time [s]'), y: decades('mean squared displacement [µm²]') },
    },
  });
}

/** A logarithmic axis with a line at every power of ten. */
function decades(text: string) {
  const callback = (value: number) => (Number.isInteger(Math.log10(value)) ? value : null);
  return { type: 'logarithmic', title: { display: true, text }, ticks: { callback, maxRotation: 0 } };
}

/** Moves a walker on to a time, with all the turns on the way. */
function advance(walker: Walker, time: number, drawFlight: () => number): void {
  while (walker.nextTurn < time) {
    walker.position += walker.velocity * (walker.nextTurn - walker.time);
    walker.velocity = -walker.velocity;
    walker.time = walker.nextTurn;
    walker.nextTurn += drawFlight();
  }
  walker.position += walker.velocity * (time - walker.time);
  walker.time = time;
}

function expectedMsd(time: number, speed: number, turnRate: number): number {
  return (speed ** 2 / turnRate) * (time - (1 - Math.exp(-2 * turnRate * time)) / (2 * turnRate));
}

/** The mean and its standard error. */
function meanAndError(values: readonly number[]): [mean: number, error: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return [mean, Math.sqrt(variance / values.length)];
}

runIfMain(import.meta);
