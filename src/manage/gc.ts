import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { latestAttempt } from '../archive/attempts.ts';
import { holderOf } from '../archive/holder.ts';
import { ENVIRONMENT_FILE, HIDDEN_FOLDER, META_FILE, OWN_FOLDERS, OWN_PREFIX } from '../archive/layout.ts';
import { TRASH_PREFIX } from '../archive/walk.ts';
import { temporaryOwner } from '../codec/atomic.ts';
import { storageError } from '../codec/storage.ts';
import { whyBusy } from './busy.ts';
import { measureFolder, type Usage } from './disk.ts';
import { removeFolder, walkTree } from './folder-tree.ts';
import { DOOMED_PREFIX } from './trash.ts';
import { CONTENT_FOLDER, listTrash, TRASH_FOLDER } from './trash-list.ts';

/** Something that nobody needs. */
export interface Garbage extends Usage {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'temporary file' | 'leftover' | 'abandoned folder' | 'index';
}

const INDEX = `${HIDDEN_FOLDER}/index`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The name of a run folder: `2026-01-31__12-00-00__k3v9x2ab`. */
const RUN_NAME = /^\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__[0-9a-z]{8}$/;
/** Of a run that recorded something: such a folder is damaged, not abandoned. */
const RECORDED = /^experiment_(track|data)/;

/**
 * What is safe to drop: files that dead processes had not yet given their names, what a deletion or an import that was
 * killed left behind, folders of runs that never began, and the index, which is made again. Nothing of a run, and nothing
 * in the trash that could be restored; what in it cannot be read is named as broken.
 *
 * @param now milliseconds since the epoch
 */
export function findGarbage(
  results: string,
  now: number = Date.now(),
): {
  readonly garbage: readonly Garbage[];
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
} {
  const garbage: Garbage[] = [];
  const broken: { path: string; reason: string }[] = [];
  let inside: string | undefined;
  const take = (path: string, kind: Garbage['kind']): void => {
    garbage.push({ path, kind, ...measureFolder(path) });
    inside = join(path, '/');
  };
  const onBroken = (path: string, error: unknown): void => {
    broken.push({ path, reason: storageError(error, 'read', path).message });
  };
  if (!existsSync(results)) return { garbage, broken };
  for (const { path, name, kind } of walkTree(results, '', onBroken)) {
    if (name === '' || (inside !== undefined && path.startsWith(inside))) continue;
    const age = now - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (kind === 'folder') {
      if (isLeftover(path, name, age)) take(path, 'leftover');
      else if (name === INDEX) take(path, 'index');
      else if (name === TRASH_FOLDER || name.startsWith(`${TRASH_FOLDER}/`)) continue;
      else if (age > DAY_MS && isAbandoned(path)) take(path, 'abandoned folder');
    } else if (kind === 'file' && !name.startsWith(TRASH_PREFIX) && isTemporary(path, age)) {
      take(path, 'temporary file');
    }
  }
  const taken = new Set(garbage.map(({ path }) => path));
  for (const { name, reason } of listTrash(results).broken) {
    const path = join(results, TRASH_FOLDER, name);
    // One that holds nothing is a leftover, as soon as nobody can be at work on it.
    if (!taken.has(path) && existsSync(join(path, CONTENT_FOLDER))) broken.push({ path, reason });
  }
  return { garbage: garbage.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)), broken };
}

/** @throws ComexError `E_STORAGE` */
export function removeGarbage({ path }: Garbage): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) removeFolder(path);
    else rmSync(path, { force: true });
    // Not every version of Node says when it could not.
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new Error('it is still there');
  } catch (error) {
    throw storageError(error, 'remove', path);
  }
}

/** What a replaced debug run, an import or a purge left. */
function isLeftover(path: string, name: string, age: number): boolean {
  if (age < DAY_MS) return false;
  const own = basename(path);
  if (dirname(name) === TRASH_FOLDER) return own.startsWith(DOOMED_PREFIX) || !existsSync(join(path, 'run'));
  return own !== TRASH_FOLDER && own.startsWith(`${TRASH_PREFIX}-`);
}

/** Not a run's that may be alive: it may be about to give the file its name. */
function isTemporary(path: string, age: number): boolean {
  if (age < HOUR_MS || temporaryOwner(basename(path)) === undefined) return false;
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, META_FILE))) return whyBusy(folder) === undefined;
  }
  return age > DAY_MS;
}

/** A folder in which a run was to begin, and did not: no metadata, nothing recorded, nothing of its user's. */
function isAbandoned(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return false;
  }
  if (names.includes(META_FILE)) return false;
  if (names.length === 0) return RUN_NAME.test(basename(folder));
  const isOfRun = names.includes(ENVIRONMENT_FILE) || names.includes('attempts');
  const isOwn = (name: string): boolean =>
    (OWN_FOLDERS.includes(name) || name.startsWith(OWN_PREFIX) || temporaryOwner(name) !== undefined) &&
    !RECORDED.test(name) &&
    name !== 'runs' &&
    name !== 'checkpoints' &&
    name !== 'tables' &&
    name !== 'media';
  if (!isOfRun || !names.every(isOwn)) return false;
  const latest = latestAttempt(folder);
  const status = latest === undefined ? undefined : holderOf(latest)?.status;
  return status !== 'running' && status !== 'stalled';
}
