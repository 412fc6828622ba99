import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { storageError } from './storage.ts';

const CHUNK = 1 << 20;

/** SHA-256 in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * SHA-256 of a file, read piece by piece.
 *
 * @param onPiece is given each piece, whose memory is used again afterwards
 * @throws ComexError `E_STORAGE`
 */
export function sha256OfFile(path: string, onPiece?: (piece: Buffer) => void): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  try {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const read = readSync(file, buffer, 0, buffer.length, null);
        if (read === 0) break;
        const piece = buffer.subarray(0, read);
        hash.update(piece);
        onPiece?.(piece);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'read', path);
  }
  return hash.digest('hex');
}
