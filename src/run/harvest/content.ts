import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { storageError } from '../../codec/storage.ts';
import { HarvestProblem } from './problem.ts';
import type { HarvestEncoding } from './rules.ts';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** A file that is read from its beginning to its end once, in chunks; what came of it is known afterwards. */
export class Content {
  readonly #path: string;
  readonly #hash = createHash('sha256');
  /** Bytes so far. */
  bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The bytes. A chunk is valid until the next one is asked for.
   *
   * @throws ComexError `E_STORAGE`; HarvestProblem for what is no file, or was written meanwhile
   */
  async *chunks(): AsyncGenerator<Buffer> {
    const path = this.#path;
    // A pipe in its place would be waited for, without an end.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
      throw storageError(cause, 'read', path);
    });
    try {
      const before = await file.stat();
      if (!before.isFile()) throw new HarvestProblem('Expected a file, but it is a folder, a pipe or a device.');
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.bytes).catch((cause: unknown) => {
          throw storageError(cause, 'read', path);
        });
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        this.bytes += bytesRead;
        this.#hash.update(chunk);
        yield chunk;
      }
      const after = await file.stat();
      if (after.size !== this.bytes || after.mtimeMs !== before.mtimeMs) {
        throw new HarvestProblem('Expected a file that is finished, but it was written while it was read. Try again.');
      }
    } finally {
      await file.close();
    }
  }

  /**
   * The text. Without an encoding, a byte order mark says which, else it is UTF-8.
   *
   * @param lenient whether bytes that are no UTF-8 become U+FFFD instead of an error
   * @throws HarvestProblem for another encoding, with the line
   */
  async *texts(encoding: HarvestEncoding | undefined, lenient = false): AsyncGenerator<string> {
    let decoder: Decoder | undefined;
    for await (const chunk of this.chunks()) {
      decoder ??= decoderFor(chunk, encoding, lenient);
      yield decoder.decode(chunk);
    }
    if (decoder !== undefined) yield decoder.end();
  }

  /** Of the bytes so far, hexadecimal; the last thing that is asked for. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}

interface Decoder {
  decode(chunk: Buffer): string;
  end(): string;
}

function decoderFor(start: Buffer, encoding: HarvestEncoding | undefined, lenient: boolean): Decoder {
  if (encoding === 'latin1') return { decode: (chunk) => chunk.toString('latin1'), end: () => '' };
  const [a, b] = start;
  const mark = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
  if (encoding === 'utf-16le' || (encoding === undefined && mark !== undefined)) return wideDecoder(mark ?? 'utf-16le');
  if (isCompressed(start)) {
    throw new HarvestProblem('Expected a text, but the file is compressed. Unpack it, and name what is in it.');
  }
  if (!lenient && start.includes(0)) {
    throw new HarvestProblem(
      'Expected a text in UTF-8, but it has zero bytes. Say "encoding": "utf-16le" if it is UTF-16.',
    );
  }
  return new Utf8(lenient);
}

/** How files of gzip, zip, Zstandard, xz and bzip2 begin. */
const COMPRESSED = ['1f8b08', '504b0304', '28b52ffd', 'fd377a585a00', '425a6839314159'];

function isCompressed(start: Buffer): boolean {
  const bytes = start.toString('hex', 0, 8);
  return COMPRESSED.some((beginning) => bytes.startsWith(beginning));
}

function wideDecoder(label: string): Decoder {
  const decoder = new TextDecoder(label, { fatal: true });
  const decode = (chunk: Buffer | undefined): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new HarvestProblem(
        'Expected a text in UTF-16, but it has other bytes. Leave "encoding" out, or say "latin1".',
      );
    }
  };
  return { decode, end: () => decode(undefined) };
}

/** Says in which line a text is no UTF-8. */
class Utf8 implements Decoder {
  readonly #lenient: boolean;
  #rest = Buffer.alloc(0);
  #line = 1;
  #isStart = true;

  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  decode(chunk: Buffer): string {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - unfinished(bytes);
    this.#rest = Buffer.from(bytes.subarray(whole));
    return this.#text(bytes.subarray(0, whole));
  }

  end(): string {
    return this.#text(this.#rest);
  }

  #text(bytes: Buffer): string {
    if (!this.#lenient) {
      if (!isUtf8(bytes)) throw this.#problem(bytes);
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.#line += 1;
    }
    const text = bytes.toString('utf8');
    const isMarked = this.#isStart && text.startsWith('\ufeff');
    this.#isStart = false;
    return isMarked ? text.slice(1) : text;
  }

  #problem(bytes: Buffer): HarvestProblem {
    let line = this.#line;
    for (let at = 0; at < bytes.length; line++) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0 || !isUtf8(bytes.subarray(at, end))) break;
      at = end + 1;
    }
    const advice = 'Say how it is written: "encoding": "latin1" or "utf-16le".';
    return new HarvestProblem(`Expected a text in UTF-8, but that line has other bytes. ${advice}`, { line });
  }
}

/** How many bytes at the end begin a character that goes on in the next chunk. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
