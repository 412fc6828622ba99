import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { temporaryOwner } from '../codec/atomic.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';
import { latestAttempt } from './attempts.ts';
import { holderOf } from './holder.ts';
import { ANALYSIS_FILE, META_FILE, OWN_FOLDERS, OWN_PREFIX, type RunMeta } from './layout.ts';
import { statusOf } from './liveness.ts';
import { readMeta } from './read-meta.ts';
import { TRASH_PREFIX } from './walk.ts';

/** A process that has held a lock or an empty folder for so long died between two calls. */
const ABANDONED_MS = 10_000;

/**
 * Replaces the folder of an earlier debug run by an empty one, for this process alone. Of several processes that try at
 * the same time one succeeds, and the others are told that it is busy.
 *
 * Whoever wants to replace a certain run takes the lock with that run's name, and only then makes sure that the folder
 * still holds it. The old folder is renamed into the lock, so without the lock that step fails. What processes left
 * that were killed on the way is removed by the next one that comes through.
 *
 * @param unique text for the name of what is to be deleted
 * @throws ComexError `E_RUN_BUSY` when the folder is no debug run's, or a run in it is alive or may be; `E_STORAGE`
 */
export function replaceDebugFolder(path: string, unique: string): void {
  const old = replaceable(path);
  const trash = join(dirname(path), `${TRASH_PREFIX}-${basename(path)}-`);
  const lock = trash + old;
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
  emptyTrash(trash, unique);
  if (!made) throw busy(path, 'another process has just begun in it');
}

/**
 * Removes all locks that hold an old folder, one's own and those of processes that were killed: what was moved into a
 * lock is garbage, whoever moved it. An empty one may be in use; only when it was abandoned long ago it is removed.
 *
 * @param trash path that the names of all locks of a folder begin with
 */
function emptyTrash(trash: string, unique: string): void {
  const parent = dirname(trash);
  const names = quietly(() => readdirSync(parent))?.filter((name) => name.startsWith(basename(trash))) ?? [];
  for (const [index, name] of names.entries()) {
    const path = join(parent, name);
    const content = quietly(() => readdirSync(path));
    if (content?.length === 0 && abandoned(path) !== undefined) quietly(() => rmdirSync(path));
    if (content === undefined || content.length === 0) continue;
    // Under another name first: a lock that is deleted piece by piece would look free on the way.
    const doomed = `${trash}${unique}-${index}`;
    quietly(() => renameSync(path, doomed));
    quietly(() => rmSync(doomed, { recursive: true, force: true }));
  }
}

/** What the folder holds, by a name that no other content has. Refuses what must not be replaced. */
function replaceable(path: string): string {
  const meta = debugMeta(path);
  if (meta === undefined) {
    const name = identity(path);
    if (name !== undefined) return name;
    throw busy(path, 'it holds no debug run: it is your own, or a run is just beginning in it');
  }
  const latest = latestAttempt(path);
  const held = latest === undefined ? undefined : holderOf(latest);
  const { status, evidence } = held ?? statusOf(path, meta);
  const { pid, host } = latest?.record ?? {};
  const where = host === undefined ? '' : `, process ${pid} on ${host}`;
  const told = `the debug run ${meta.id} in it is ${status}${where} (${evidence})`;
  if (status === 'running' || status === 'queued') throw busy(path, told);
  // Nothing but evidence of its death: a process that comes to life again would write into the new run.
  if (status !== 'stalled' && status !== 'lost') return meta.id;
  const there = host === undefined ? '' : ' A debug run that is started there replaces it when it is.';
  const advice = `If you know that it is dead, remove the folder.${there}`;
  throw busy(path, `${told}, and nothing here shows whether it is dead`, advice);
}

/** The id of the debug run in the folder; something else for what a process left that died before it had metadata. */
function identity(path: string): string | undefined {
  return debugMeta(path)?.id ?? unbegun(path);
}

/** A name for the beginning of a run that will never go on: nothing but files of comex, and nobody alive behind it. */
function unbegun(path: string): string | undefined {
  const entries = quietly(() => readdirSync(path));
  if (entries === undefined || entries.includes(META_FILE) || !entries.every(isOwn)) return undefined;
  const claim = latestAttempt(path)?.record;
  if (claim === undefined) {
    const stats = abandoned(path);
    return stats === undefined ? undefined : `empty-${stats.ino}`;
  }
  const { status } = statusOf(path, { status: 'running', startedAt: claim.startedAt });
  return status === 'killed' ? `unbegun-${claim.pid}-${Date.parse(claim.startedAt)}` : undefined;
}

function isOwn(name: string): boolean {
  const isKept = OWN_FOLDERS.includes(name) || name.startsWith(OWN_PREFIX) || name === ANALYSIS_FILE;
  return isKept || temporaryOwner(name) !== undefined;
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
  if (abandoned(lock) !== undefined) quietly(() => rmdirSync(lock));
  return makeFolder(lock);
}

/** What the system says of a folder that nobody has touched for long; undefined for any other. */
function abandoned(folder: string): Stats | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS ? stats : undefined;
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

function busy(path: string, reason: string, advice = 'Wait for it, stop it, or move the folder away.'): ComexError {
  return new ComexError('E_RUN_BUSY', `Cannot start a debug run in ${path}: ${reason}. ${advice}`);
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
