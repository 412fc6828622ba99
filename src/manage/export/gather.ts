import type { RunSummary } from '../../archive/summary.ts';
import { compareValues } from '../../archive/summary-fields.ts';
import { ComexError, isComexError } from '../../errors.ts';
import { DefaultColumns } from './default-columns.ts';
import { ExportedRun, type ExportField, requireSome } from './fields.ts';

/** One run of a master table. */
export interface GatheredRow {
  readonly run: RunSummary;
  /** In the order of the columns. */
  readonly cells: readonly unknown[];
  /** What the further fields are, such as keys to sort by. */
  readonly further: readonly unknown[];
}

export interface Gathered {
  readonly columns: readonly ExportField[];
  readonly rows: readonly GatheredRow[];
  /** Runs that cannot be read. */
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
  /** Sentences about what is not there. */
  readonly notes: readonly string[];
}

/**
 * Reads what the columns ask of each run. Of a run's data nothing but the cells is kept.
 *
 * @param columns undefined for those of a master table
 * @param further fields that are asked for beside them
 * @param all the runs of the archive, which know the names
 * @throws ComexError `E_QUERY` for a name that no run has, `E_USAGE` for two columns with the same head
 */
export function gather(
  runs: readonly RunSummary[],
  columns: readonly ExportField[] | undefined,
  further: readonly ExportField[],
  all: readonly RunSummary[],
): Gathered {
  if (columns !== undefined) refuseSameHeads(columns.map(({ head }) => head));
  const defaults = columns === undefined ? new DefaultColumns(all) : undefined;
  const broken: Array<{ path: string; reason: string }> = [];
  const read: Array<{ run: RunSummary; cells: readonly unknown[] | ReadonlyMap<string, unknown>; further: unknown[] }> =
    [];
  for (const summary of runs) {
    const run = new ExportedRun(summary);
    try {
      const cells = defaults?.add(run) ?? columns!.map(({ get }) => get(run));
      read.push({ run: summary, cells, further: further.map(({ get }) => get(run)) });
    } catch (error) {
      if (!isComexError(error)) throw error;
      broken.push({ path: summary.path, reason: error.message });
    }
  }
  const fields = defaults?.fields() ?? columns!;
  const rows = read.map(({ cells, ...row }) => {
    return { ...row, cells: cells instanceof Map ? fields.map(({ head }) => cells.get(head)) : (cells as unknown[]) };
  });
  const exported = new Set(rows.map(({ run }) => run.path));
  for (const [index, field] of (columns ?? []).entries()) {
    requirePath(field, rows, ({ cells }) => cells[index], exported, all);
  }
  for (const [index, field] of further.entries()) {
    requirePath(field, rows, (row) => row.further[index], exported, all);
  }
  return { columns: fields, rows, broken, notes: defaults?.notes() ?? [] };
}

/** @throws ComexError `E_USAGE` */
export function refuseSameHeads(heads: readonly string[]): void {
  const seen = new Set<string>();
  for (const head of heads) {
    if (seen.has(head)) {
      const advice = "Give one another head: --columns 'HEAD=NAME'.";
      throw new ComexError('E_USAGE', `Expected each column to have a head of its own, got two "${head}". ${advice}`);
    }
    seen.add(head);
  }
}

function requirePath(
  field: ExportField,
  rows: readonly GatheredRow[],
  cellOf: (row: GatheredRow) => unknown,
  exported: ReadonlySet<string>,
  all: readonly RunSummary[],
): void {
  if (field.path === undefined || rows.length === 0 || rows.some((row) => cellOf(row) !== undefined)) return;
  requireSome(field, exported, all);
}

/** A key to sort by. */
export interface SortKey {
  readonly name: string;
  readonly direction: 1 | -1;
}

/** Reads `-results/accuracy,LEARNING_RATE`: the names, each with a `-` before it for the largest first. */
export function sortKeys(names: readonly string[]): SortKey[] {
  return names.map((name) => ({
    name: name.replace(/^[-+]/, ''),
    direction: name.startsWith('-') ? -1 : 1,
  }));
}

/** Sorts by the values that the keys have for each item; equal ones stay in their order. */
export function sortBy<T>(
  items: readonly T[],
  keys: readonly SortKey[],
  valuesOf: (item: T) => readonly unknown[],
): readonly T[] {
  if (keys.length === 0) return items;
  const values = items.map(valuesOf);
  const order = items.map((_, index) => index);
  order.sort((a, b) => {
    for (const [index, { direction }] of keys.entries()) {
      const difference = compareValues(values[a]![index], values[b]![index], direction);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return order.map((index) => items[index]!);
}
