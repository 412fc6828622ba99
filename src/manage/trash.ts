import { existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RUNS_FOLDER } from '../archive/layout.ts';
import { readMeta } from '../archive/read-meta.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { makeFolders } from '../codec/folders.ts';
import { encodePretty } from '../codec/json.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { whyStillBusy } from './busy.ts';
import { measureFolder } from './disk.ts';
import { isGone, makeParents, moveFolder, pathInside, removeFolder } from './folder-tree.ts';
import { CONTENT_FOLDER, inTrash, listTrash, RECORD_FILE, TRASH_FOLDER, type TrashedRun } from './trash-list.ts';

/** What is being removed for good has this before its name, so that nobody restores half of it. */
export const DOOMED_PREFIX = '.doomed-';

/**
 * Checks that a run may be deleted, and says what would go.
 *
 * @param options `force`: also one that a process may be writing
 * @throws ComexError `E_RUN_BUSY`; `E_USAGE` for what lies outside of the archive; `E_RUN_NOT_FOUND`
 */
export function deletable(folder: string, results: string, options: { readonly force: boolean }): TrashedRun {
  const path = placeInside(folder, results);
  const busy = options.force ? undefined : whyStillBusy(folder);
  if (busy !== undefined) {
    const advice = 'Stop it first; if you know that it is dead, or do not mind, give --force.';
    throw new ComexError('E_RUN_BUSY', `Cannot delete the run in ${folder}: ${busy}. ${advice}`);
  }
  const { id, namespace } = identity(folder, path);
  const deletedAt = new Date().toISOString();
  const name = `${deletedAt.replaceAll(':', '-').replace('T', '__')}__${id}`;
  return { name, id, namespace, path, deletedAt, ...measureFolder(folder) };
}

/**
 * Moves a run folder, with the runs inside of it, into the trash of its archive: no byte, time or mode of it changes.
 *
 * @throws ComexError as `deletable` does; `E_STORAGE`
 */
export function deleteRun(folder: string, results: string, options: { readonly force: boolean }): TrashedRun {
  const run = deletable(folder, results, options);
  const entry = makeEntry(join(results, TRASH_FOLDER), run.name);
  const content = join(entry, CONTENT_FOLDER, run.path);
  const trashed = { ...run, name: basename(entry) };
  try {
    const { name: _, ...record } = trashed;
    writeFileAtomic(join(entry, RECORD_FILE), `${encodePretty({ format: 1, ...record })}\n`);
    makeParents(content);
    moveFolder(folder, content);
    return trashed;
  } catch (error) {
    if (!existsSync(content)) removeFolder(entry);
    if (isGone(error) && !existsSync(folder)) throw gone(folder);
    throw storageError(error, 'delete', folder);
  }
}

/**
 * Puts a deleted run back where it was.
 *
 * @param word its id, a unique beginning of it, or the name of its folder in the trash
 * @returns absolute path of the run folder
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`; `E_RUN_FORMAT` when the trash does not say where it was;
 * `E_STORAGE` when its place is taken
 */
export function restoreRun(word: string, results: string): TrashedRun & { readonly folder: string } {
  const { runs, broken } = listTrash(results);
  const run = inTrash<TrashedRun>(word, [...runs, ...broken], results);
  const reason = broken.find(({ name }) => name === run.name)?.reason;
  if (reason !== undefined) throw new ComexError('E_RUN_FORMAT', reason);
  const entry = join(results, TRASH_FOLDER, run.name);
  const folder = join(results, run.path);
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) {
      throw Object.assign(new Error('taken'), { code: 'EEXIST' });
    }
    const parent = dirname(dirname(folder));
    if (basename(dirname(folder)) === RUNS_FOLDER && !existsSync(parent)) {
      const advice = 'Restore that one first.';
      throw new ComexError(
        'E_RUN_NOT_FOUND',
        `The run ${run.id} is part of the run in ${parent}, which is gone. ${advice}`,
      );
    }
    makeParents(folder);
    moveFolder(join(entry, CONTENT_FOLDER, run.path), folder);
    doom(entry);
    return { ...run, folder };
  } catch (error) {
    if (isGone(error) && !existsSync(entry))
      throw new ComexError('E_RUN_NOT_FOUND', `The run ${run.id} has just left the trash. Look with "comex restore".`);
    throw storageError(error, 'restore the run to', folder);
  }
}

/**
 * Removes a deleted run for good.
 *
 * @throws ComexError `E_STORAGE`
 */
export function purgeRun(run: TrashedRun, results: string): void {
  const entry = join(results, TRASH_FOLDER, run.name);
  try {
    doom(entry);
  } catch (error) {
    // Whoever was quicker has done the same, or restored it.
    if (!isGone(error)) throw storageError(error, 'remove', entry);
  }
}

/** Under another name first, so that it is gone at once. */
function doom(entry: string): void {
  const doomed = join(dirname(entry), `${DOOMED_PREFIX}${process.pid}-${basename(entry)}`);
  renameSync(entry, doomed);
  removeFolder(doomed);
  try {
    rmdirSync(dirname(entry));
  } catch {
    // There is more in the trash.
  }
}

function makeEntry(trash: string, name: string): string {
  for (let copy = 1; ; copy++) {
    const entry = join(trash, copy === 1 ? name : `${name}-${copy}`);
    try {
      makeFolders(trash);
      mkdirSync(entry);
      return entry;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The empty trash may have been removed between the two calls.
      if (code !== 'EEXIST' && !(code === 'ENOENT' && copy < 100)) throw storageError(error, 'create', entry);
    }
  }
}

/** Where a run folder stands in the archive. Refuses what is elsewhere, also by a link on the way to it. */
export function placeInside(folder: string, results: string): string {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) throw gone(folder);
  const place = pathInside(folder, results);
  const real = place === undefined ? undefined : pathInside(realpathSync(folder), realpathSync(results));
  if (place === undefined || real !== place) {
    const where = place === undefined ? 'it is not in that archive' : 'a link leads out of the archive there';
    throw new ComexError(
      'E_USAGE',
      `Cannot move ${folder} into the trash of ${results}: ${where}. Name its own archive with --results.`,
    );
  }
  return place;
}

function gone(folder: string): ComexError {
  return new ComexError('E_RUN_NOT_FOUND', `The run in ${folder} is gone: another process moved or deleted it.`);
}

/** Id and namespace; of a run that cannot be read, by the name of its folder and its place. */
function identity(folder: string, path: string): { id: string; namespace: string } {
  try {
    const { id, namespace } = readMeta(folder);
    return { id, namespace };
  } catch {
    if (!existsSync(folder)) throw gone(folder);
    const name = basename(folder);
    const id = /__([0-9a-z]+)$/.exec(name)?.[1] ?? name.replace(/[^\w.-]/g, '_').slice(0, 60);
    return { id, namespace: path.split('/').slice(0, -1).join('/') };
  }
}
