import { durationMs, TIME_SPANS } from '../codec/duration.ts';
import { momentMs } from '../codec/moment.ts';
import { ComexError } from '../errors.ts';
import { openIndex } from './index-open.ts';
import { statusOfWord } from './statuses.ts';
import { type RunSummary, Summary } from './summary.ts';
import { compareValues, summaryField } from './summary-fields.ts';

/** Which runs are meant, and in which order. */
export interface SummaryFilter {
  /** In the query language: `status == "done" && LEARNING_RATE < 0.01`. */
  readonly query?: string | undefined;
  /** Any of these; `completed` is done, `submitted` is queued. */
  readonly status?: readonly string[] | undefined;
  /** All of these. */
  readonly tag?: readonly string[] | undefined;
  /** That namespace and those below it. */
  readonly namespace?: string | undefined;
  /** Runs that this job of a cluster worked on. */
  readonly job?: string | undefined;
  /** Begun since then: a time span such as `2d` or `3h`, or a date in ISO 8601. */
  readonly since?: string | undefined;
  /** Names, each with a `-` before it for the largest first: `-startedAt`, `LEARNING_RATE`, `loss/val:min`. */
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  /** Also the runs inside of runs. */
  readonly children?: boolean | undefined;
}

/** What an archive holds, in short. */
export interface ArchiveSummaries {
  readonly runs: readonly RunSummary[];
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

/** The runs that were meant. */
export interface SelectedSummaries extends ArchiveSummaries {
  /** All runs of the archive, from which they were taken. */
  readonly all: readonly RunSummary[];
}

/** Reading a run's folder takes about as long as so many rows of all columns of the index. */
const FEW = 20;

/**
 * The runs of an archive that a filter lets through, sorted, the newest first by default.
 *
 * @param results the archive's folder; one that does not exist holds no runs
 * @param now milliseconds since the epoch that `since` counts from
 * @throws ComexError `E_QUERY` for a query, a name or a filter that means nothing
 *
 * @example
 * ```ts
 * import { selectSummaries } from 'comex/archive';
 *
 * const { runs } = await selectSummaries('results', { query: 'status == "done" && LEARNING_RATE < 1', sort: '-loss/train:min' });
 * for (const { id, durationMs, tags } of runs) console.log(id, durationMs, tags);
 * ```
 */
export async function selectSummaries(
  results: string,
  filter: SummaryFilter = {},
  now: number = Date.now(),
): Promise<SelectedSummaries> {
  const narrow = await narrowing(filter, now);
  const index = openIndex(results, { children: filter.children === true });
  try {
    const runs = narrow(index.runs, index.runs);
    return { runs, broken: index.broken, all: index.runs };
  } finally {
    index.save();
  }
}

/** Makes ready for showing all of few runs. */
export function prefetch({ runs, all }: SelectedSummaries): void {
  if (runs.length * FEW > all.length) return;
  for (const run of runs) if (run instanceof Summary) run.prefetch();
}

/** Whether a filter leaves any run out. */
export function isNarrowing(filter: SummaryFilter): boolean {
  const { query, status, tag, namespace, job, since, limit } = filter;
  return [query, namespace, job, since, limit].some((item) => item !== undefined) || !isEmpty(status) || !isEmpty(tag);
}

/**
 * Reads a filter, and gives what takes runs through it: of `runs`, where `all` is the archive that knows the names.
 *
 * @throws ComexError `E_QUERY`
 */
export async function narrowing(
  filter: SummaryFilter,
  now: number,
): Promise<(runs: readonly RunSummary[], all: readonly RunSummary[]) => readonly RunSummary[]> {
  const tests = simpleTests(filter, now);
  const language = filter.query === undefined ? undefined : await import('./query.ts');
  const query = language?.parseQuery(filter.query!);
  const { limit, sort } = filter;
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 0)) {
    throw new ComexError('E_QUERY', `Expected a limit that is a whole number, got ${limit}.`);
  }
  return (runs, all) => {
    if (query !== undefined) language!.checkNames(query, all);
    const kept = runs.filter((run) => tests.every((test) => test(run)) && (query?.matches(run) ?? true));
    const sorted = sortSummaries(kept, sort, all);
    return limit === undefined ? sorted : sorted.slice(0, limit);
  };
}

/**
 * Sorts by names, as `summaryField` reads them, the newest first among equals. What a run lacks comes last.
 *
 * @throws ComexError `E_QUERY` for a name that no run has
 */
export function sortSummaries(
  runs: readonly RunSummary[],
  sort: string | undefined,
  all: readonly RunSummary[],
): readonly RunSummary[] {
  const names = (sort ?? '').split(',').map((name) => name.trim());
  const keys = names
    .filter((name) => name !== '')
    .map((name) => {
      const direction = name.startsWith('-') ? -1 : 1;
      const { get } = summaryField(name.replace(/^[-+]/, ''), all);
      return { direction, values: runs.map(get) } as const;
    });
  const started = runs.map((run) => run.startedMs);
  const order = runs.map((_, index) => index);
  order.sort((a, b) => {
    for (const { direction, values } of keys) {
      const difference = compareValues(values[a], values[b], direction);
      if (difference !== 0) return difference;
    }
    return started[b]! - started[a]!;
  });
  return order.map((index) => runs[index]!);
}

function simpleTests(filter: SummaryFilter, now: number): Array<(run: RunSummary) => boolean> {
  const { status, tag, namespace, job, since } = filter;
  const tests: Array<(run: RunSummary) => boolean> = [];
  if (since !== undefined) {
    const from = sinceMs(since, now);
    tests.push((run) => run.startedMs >= from);
  }
  if (!isEmpty(status)) {
    const wanted = new Set(status!.flatMap((text) => text.split(',')).map((text) => statusOfWord(text.trim())));
    tests.push((run) => wanted.has(run.status));
  }
  if (namespace !== undefined) {
    const name = namespace.replace(/\/+$/, '');
    tests.push((run) => run.namespace === name || run.namespace.startsWith(`${name}/`));
  }
  if (!isEmpty(tag)) tests.push((run) => tag!.every((each) => run.tags.includes(each)));
  if (job !== undefined) tests.push((run) => run.jobs.includes(job));
  return tests;
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function sinceMs(text: string, now: number): number {
  const age = durationMs(text);
  if (age !== undefined) return now - age;
  const ms = momentMs(text);
  if (ms !== undefined) return ms;
  const expected = /^\d{4}-\d/.test(text)
    ? 'a day of the calendar, such as 2026-01-31'
    : `a time such as ${TIME_SPANS}, or a date such as 2026-01-31`;
  throw new ComexError('E_QUERY', `Expected ${expected}, got "${text}".`);
}
