import {
  chmodSync,
  copyFileSync,
  type Dirent,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { TRASH_PREFIX } from '../archive/walk.ts';
import { makeFolders } from '../codec/folders.ts';

/** What a walk through a folder comes upon: the folder itself first, a folder before what is in it. */
export interface TreeEntry {
  readonly path: string;
  /** Relative to the folder that was asked for; empty for itself. Forward slashes. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
}

/**
 * Everything in a folder, sorted by name, without following links. What vanishes on the way is left out.
 *
 * @param onBroken takes a folder that cannot be read, and why; without it, that is thrown
 */
export function* walkTree(
  root: string,
  name = '',
  onBroken?: (path: string, error: unknown) => void,
): Generator<TreeEntry, void, undefined> {
  const path = name === '' ? root : join(root, name);
  yield { path, name, kind: 'folder' };
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return;
    if (onBroken === undefined) throw error;
    onBroken(path, error);
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const inner = name === '' ? entry.name : `${name}/${entry.name}`;
    if (entry.isDirectory()) yield* walkTree(root, inner, onBroken);
    else {
      const kind = entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other';
      yield { path: join(path, entry.name), name: inner, kind };
    }
  }
}

export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What is half moved has this before its name: whoever reads an archive passes it over, and `comex gc` removes it. */
const MOVE_PREFIX = `${TRASH_PREFIX}-move-`;

/**
 * Moves a folder to a path that is free, with all times and modes. Between file systems it is copied under a hidden name
 * and renamed when whole; only then is it hidden and removed where it was. So neither half a copy nor what is left of the
 * original is ever taken for a run.
 */
export function moveFolder(from: string, to: string, rename: typeof renameSync = renameSync): void {
  const { atimeMs, mtimeMs } = lstatSync(from);
  try {
    rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const copy = hiddenBeside(to);
    try {
      copyFolder(from, copy);
      rename(copy, to);
    } catch (cause) {
      removeFolder(copy);
      throw cause;
    }
    const left = hiddenBeside(from);
    rename(from, left);
    removeFolder(left);
  }
  try {
    if (lstatSync(to).mtimeMs !== mtimeMs) utimesSync(to, atimeMs / 1000, mtimeMs / 1000);
  } catch {
    // Somebody else's folder can be moved, but its time cannot be set.
  }
}

function hiddenBeside(path: string): string {
  return join(dirname(path), `${MOVE_PREFIX}${process.pid}-${process.hrtime.bigint()}`);
}

/** Copies a folder with links, times and modes. */
function copyFolder(from: string, to: string): void {
  const entries = [...walkTree(from)];
  for (const { path, name, kind } of entries) {
    const target = join(to, name);
    if (kind === 'folder') mkdirSync(target);
    else if (kind === 'link') symlinkSync(readlinkSync(path), target);
    else copyFileSync(path, target);
  }
  // From the inside out, since a folder's time changes with what is put into it.
  for (const { path, name, kind } of entries.reverse()) copyTimes(path, join(to, name), kind);
}

function copyTimes(from: string, to: string, kind: TreeEntry['kind']): void {
  const { mode, atimeMs, mtimeMs } = lstatSync(from);
  if (kind === 'link') lutimesSync(to, atimeMs / 1000, mtimeMs / 1000);
  else {
    chmodSync(to, mode & 0o7777);
    utimesSync(to, atimeMs / 1000, mtimeMs / 1000);
  }
}

/** Removes a folder with all that is in it, also where it may not be written. Links are removed, not followed. */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    for (const entry of walkWritable(path)) chmodSync(entry, 0o700);
    rmSync(path, { recursive: true, force: true });
  }
}

/** The folders of a tree, each before it is looked into. */
function* walkWritable(path: string): Generator<string, void, undefined> {
  if (!lstatSync(path).isDirectory()) return;
  yield path;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* walkWritable(join(path, entry.name));
  }
}

/** Makes a folder and those above it, below a root that is there. */
export function makeParents(path: string): void {
  makeFolders(dirname(path));
}

/** The path of an entry of the archive with forward slashes; undefined when it lies outside, also through a link. */
export function pathInside(path: string, root: string): string | undefined {
  const inside = relative(root, path).replaceAll('\\', '/');
  return inside === '' || inside === '..' || inside.startsWith('../') || /^([A-Za-z]:)?\//.test(inside)
    ? undefined
    : inside;
}
