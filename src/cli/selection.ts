import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { META_FILE } from '../archive/layout.ts';
import { selectRun } from '../archive/select.ts';
import {
  isNarrowing,
  narrowing,
  type SelectedSummaries,
  type SummaryFilter,
  selectSummaries,
} from '../archive/summaries.ts';
import { type RunSummary, readSummary } from '../archive/summary.ts';
import { ComexError } from '../errors.ts';

/** What `selectionOptions` gives. */
export type SelectionOptions = Omit<SummaryFilter, 'query'>;

export interface SelectionPlace {
  /** Absolute path of the archive. */
  readonly results: string;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Milliseconds since the epoch that ages count from. Default now. */
  readonly now?: number;
  /** Refuse to mean all runs when nothing was said. Default false. */
  readonly explicit?: boolean;
}

/** Words that no id, folder, or experiment's name is. */
const QUERY = /[\s"'()<>=!&|?[\]]/;

/** Queries that look like a name. */
const CONSTANTS: readonly string[] = ['true', 'false'];

/**
 * The runs that the words of a command line mean. A word is a run, as `comex show` takes it, or a query: one with a space,
 * a quote, a bracket or an operator that is no folder of a run. Named runs come in the order in which they were named;
 * a query and the options leave out of them what does not fit. Without words, they choose from the whole archive.
 *
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`; `E_QUERY`; `E_USAGE` for several queries, and when nothing
 * was said where it must be
 */
export async function selectRuns(
  words: readonly string[],
  options: SelectionOptions,
  place: SelectionPlace,
): Promise<SelectedSummaries> {
  const { results, cwd, now = Date.now() } = place;
  const queries = words.filter((word) => isQuery(word, place));
  if (queries.length > 1) {
    throw new ComexError(
      'E_USAGE',
      'Expected one query, got several. Put "&&" or "||" between them, in one pair of quotes.',
    );
  }
  const filter: SummaryFilter = { ...options, query: queries[0] };
  const named = words.filter((word) => !queries.includes(word));
  if (place.explicit === true && named.length === 0 && !isNarrowing(filter)) {
    throw new ComexError('E_USAGE', 'Expected runs: ids, a query in quotes, or options such as --status failed.');
  }
  if (named.length === 0) return selectSummaries(results, filter, now);
  const paths = [...new Set(named.map((word) => selectRun(word, { results, cwd })))];
  const runs = paths.map((path) => readSummary(path, isInside(path)));
  if (!isNarrowing(filter) && filter.sort === undefined) return { runs, broken: [], all: runs };
  const all = filter.query === undefined ? runs : (await selectSummaries(results, { children: true }, now)).runs;
  const narrow = await narrowing(filter, now);
  const narrowed = narrow(runs, [...all, ...runs]);
  const inOrder: readonly RunSummary[] =
    filter.sort === undefined ? [...narrowed].sort((a, b) => paths.indexOf(a.path) - paths.indexOf(b.path)) : narrowed;
  return { runs: inOrder, broken: [], all };
}

/** Whether a word is a query, and not a run. */
export function isQuery(word: string, { results, cwd }: SelectionPlace): boolean {
  if (!QUERY.test(word) && !CONSTANTS.includes(word)) return false;
  return ![resolve(cwd, word), resolve(results, word)].some((path) => existsSync(join(path, META_FILE)));
}

/** Whether a run folder stands inside of another run's. */
function isInside(path: string): boolean {
  return existsSync(join(path, '..', '..', META_FILE));
}
