import type { SelectedSummaries } from '../archive/summaries.ts';
import type { RunSummary } from '../archive/summary.ts';
import { tableNames } from '../archive/tables.ts';
import { canonical } from '../codec/json.ts';
import { isSpecialName } from '../experiment/special.ts';
import { judgeBest, wantedBest } from '../manage/export/best.ts';
import { wantedColumns, wantedNames } from '../manage/export/column-words.ts';
import { FACTS } from '../manage/export/default-columns.ts';
import { type ExportField, exportField } from '../manage/export/fields.ts';
import { fold } from '../manage/export/fold.ts';
import { flatTable, shownTable, sortGroups } from '../manage/export/folded-table.ts';
import type { Format } from '../manage/export/format.ts';
import { type Gathered, gather, refuseSameHeads, type SortKey, sortBy, sortKeys } from '../manage/export/gather.ts';
import type { SpreadKind } from '../manage/export/measured.ts';
import { POINT_HEADS, pointSource, requireNames, requireSeries } from '../manage/export/points.ts';
import { RECORD_HEADS, recordSource } from '../manage/export/recorded-rows.ts';
import { eachRow, surveyRows } from '../manage/export/row-source.ts';
import { DAGGER, type Footnote, type TableColumn, typedColumns } from '../manage/export/table.ts';
import type { ExportOptions } from '../manage/export/views.ts';

/** A table that is ready to be written. */
export interface ExportedTable {
  /** What a row is. */
  readonly kind: 'run' | 'group' | 'point' | 'row';
  readonly columns: readonly TableColumn[];
  readonly count: number;
  /** Gives the rows one by one. */
  readonly each: (take: (cells: readonly unknown[]) => void, pause: () => Promise<void>) => Promise<void>;
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
  /** Sentences about what is not there. */
  readonly notes: readonly string[];
  /** Heads one behind the other that nothing but such a table has. */
  readonly mark?: readonly string[] | undefined;
  /** Lines below a table for people. */
  readonly footnotes?: readonly Footnote[] | undefined;
}

/**
 * A row for each run, or for each group of repeats.
 *
 * @throws ComexError `E_QUERY` for a name that no run has; `E_USAGE`
 */
export function runTable(selected: SelectedSummaries, options: ExportOptions, format: Format): ExportedTable {
  const { all } = selected;
  const columns = fieldsOf(options.columns, '--columns', all);
  if (options.foldBy !== undefined) return foldedTable(selected, columns, options, format);
  const { runs, broken } = inOrder(selected, columns, options);
  const gathered = gather(runs, columns, [], all);
  const rows = gathered.rows.map(({ cells }) => cells);
  return {
    kind: 'run',
    columns: typedColumns(gathered.columns, rows),
    count: rows.length,
    each: async (take) => rows.forEach(take),
    broken: [...broken, ...gathered.broken],
    notes: gathered.notes,
    mark: columns === undefined ? FACTS : undefined,
  };
}

/**
 * A row for each point of series, or for each recorded row of tables, beside columns of the run.
 *
 * @throws ComexError `E_QUERY` for a name that no run has; `E_USAGE`
 */
export function longTable(selected: SelectedSummaries, options: ExportOptions): ExportedTable {
  const { all } = selected;
  const isSeries = options.series !== undefined;
  const patterns = wantedNames(options.series ?? options.tables!, isSeries ? '--series' : '--tables');
  if (isSeries) requireSeries(patterns, all);
  const named = fieldsOf(options.columns, '--columns', all);
  const { runs, broken } = inOrder(selected, named, options);
  const heads = isSeries ? POINT_HEADS : RECORD_HEADS;
  const columns = named ?? differing(runs, all, heads);
  refuseSameHeads([...columns.map(({ head }) => head), ...heads]);
  const gathered = gather(runs, columns, [], all);
  const source = isSeries ? pointSource(patterns) : recordSource(patterns);
  const table = surveyRows(source, columns, gathered.rows);
  if (!isSeries && table.count === 0 && runs.length > 0) {
    requireNames(patterns, new Set(all.flatMap(({ path }) => tableNames(path))), 'table', all.length);
  }
  return {
    kind: isSeries ? 'point' : 'row',
    columns: table.columns,
    count: table.count,
    each: (take, pause) => eachRow(source, table, take, pause),
    broken: [...broken, ...gathered.broken, ...table.broken],
    notes: gathered.notes,
    mark: isSeries ? POINT_HEADS : undefined,
  };
}

