import type { RunSummary } from '../../archive/summary.ts';
import { ComexError, isComexError } from '../../errors.ts';
import type { GatheredRow } from './gather.ts';
import { CellTypes, type TableColumn } from './table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What runs recorded as rows: points of series, rows of tables. */
export interface RowSource {
  /** Of the cells that each row has. */
  readonly heads: readonly string[];
  /** The head of a field that some rows have. */
  readonly openHead: (field: string) => string;
  /** Gives the rows of a run one by one: cells, and fields that some rows have. */
  readonly scan: (folder: string, take: (cells: readonly unknown[], fields: Fields | undefined) => void) => void;
}

/** All rows of some runs, known by their columns and counts; the rows themselves are read when they are written. */
export interface LongTable {
  /** Those of the runs, then those of the source. */
  readonly columns: readonly TableColumn[];
  readonly count: number;
  readonly runs: ReadonlyArray<{ readonly row: GatheredRow; readonly count: number }>;
  /** Runs that cannot be read. */
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
  /** Where a field of the source has its cell. */
  readonly places: ReadonlyMap<string, number>;
}

/** More columns than that are a mistake. */
const MOST_FIELDS = 5000;

/**
 * Looks through the rows of the runs for their columns.
 *
 * @param columns those of the runs themselves
 * @throws ComexError `E_USAGE` for too many fields
 */
export function surveyRows(
  source: RowSource,
  columns: ReadonlyArray<{ readonly head: string; readonly isoMoments?: boolean }>,
  rows: readonly GatheredRow[],
): LongTable {
  const fixed = columns.length + source.heads.length;
  const places = new Map<string, number>();
  const types = new CellTypes();
  const broken: Array<{ path: string; reason: string }> = [];
  const runs: Array<{ row: GatheredRow; count: number }> = [];
  let total = 0;
  for (const row of rows) {
    let count = 0;
    try {
      source.scan(row.run.path, (cells, fields) => {
        count += 1;
        for (let i = 0; i < cells.length; i++) types.see(columns.length + i, cells[i]);
        if (fields === undefined) return;
        for (const field of Object.keys(fields)) types.see(placeOf(field, places, fixed), fields[field]);
      });
    } catch (error) {
      if (!isComexError(error) || error.code === 'E_USAGE') throw error;
      broken.push({ path: row.run.path, reason: error.message });
      continue;
    }
    for (let i = 0; i < columns.length; i++) types.see(i, row.cells[i]);
    if (count > 0) runs.push({ row, count });
    total += count;
  }
  const taken = new Set([...columns.map(({ head }) => head), ...source.heads]);
  const open = [...places.keys()].map((field) => freeHead(source.openHead(field), taken));
  const heads = [...columns, ...[...source.heads, ...open].map((head) => ({ head }))];
  return {
    columns: heads.map((column, index) => ({ ...column, type: types.at(index) })),
    count: total,
    runs,
    broken,
    places,
  };
}

/**
 * Gives all rows, each run's as many as were there when they were looked through. The array of cells is used again.
 *
 * @param pause waits for a moment, between two runs
 * @throws ComexError `E_RUN_BUSY` when a run was changed meanwhile
 */
export async function eachRow(
  source: RowSource,
  table: LongTable,
  take: (cells: readonly unknown[]) => void,
  pause: () => Promise<void>,
): Promise<void> {
  const { columns, places } = table;
  const cells: unknown[] = new Array(columns.length).fill(undefined);
  for (const { row, count } of table.runs) {
    const own = row.cells.length;
    for (let i = 0; i < own; i++) cells[i] = row.cells[i];
    let left = count;
    source.scan(row.run.path, (values, fields) => {
      // What was recorded since then comes behind what was there.
      if (left === 0) return;
      left -= 1;
      for (let i = 0; i < values.length; i++) cells[own + i] = values[i];
      for (let i = own + values.length; i < cells.length; i++) cells[i] = undefined;
      for (const field in fields) {
        const place = places.get(field);
        if (place === undefined) throw changed(row.run);
        cells[place] = fields[field];
      }
      take(cells);
    });
    if (left > 0) throw changed(row.run);
    await pause();
  }
}

function changed({ id }: RunSummary): ComexError {
  return new ComexError(
    'E_RUN_BUSY',
    `The run ${id} was changed while it was exported; nothing was written. Export again, or leave it out with --status done.`,
  );
}

function placeOf(field: string, places: Map<string, number>, fixed: number): number {
  const known = places.get(field);
  if (known !== undefined) return known;
  if (places.size >= MOST_FIELDS) {
    throw new ComexError(
      'E_USAGE',
      `Expected rows with at most ${MOST_FIELDS} fields in all, got more. Nothing was written. Export fewer tables at once.`,
    );
  }
  places.set(field, fixed + places.size);
  return fixed + places.size - 1;
}

/** A field that is called as another column is, gets `row.` in front. */
function freeHead(head: string, taken: Set<string>): string {
  let free = head;
  while (taken.has(free)) free = `row.${free}`;
  taken.add(free);
  return free;
}
