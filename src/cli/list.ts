import { prefetch, type SummaryFilter, selectSummaries } from '../archive/summaries.ts';
import type { RunSummary } from '../archive/summary.ts';
import { encodePretty } from '../codec/json.ts';
import { columnRecord, columnsOf, columnTable } from './list-columns.ts';
import { groupRuns, groupTable } from './list-groups.ts';
import { listedRecord } from './list-record.ts';
import { runTable } from './list-table.ts';
import { nameBroken, nameCopies } from './look-scope.ts';
import { harmless, harmlessJson, type Screen } from './screen.ts';

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

/** What `comex list` is asked for beside. */
export interface ListOptions extends SummaryFilter {
  /** Names of what to show, with commas between them. */
  readonly columns?: string | undefined;
  /** A name: one line for each of its values instead of one for each run. */
  readonly groupBy?: string | undefined;
  /** Names of numbers to average over a group, with commas between them. */
  readonly metric?: string | undefined;
}

/**
 * `comex list`: the runs of the archive, newest first, or groups of them. Returns the exit status.
 *
 * @throws ComexError `E_QUERY`, `E_USAGE`
 */
export async function list(options: ArchiveOptions & ListOptions): Promise<number> {
  const now = options.now ?? Date.now();
  const selected = await selectSummaries(options.results, options, now);
  const { runs, broken, all } = selected;
  nameBroken(broken, options);
  // A name that no run has is an error also where nothing matches.
  const columns = columnsOf(options.columns, all);
  const groups = groupRuns(runs, all, options);
  if (columns === undefined && groups === undefined) prefetch(selected);
  // Of those that are shown: the ids of all would have to be read for it.
  nameCopies(runs, options);
  if (options.json) {
    if (groups !== undefined)
      printArray(
        options,
        groups.map(({ record }) => record),
        'group',
      );
    else printRuns(options, runs, columns);
    return 0;
  }
  if (runs.length === 0) {
    options.err(nothingFound(options, all.length));
    return 0;
  }
  if (groups !== undefined) options.out(groupTable(groups, options, now));
  else if (columns !== undefined) options.out(columnTable(runs, columns, options, now));
  else options.out(runTable(runs, options, now));
  return 0;
}

function nothingFound({ results, children }: ArchiveOptions & ListOptions, count: number): string {
  const where = harmless(results);
  if (count === 0) return `No runs in ${where} yet. Start one with "comex run FILE".\n`;
  const hint = children === true ? '' : ' (runs inside of runs count with --children)';
  return `No match among the ${count === 1 ? 'one run' : `${count} runs`} in ${where}${hint}.\n`;
}

function printRuns(options: ArchiveOptions, runs: readonly RunSummary[], columns: ReturnType<typeof columnsOf>): void {
  printArray(options, runs, 'run', (run) => (columns === undefined ? listedRecord(run) : columnRecord(run, columns)));
}

/** Piece by piece, since the whole may be longer than a string can be. */
function printArray<T>(
  { out }: ArchiveOptions,
  items: readonly T[],
  what: string,
  record: (item: T) => unknown = (item) => item,
): void {
  if (items.length === 0) out('[]\n');
  let pending = '';
  items.forEach((item, index) => {
    const text = harmlessJson(encodePretty(record(item), `the ${what} ${index + 1}`)).replaceAll('\n', '\n  ');
    const isLast = index === items.length - 1;
    pending += `${index === 0 ? '[\n  ' : '  '}${text}${isLast ? '\n]\n' : ',\n'}`;
    if (pending.length < 65_536 && !isLast) return;
    out(pending);
    pending = '';
  });
}
