import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { storageError } from './storage.ts';

/** With the pid it tells apart the threads of a process, and processes of different hosts on one file system. */
const PROCESS_TOKEN = process.hrtime.bigint().toString(36);

/** `.<pid>-<token>-<number>.tmp`. */
const TEMPORARY = /^\.(\d+)-([0-9a-z]+)-\d+\.tmp$/;

let counter = 0;

/**
 * Writes a whole file so that a reader sees the old content or the new, never a part: into a temporary file beside it,
 * which is then renamed. The temporary file is removed when anything fails.
 *
 * @param options `sync` makes it survive a loss of power; `mode` is that of a new file, 0o666 less the umask by default;
 * `keepMode`: a file that is replaced keeps its own
 * @throws ComexError `E_STORAGE`
 *
 * @example
 * ```ts
 * writeFileAtomic('results/experiment_meta.json', encodePretty(meta));
 * ```
 */
export function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly sync?: boolean; readonly mode?: number; readonly keepMode?: boolean } = {},
): void {
  try {
    const { sync, mode, keepMode } = options;
    const fill = (file: number): void => {
      if (keepMode === true) takeMode(file, path);
      writeAll(file, data);
    };
    placeWhole(path, fill, renameOver, { sync, mode });
    if (sync === true) syncFolder(dirname(path));
  } catch (error) {
    throw storageError(error, 'write', path);
  }
}

/**
 * Creates a whole file under a name that is free: of several processes that try, one succeeds, and nobody sees a part.
 *
 * @throws ComexError `E_STORAGE`, also when there is such a file
 */
export function createFileAtomic(path: string, data: string | Uint8Array): void {
  try {
    placeWhole(path, (file) => writeAll(file, data), linkTo);
  } catch (error) {
    throw storageError(error, 'create', path);
  }
}

/**
 * Copies a file so that nobody sees a part of the copy, sharing its blocks where the file system can.
 *
 * @throws ComexError `E_STORAGE`
 */
export function copyFileAtomic(from: string, to: string): void {
  try {
    const copy = (_: number, temporary: string): void => copyFileSync(from, temporary, constants.COPYFILE_FICLONE);
    placeWhole(to, copy, renameOver);
  } catch (error) {
    throw storageError(error, `copy ${from} to`, to);
  }
}

/** Fills a temporary file beside the path, and gives it that name. It is removed when anything fails. */
function placeWhole(
  path: string,
  fill: (file: number, temporary: string) => void,
  place: (temporary: string, path: string) => void,
  options: { readonly sync?: boolean | undefined; readonly mode?: number | undefined } = {},
): void {
  const { temporary, file } = openTemporary(dirname(path), options.mode ?? 0o666);
  let isOpen = true;
  try {
    fill(file, temporary);
    if (options.sync === true) fsyncSync(file);
    isOpen = false;
    closeSync(file);
    place(temporary, path);
  } catch (error) {
    if (isOpen) quietly(() => closeSync(file));
    quietly(() => rmSync(temporary, { force: true }));
    throw error;
  }
}

/**
 * Makes a file that is written already survive a loss of power, its name included.
 *
 * @throws ComexError `E_STORAGE`
 */
export function syncFile(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'sync', path);
  }
  syncFolder(dirname(path));
}

/** Whether a name is that of a file on its way to its own. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * The pid of the process that made a temporary file; undefined for the name of any other file, and of this process's
 * own: it may be at work on them.
 */
export function temporaryOwner(name: string): number | undefined {
  const [, pid, token] = TEMPORARY.exec(name) ?? [];
  return pid === undefined || token === PROCESS_TOKEN ? undefined : Number(pid);
}

/** Creates it exclusively, so that what another host or a dead process left under the same name is never used. */
export function openTemporary(folder: string, mode: number): { readonly temporary: string; readonly file: number } {
  for (;;) {
    const temporary = join(folder, `.${process.pid}-${PROCESS_TOKEN}-${counter++}.tmp`);
    try {
      return { temporary, file: openSync(temporary, 'wx', mode) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Gives a file the mode of the one that it is to replace, whatever the umask; none where there is no such file. */
export function takeMode(file: number, from: string): void {
  const mode = statSync(from, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === 'win32') return;
  if ((fstatSync(file).mode & 0o777) !== (mode & 0o777)) fchmodSync(file, mode & 0o777);
}

export function writeAll(file: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** On Windows a reader or a virus scanner that has the target open makes a rename fail for a moment. */
export function renameOver(from: string, to: string): void {
  const attempts = process.platform === 'win32' ? 10 : 1;
  for (let attempt = 1; ; attempt++) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (attempt >= attempts) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * attempt);
    }
  }
}

/** Gives a file a name that no other has. Where the file system knows no links, the name is taken before it is filled. */
function linkTo(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
  quietly(() => unlinkSync(from));
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Makes the rename itself durable. Windows cannot open a folder, and some file systems cannot sync one. */
function syncFolder(folder: string): void {
  quietly(() => {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  });
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The failure that led here, or the success that came before, is what the caller must hear of.
  }
}
