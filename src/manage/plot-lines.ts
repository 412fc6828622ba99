import type { Series } from '../archive/columns.ts';
import { RunningStatistic, statisticOfNumbers } from '../codec/running-statistic.ts';

/** One line of a picture: of a run, or the mean of several. `x` never falls; a `y` of NaN is a gap. */
export interface PlotLine {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Of a mean: the standard deviation of a single run (n - 1), 0 where there is but one. */
  readonly deviation?: Float64Array;
  /** Of a mean: how many runs there were at each point. */
  readonly counts?: Uint32Array;
}

/** So finely are lines drawn whose points do not lie one above the other. */
const GRID = 240;

/**
 * A series over its steps, its times in seconds, or an axis such as `epoch`, of which each place has the mean of its
 * points. Those that have no place on the axis are left out.
 *
 * @returns undefined when no point has one
 */
export function lineOf(series: Series, axis: string): PlotLine | undefined {
  const x = axis === 'step' ? series.steps : axis === 'time' ? series.times.map((ms) => ms / 1000) : series.axes[axis];
  if (x === undefined) return undefined;
  const order: number[] = [];
  let isSorted = true;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) continue;
    if (order.length > 0 && x[order.at(-1)!]! > x[i]!) isSorted = false;
    order.push(i);
  }
  if (order.length === 0) return undefined;
  if (!isSorted) order.sort((a, b) => x[a]! - x[b]! || a - b);
  const isWhole = isSorted && order.length === x.length;
  const line = isWhole
    ? { x, y: series.values }
    : { x: Float64Array.from(order, (i) => x[i]!), y: Float64Array.from(order, (i) => series.values[i]!) };
  return axis === 'step' || axis === 'time' ? line : joined(line);
}

/** One point for each x: an epoch has many steps. */
function joined({ x, y }: PlotLine): PlotLine {
  const places: number[] = [];
  const means: number[] = [];
  for (let from = 0, to = 0; from < x.length; from = to) {
    while (to < x.length && x[to] === x[from]) to++;
    places.push(x[from]!);
    means.push(meanOf(y.subarray(from, to)));
  }
  return { x: Float64Array.from(places), y: Float64Array.from(means) };
}

/**
 * Each value replaced by the mean of the finite ones among its neighbours. A gap stays one.
 *
 * @param width how many points, the value itself among them; at the ends there are fewer
 */
export function smoothed({ x, y }: PlotLine, width: number): PlotLine {
  const before = Math.floor((width - 1) / 2);
  const after = Math.ceil((width - 1) / 2);
  const mean = (_: number, index: number): number => {
    if (!Number.isFinite(y[index])) return Number.NaN;
    return meanOf(y.subarray(Math.max(0, index - before), index + after + 1));
  };
  return { x, y: y.map(mean) };
}

/**
 * The mean of several lines and how far they are apart.
 *
 * @param aligned whether points with the same x belong together, as with steps; otherwise the lines are read off between
 * their points, each as far as it goes
 */
export function meanLine(lines: readonly PlotLine[], aligned: boolean): PlotLine {
  const sums = new Map<number, RunningStatistic>();
  for (const line of aligned ? lines : onGrid(lines)) {
    let last = Number.NaN;
    for (const [index, at] of line.x.entries()) {
      const value = line.y[index]!;
      // A step that was tracked twice is no second run.
      if (!Number.isFinite(value) || at === last) continue;
      last = at;
      const sum = sums.get(at) ?? new RunningStatistic();
      sum.add(value);
      sums.set(at, sum);
    }
  }
  const all = [...sums].sort((a, b) => a[0] - b[0]);
  return {
    x: Float64Array.from(all, ([at]) => at),
    y: Float64Array.from(all, ([, { mean }]) => mean),
    deviation: Float64Array.from(all, ([, { count, deviation }]) => (count < 2 ? 0 : deviation)),
    counts: Uint32Array.from(all, ([, { count }]) => count),
  };
}

/** Of those that are finite. */
function meanOf(values: Float64Array): number {
  return statisticOfNumbers(values.filter(Number.isFinite)).mean;
}

function onGrid(lines: readonly PlotLine[]): PlotLine[] {
  const low = Math.min(...lines.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY));
  const high = Math.max(...lines.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY));
  if (!(low < high)) return [...lines];
  const grid = Float64Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1));
  return lines.map(({ x, y }) => {
    let right = 0;
    const read = (at: number): number => {
      while (right < x.length && x[right]! < at) right++;
      if (right === x.length) return Number.NaN;
      if (x[right] === at || right === 0) return x[right] === at ? y[right]! : Number.NaN;
      const part = (at - x[right - 1]!) / (x[right]! - x[right - 1]!);
      return y[right - 1]! + part * (y[right]! - y[right - 1]!);
    };
    return { x: grid, y: grid.map(read) };
  });
}
