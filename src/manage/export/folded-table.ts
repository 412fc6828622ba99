import { ComexError } from '../../errors.ts';
import type { Judged } from './best.ts';
import { type Folded, type FoldedColumn, type FoldedGroup, statisticOf } from './fold.ts';
import { type SortKey, sortBy } from './gather.ts';
import { Measured, type SpreadKind } from './measured.ts';
import type { Footnote } from './table.ts';

/** Heads and rows of cells, ready to be written. */
export interface PlainTable {
  readonly columns: ReadonlyArray<{ readonly head: string; readonly isoMoments?: boolean }>;
  readonly rows: ReadonlyArray<readonly unknown[]>;
}

type Cells = (group: FoldedGroup, row: number) => unknown;

/** A table for programs: mean, spread, count and mark have columns of their own. */
export function flatTable({ columns, groups }: Folded, spread: SpreadKind, judged: readonly Judged[]): PlainTable {
  return laidOut(columns, groups, true, (column, index) => {
    const { head } = column.field;
    const cells: Array<readonly [string, Cells]> = [
      [`${head} mean`, (group) => defined(statisticOf(group, index).mean)],
      ...spreadColumns(head, index, spread),
    ];
    // How many runs a group has is said once; of a column only where it has less.
    if (groups.some((group) => statisticOf(group, index).count !== group.count)) {
      cells.push([`${head} n`, (group) => statisticOf(group, index).count]);
    }
    const judgement = judged.find((each) => each.column === index);
    if (judgement !== undefined) cells.push([`${head} best`, (_, row) => judgement.marks[row]]);
    return cells;
  });
}

/** A table for people: `0.912 ± 0.004` in one cell, with a footnote where it is not of all runs that `n` counts. */
export function shownTable(
  { columns, groups }: Folded,
  judged: readonly Judged[],
): PlainTable & { readonly footnotes: readonly Footnote[] } {
  const letters = new Map<string, string>();
  const noteOf = (group: FoldedGroup, index: number): string | undefined => {
    const gaps = group.gaps[index]!;
    if (gaps === '') return undefined;
    const { count } = statisticOf(group, index);
    const text = `of ${count} ${count === 1 ? 'run' : 'runs'}; ${gaps}`;
    if (!letters.has(text)) letters.set(text, letterOf(letters.size));
    return letters.get(text);
  };
  const hasFailed = groups.some(({ failed }) => failed > 0);
  const table = laidOut(columns, groups, hasFailed, ({ field }, index) => {
    const marks = judged.find((each) => each.column === index)?.marks;
    return [
      [
        field.head,
        (group, row) => {
          const { count, mean, spread } = statisticOf(group, index);
          return count === 0 ? undefined : new Measured(mean, spread, marks?.[row], noteOf(group, index));
        },
      ],
    ];
  });
  return { ...table, footnotes: [...letters].map(([text, mark]) => ({ mark, text })) };
}

/** a, b, ..., z, aa, ab, ... */
function letterOf(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/**
 * Sorts the groups by their keys and means.
 *
 * @throws ComexError `E_USAGE` for a name that is neither
 */
export function sortGroups(folded: Folded, keys: readonly SortKey[]): Folded {
  const indexes = keys.map(({ name }) => {
    const index = folded.columns.findIndex(({ field }) => field.name === name || field.head === name);
    if (index >= 0) return index;
    const heads = folded.columns.map(({ field }) => field.head).join(', ');
    throw new ComexError(
      'E_USAGE',
      `Expected --sort to name a column of the folded table, got "${name}". There are ${heads}.`,
    );
  });
  const groups = sortBy(folded.groups, keys, (group) =>
    indexes.map((index) => {
      return folded.columns[index]!.kind === 'numbers' ? statisticOf(group, index).mean : group.values[index];
    }),
  );
  return { ...folded, groups };
}

function laidOut(
  columns: readonly FoldedColumn[],
  groups: readonly FoldedGroup[],
  hasFailed: boolean,
  numbers: (column: FoldedColumn, index: number) => ReadonlyArray<readonly [head: string, cells: Cells]>,
): PlainTable {
  const all: Array<readonly [head: string, cells: Cells, isoMoments?: boolean]> = [];
  const lastKey = columns.findLastIndex(({ kind }) => kind === 'key');
  for (const [index, column] of columns.entries()) {
    if (column.kind === 'numbers') all.push(...numbers(column, index));
    else all.push([column.field.head, (group) => group.values[index], column.field.isoMoments]);
    if (index !== lastKey) continue;
    all.push(['n', (group) => group.count]);
    if (hasFailed) all.push(['failed', (group) => group.failed]);
  }
  return {
    columns: all.map(([head, , isoMoments = false]) => ({ head, isoMoments })),
    rows: groups.map((group, row) => all.map(([, cells]) => cells(group, row))),
  };
}

function spreadColumns(head: string, index: number, kind: SpreadKind): Array<readonly [string, Cells]> {
  const spreadOf = (group: FoldedGroup) => statisticOf(group, index).spread;
  if (kind !== 'minmax') return [[`${head} ${kind}`, spreadOf]];
  return (['min', 'max'] as const).map((end, at) => [
    `${head} ${end}`,
    (group) => {
      const spread = spreadOf(group);
      return typeof spread === 'object'
        ? spread[at]
        : statisticOf(group, index).count === 1
          ? statisticOf(group, index).mean
          : undefined;
    },
  ]);
}

/** The mean of nothing is nothing. */
function defined(mean: number): number | undefined {
  return Number.isNaN(mean) ? undefined : mean;
}
