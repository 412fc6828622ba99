import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { META_FILE, RUNS_FOLDER } from '../archive/layout.ts';
import { TRASH_PREFIX, walkRuns } from '../archive/walk.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';
import type { BundledRun } from './bundle-format.ts';
import { type Unpacked, unpackBundle } from './bundle-unpack.ts';
import { makeParents, removeFolder, walkTree } from './folder-tree.ts';

/** What becomes of one run of the file. */
export interface ImportedRun extends BundledRun {
  /** Absolute path where it is, or was to be. */
  readonly folder: string;
  readonly outcome: 'imported' | 'same' | 'refused';
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
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) {
    throw new ComexError('E_FILE', `Expected FILE to be a file that "comex compress" made, found none at ${file}.`);
  }
  const staging = options.dryRun ? undefined : join(results, `${IMPORT_PREFIX}${process.pid}-${Date.now()}`);
  try {
    if (staging !== undefined) mkdirSync(staging, { recursive: true });
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

interface Place {
  readonly results: string;
  readonly staging: string | undefined;
  /** Run folders of the archive by their names, which hold ids. */
  readonly known: ReadonlyMap<string, string>;
}

function place(run: BundledRun, unpacked: Unpacked, where: Place): ImportedRun {
  const folder = join(where.results, run.path);
  const refused = (reason: string): ImportedRun => ({ ...run, folder, outcome: 'refused', reason });
  if (isTaken(folder)) {
    return isSame(run.path, folder, unpacked)
      ? { ...run, folder, outcome: 'same' }
      : refused(`${folder} is there already, and differs`);
  }
  const elsewhere = where.known.get(basename(folder));
  if (elsewhere !== undefined && basename(folder).endsWith(`__${run.id}`)) {
    return refused(`the archive has a run ${run.id} already, in ${elsewhere}`);
  }
  const around = outerRun(folder, where.results);
  if (around !== undefined) return refused(`its place is inside of the run in ${around}`);
  const code = run.code === undefined ? undefined : join(where.results, run.code);
  const hasCode = code !== undefined && isTaken(code);
  if (hasCode && !isSame(run.code!, code, unpacked)) return refused(`its code would be in ${code}, which differs`);
  if (where.staging === undefined) return { ...run, folder, outcome: 'imported' };
  try {
    if (code !== undefined && !hasCode) moveIn(join(where.staging, run.code!), code);
    moveIn(join(where.staging, run.path), folder);
    return { ...run, folder, outcome: 'imported' };
  } catch (error) {
    return refused(storageError(error, 'create', folder).message);
  }
}

/** The folder above has what a run folder has, and this is none of its child runs. */
function outerRun(folder: string, results: string): string | undefined {
  for (let up = dirname(folder), down = folder; up.length > results.length; down = up, up = dirname(up)) {
    if (existsSync(join(up, META_FILE)) && basename(down) !== RUNS_FOLDER) return up;
  }
  return undefined;
}

function moveIn(from: string, to: string): void {
  makeParents(to);
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

/** Whether a folder of the archive holds the same files and links as that of the file. */
function isSame(place: string, folder: string, { sums, links }: Unpacked): boolean {
  const within = (name: string): boolean => name.startsWith(`${place}/`);
  const wanted = new Set([...sums.keys(), ...links.keys()].filter(within));
  for (const { path, name, kind } of walkTree(folder)) {
    if (kind === 'folder') continue;
    if (kind === 'other') return false;
    const full = `${place}/${name}`;
    if (!wanted.delete(full)) return false;
    if (kind === 'file' ? sums.get(full) !== sha256Of(path) : links.get(full) !== readlinkSync(path)) return false;
  }
  return wanted.size === 0;
}

function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 18);
  const file = openSync(path, 'r');
  try {
    for (let read = -1; read !== 0; ) {
      read = readSync(file, buffer, 0, buffer.length, null);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
