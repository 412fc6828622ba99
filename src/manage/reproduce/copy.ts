import { constants, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';

/**
 * Puts a copy of a file into the temporary folder, in the place of what is there: never a link, since what code writes to
 * it must not reach the original. Blocks are shared where the file system can.
 *
 * @throws ComexError `E_STORAGE`
 */
export function copyIn(from: string, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw storageError(error, 'copy', from);
    throw new ComexError(
      'E_STORAGE',
      `Cannot copy ${from} into the temporary folder: no space left there (${code}). Set TMPDIR to a folder on a disk with more space.`,
      { cause: error },
    );
  }
}
