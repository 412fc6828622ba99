import { isPlainObject } from '../../archive/data-tree.ts';
import { nameMatcher } from '../../archive/series-names.ts';
import { scanTable, tableNames } from '../../archive/tables.ts';
import type { RowSource } from './row-source.ts';

export const RECORD_HEADS = ['table'] as const;

/** The rows of the tables that patterns name. What is no object is in a column `value`. */
export function recordSource(patterns: readonly string[]): RowSource {
  const isWanted = nameMatcher(patterns);
  return {
    heads: RECORD_HEADS,
    openHead: (field) => field,
    scan: (folder, take) => {
      for (const name of tableNames(folder).filter(isWanted)) {
        scanTable(folder, name, (row) => {
          take([name], isPlainObject(row) ? row : { value: row });
        });
      }
    },
  };
}
