import { decode } from './decode.ts';
import { scanLines } from './line-scan.ts';

export interface LineOptions {
  /** Byte offset to start at, the start of a line: 0 by default, or where an earlier reading ended. */
  readonly from?: number;
  /** Give also a last line without its newline. */
  readonly includeTail?: boolean;
}

interface LinesRead {
  /** Bytes of the lines that were given: `from + bytes` is where to go on later. A missing file has 0. */
  readonly bytes: number;
  /** The file ends inside a line, so what wrote it died there or is still writing. */
  readonly tornTail: boolean;
}

interface JsonLinesRead extends LinesRead {
  /** Lines that are no JSON. */
  readonly damaged: number;
}

/**
 * Gives every line of a file in order, without its newline, reading it in chunks. Bytes that are no UTF-8 become U+FFFD;
 * lines over 256 MiB are passed over. A missing file has no lines.
 *
 * @param onLine takes the line and its byte offset in the file
 * @throws ComexError `E_STORAGE` when the file exists and cannot be read; what `onLine` throws
 *
 * @example
 * ```ts
 * let { bytes } = readLines('experiment_log.txt', (line) => console.log(line));
 * // later: only what has been added
 * readLines('experiment_log.txt', (line) => console.log(line), { from: bytes });
 * ```
 */
export function readLines(
  path: string,
  onLine: (line: string, offset: number) => void,
  options: LineOptions = {},
): LinesRead {
  const { bytes, tail } = scanLines(path, onLine, options.from ?? 0);
  if (tail === undefined) return { bytes, tornTail: false };
  if (options.includeTail !== true || tail.text === undefined) return { bytes, tornTail: true };
  onLine(tail.text, tail.offset);
  return { bytes: bytes + tail.bytes, tornTail: true };
}

/**
 * Gives the decoded value of every line of a file. A damaged line costs that line: it is counted, and so is one over
 * 256 MiB. Empty lines are nothing. A last line without a newline is given when it is whole JSON, and is torn otherwise.
 *
 * @param onRecord takes the value and the byte offset of its line
 * @throws ComexError `E_STORAGE` when the file exists and cannot be read; what `onRecord` throws
 */
export function readJsonLines(
  path: string,
  onRecord: (record: unknown, offset: number) => void,
  options: { readonly from?: number } = {},
): JsonLinesRead {
  let damaged = 0;
  const onLine = (line: string, offset: number): void => {
    const record = line === '' ? NO_JSON : parsed(line);
    if (record !== NO_JSON) onRecord(record, offset);
    else if (line.trim() !== '') damaged += 1;
  };
  const { bytes, tail, skipped } = scanLines(path, onLine, options.from ?? 0);
  damaged += skipped;
  const last = tail?.text === undefined ? NO_JSON : parsed(tail.text);
  if (tail === undefined || last === NO_JSON) return { bytes, tornTail: tail !== undefined, damaged };
  onRecord(last, tail.offset);
  return { bytes: bytes + tail.bytes, tornTail: false, damaged };
}

const NO_JSON = Symbol('no JSON');

function parsed(line: string): unknown {
  try {
    return decode(line);
  } catch {
    return NO_JSON;
  }
}
