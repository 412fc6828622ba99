import { closeSync, fstatSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { openFile } from '../codec/read-text.ts';
import { storageError } from '../codec/storage.ts';
import { logFile } from './layout.ts';
import { type Segment, segmentsOf } from './segments.ts';

const CHUNK_BYTES = 256 * 1024;
/** A line that is longer is given in pieces. */
const LONGEST_LINE = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads the log of a run piece by piece, that of its attempts one after the other, also while it is being written. It
 * holds one chunk and one line. A file that became shorter, or is another one, is read from its beginning.
 *
 * @example
 * ```ts
 * const reader = new LogReader('results/digits/2026-01-31__12-00-00__k3v9x2ab');
 * for (let lines = reader.read(); lines !== undefined; lines = reader.read()) console.log(lines.join('\n'));
 * ```
 */
export class LogReader {
  readonly #folder: string;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #segment: Segment | undefined;
  #offset = 0;
  #inode: number | undefined;
  #decoder = new StringDecoder('utf8');
  #open = '';

  /** @param last begin so many lines before the end; all of it when left out */
  constructor(folder: string, last?: number) {
    this.#folder = folder;
    if (last !== undefined) this.#seek(last);
  }

  /**
   * The next whole lines, without their ends; undefined when there are no more for now.
   *
   * @throws ComexError `E_STORAGE` when the folder or a file of it cannot be read
   */
  read(): string[] | undefined {
    for (;;) {
      const text = this.#segment === undefined ? '' : this.#chunk(this.#segment);
      if (text !== '') {
        const lines = this.#linesOf(text);
        if (lines.length > 0) return lines;
        continue;
      }
      const next = this.#nextSegment();
      if (next === undefined) return undefined;
      const ended = this.rest();
      this.#begin(next);
      if (ended !== undefined) return [ended];
    }
  }

  /** What stands behind the last end of a line: a line that nobody will end any more. */
  rest(): string | undefined {
    const text = this.#open + this.#decoder.end();
    this.#open = '';
    return text === '' ? undefined : text;
  }

  #linesOf(text: string): string[] {
    const parts = text.split('\n');
    parts[0] = this.#open + parts[0]!;
    this.#open = parts.pop()!;
    if (this.#open.length > LONGEST_LINE) {
      parts.push(this.#open);
      this.#open = '';
    }
    return parts;
  }

  #chunk({ path }: Segment): string {
    return withFile(path, (file) => {
      const { size, ino } = fstatSync(file);
      if (size < this.#offset || (this.#inode !== undefined && ino !== this.#inode)) this.#restart();
      this.#inode = ino;
      const count = readSync(file, this.#buffer, 0, CHUNK_BYTES, this.#offset);
      this.#offset += count;
      return this.#decoder.write(this.#buffer.subarray(0, count));
    });
  }

  #nextSegment(): Segment | undefined {
    return segmentsOf(this.#folder, logFile).find(({ attempt }) => attempt > (this.#segment?.attempt ?? 0));
  }

  #begin(segment: Segment, offset = 0): void {
    this.#segment = segment;
    this.#restart();
    this.#inode = undefined;
    this.#offset = offset;
  }

  #restart(): void {
    this.#offset = 0;
    this.#open = '';
    this.#decoder = new StringDecoder('utf8');
  }

  #seek(last: number): void {
    let wanted = last;
    for (const segment of segmentsOf(this.#folder, logFile).reverse()) {
      const { offset, lines } = lineStart(segment.path, wanted);
      this.#begin(segment, offset);
      wanted -= lines;
      if (wanted <= 0) return;
    }
  }
}

/** Where the last lines of a file begin, and how many there are, at most as many as wanted. */
function lineStart(path: string, wanted: number): { readonly offset: number; readonly lines: number } {
  return withFile(path, (file) => {
    const { size } = fstatSync(file);
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, size)));
    let lines = 0;
    for (let end = size; end > 0; ) {
      const from = Math.max(0, end - buffer.length);
      const count = readSync(file, buffer, 0, end - from, from);
      for (let at = count - 1; at >= 0; at--) {
        // The end of the last line begins no other.
        if (buffer[at] !== NEWLINE || from + at === size - 1) continue;
        if (lines + 1 >= wanted) return { offset: wanted === 0 ? size : from + at + 1, lines: wanted };
        lines += 1;
      }
      end = from;
    }
    return wanted === 0 ? { offset: size, lines: 0 } : { offset: 0, lines: size === 0 ? 0 : lines + 1 };
  });
}

function withFile<T>(path: string, use: (file: number) => T): T {
  try {
    const file = openFile(path);
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
