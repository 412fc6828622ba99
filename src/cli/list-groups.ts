import { isCounted } from '../archive/statuses.ts';
import type { RunSummary } from '../archive/summary.ts';
import { compareValues, type SummaryField, summaryField } from '../archive/summary-fields.ts';
import { statisticOfNumbers } from '../codec/running-statistic.ts';
import { ComexError } from '../errors.ts';
import type { ArchiveOptions, ListOptions } from './list.ts';
import { cellText, namesIn, plainText } from './list-columns.ts';
import { agoText, durationText, numberText } from './quantity.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';

/** Mean and sample standard deviation of the numbers that the done runs of a group have. */
interface Statistic {
  readonly name: string;
  /** How many of them have a number. */
  readonly count: number;
  readonly mean: number | null;
  /** Null of less than two. */
  readonly sd: number | null;
}

interface GroupRecord {
  /** The value that the runs share; null when they have none. */
  readonly value: unknown;
  readonly runs: number;
  /** Runs that are done, and those that ended in any way but by being pruned. */
  readonly done: number;
  readonly ended: number;
  /** Null when none ended. */
  readonly successRate: number | null;
  /** When the latest of them began. */
  readonly lastStartedAt: string;
  /** Of those that are done. */
  readonly meanDurationMs: number | null;
  readonly metrics: readonly Statistic[];
}

interface Group {
  readonly value: unknown;
  readonly record: GroupRecord;
}

/**
 * The runs by the value of what `--group-by` names, in the order of the values; by tags, a run counts for each of its
 * own. Undefined when nothing is grouped.
 *
 * @throws ComexError `E_QUERY` for a name that no run has, `E_USAGE` for a metric without groups and columns with them
 */
export function groupRuns(
  runs: readonly RunSummary[],
  all: readonly RunSummary[],
  { groupBy, metric, columns }: ListOptions,
): Group[] | undefined {
  if (groupBy === undefined) {
    if (metric === undefined) return undefined;
    throw new ComexError('E_USAGE', 'Expected --group-by with --metric. Give --columns to see it of every run.');
  }
  if (columns !== undefined) {
    throw new ComexError('E_USAGE', 'Expected --group-by or --columns, got both. A group has the means of --metric.');
  }
  const { get } = summaryField(groupBy, all);
  const metrics = metric === undefined ? [] : namesIn(metric, '--metric').map((name) => summaryField(name, all));
  const groups = new Map<string, { value: unknown; runs: RunSummary[] }>();
  for (const run of runs) {
    const value = get(run);
    const values = groupBy === 'tags' && run.tags.length > 0 ? run.tags : [groupBy === 'tags' ? undefined : value];
    for (const each of values) {
      const key = `${typeof each} ${plainText(each)}`;
      const same = groups.get(key);
      if (same === undefined) groups.set(key, { value: each, runs: [run] });
      else same.runs.push(run);
    }
  }
  return [...groups.values()]
    .sort((a, b) => compareValues(a.value, b.value, 1))
    .map((group) => ({ value: group.value, record: recordOf(group.value, group.runs, metrics) }));
}

function recordOf(value: unknown, runs: readonly RunSummary[], metrics: readonly SummaryField[]): GroupRecord {
  const done = runs.filter(({ status }) => status === 'done');
  const ended = runs.filter(({ status }) => isCounted(status)).length;
  const last = runs.reduce((latest, { startedMs }) => Math.max(latest, startedMs), Number.NEGATIVE_INFINITY);
  return {
    value: value ?? null,
    runs: runs.length,
    done: done.length,
    ended,
    successRate: ended === 0 ? null : done.length / ended,
    lastStartedAt: new Date(last).toISOString(),
    meanDurationMs: defined(statisticOfNumbers(done.flatMap(({ durationMs }) => durationMs ?? [])).mean),
    metrics: metrics.map((field) => statistic(field, done)),
  };
}

function statistic({ name, get }: SummaryField, done: readonly RunSummary[]): Statistic {
  const values = done.map(get).filter((value) => typeof value === 'number' || typeof value === 'bigint');
  const { count, mean, deviation } = statisticOfNumbers(values.map(Number).filter((value) => !Number.isNaN(value)));
  return { name, count, mean: defined(mean), sd: count < 2 ? null : deviation };
}

/** Of no numbers there is no mean. */
function defined(mean: number): number | null {
  return Number.isNaN(mean) ? null : mean;
}

/** A line for each group. */
export function groupTable(groups: readonly Group[], options: ArchiveOptions & ListOptions, now: number): string {
  const { tty, screen, groupBy = '' } = options;
  const metrics = groups[0]?.record.metrics.map(({ name }) => name) ?? [];
  if (!tty) {
    const heads = [groupBy, 'runs', 'done', 'ended', 'last', 'duration_ms'];
    for (const name of metrics) heads.push(`${name} mean`, `${name} sd`, `${name} count`);
    const rows = groups.map(({ value, record }) => [
      plainText(value),
      ...[record.runs, record.done, record.ended, record.lastStartedAt].map(String),
      record.meanDurationMs === null ? '' : String(Math.round(record.meanDurationMs)),
      ...record.metrics.flatMap(({ mean, sd, count }) => [mean ?? '', sd ?? '', count].map(String)),
    ]);
    return renderTsv(
      heads.map((head) => ({ head })),
      rows,
    );
  }
  const columns: TableColumn[] = [
    { head: groupBy, shrink: true, min: 8 },
    ...['runs', 'done', 'success'].map((head) => ({ head, align: 'right' as const })),
    { head: 'last' },
    { head: 'took', align: 'right' },
    ...metrics.map((head) => ({ head, shrink: true, min: 10 })),
  ];
  const plusMinus = screen.unicode ? '±' : '+-';
  const rows = groups.map(({ value, record }) => [
    value === undefined ? '(none)' : cellText(value, groupBy, now),
    String(record.runs),
    `${record.done}/${record.ended}`,
    record.successRate === null ? '' : `${Math.round(record.successRate * 100)} %`,
    agoText(new Date(record.lastStartedAt), now),
    record.meanDurationMs === null ? '' : durationText(record.meanDurationMs),
    ...record.metrics.map(({ mean, sd }) => {
      if (mean === null) return '';
      return sd === null ? numberText(mean) : `${numberText(mean)} ${plusMinus} ${numberText(sd)}`;
    }),
  ]);
  return renderTable(columns, rows, screen);
}
