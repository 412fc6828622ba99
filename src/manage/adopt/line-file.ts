import { closeSync, openSync, writeSync } from 'node:fs';
import { storageError } from '../../codec/storage.ts';

/** So many letters go to the disk at once. */
const BLOCK = 1 << 16;

/**
 * Writes the lines that an action gives into a new file, in blocks.
 *
 * @throws ComexError `E_STORAGE`; what the action throws
 */
export function writeLines(path: string, action: (line: (text: string) => void) => void): void {
  let file: number | undefined;
  try {
    file = openSync(path, 'wx');
    const to = file;
    let block = '';
    const flush = (): void => {
      const bytes = Buffer.from(block);
      for (let at = 0; at < bytes.length; ) at += writeSync(to, bytes, at, bytes.length - at);
      block = '';
    };
    action((text) => {
      block += `${text}\n`;
      if (block.length >= BLOCK) flush();
    });
    flush();
  } catch (error) {
    throw storageError(error, 'write', path);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
