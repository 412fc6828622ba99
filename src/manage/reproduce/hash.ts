import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { storageError } from '../../codec/storage.ts';

const CHUNK = 1 << 20;

/** SHA-256 of a file, read piece by piece. @throws ComexError `E_STORAGE` */
export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0; ) {
        read = readSync(file, buffer, 0, buffer.length, null);
        hash.update(buffer.subarray(0, read));
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'read', path);
  }
  return hash.digest('hex');
}
