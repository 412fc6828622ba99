import { resolve } from 'node:path';
import { type LoadedRun, loadRun } from '../archive/load.ts';
import { commonPrefix, shortened } from '../chart/labels.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { encode } from '../codec/json.ts';
import { ComexError } from '../errors.ts';
import { plotChart } from '../manage/plot-chart.ts';
import { type LookOptions, type LookScope, lookScope, nameBroken } from './look-scope.ts';
import { type DrawnLine, LONGEST_NAME, linesOfRuns, type PlotAsked, seriesNamed } from './plot-lines.ts';
import { splitWords } from './plot-words.ts';
import { harmless, harmlessJson } from './screen.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { terminalChart } from './terminal-chart.ts';

/** More runs are not named one by one. */
const FEW = 3;

export interface PlotOptions {
  readonly series?: readonly string[] | undefined;
  /** A .png or .svg file; the terminal when left out. */
  readonly out?: string | undefined;
  /** `step`, `time` or the name of an axis. */
  readonly x?: string | undefined;
  readonly log?: boolean | undefined;
  readonly mean?: boolean | undefined;
  readonly smooth?: number | undefined;
}

export function plotCommand(
  words: readonly string[],
  given: LookOptions & SelectionOptions & PlotOptions,
): Promise<number> {
  const { status, tag, namespace, job, since, sort, limit, children } = given;
  const { series, out, x, log, mean, smooth } = given;
  const filter = { status, tag, namespace, job, since, sort, limit, children };
  return plot(words, filter, { series, out, x, log, mean, smooth }, lookScope(given));
}

/**
 * `comex plot RUN... SERIES...`: series of one or several runs in one picture. Returns the exit status.
 *
 * @throws ComexError `E_USAGE`; `E_QUERY` for a series that no run has; `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, `E_CHART`
 */
export async function plot(
  words: readonly string[],
  filter: SelectionOptions,
  options: PlotOptions,
  scope: LookScope,
): Promise<number> {
  const format = formatOf(options.out);
  const { smooth } = options;
  if (smooth !== undefined && !(Number.isSafeInteger(smooth) && smooth >= 1)) {
    throw new ComexError('E_USAGE', 'Expected --smooth to be a whole number of points, such as --smooth 9.');
  }
  const { results, cwd } = scope;
  const split = splitWords(words, options.series ?? [], filter, scope);
  const selected = await selectRuns(split.runs, filter, { results, cwd, explicit: true });
  nameBroken(selected.broken, scope);
  if (selected.runs.length === 0) throw new ComexError('E_USAGE', 'Expected runs to draw, but none matches.');
  const loaded = readable(selected.runs, ({ path }) => loadRun(path), scope);
  const named = readable(loaded, (run) => run.seriesNames && run, scope);
  if (named.length === 0) return 1;
  const names = seriesNamed(named, split.series);
  // Before means are taken: of these, too, a run that cannot be read is no part.
  const runs = readable(named, (run) => names.map((name) => run.series(name)) && run, scope);
  const asked: PlotAsked = {
    x: options.x ?? 'step',
    log: options.log === true,
    mean: options.mean === true,
    smooth: smooth ?? 1,
  };
  const { lines, notes } = linesOfRuns(runs, names, asked);
  for (const note of notes) scope.err(`comex: ${harmless(note)}\n`);
  if (lines.length === 0) {
    scope.err('comex: There is nothing left to draw.\n');
    return 1;
  }
  if (scope.json && options.out === undefined) {
    printLines(lines, scope);
    return 0;
  }
  const drawn = lines.filter((line) => line.y.some(Number.isFinite));
  for (const line of lines) if (!drawn.includes(line)) scope.err(`comex: ${harmless(undrawable(line))}\n`);
  if (drawn.length === 0) return 1;
  const titles = titlesOf(runs, drawn, asked);
  if (format === undefined || options.out === undefined) scope.out(terminalChart(drawn, titles, scope.screen));
  else await draw(options.out, format, plotChart(drawn, titles), scope);
  return 0;
}

function undrawable({ series, runs }: DrawnLine): string {
  const who =
    runs.length === 1 ? `run ${runs[0]}` : `runs ${runs.slice(0, FEW).join(', ')}${runs.length > FEW ? ', ...' : ''}`;
  return `The series "${shortened(series, LONGEST_NAME)}" of the ${who} holds no numbers that can be drawn.`;
}

function formatOf(out: string | undefined): 'png' | 'svg' | undefined {
  if (out === undefined) return undefined;
  const [, format] = /\.(png|svg)$/i.exec(out) ?? [];
  if (format !== undefined) return format.toLowerCase() as 'png' | 'svg';
  throw new ComexError('E_USAGE', `Expected --out to be a .png or .svg file, got "${out}".`);
}

/** What is read of the runs that can be read; the others are named. */
function readable<R extends { readonly path: string }, T>(
  runs: readonly R[],
  read: (run: R) => T,
  scope: LookScope,
): T[] {
  const all: T[] = [];
  for (const run of runs) {
    try {
      all.push(read(run));
    } catch (error) {
      nameBroken([{ path: run.path, reason: (error as Error).message }], scope);
    }
  }
  return all;
}

function titlesOf(runs: readonly LoadedRun[], lines: readonly DrawnLine[], { x, log }: PlotAsked) {
  const spaces = [...new Set(runs.map(({ namespace }) => namespace))];
  const title = runs.length === 1 ? `${spaces[0]} ${runs[0]!.id}` : spaces.length > 3 ? '' : spaces.join(', ');
  const names = [...new Set(lines.map(({ series }) => series))];
  const shared = commonPrefix(names).slice(0, -1);
  return { title, x: x === 'time' ? 'time (s)' : x, y: names.length === 1 ? names[0]! : shared || 'value', log };
}

function printLines(lines: readonly DrawnLine[], { out }: LookScope): void {
  for (const { runs, series, label, x, y, deviation, counts } of lines) {
    const spread = deviation === undefined ? {} : { deviation: [...deviation], counts: [...counts!] };
    const record = { series, runs, label, x: [...x], y: [...y], ...spread };
    out(`${harmlessJson(encode(record, 'the line'))}\n`);
  }
}

async function draw(
  path: string,
  format: 'png' | 'svg',
  chart: ReturnType<typeof plotChart>,
  { cwd, json, out }: LookScope,
): Promise<void> {
  const { renderChart } = await import('../chart/render.ts');
  const bytes = await renderChart(chart, { format });
  const file = resolve(cwd, path);
  writeFileAtomic(file, bytes);
  out(json ? `${harmlessJson(encode({ path: file, bytes: bytes.length }))}\n` : `${harmless(path)}\n`);
}
