import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { storageError } from '../codec/storage.ts';
import { latestAttempt } from './attempts.ts';
import {
  ATTEMPTS_FOLDER,
  DATA_FILE,
  DATA_JOURNAL_FILE,
  ENVIRONMENT_FILE,
  HIDDEN_FOLDER,
  logFile,
  META_FILE,
  RUNS_FOLDER,
  trackFile,
} from './layout.ts';

/** Where folders go that are being deleted, or were deleted by a command. */
export const TRASH_PREFIX = '.trash';

/** What only a run folder has. */
const SIGNS: readonly string[] = [
  ATTEMPTS_FOLDER,
  ENVIRONMENT_FILE,
  DATA_JOURNAL_FILE,
  DATA_FILE,
  logFile(1),
  trackFile(1),
];
const START_LIMIT_MS = 10_000;
/** Why the folder of a run is broken that has no metadata. */
export const LOST_META = `it has files of a run, but no ${META_FILE}`;

/** What a walk through an archive comes upon. */
export type WalkEntry =
  | { readonly kind: 'run'; readonly path: string; readonly child: boolean }
  | { readonly kind: 'broken'; readonly path: string; readonly reason: string };

export interface WalkOptions {
  /** Give also the runs inside of runs. Default false. */
  readonly children?: boolean;
}

/** Says that a folder is that of a run without its being read; for one that it does not know it says no. */
export type KnownRun = (path: string) => boolean;

/**
 * Every run folder below a folder, sorted by path, without reading any metadata. Folders that cannot be read, or that
 * hold files of a run but no metadata, are given as broken. Symbolic links to folders outside are followed, each once.
 *
 * @param resultsDir a folder that does not exist holds no runs
 */
export function* walkRuns(
  resultsDir: string,
  options: WalkOptions = {},
  isKnown?: KnownRun,
): Generator<WalkEntry, void, undefined> {
  const inside = realpathOf(resultsDir);
  if (inside === undefined) return;
  yield* walkFolder(resultsDir, { children: options.children === true, roots: [inside], isKnown }, false);
}

interface Walk {
  readonly children: boolean;
  /** Real paths of the results folder and of what links have led to: nothing in them is visited through a link. */
  readonly roots: string[];
  readonly isKnown: KnownRun | undefined;
}

function* walkFolder(folder: string, walk: Walk, child: boolean): Generator<WalkEntry, void, undefined> {
  if (walk.isKnown?.(folder) === true) {
    yield { kind: 'run', path: folder, child };
    if (!walk.children) return;
    const runs = join(folder, RUNS_FOLDER);
    if (lstatSync(runs, { throwIfNoEntry: false })?.isDirectory() === true) yield* walkFolder(runs, walk, true);
    return;
  }
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'broken', path: folder, reason: storageError(error, 'read', folder).message };
    return;
  }
  if (entries.some((entry) => entry.name === META_FILE)) {
    yield { kind: 'run', path: folder, child };
    const runs = walk.children ? entries.find((entry) => entry.name === RUNS_FOLDER && entry.isDirectory()) : undefined;
    if (runs !== undefined) yield* walkFolder(join(folder, RUNS_FOLDER), walk, true);
  } else if (isOfRun(entries.map(({ name }) => name))) {
    if (!isBeginning(folder)) yield { kind: 'broken', path: folder, reason: LOST_META };
  } else {
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      // Not join: it looks for dots in each of very many names.
      const path = folder + sep + entry.name;
      if (isHidden(entry.name) || !(entry.isDirectory() || leadsOut(entry, path, walk))) continue;
      // Not a generator of its own for each of very many runs.
      if (!walk.children && walk.isKnown?.(path) === true) yield { kind: 'run', path, child };
      else yield* walkFolder(path, walk, child);
    }
  }
}

/** Whether a folder is that of a run which has lost its metadata, or never had any. */
export function hasLostMeta(folder: string): boolean {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return false;
  }
  return !names.includes(META_FILE) && isOfRun(names);
}

/** A child run that was imported alone has the environment and the code of its parent beside it: those are no run. */
function isOfRun(names: readonly string[]): boolean {
  const isShell = names.includes(RUNS_FOLDER);
  return names.some((name) => SIGNS.includes(name) && !(isShell && name === ENVIRONMENT_FILE));
}

/**
 * A run that is just beginning has no metadata yet. By its claim, where there is one: the folder's own time changes with
 * whatever is put into it or taken out.
 */
function isBeginning(folder: string): boolean {
  const claim = latestAttempt(folder)?.record;
  const since =
    claim === undefined ? statSync(folder, { throwIfNoEntry: false })?.mtimeMs : Date.parse(claim.startedAt);
  return since === undefined || Math.abs(Date.now() - since) < START_LIMIT_MS;
}

function isHidden(name: string): boolean {
  return name === HIDDEN_FOLDER || name.startsWith(TRASH_PREFIX);
}

/** Whether an entry is a link to a folder that no walk would come upon otherwise; it is remembered. */
function leadsOut(entry: Dirent, path: string, walk: Walk): boolean {
  const target = entry.isSymbolicLink() ? realpathOf(path) : undefined;
  if (target === undefined || statSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  const isAround = walk.roots.some((root) => isWithin(target, root) || isWithin(root, target));
  if (!isAround) walk.roots.push(target);
  return !isAround;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
