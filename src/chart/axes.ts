import type { Line } from './line.ts';
import { linearLabel, logTicks, niceAbove, niceBelow, powerLabel } from './ticks.ts';

/** From this ratio of largest to smallest value on, the values' axis is logarithmic. */
const LOG_RATIO = 1000;

const GRID = '#e6e6e6';
const FINE_GRID = '#f4f4f4';
const BORDER = '#999999';

/** The axis of steps: exactly as long as the data, whole ticks for whole steps. */
export function stepAxis(lines: readonly Line[], title: string): object {
  const ends = lines.flatMap(({ points }) => (points.length > 0 ? [points[0]!.x, points.at(-1)!.x] : []));
  const whole = lines.every(({ wholeSteps }) => wholeSteps);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const [min, max] = ends.length === 0 ? [0, 1] : (widened(low, high, whole ? 1 : 0) ?? [low, high]);
  return {
    type: 'linear',
    min,
    max,
    title: axisTitle(title),
    grid: { color: GRID, tickColor: GRID },
    border: { color: BORDER },
    ticks: {
      includeBounds: false,
      maxRotation: 0,
      autoSkipPadding: 24,
      ...(whole && { precision: 0 }),
      callback: linearTickLabel,
    },
  };
}

/** The axis of values: logarithmic when they are all above 0 and far apart. Its title says so. */
export function valueAxis(lines: readonly Line[], title: string): object {
  const [low, high] = rangeOf(lines);
  return low > 0 && high / low > LOG_RATIO ? logAxis(lines, title) : linearAxis(lines, title);
}

/** The same distance for the same difference, whatever the values. */
export function linearAxis(lines: readonly Line[], title: string): object {
  const [low, high] = rangeOf(lines);
  const range = low <= high ? widened(low, high, Math.abs(low) * 0.1) : [0, 1];
  return {
    title: axisTitle(title),
    border: { color: BORDER },
    type: 'linear',
    ...(range && { min: range[0], max: range[1] }),
    grid: { color: GRID, tickColor: GRID },
    ticks: { includeBounds: false, callback: linearTickLabel },
  };
}

/** The same distance for the same factor; there are no values at or below 0. */
export function logAxis(lines: readonly Line[], title: string): object {
  const [low, high] = rangeOf(lines);
  const [min, max] = low <= high ? [niceBelow(low), niceAbove(high)] : [1, 10];
  return {
    title: axisTitle(`${title} (log scale)`.trimStart()),
    border: { color: BORDER },
    type: 'logarithmic',
    min: min < max ? min : min / 10,
    max,
    afterBuildTicks(axis: { readonly min: number; readonly max: number; ticks: readonly object[] }) {
      axis.ticks = logTicks(axis.min, axis.max);
    },
    grid: {
      color: ({ tick }: { readonly tick?: { readonly major?: boolean } }) => (tick?.major ? GRID : FINE_GRID),
      tickColor: GRID,
    },
    ticks: {
      autoSkip: false,
      // Where there are hardly any powers of ten, what is between them has labels, too.
      callback: (value: number, index: number, ticks: readonly { readonly major?: boolean }[]) =>
        ticks[index]?.major || ticks.filter(({ major }) => major).length < 2 ? powerLabel(value) : '',
    },
  };
}

/** The finite values of all lines; the first number is the larger one when there are none. */
function rangeOf(lines: readonly Line[]): readonly [number, number] {
  return [Math.min(...lines.map(({ low }) => low)), Math.max(...lines.map(({ high }) => high))];
}

/** A range for what is but one value (or its rounding noise): `margin` to both sides, or 1 at zero. */
function widened(low: number, high: number, margin: number): readonly [number, number] | undefined {
  const noise = Math.max(Math.abs(low), Math.abs(high)) * 1e-12;
  return high - low > noise ? undefined : [low - (margin || 1), high + (margin || 1)];
}

function axisTitle(text: string): object {
  return { display: text !== '', text, font: { size: 15 }, padding: 8 };
}

function linearTickLabel(value: number, _index: number, ticks: readonly { readonly value: number }[]): string {
  return linearLabel(
    value,
    ticks.map((tick) => tick.value),
  );
}
