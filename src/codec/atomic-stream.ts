import { closeSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openTemporary, renameOver, takeMode, writeAll } from './atomic.ts';
import { storageError } from './storage.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * A whole file that is written piece by piece: under a temporary name beside it, so that a reader sees the old content or
 * the new, never a part. A file that is replaced keeps its mode. Whoever makes one calls `place` or `discard`.
 *
 * @example
 * ```ts
 * const file = new FileStream('table.csv');
 * try {
 *   for (const line of lines) file.write(line);
 *   file.place();
 * } finally {
 *   file.discard();
 * }
 * ```
 */
export class FileStream {
  readonly path: string;
  /** Where it is until it is placed. */
  readonly temporary: string;
  readonly #file: number;
  #texts: string[] = [];
  #pending = 0;
  #isOpen = true;
  #isPlaced = false;

  /**
   * @param mode that of a new file, 0o666 less the umask by default
   * @throws ComexError `E_STORAGE`
   */
  constructor(path: string, mode = 0o666) {
    this.path = path;
    try {
      const { temporary, file } = openTemporary(dirname(path), mode);
      this.temporary = temporary;
      this.#file = file;
    } catch (error) {
      throw storageError(error, 'write', path);
    }
    try {
      // Before anything is in it.
      takeMode(this.#file, path);
    } catch (error) {
      this.discard();
      throw storageError(error, 'write', path);
    }
  }

  /** @throws ComexError `E_STORAGE` */
  write(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      this.#texts.push(data);
      this.#pending += data.length;
      if (this.#pending >= CHUNK_BYTES) this.#flush();
      return;
    }
    this.#flush();
    this.#attempt(() => writeAll(this.#file, data));
  }

  /** Everything is in the temporary file. @throws ComexError `E_STORAGE` */
  finish(): void {
    this.#flush();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#attempt(() => closeSync(this.#file));
  }

  /** Gives it its name, in place of what had it. @throws ComexError `E_STORAGE` */
  place(): void {
    this.finish();
    this.#attempt(() => renameOver(this.temporary, this.path));
    this.#isPlaced = true;
  }

  /** Removes what is not placed. */
  discard(): void {
    if (this.#isPlaced) return;
    try {
      if (this.#isOpen) closeSync(this.#file);
    } catch {
      // It is removed all the same.
    }
    this.#isOpen = false;
    rmSync(this.temporary, { force: true });
  }

  #flush(): void {
    if (this.#texts.length === 0) return;
    const text = this.#texts.join('');
    this.#texts = [];
    this.#pending = 0;
    this.#attempt(() => writeAll(this.#file, text));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw storageError(error, 'write', this.path);
    }
  }
}
