import type { IndexRow, Segment } from './index-segment.ts';

/** So many files of about the same size are made one. */
const MERGE_COUNT = 8;
const FULL_ROWS = 2048;

/** Which rows of a file are still of use. */
export interface SegmentUse {
  readonly segment: Segment;
  /** By row: 1 when it is. */
  readonly used: Uint8Array;
}

/** Files of which more than half is of no use any more, and small ones when they have become many. */
export function segmentsToMerge(uses: readonly SegmentUse[]): SegmentUse[] {
  const wasteful = uses.filter(({ segment, used }) => countOf(used) * 2 < segment.rows);
  const bySize = new Map<number, SegmentUse[]>();
  for (const use of uses) {
    if (use.segment.rows >= FULL_ROWS || wasteful.includes(use)) continue;
    const size = Math.floor(Math.log2(Math.max(1, use.segment.rows)) / 3);
    bySize.set(size, [...(bySize.get(size) ?? []), use]);
  }
  return [...wasteful, ...[...bySize.values()].filter((same) => same.length >= MERGE_COUNT).flat()];
}

/** The rows of files that are still of use. @throws DamagedSegment */
export function usedRows(uses: readonly SegmentUse[]): IndexRow[] {
  return uses.flatMap(({ segment, used }) => {
    const rows: IndexRow[] = [];
    for (let row = 0; row < segment.rows; row++) {
      if (used[row] === 1)
        rows.push({ path: segment.paths[row]!, stamp: segment.stamp(row), fields: fieldsOf(segment, row) });
    }
    return rows;
  });
}

function fieldsOf(segment: Segment, row: number): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const name of segment.names) {
    const value = segment.get(row, name);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function countOf(used: Uint8Array): number {
  let count = 0;
  for (const each of used) count += each;
  return count;
}
