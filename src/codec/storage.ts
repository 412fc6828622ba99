import { ComexError, isComexError } from '../errors.ts';

/** What an error of the file system means, and what to do about it. */
const MEANINGS: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  ENOSPC: ['no space left on the device', 'Free some space, or choose a results folder on another disk'],
  EDQUOT: ['the disk quota is used up', 'Delete what is not needed, or ask for a larger quota (bytes or files)'],
  EIO: ['the device reported an error', 'Check the disk or the network file system'],
  EACCES: ['permission denied', 'Check the owner and the permissions of the file and its folder'],
  EPERM: ['the operation is not permitted', 'Check the owner and the permissions of the file and its folder'],
  EROFS: ['the file system is read-only', 'Choose a results folder that can be written'],
  EMFILE: ['this process has too many open files', 'Raise the limit (ulimit -n), or run less at the same time'],
  ENFILE: ['the system has too many open files', 'Close other programs, or run less at the same time'],
  ENOMEM: ['out of memory', 'Run less at the same time'],
  EXDEV: ['source and target are on different file systems', 'Put both on the same file system'],
  ENAMETOOLONG: ['the name is too long', 'Use a shorter name'],
  ENOENT: ['no such file or folder', 'Check the path; the folder may have been removed'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the path'],
  EISDIR: ['it is a folder, not a file', 'Check the path'],
  EEXIST: ['it exists already', 'Choose another name, or remove it'],
  ENOTEMPTY: ['the folder is not empty', 'Choose another name, or empty it'],
  EBUSY: ['it is in use by another program', 'Close that program and try again'],
  ETXTBSY: ['it is being executed', 'Stop the program that runs from it and try again'],
  EFBIG: ['the file would be too large', 'Check the limit on the size of files (ulimit -f)'],
  ELOOP: ['too many symbolic links', 'Check the links in the path'],
  ESTALE: ['the network file system no longer knows it', 'Check the mount, and try again'],
  ESPIPE: ['it is a pipe, not a file', 'Check the path'],
  EBADF: ['the file is closed', 'Do not write to it after its run has ended'],
};

/**
 * A failure of the file system as a ComexError with code `E_STORAGE`, with the original as its cause. An error that is a
 * ComexError already is returned as it is.
 *
 * @param action what was tried, as a verb: `write`, `read`, `create`
 */
export function storageError(cause: unknown, action: string, path: string): ComexError {
  if (isComexError(cause)) return cause;
  const code = errorCode(cause);
  const known = code === undefined ? undefined : MEANINGS[code];
  if (known !== undefined) {
    return new ComexError('E_STORAGE', `Cannot ${action} ${path}: ${known[0]} (${code}). ${known[1]}.`, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ComexError('E_STORAGE', `Cannot ${action} ${path}: ${reason.replace(/\.$/, '')}.`, { cause });
}

/** The same in a few words, to stand in a sentence: `permission denied (EACCES)`. */
export function storageReason(cause: unknown): string {
  const code = errorCode(cause);
  if (code !== undefined) return `${MEANINGS[code]![0]} (${code})`;
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}

function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' && Object.hasOwn(MEANINGS, cause.code) ? cause.code : undefined;
}
