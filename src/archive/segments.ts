import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { storageError } from '../codec/storage.ts';

/** One attempt's part of a file that every attempt goes on with, such as the log. */
export interface Segment {
  readonly attempt: number;
  readonly path: string;
}

/**
 * The segments that exist of such a file, in the order of the attempts; some attempts may have none.
 *
 * @param fileOf names the file of an attempt, such as `logFile`
 * @throws ComexError `E_STORAGE` when the folder cannot be read
 */
export function segmentsOf(folder: string, fileOf: (attempt: number) => string): Segment[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw storageError(error, 'read', folder);
  }
  const segments: Segment[] = [];
  for (const name of names) {
    const attempt = Number(/\.(\d{1,9})\./.exec(name)?.[1] ?? 1);
    if (fileOf(attempt) === name) segments.push({ attempt, path: join(folder, name) });
  }
  return segments.sort((a, b) => a.attempt - b.attempt);
}
