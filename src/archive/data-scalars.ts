import { statSync } from 'node:fs';
import { join } from 'node:path';
import { replayData } from './data.ts';
import { isPlainObject } from './data-tree.ts';
import { DATA_FILE, DATA_JOURNAL_FILE, END_STATUSES } from './layout.ts';
import type { RunSummary } from './run-summary.ts';

/** Larger data are not looked through for the sake of a list. */
const MOST_BYTES = 1024 * 1024;
const MOST_PATHS = 200;
const LONGEST_TEXT = 200;

/** Numbers, short texts and booleans of a run's data. */
export interface DataScalars {
  /** By path, harvested values over the run's own. Has no prototype. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether they change no more unless the metadata do. */
  readonly isFinal: boolean;
}

/**
 * What can be listed of a run's data: at most 200 values. Of data over 1 MiB, or that cannot be read, there are only the
 * harvested ones.
 *
 * @param run what is known of it: its status, and what was harvested by path
 */
export function dataScalars(folder: string, run: Pick<RunSummary, 'status' | 'harvested'>): DataScalars {
  const values: Record<string, unknown> = Object.create(null);
  const whole = bytesOf(join(folder, DATA_FILE));
  const journal = bytesOf(join(folder, DATA_JOURNAL_FILE));
  const isSmall = whole + journal > 0 && whole + journal <= MOST_BYTES;
  let isRead = true;
  try {
    if (isSmall) collect(replayData(folder).tree.toValue(), '', values);
  } catch {
    // What keeps it from being read is said by whoever shows the run.
    isRead = false;
  }
  for (const [path, value] of Object.entries(run.harvested)) {
    if (isPlainObject(value)) collect(value, `${path}/`, values);
    else if (isScalar(value)) values[path] = value;
    else delete values[path];
  }
  // The journal of a run that has ended is there while its analyses go on; then its metadata are written again.
  const isEnded = (END_STATUSES as readonly string[]).includes(run.status);
  return { values, isFinal: isRead && (journal === 0 || !isEnded) };
}

function bytesOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    // Reading it says so, too.
    return 1;
  }
}

function collect(fields: Readonly<Record<string, unknown>>, above: string, values: Record<string, unknown>): void {
  let left = MOST_PATHS - Object.keys(values).length;
  for (const [key, value] of Object.entries(fields)) {
    if (left <= 0) return;
    if (isPlainObject(value)) {
      collect(value, `${above}${key}/`, values);
      left = MOST_PATHS - Object.keys(values).length;
    } else if (isScalar(value)) {
      values[above + key] = value;
      left -= 1;
    }
  }
}

function isScalar(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= LONGEST_TEXT)
  );
}
