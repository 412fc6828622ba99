import { readText } from '../codec/read-text.ts';
import { storageError } from '../codec/storage.ts';
import { logFile } from './layout.ts';
import { segmentsOf } from './segments.ts';

/**
 * The log of a run, that of its attempts one after the other; empty when nothing was logged.
 *
 * @throws ComexError `E_STORAGE` when a file cannot be read
 */
export function readLog(folder: string): string {
  let log = '';
  for (const { path } of segmentsOf(folder, logFile)) {
    // An attempt that was killed may have left its last line without an end.
    if (log !== '' && !log.endsWith('\n')) log += '\n';
    log += textOf(path);
  }
  return log;
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
