import { isAscii } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { storageError } from './storage.ts';

const NEWLINE = 10;
const CHUNK_BYTES = 256 * 1024;
const SMALLEST_BYTES = 4 * 1024;
/** A longer line is nothing that comex would write, such as a file of zeros after a loss of power. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

type OnLine = (line: string, offset: number) => void;

/** A last line without its newline. */
interface Tail {
  /** Missing when the line is too long. */
  readonly text: string | undefined;
  readonly offset: number;
  readonly bytes: number;
}

interface LineScan {
  /** Bytes of all whole lines. */
  readonly bytes: number;
  readonly tail: Tail | undefined;
  /** Whole lines passed over because they are too long. */
  readonly skipped: number;
}

/** Reads a file in chunks from a byte offset on, and gives each line that ends in a newline. */
export function scanLines(path: string, onLine: OnLine, from: number): LineScan {
  const file = openForReading(path);
  if (file === undefined) return { bytes: 0, tail: undefined, skipped: 0 };
  try {
    return scanFile(file, path, onLine, from);
  } finally {
    closeRead(file);
  }
}

/** What was read stays read when the file cannot be closed. */
function closeRead(file: number): void {
  try {
    closeSync(file);
  } catch {
    // It is closed all the same.
  }
}

function scanFile(file: number, path: string, onLine: OnLine, from: number): LineScan {
  let buffer: Buffer = Buffer.allocUnsafe(firstBytes(file, path, from));
  let filled = 0;
  /** Where the buffer's first byte, and the line that begins last, are in the file. */
  let offset = from;
  let lineOffset = from;
  let skipped = 0;
  for (;;) {
    if (filled === buffer.length) buffer = resized(buffer, filled, filled * 2);
    const count = readChunk(file, path, buffer, filled, offset + filled);
    if (count === 0) break;
    const searched = filled;
    filled += count;
    const end = buffer.subarray(searched, filled).lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const tooLong = lineOffset < offset;
      const whole = buffer.subarray(tooLong ? buffer.indexOf(NEWLINE) + 1 : 0, searched + end);
      if (tooLong) skipped += 1;
      giveLines(whole, offset + searched + end - whole.length, onLine);
      buffer.copyWithin(0, searched + end, filled);
      filled -= searched + end;
      offset += searched + end;
      lineOffset = offset;
      if (buffer.length > CHUNK_BYTES && filled < CHUNK_BYTES) buffer = resized(buffer, filled, CHUNK_BYTES);
    } else if (filled >= MAX_LINE_BYTES || lineOffset < offset) {
      // Passed over: its bytes are forgotten, and the line goes on to the next newline.
      offset += filled;
      filled = 0;
    }
  }
  const bytes = offset + filled - lineOffset;
  const text = lineOffset < offset ? undefined : buffer.toString('utf8', 0, filled);
  return { bytes: lineOffset - from, tail: bytes === 0 ? undefined : { text, offset: lineOffset, bytes }, skipped };
}

function giveLines(bytes: Buffer, offset: number, onLine: OnLine): void {
  if (isAscii(bytes)) {
    // One byte is one character: splitting the text is three times as fast as decoding every line.
    const text = bytes.toString('latin1');
    for (let at = 0, end = 0; at < text.length; at = end + 1) {
      end = text.indexOf('\n', at);
      onLine(text.slice(at, end), offset + at);
    }
  } else {
    for (let at = 0, end = 0; at < bytes.length; at = end + 1) {
      end = bytes.indexOf(NEWLINE, at);
      onLine(bytes.toString('utf8', at, end), offset + at);
    }
  }
}

function resized(buffer: Buffer, filled: number, length: number): Buffer {
  const result = Buffer.allocUnsafe(length);
  buffer.copy(result, 0, 0, filled);
  return result;
}

/** A pipe in a file's place would be waited for, without an end. */
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function openForReading(path: string): number | undefined {
  try {
    return openSync(path, READ_AT_ONCE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageError(error, 'read', path);
  }
}

/** One byte more than is left in the file, so that a small one takes one read and one that finds the end. */
function firstBytes(file: number, path: string, from: number): number {
  try {
    return Math.min(CHUNK_BYTES, Math.max(SMALLEST_BYTES, fstatSync(file).size - from + 1));
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}

function readChunk(file: number, path: string, buffer: Buffer, at: number, position: number): number {
  try {
    return readSync(file, buffer, at, buffer.length - at, position);
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
