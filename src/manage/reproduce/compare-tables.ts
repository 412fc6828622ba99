import { isPlainObject } from '../../archive/data-tree.ts';
import type { Two } from './compare-series.ts';
import { isSame, Spread, type ValueScope } from './compare-values.ts';

/** Compares the rows of a table, column by column. Returns how many rows the original has. */
export function compareTable(name: string, { original, reproduction }: Two, scope: ValueScope): number {
  const [then, now] = [original.table(name), reproduction.table(name)];
  const both = Math.min(then.length, now.length);
  const spreads = new Map<string, Spread>();
  const add = (column: string, row: number, a: unknown, b: unknown): void => {
    const spread = spreads.get(column) ?? new Spread();
    spreads.set(column, spread);
    spread.add(row + 1, a, b);
  };
  for (let row = 0; row < both; row++) {
    const [a, b] = [then[row], now[row]];
    if (!isPlainObject(a) || !isPlainObject(b)) {
      if (!isSame(a, b, scope.translator)) add('', row, a, b);
      continue;
    }
    for (const column of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const isBoth = Object.hasOwn(a, column) === Object.hasOwn(b, column);
      if (!isBoth || !isSame(a[column], b[column], scope.translator)) add(column, row, a[column], b[column]);
    }
  }
  for (const [column, spread] of spreads) {
    const path = column === '' ? name : `${name}/${column}`;
    if (scope.ignored(path)) continue;
    scope.found({ part: 'tables', name: path, ...spread.record, of: Math.max(then.length, now.length), unit: 'row' });
  }
  if (then.length !== now.length) {
    const note = `${then.length} -> ${now.length} rows`;
    const differing = Math.abs(then.length - now.length);
    scope.found({
      part: 'tables',
      name,
      differing,
      of: Math.max(then.length, now.length),
      unit: 'row',
      first: both + 1,
      note,
    });
  }
  return then.length;
}
