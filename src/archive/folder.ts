import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import dayjs from 'dayjs';
import { customAlphabet } from 'nanoid';
import { makeFolders } from '../codec/folders.ts';
import { refuseUnsafePath } from '../codec/names.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { makeFolder, replaceDebugFolder } from './debug-folder.ts';
import { makeInnerFolder } from './inner-folder.ts';
import { DEBUG_FOLDER, HIDDEN_FOLDER, RUNS_FOLDER } from './layout.ts';
import { TRASH_PREFIX } from './walk.ts';

const ID_LENGTH = 8;
/** Lower-case base 32 without the letters that are taken for others: 40 bits in 8 characters. */
export const newId = customAlphabet('0123456789abcdefghjkmnpqrstvwxyz', ID_LENGTH);
/** So many ids that are all taken mean that something else is wrong. */
const MAX_TRIES = 100;

/** What a run folder is claimed for. */
export interface ClaimRequest {
  /** Path of the archive's folder, such as `<root>/results`. */
  readonly results: string;
  /** With forward slashes, such as `vision/digits`. */
  readonly namespace: string;
  /** Text before the name, without the underscores; empty for none. */
  readonly prefix: string;
  /** Use the one folder `debug` of the namespace, replacing what an earlier debug run left. */
  readonly debug: boolean;
  /** Shown in the name, in local time. */
  readonly now: Date;
}

/** A run folder that belongs to this process alone, and is empty. */
export interface ClaimedFolder {
  readonly id: string;
  /** Name of the folder. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/**
 * Makes a run folder that no other process has: `<results>/<namespace>/<prefix__><YYYY-MM-DD__HH-mm-ss__id>`, or
 * `<results>/<namespace>/debug`.
 *
 * @throws ComexError `E_NAME` for an unsafe prefix or namespace, `E_FILE` when the folder above `results` does not exist,
 * `E_RUN_BUSY` when the debug folder may not be replaced, `E_STORAGE` when the file system refuses
 */
export function claimFolder(request: ClaimRequest): ClaimedFolder {
  refuseUnsafeNames(request);
  const parent = makeParent(request);
  if (request.debug) {
    const path = join(parent, DEBUG_FOLDER);
    if (!makeFolder(path)) replaceDebugFolder(path, newId());
    return { id: newId(), name: DEBUG_FOLDER, path };
  }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const id = newId();
    const name = nameOf(request, id);
    const path = join(parent, name);
    if (makeFolder(path)) return { id, name, path };
  }
  const advice = 'Check the file system: each of them is reported to exist.';
  throw new ComexError('E_STORAGE', `Found no free name in ${parent} after ${MAX_TRIES} attempts. ${advice}`);
}

/**
 * Makes the folder of a child run: `<run>/runs/<id>`.
 *
 * @throws ComexError `E_STORAGE` when the file system refuses
 */
export function claimChildFolder(run: string): ClaimedFolder {
  const parent = join(run, RUNS_FOLDER);
  makeInnerFolder(parent, run);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const id = newId();
    const path = join(parent, id);
    if (makeFolder(path)) return { id, name: id, path };
  }
  throw new ComexError(
    'E_STORAGE',
    `Found no free name in ${parent} after ${MAX_TRIES} attempts. Check the file system.`,
  );
}

/**
 * The path that `claimFolder` would make, with `xxxxxxxx` in place of the id. Nothing is made.
 *
 * @throws ComexError `E_NAME` for an unsafe prefix or namespace
 */
export function plannedFolder(request: ClaimRequest): string {
  refuseUnsafeNames(request);
  const name = request.debug ? DEBUG_FOLDER : nameOf(request, 'x'.repeat(ID_LENGTH));
  return join(resolve(request.results), request.namespace, name);
}

function refuseUnsafeNames({ namespace, prefix }: ClaimRequest): void {
  refuseUnsafePath(namespace, 'the namespace');
  refuseHiddenFolder(namespace);
  if (prefix !== '') refuseUnsafePrefix(prefix);
}

function nameOf({ prefix, now }: ClaimRequest, id: string): string {
  return `${prefix === '' ? '' : `${prefix}__`}${dayjs(now).format('YYYY-MM-DD__HH-mm-ss')}__${id}`;
}

/** Readers do not look for runs there. */
function refuseHiddenFolder(namespace: string): void {
  const hidden = namespace.split('/').find((name) => name === HIDDEN_FOLDER || name.startsWith(TRASH_PREFIX));
  if (hidden === undefined) return;
  const what = `Expected a namespace without names that comex uses itself, got ${JSON.stringify(namespace)}`;
  throw new ComexError('E_NAME', `${what}. Use another name than "${hidden}".`);
}

/** It begins a folder's name, on every system. */
function refuseUnsafePrefix(prefix: string): void {
  const unsafe = /[/<>:"|?*\p{Cc}]/u.test(prefix) || prefix.startsWith(TRASH_PREFIX);
  if (unsafe) {
    const what = `Expected the prefix of the run folder to be usable in a file name, got ${JSON.stringify(prefix)}`;
    throw new ComexError('E_NAME', `${what}. Use letters, digits, "-" and "_".`);
  }
  // With what follows it, so that the length counts, and a device's name in front of other text does not.
  refuseUnsafePath(`${prefix}__YYYY-MM-DD__HH-mm-ss__xxxxxxxx`, 'the prefix of the run folder');
}

/** Makes the folder of the namespace, but nothing above the archive's folder: a typo must not grow a tree. */
function makeParent({ results, namespace }: ClaimRequest): string {
  const archive = resolve(results);
  if (!existsSync(dirname(archive))) {
    const advice = 'Check the path, or make that folder first.';
    throw new ComexError('E_FILE', `Expected the folder above the results folder ${archive} to exist. ${advice}`);
  }
  const parent = join(archive, namespace);
  try {
    makeFolders(parent);
  } catch (error) {
    throw storageError(error, 'create', parent);
  }
  return parent;
}
