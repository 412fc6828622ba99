import { stepAxis, valueAxis } from './axes.ts';
import { COLOURS } from './colours.ts';
import type { ChartConfiguration } from './configuration.ts';
import { gapMarks, gapNote } from './gaps.ts';
import { commonPrefix, shortened } from './labels.ts';
import type { Line, Point, Series } from './line.ts';
import { toLine } from './line.ts';

/** Labels of {@link seriesChart}. */
export interface SeriesChartOptions {
  /** Above the chart. Default: none. */
  readonly title?: string;
  /** Below the axis of steps. Default `step`. */
  readonly stepLabel?: string;
}

/** Up to this many points, each one is marked. */
const MARKED_POINTS = 100;

/** Once the colours are used up, they come again with dashes. */
const DASHES = [[], [7, 4], [2, 3]] as const;

/**
 * The chart of one or several series over their steps, for {@link renderChart}.
 *
 * A million points draw as fast as a thousand (spikes stay visible); few points are marked; values over more than three
 * orders of magnitude, all above 0, get a logarithmic axis, whose title says so; what is not finite is a gap, counted in the subtitle.
 *
 * @param series - steps and values of a series have one length; the steps may be out of order
 *
 * @example
 * ```ts
 * import { renderChart, seriesChart } from 'comex/chart';
 *
 * const steps = Float64Array.from([0, 1, 2]);
 * const png = await renderChart(seriesChart([{ name: 'loss', steps, values: Float64Array.from([0.9, 0.4, 0.2]) }]));
 * console.log(png.length > 0); // true
 * ```
 */
export function seriesChart(series: readonly Series[], options: SeriesChartOptions = {}): ChartConfiguration {
  const lines = series.map(toLine);
  const prefix = commonPrefix(series.map(({ name }) => name));
  const labels = lines.map(({ name }) => shortened(name.slice(prefix.length), 36));
  const colours = lines.map((_, index) => COLOURS[index % COLOURS.length]!);
  const datasets = lines.map((line, index) => dataset(line, index, labels[index]!));
  return {
    type: 'line',
    data: { datasets },
    options: {
      parsing: false,
      normalized: true,
      scales: { x: stepAxis(lines, options.stepLabel ?? 'step'), y: valueAxis(lines, valueTitle(lines, prefix)) },
      plugins: {
        legend: legend(datasets),
        title: heading(options.title ?? ''),
        subtitle: { ...heading(gapNote(lines, labels)), color: '#666666' },
      },
    },
    plugins: [gapMarks(lines, colours)],
  };
}

interface Dataset {
  readonly label: string;
  readonly borderColor: string;
  readonly borderDash: readonly number[];
  readonly [option: string]: unknown;
}

function dataset(line: Line, index: number, label: string): Dataset {
  const colour = COLOURS[index % COLOURS.length]!;
  return {
    label,
    data: line.points,
    borderColor: colour,
    backgroundColor: colour,
    borderDash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length]!,
    borderWidth: line.points.length < line.length ? 1.5 : 2,
    borderJoinStyle: 'round',
    pointRadius: pointRadius(line),
    pointBorderWidth: 0,
    // The axes reach exactly to the data: a marker on the edge would lose its half.
    clip: false,
  };
}

/** Few points are marked, the only one boldly; of many only those that no line touches. */
function pointRadius({ points }: Line): number | readonly number[] {
  if (points.length === 1) return 6;
  if (points.length <= MARKED_POINTS) return 3;
  const blank = (point: Point | undefined) => point === undefined || Number.isNaN(point.y);
  const radii = points.map((point, i) => (!blank(point) && blank(points[i - 1]) && blank(points[i + 1]) ? 2 : 0));
  return radii.some((radius) => radius > 0) ? radii : 0;
}

/** Chart.js would show the markers of the points, which are small or missing: these are pieces of the lines. */
function legend(datasets: readonly Dataset[]): object {
  const items = datasets.map(({ label, borderColor, borderDash }, datasetIndex) => ({
    text: label,
    strokeStyle: borderColor,
    lineWidth: 3,
    lineDash: borderDash,
    pointStyle: 'line',
    datasetIndex,
  }));
  const labels = { usePointStyle: true, pointStyleWidth: 36, padding: 16, generateLabels: () => items };
  return { display: datasets.length > 1, labels };
}

function heading(text: string): object {
  return { display: text !== '', text, padding: { top: 0, bottom: 10 } };
}

/** One series gives the axis its name; of several it is what their names share. */
function valueTitle(lines: readonly Line[], prefix: string): string {
  if (lines.length === 1) return shortened(lines[0]!.name, 60);
  return prefix === '' ? 'value' : shortened(prefix.slice(0, -1), 60);
}
