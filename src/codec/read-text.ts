import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * A whole text file. A pipe in its place would be waited for, without an end: it is refused like what cannot be read.
 *
 * @throws what the file system says; `ESPIPE` for a pipe
 */
export function readText(path: string): string {
  const file = openFile(path);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Opens a file for reading, and no pipe. @throws what the file system says; `ESPIPE` for a pipe */
export function openFile(path: string): number {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if (!fstatSync(file).isFIFO()) return file;
  closeSync(file);
  throw Object.assign(new Error(`ESPIPE: it is a pipe, '${path}'`), { code: 'ESPIPE' });
}