function foldedTable(
  { runs, all }: SelectedSummaries,
  columns: readonly ExportField[] | undefined,
  options: ExportOptions,
  format: Format,
): ExportedTable {
  const { alpha = 0.05, limit } = options;
  const spread = (options.spread ?? 'sd') as SpreadKind;
  const named = new Map(columns?.map((column) => [column.name, column.head]));
  const keys = fieldsOf(options.foldBy, '--fold-by', all) ?? [];
  const headed = keys.map((key) => (key.head === key.name ? { ...key, head: named.get(key.name) ?? key.head } : key));
  const gathered: Gathered = gather(runs, columns, headed, all);
  const folded = sortGroups(fold(gathered, headed, spread, columns !== undefined), sortNames(options));
  const best = judgeBest(folded, wantedBest(namesOf(options.best, '--best')), alpha);
  const isForPeople = format === 'md' || format === 'tex';
  const shown = isForPeople ? shownTable({ ...folded, groups: folded.groups.slice(0, limit) }, best.judged) : undefined;
  const table = shown ?? flatTable(folded, spread, best.judged);
  const heads = table.columns.map(({ head }) => head);
  refuseSameHeads(heads);
  const rows = table.rows.slice(0, limit);
  const hasTies = best.judged.some(({ marks }) => marks.slice(0, limit).includes('tie'));
  return {
    kind: 'group',
    columns: typedColumns(table.columns, rows),
    count: rows.length,
    each: async (take) => rows.forEach(take),
    broken: gathered.broken,
    notes: [...gathered.notes, ...folded.notes, ...best.notes],
    mark: heads.slice(0, heads.indexOf('failed') + 1),
    footnotes: [
      ...(hasTies
        ? [{ mark: DAGGER, text: `not told from the best of its column (t-tests, two-sided, Holm, alpha = ${alpha})` }]
        : []),
      ...(shown?.footnotes ?? []),
    ],
  };
}

/** The runs sorted, and as many as are wanted. */
function inOrder(
  { runs, all }: SelectedSummaries,
  columns: readonly ExportField[] | undefined,
  options: ExportOptions,
): Pick<Gathered, 'broken'> & {
  readonly runs: readonly RunSummary[];
} {
  const keys = sortNames(options);
  if (keys.length === 0) return { runs: runs.slice(0, options.limit), broken: [] };
  const fields = keys.map(({ name }) => {
    return columns?.find(({ head }) => head === name) ?? exportField({ name, head: name }, all);
  });
  const { rows, broken } = gather(runs, [], fields, all);
  const sorted = sortBy(rows, keys, ({ further }) => further);
  return { runs: sorted.slice(0, options.limit).map(({ run }) => run), broken };
}

function sortNames({ sort }: ExportOptions): SortKey[] {
  return sortKeys(namesOf(sort, '--sort'));
}

function namesOf(list: string | undefined, option: string): string[] {
  return list === undefined ? [] : wantedNames(list, option);
}

function fieldsOf(list: string | undefined, option: string, all: readonly RunSummary[]): ExportField[] | undefined {
  const wanted = list === undefined ? [] : wantedColumns(list, option);
  return wanted.length === 0 ? undefined : wanted.map((column) => exportField(column, all));
}

/** The id, and the parameters that are not the same in all runs: what tells rows of long tables apart. */
function differing(runs: readonly RunSummary[], all: readonly RunSummary[], taken: readonly string[]): ExportField[] {
  const texts = new Map<string, string>();
  const different = new Set<string>();
  for (const name of new Set(runs.flatMap(({ parameterNames }) => parameterNames))) {
    if (isSpecialName(name)) continue;
    for (const run of runs) {
      const text = canonical(run.parameter(name));
      if ((texts.get(name) ?? text) !== text) different.add(name);
      texts.set(name, text);
    }
  }
  const names = [...different].map((name) => ({
    name,
    head: taken.includes(name) || name === 'id' ? `parameters.${name}` : name,
  }));
  return [{ name: 'id', head: 'id' }, ...names].map((column) => exportField(column, all));
}
