import { existsSync, lstatSync, mkdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { META_FILE, RUNS_FOLDER } from '../archive/layout.ts';
import { TRASH_PREFIX, walkRuns } from '../archive/walk.ts';
import { makeFolders } from '../codec/folders.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';
import { firstOther, isSame } from './bundle-compare.ts';
import { type BundledRun, besidesOf } from './bundle-format.ts';
import { type Unpacked, unpackBundle } from './bundle-unpack.ts';
import { makeParents, removeFolder } from './folder-tree.ts';

/** What becomes of one run of the file. */
export interface ImportedRun extends BundledRun {
  /** Absolute path where it is, or was to be. */
  readonly folder: string;
  readonly outcome: 'imported' | 'would-import' | 'same' | 'refused';
  /** Why it was refused. */
  readonly reason?: string;
}

/** Where an import keeps what is not whole yet. */
export const IMPORT_PREFIX = `${TRASH_PREFIX}-import-`;

/**
 * Puts the runs of a file into an archive, where they were in their own: with all bytes, modes and times (to the
 * microsecond). Every checksum is compared before anything appears. A run that is there already and equal is left alone.
 *
 * @param options `dryRun`: look only
 * @throws ComexError `E_STORAGE` when the file is damaged or holds what it must not
 */
export async function importBundle(
  file: string,
  results: string,
  options: { readonly dryRun: boolean },
): Promise<readonly ImportedRun[]> {
  const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder !== false) {
    const found = isFolder === undefined ? 'found none at' : 'got the folder';
    throw new ComexError('E_FILE', `Expected FILE to be a file that "comex compress" made, ${found} ${file}.`);
  }
  const staging = options.dryRun ? undefined : join(results, `${IMPORT_PREFIX}${process.pid}-${Date.now()}`);
  try {
    if (staging !== undefined) makeStaging(staging);
    const unpacked = await unpackBundle(file, staging);
    const known = new Map([...walkRuns(results, { children: true })].map(({ path }) => [basename(path), path]));
    return unpacked.head.runs.map((run) => place(run, unpacked, { results, staging, known }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isOfDisk = isComexError(error) || (code !== undefined && !code.startsWith('Z_'));
    if (isOfDisk) throw storageError(error, 'import', file);
    const why = code === undefined ? message : 'it is no gzip file, or damaged';
    const advice = 'Nothing was imported.';
    throw new ComexError('E_STORAGE', `Cannot import ${file}: ${why}. ${advice}`, { cause: error });
  } finally {
    if (staging !== undefined) removeFolder(staging);
  }
}

function makeStaging(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    throw storageError(error, 'create', folder);
  }
}

interface Place {
  readonly results: string;
  readonly staging: string | undefined;
  /** Run folders of the archive by their names, which hold ids. */
  readonly known: ReadonlyMap<string, string>;
}

function place(run: BundledRun, unpacked: Unpacked, where: Place): ImportedRun {
  const { results, staging } = where;
  const folder = join(results, run.path);
  const refused = (reason: string): ImportedRun => ({ ...run, folder, outcome: 'refused', reason });
  const there = isTaken(folder);
  if (there && isSame(run.path, folder, unpacked)) return { ...run, folder, outcome: 'same' };
  const obstacle = there ? whyNotReplaced(run, folder, unpacked) : whyNotThere(run, folder, where);
  if (obstacle !== undefined) return refused(obstacle);
  const missing: string[] = [];
  for (const beside of besidesOf(run)) {
    const path = join(results, beside);
    if (!isTaken(path)) missing.push(beside);
    else if (!isSame(beside, path, unpacked)) return refused(`it needs ${path}, which is there and differs`);
  }
  if (staging === undefined) return { ...run, folder, outcome: 'would-import' };
  try {
    for (const beside of missing) moveIn(join(staging, beside), join(results, beside));
    if (there) replace(folder, join(staging, run.path), join(staging, `.${basename(folder)}`));
    else moveIn(join(staging, run.path), folder);
    return { ...run, folder, outcome: 'imported' };
  } catch (error) {
    return refused(storageError(error, 'create', folder).message);
  }
}

/** Runs inside of a run that came alone, with code and environment: the run itself may take their place when it has them. */
function whyNotReplaced({ path }: BundledRun, folder: string, unpacked: Unpacked): string | undefined {
  const isFolder = lstatSync(folder).isDirectory();
  if (!isFolder || existsSync(join(folder, META_FILE))) return `${folder} is there already, and differs`;
  const other = firstOther(path, folder, unpacked);
  if (other === undefined) return undefined;
  return `${folder} holds runs that came alone, and ${other} differs; delete those first, or import elsewhere`;
}

function whyNotThere({ id }: BundledRun, folder: string, { known, results }: Place): string | undefined {
  const elsewhere = known.get(basename(folder));
  if (elsewhere !== undefined && basename(folder).endsWith(`__${id}`)) {
    return `the archive has a run ${id} already, in ${elsewhere}`;
  }
  const around = outerRun(folder, results);
  return around === undefined ? undefined : `its place is inside of the run in ${around}`;
}

/** Puts a folder in the place of one that holds a part of it. */
function replace(folder: string, whole: string, aside: string): void {
  renameSync(folder, aside);
  try {
    moveIn(whole, folder);
  } catch (error) {
    renameSync(aside, folder);
    throw error;
  }
}

/** The folder above has what a run folder has, and this is none of its child runs. */
export function outerRun(folder: string, results: string): string | undefined {
  for (let up = dirname(folder), down = folder; up.length > results.length; down = up, up = dirname(up)) {
    if (existsSync(join(up, META_FILE)) && basename(down) !== RUNS_FOLDER) return up;
  }
  return undefined;
}

/** Gives a folder that is whole its name, which must be free. */
export function moveIn(from: string, to: string): void {
  makeParents(to);
  if (!lstatSync(from).isDirectory()) {
    if (!isTaken(to)) renameSync(from, to);
    return;
  }
  try {
    // A name can be taken by one: nothing is ever put over what another process made meanwhile.
    mkdirSync(to);
    if (process.platform === 'win32') rmdirSync(to);
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') removeEmpty(to);
    throw error;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // What went wrong before is what matters.
  }
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
