import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';
import { latestAttempt } from './attempts.ts';
import { type AttemptRecord, META_FILE, OWN_FOLDERS, OWN_PREFIX, type RunMeta } from './layout.ts';
import { isAlive, statusOf } from './liveness.ts';
import { readMeta } from './read-meta.ts';
import { TRASH_PREFIX } from './walk.ts';

/** A process that has held a lock or an empty folder for so long died between two calls. */
const ABANDONED_MS = 10_000;

/**
 * Replaces the folder of an earlier debug run by an empty one, for this process alone. Of several processes that try at
 * the same time one succeeds, and the others are told that it is busy.
 *
 * Whoever wants to replace a certain run takes the lock with that run's name, and only then makes sure that the folder
 * still holds it. The old folder is renamed into the lock, so without the lock that step fails.
 *
 * @param unique text for the name of what is to be deleted
 * @throws ComexError `E_RUN_BUSY` when the folder is no debug run's, or a run in it is alive; `E_STORAGE`
 */
export function replaceDebugFolder(path: string, unique: string): void {
  const old = replaceable(path);
  const parent = dirname(path);
  const lock = join(parent, `${TRASH_PREFIX}-${basename(path)}-${old}`);
  if (!makeLock(lock)) throw busy(path, 'another process is replacing it');
  if (identity(path) !== old) {
    quietly(() => rmdirSync(lock));
    throw busy(path, 'another process has just replaced it');
  }
  try {
    renameSync(path, join(lock, basename(path)));
  } catch (error) {
    quietly(() => rmdirSync(lock));
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST')
      throw busy(path, 'another process has just replaced it');
    throw storageError(error, 'replace', path);
  }
  const made = makeFolder(path);
  // Under another name first: a lock that is deleted piece by piece would look free on the way.
  const doomed = join(parent, `${TRASH_PREFIX}-${unique}`);
  quietly(() => renameSync(lock, doomed));
  quietly(() => rmSync(doomed, { recursive: true, force: true }));
  if (!made) throw busy(path, 'another process has just begun in it');
}

/** What the folder holds, by a name that no other content has. Refuses what must not be replaced. */
function replaceable(path: string): string {
  const meta = debugMeta(path);
  if (meta === undefined) {
    const name = identity(path);
    if (name !== undefined) return name;
    throw busy(path, 'it holds no debug run: it is your own, or a run is just beginning in it');
  }
  const holder = latestAttempt(path)?.record;
  const { status, evidence } = stillHeld(holder)
    ? { status: 'running' as const, evidence: 'its process has not let go of the folder yet' }
    : statusOf(path, meta);
  if (status !== 'running' && status !== 'queued') return meta.id;
  const where = holder === undefined ? '' : `, process ${holder.pid} on ${holder.host}`;
  throw busy(path, `the debug run ${meta.id} in it is ${status}${where} (${evidence})`);
}

/** The id of the debug run in the folder; something else for what a process left that died before it had metadata. */
function identity(path: string): string | undefined {
  return debugMeta(path)?.id ?? unbegun(path);
}

/** A process that has written how its run ended may still be drawing pictures into the folder. */
function stillHeld(holder: AttemptRecord | undefined): boolean {
  return holder?.outcome !== undefined && holder.outcome.closed !== true && isAlive(holder);
}

/** A name for the beginning of a run that will never go on: nothing but files of comex, and nobody alive behind it. */
function unbegun(path: string): string | undefined {
  const entries = quietly(() => readdirSync(path));
  if (entries === undefined || entries.includes(META_FILE) || !entries.every(isOwn)) return undefined;
  const claim = latestAttempt(path)?.record;
  if (claim === undefined) {
    const stats = statSync(path, { throwIfNoEntry: false });
    const abandoned = stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS;
    return abandoned ? `empty-${stats.ino}` : undefined;
  }
  const { status } = statusOf(path, { status: 'running', startedAt: claim.startedAt });
  return status === 'killed' ? `unbegun-${claim.pid}-${Date.parse(claim.startedAt)}` : undefined;
}

function isOwn(name: string): boolean {
  return OWN_FOLDERS.includes(name) || name.startsWith(OWN_PREFIX) || /^\..*\.tmp$/.test(name);
}

function debugMeta(path: string): RunMeta | undefined {
  try {
    const meta = readMeta(path);
    return meta.debug ? meta : undefined;
  } catch (error) {
    if (isComexError(error)) return undefined;
    throw error;
  }
}

/** A lock is an empty folder. One that was abandoned can be removed; one in use holds the old folder, and cannot. */
function makeLock(lock: string): boolean {
  if (makeFolder(lock)) return true;
  const stats = statSync(lock, { throwIfNoEntry: false });
  if (stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS) quietly(() => rmdirSync(lock));
  return makeFolder(lock);
}

/** Whether this call made the folder: of several processes that try, for exactly one it is true. */
export function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw storageError(error, 'create', path);
  }
}

function busy(path: string, reason: string): ComexError {
  const advice = 'Wait for it, stop it, or move the folder away.';
  return new ComexError('E_RUN_BUSY', `Cannot start a debug run in ${path}: ${reason}. ${advice}`);
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
