import type { LoadedRun } from '../archive/load.ts';
import { nameMatcher } from '../archive/series-names.ts';
import { shortened } from '../chart/labels.ts';
import { ComexError, didYouMean } from '../errors.ts';
import type { LabelledLine } from '../manage/plot-chart.ts';
import { lineOf, meanLine, type PlotLine, smoothed } from '../manage/plot-lines.ts';
import { groupLabels, repeatsOf, runLabels } from './plot-labels.ts';

export interface PlotAsked {
  /** `step`, `time` or the name of an axis. */
  readonly x: string;
  readonly log: boolean;
  readonly mean: boolean;
  /** Points; 1 for none. */
  readonly smooth: number;
}

/** A line, and where it comes from. */
export interface DrawnLine extends LabelledLine {
  readonly series: string;
  /** Ids. */
  readonly runs: readonly string[];
}

/** More would not be told apart. */
const MAX_LINES = 24;
const MAX_LISTED = 12;
/** A longer name is cut where it is told. */
export const LONGEST_NAME = 60;

/**
 * The series that patterns name, `loss/*` all that begin so; without any, the only series that there is.
 *
 * @throws ComexError `E_QUERY` for one that no run has, `E_USAGE` when none was named and there are several
 */
export function seriesNamed(runs: readonly LoadedRun[], patterns: readonly string[]): string[] {
  const all = new Set(runs.flatMap(({ seriesNames }) => seriesNames));
  const known = [...all];
  const short = (name: string): string => shortened(name, LONGEST_NAME);
  const list = `${known.slice(0, MAX_LISTED).map(short).join(', ')}${known.length > MAX_LISTED ? ', ...' : ''}`;
  if (known.length === 0)
    throw new ComexError('E_QUERY', 'Expected runs that tracked something, but they have no series.');
  if (patterns.length === 0) {
    if (known.length === 1) return known;
    throw new ComexError('E_USAGE', `Expected the name of a series behind the runs. They have ${list}.`);
  }
  const named = patterns.flatMap((pattern) => {
    const found = all.has(pattern) ? [pattern] : known.filter(nameMatcher([pattern]));
    if (found.length > 0) return found;
    const hint = didYouMean(pattern, known) || ` They have ${list}.`;
    throw new ComexError('E_QUERY', `Expected a series of the runs, or a run, got "${pattern}".${hint}`);
  });
  return [...new Set(named)];
}

/** The lines to draw, and what there is to say of what is not drawn. */
export function linesOfRuns(
  runs: readonly LoadedRun[],
  names: readonly string[],
  asked: PlotAsked,
): { readonly lines: readonly DrawnLine[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const groups = asked.mean ? repeatsOf(runs) : runs.map((run) => [run]);
  const labels = asked.mean ? groupLabels(groups) : runLabels(runs);
  const lines: DrawnLine[] = [];
  let left = 0;
  for (const series of names) {
    for (const [index, group] of groups.entries()) {
      if (lines.length === MAX_LINES) {
        left += 1;
        continue;
      }
      const own = group.flatMap((run) => read(run, series, asked, notes) ?? []);
      if (own.length === 0) continue;
      const line = asked.mean ? meanLine(own, asked.x !== 'time') : own[0]!;
      lines.push({ ...line, series, runs: group.map(({ id }) => id), label: labels[index]! });
    }
  }
  if (left > 0) notes.push(`${left} more lines are left out: ${MAX_LINES} are drawn at most. --mean joins repeats.`);
  const several = new Set(lines.map(({ series }) => series)).size > 1;
  if (!several) return { lines, notes };
  return { lines: lines.map((line) => ({ ...line, label: seriesLabel(line, groups.length) })), notes };
}

function seriesLabel({ series, label }: DrawnLine, groups: number): string {
  return groups === 1 && !label.startsWith('mean') ? series : `${series} ${label}`;
}

function read(run: LoadedRun, name: string, asked: PlotAsked, notes: string[]): PlotLine | undefined {
  const told = shortened(name, LONGEST_NAME);
  const series = run.series(name);
  if (series === undefined) {
    notes.push(`The run ${run.id} has no series "${told}".`);
    return undefined;
  }
  if (series.kind === 'text' || series.kind === 'image') {
    notes.push(`The series "${told}" of the run ${run.id} holds no numbers, but ${series.kind}s.`);
    return undefined;
  }
  const line = lineOf(series, asked.x);
  if (line === undefined) {
    const axes = ['step', 'time', ...Object.keys(series.axes)];
    const hint = didYouMean(asked.x, axes);
    notes.push(`The series "${told}" of the run ${run.id} has no axis "${asked.x}", but ${axes.join(', ')}.${hint}`);
    return undefined;
  }
  const shown = asked.log ? positive(line, told, run, notes) : line;
  return asked.smooth > 1 ? smoothed(shown, asked.smooth) : shown;
}

/** What has no place on a logarithmic axis is a gap. */
function positive(line: PlotLine, name: string, { id }: LoadedRun, notes: string[]): PlotLine {
  const count = line.y.filter((value) => value <= 0).length;
  if (count === 0) return line;
  notes.push(`${count} of the values of "${name}" in the run ${id} are not above 0: --log leaves them out.`);
  return { ...line, y: line.y.map((value) => (value > 0 ? value : Number.NaN)) };
}
