import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';

/**
 * Makes a folder in a run folder, with those on the way to it, but never the run folder itself: one that was moved,
 * renamed or deleted while its run goes on must stay away.
 *
 * @throws ComexError `E_STORAGE`
 */
export function makeInnerFolder(path: string, runFolder: string): void {
  try {
    make(path, runFolder);
  } catch (error) {
    throw unlessTakenAway(storageError(error, 'create', path), runFolder);
  }
}

function make(path: string, runFolder: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    const isBelow = dirname(path).startsWith(runFolder + sep);
    if (code !== 'ENOENT' || !isBelow) throw error;
    make(dirname(path), runFolder);
    make(path, runFolder);
  }
}

/** The error itself, or the one that says what happened when it came of the run folder's being gone. */
export function unlessTakenAway(error: ComexError, runFolder: string): ComexError {
  const isOfMissing =
    error.code === 'E_STORAGE' && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (!isOfMissing || existsSync(runFolder)) return error;
  const what = `The run folder ${runFolder} was taken away while the run went on: moved, renamed or deleted`;
  const advice = 'What came later is not kept; "comex restore" lists deleted runs.';
  return new ComexError('E_STORAGE', `${what}. ${advice}`, { cause: error.cause });
}

/** Does what writes into a run folder. @throws as `work` does, with what happened to the folder */
export function writing<T>(runFolder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isComexError(error) ? unlessTakenAway(error, runFolder) : error;
  }
}
