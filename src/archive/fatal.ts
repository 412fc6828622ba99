import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FATAL_FILE } from './layout.ts';

/** The cause stands in the first lines of a report. */
const HEAD_BYTES = 4096;

/** What Node itself said was fatal to the process of a run, such as a full heap; undefined when it said nothing. */
export function fatalError(folder: string): string | undefined {
  let head: string;
  try {
    const file = openSync(join(folder, FATAL_FILE), 'r');
    try {
      const bytes = Buffer.alloc(HEAD_BYTES);
      head = bytes.toString('utf8', 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  const event = /"event"\s*:\s*"([^"\\]{1,200})"/.exec(head)?.[1];
  return event === undefined ? undefined : /out of memory/i.test(event) ? `out of memory (${event})` : event;
}
