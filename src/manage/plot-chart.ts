import { linearAxis, logAxis, stepAxis } from '../chart/axes.ts';
import { COLOURS } from '../chart/colours.ts';
import type { ChartConfiguration } from '../chart/configuration.ts';
import { gapMarks, gapNote } from '../chart/gaps.ts';
import { shortened } from '../chart/labels.ts';
import { type Line, type Point, toLine } from '../chart/line.ts';
import { niceBelow } from '../chart/ticks.ts';
import type { PlotLine } from './plot-lines.ts';

export interface LabelledLine extends PlotLine {
  readonly label: string;
}

/** What stands around the lines. */
export interface PlotTitles {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly log: boolean;
}

const DASHES = [[], [7, 4], [2, 3]] as const;
const BAND_OPACITY = '30';
const MARKED_POINTS = 60;
const LONGEST_LABEL = 60;

/** The picture of lines, and of bands around means, for `renderChart`. */
export function plotChart(lines: readonly LabelledLine[], { title, x, y, log }: PlotTitles): ChartConfiguration {
  const drawn = lines.map((line) => toLine(seriesOf(line, line.y)));
  const colours = lines.map((_, index) => COLOURS[index % COLOURS.length]!);
  const labels = lines.map(({ label }) => shortened(label, LONGEST_LABEL));
  const edges = lines.map((line, index) => edgesOf(line, log ? niceBelow(drawn[index]!.low) : undefined));
  const shown = [...drawn, ...edges.flatMap((pair) => pair ?? [])];
  const items = lines.map((_, index) => ({
    text: labels[index]!,
    strokeStyle: colours[index]!,
    lineWidth: 3,
    lineDash: dashOf(index),
    pointStyle: 'line',
    datasetIndex: index,
  }));
  return {
    type: 'line',
    data: {
      datasets: [
        ...drawn.map((line, index) => dataset(line, labels[index]!, colours[index]!, index)),
        ...edges.flatMap((pair, index) =>
          pair === undefined ? [] : band(pair, colours[index]!, lines.length, edges, index),
        ),
      ],
    },
    options: {
      parsing: false,
      normalized: true,
      scales: { x: stepAxis(drawn, x), y: (log ? logAxis : linearAxis)(shown, shortened(y, LONGEST_LABEL)) },
      plugins: {
        legend: {
          display: labels.length > 1,
          labels: { usePointStyle: true, pointStyleWidth: 36, padding: 14, generateLabels: () => items },
        },
        title: heading(shortened(title, 100)),
        subtitle: { ...heading(gapNote(drawn, labels)), color: '#666666' },
      },
    },
    plugins: [gapMarks(drawn, colours)],
  };
}

function seriesOf({ label, x }: LabelledLine, values: Float64Array) {
  return { name: label, steps: x, values };
}

/** A deviation below and above the mean; thinned out as the mean is, so that a band has no steps of its own. */
function edgesOf(line: LabelledLine, floor: number | undefined): readonly [Line, Line] | undefined {
  const { deviation, y } = line;
  if (deviation === undefined || !deviation.some((away) => away > 0)) return undefined;
  const low = y.map((value, i) => Math.max(value - deviation[i]!, floor ?? Number.NEGATIVE_INFINITY));
  const high = y.map((value, i) => value + deviation[i]!);
  return [toLine(seriesOf(line, low)), toLine(seriesOf(line, high))];
}

/** Two lines that are not drawn, the space between them filled. */
function band(
  [low, high]: readonly [Line, Line],
  colour: string,
  lines: number,
  edges: ReadonlyArray<unknown>,
  index: number,
): object[] {
  const before = edges.slice(0, index).filter((pair) => pair !== undefined).length;
  const shared = { borderWidth: 0, pointRadius: 0, backgroundColor: `${colour}${BAND_OPACITY}`, label: '' };
  return [
    { ...shared, data: low.points, fill: lines + 2 * before + 1 },
    { ...shared, data: high.points, fill: false },
  ];
}

function dataset(line: Line, label: string, colour: string, index: number): object {
  return {
    label,
    data: line.points,
    borderColor: colour,
    backgroundColor: colour,
    borderDash: dashOf(index),
    borderWidth: line.points.length < line.length ? 1.5 : 2,
    borderJoinStyle: 'round',
    pointRadius: pointRadius(line.points),
    pointBorderWidth: 0,
    clip: false,
  };
}

/** Few points are marked; of many only those that no line touches. */
function pointRadius(points: readonly Point[]): number | readonly number[] {
  if (points.length === 1) return 6;
  if (points.length <= MARKED_POINTS) return 2.5;
  const blank = (point: Point | undefined): boolean => point === undefined || Number.isNaN(point.y);
  return points.map((point, i) => (!blank(point) && blank(points[i - 1]) && blank(points[i + 1]) ? 2 : 0));
}

function dashOf(index: number): readonly number[] {
  return DASHES[Math.floor(index / COLOURS.length) % DASHES.length]!;
}

function heading(text: string): object {
  return { display: text !== '', text, padding: { top: 0, bottom: 10 } };
}
