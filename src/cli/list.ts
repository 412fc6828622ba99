import { type LoadedRun, loadRun } from '../archive/load.ts';
import { walkRuns } from '../archive/walk.ts';
import { canonical, encodePretty } from '../codec/json.ts';
import { agoText, durationText } from './quantity.ts';
import { parameterValues, runRecord } from './run-record.ts';
import { harmless, harmlessJson, paint, type Screen, statusStyle } from './screen.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';
import { valueText } from './value-text.ts';

/** How a command reads the archive and says what it found. */
export interface ArchiveOptions {
  /** Absolute path of the archive. */
  readonly results: string;
  readonly json: boolean;
  /** Takes whole lines. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly screen: Screen;
  /** Whether people read the output; programs get tab-separated values. */
  readonly tty: boolean;
  /** Milliseconds since the epoch that ages count from. Default now. */
  readonly now?: number;
}

/** What the table needs of a run: an archive may hold very many. */
interface Listed {
  readonly id: string;
  readonly namespace: string;
  readonly status: string;
  readonly startedMs: number;
  readonly durationMs: number | undefined;
  /** Texts by name, for telling them apart. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `comex list`: the runs of the archive, newest first. Returns the exit status. */
export function list(options: ArchiveOptions): number {
  return options.json ? listJson(options) : listTable(options);
}

function listTable(options: ArchiveOptions): number {
  const runs = newestFirst(options, (run) => ({
    id: run.id,
    namespace: run.namespace,
    status: run.status,
    startedMs: run.startedAt.getTime(),
    durationMs: run.durationMs,
    parameters: parameterTexts(run),
  }));
  if (runs.length === 0) {
    options.err(`No runs in ${harmless(options.results)} yet. Start one with "comex run FILE".\n`);
    return 0;
  }
  const differing = differingParameters(runs);
  const now = options.now ?? Date.now();
  const rows = runs.map((run) => {
    const names = [...run.parameters.keys()].filter((name) => differing.get(run.namespace)?.has(name));
    const parameters = names.map((name) => `${name}=${run.parameters.get(name)}`).join(options.tty ? '  ' : ' ');
    const { startedMs, durationMs } = run;
    const started = options.tty ? agoText(new Date(startedMs), now) : new Date(startedMs).toISOString();
    const took =
      durationMs === undefined ? '' : options.tty ? durationText(durationMs) : String(Math.round(durationMs));
    return [run.id, run.status, run.namespace, started, took, parameters];
  });
  options.out(
    options.tty ? renderTable(columnsOf(options.screen), rows, options.screen) : renderTsv(TSV_COLUMNS, rows),
  );
  return 0;
}

function columnsOf(screen: Screen): TableColumn[] {
  const styles = paint(screen);
  return [
    { head: 'id', style: styles.cyan },
    { head: 'status', style: (cell, status) => statusStyle(status, styles)(cell) },
    { head: 'experiment', shrink: true, min: 10, style: styles.bold },
    { head: 'started' },
    { head: 'took', align: 'right' },
    { head: 'differs in', shrink: true, min: 10 },
  ];
}

const TSV_COLUMNS: readonly TableColumn[] = [
  { head: 'id' },
  { head: 'status' },
  { head: 'experiment' },
  { head: 'started' },
  { head: 'duration_ms' },
  { head: 'parameters' },
];

function listJson(options: ArchiveOptions): number {
  const runs = newestFirst(options, (run) => {
    const record = runRecord(run);
    return {
      startedMs: run.startedAt.getTime(),
      text: harmlessJson(encodePretty(record, `the run ${run.id}`)).replaceAll('\n', '\n  '),
    };
  });
  if (runs.length === 0) options.out('[]\n');
  // Piece by piece, since the whole may be longer than a string can be.
  runs.forEach(({ text }, index) => {
    const isLast = index === runs.length - 1;
    options.out(`${index === 0 ? '[\n  ' : '  '}${text}${isLast ? '\n]\n' : ',\n'}`);
  });
  return 0;
}

/** Reads every run; one that cannot be read is named on stderr. */
function newestFirst<T extends { readonly startedMs: number }>(
  { results, err }: ArchiveOptions,
  read: (run: LoadedRun) => T,
): T[] {
  const found: T[] = [];
  for (const entry of walkRuns(results)) {
    try {
      if (entry.kind === 'broken') throw new Error(entry.reason);
      found.push(read(loadRun(entry.path)));
    } catch (error) {
      const { message } = error as Error;
      err(`comex: ${harmless(message.includes(entry.path) ? message : `${entry.path}: ${message}`)}\n`);
    }
  }
  return found.sort((a, b) => b.startedMs - a.startedMs);
}

function parameterTexts(run: LoadedRun): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(parameterValues(run))) {
    const isSecret = run.meta.parameters[name]?.redacted === true;
    texts.set(name, isSecret ? '[redacted]' : distinctText(value));
  }
  return texts;
}

/** Short, and different for different values. */
function distinctText(value: unknown): string {
  const text = valueText(value);
  if (typeof value !== 'object' || value === null || text.length < 100) return text;
  return `${text.slice(0, 100)} ${canonical(value).length}`;
}

/** By experiment, the names of the parameters that do not have the same value in all of its runs. */
function differingParameters(runs: readonly Listed[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byExperiment = new Map<string, Listed[]>();
  for (const run of runs) {
    const same = byExperiment.get(run.namespace);
    if (same === undefined) byExperiment.set(run.namespace, [run]);
    else same.push(run);
  }
  return new Map([...byExperiment].map(([namespace, same]) => [namespace, differingOf(same)]));
}

function differingOf(runs: readonly Listed[]): ReadonlySet<string> {
  const [first] = runs;
  const differing = new Set<string>();
  for (const { parameters } of runs) {
    for (const [name, text] of parameters) if (first?.parameters.get(name) !== text) differing.add(name);
    for (const name of first?.parameters.keys() ?? []) if (!parameters.has(name)) differing.add(name);
  }
  return differing;
}
