import type { ErrorRecord, GitRecord, SeriesSummary } from '../archive/layout.ts';
import { parameterGrid, type ShownParameter } from './parameter-grid.ts';
import { countText, durationText } from './quantity.ts';
import { errorPlace, errorText, gitText, pathText, seedText } from './run-facts.ts';
import { dataTable, seriesTable } from './run-tables.ts';
import { harmless, paint, type Screen, statusStyle } from './screen.ts';
import { fact, pathFact, section, sectionScreen } from './sections.ts';
import { cut, ellipsis, wrap } from './width.ts';

const MAX_SERIES = 8;
const MAX_RESULTS = 8;

/** What is shown when a run begins. */
export interface StartPanel {
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  readonly namespace: string;
  readonly description?: string | undefined;
  /** Path of the module. */
  readonly module: string;
  readonly parameters: readonly ShownParameter[];
  readonly seed?: { readonly value: number | string; readonly drawn: boolean } | undefined;
  readonly git?: GitRecord | undefined;
  readonly tags: readonly string[];
  readonly debug: boolean;
  readonly testing: boolean;
  /** What paths are shown relative to. Default the working directory. */
  readonly cwd?: string;
}

/** What is shown when a run has ended. */
export interface EndPanel {
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  readonly status: string;
  readonly durationMs: number;
  readonly series: Readonly<Record<string, SeriesSummary>>;
  /** The data of the run. */
  readonly results: Readonly<Record<string, unknown>>;
  /** How many files the run put into its folder. */
  readonly artifacts: number;
  /** How many charts were drawn. */
  readonly plots: number;
  readonly error?: ErrorRecord | undefined;
  /** What paths are shown relative to. Default the working directory. */
  readonly cwd?: string;
}

/** What a run is, in about a dozen lines. */
export function startPanel(run: StartPanel, screen: Screen): string {
  const { bold, cyan, yellow } = paint(screen);
  const cwd = run.cwd ?? process.cwd();
  const modes = [...(run.testing ? ['testing'] : []), ...(run.debug ? ['debug'] : [])].join(', ');
  const room = screen.columns - run.id.length - (modes === '' ? 0 : modes.length + 2) - 2;
  const title = cut(harmless(run.namespace), Math.max(8, room), screen);
  return [
    `${bold(title)}  ${cyan(harmless(run.id))}${modes === '' ? '' : `  ${yellow(modes)}`}\n`,
    descriptionLines(run.description, screen),
    pathFact('module', pathText(run.module, cwd), screen),
    pathFact('folder', pathText(run.path, cwd), screen),
    run.git === undefined ? '' : fact('git', gitText(run.git), screen),
    run.seed === undefined ? '' : fact('seed', seedText(run.seed), screen),
    run.tags.length === 0 ? '' : fact('tags', run.tags.join(', '), screen),
    parameterGrid('params', run.parameters, screen),
  ].join('');
}

/** How a run ended and what came of it. */
export function endPanel(run: EndPanel, screen: Screen): string {
  const styles = paint(screen);
  const cwd = run.cwd ?? process.cwd();
  const status = harmless(run.status);
  const files = [
    ...(run.artifacts > 0 ? [countText(run.artifacts, 'artifact')] : []),
    ...(run.plots > 0 ? [countText(run.plots, 'plot')] : []),
  ].join(', ');
  return [
    `${styles.bold(statusStyle(run.status, styles)(status))} after ${durationText(run.durationMs)}  ${styles.cyan(harmless(run.id))}\n`,
    run.error === undefined ? '' : errorLines(run.error, cwd, screen),
    seriesTable(run.series, MAX_SERIES, screen),
    dataTable(run.results, MAX_RESULTS, screen),
    files === '' ? '' : fact('files', files, screen),
    pathFact('folder', pathText(run.path, cwd), screen),
  ].join('');
}

/** The beginning of a description, on at most two lines. */
function descriptionLines(description: string | undefined, screen: Screen): string {
  const width = screen.columns - 2;
  const [first, second, ...more] = wrap(harmless((description ?? '').slice(0, 2000).replace(/\s+/g, ' ')), width);
  if (first === undefined) return '';
  const mark = ` ${ellipsis(screen)}`;
  const last = second === undefined || more.length === 0 ? second : `${wrap(second, width - mark.length)[0]}${mark}`;
  return [first, ...(last === undefined ? [] : [last])].map((line) => `  ${line}\n`).join('');
}

function errorLines(error: ErrorRecord, cwd: string, screen: Screen): string {
  const { red } = paint(screen);
  const width = sectionScreen(screen).columns;
  const message = wrap(harmless(errorText(error).slice(0, 2000)), width);
  const lines =
    message.length <= 3 ? message : [...message.slice(0, 2), cut(message.slice(2).join(' '), width, screen)];
  const place = errorPlace(error, cwd);
  const where = place === undefined ? [] : [cut(`at ${harmless(place)}`, width, screen)];
  return section('error', [...lines.map(red), ...where], screen);
}
