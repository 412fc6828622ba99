import { statSync } from 'node:fs';
import dayjs from 'dayjs';
import { readLines } from '../../codec/lines.ts';

/** `2025-11-17 10:20:30,123 - text`, as PyComex writes it, and most others: in the time of the machine that ran it. */
const LINE = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?Z?\]?(?: - | ?:? ?)(.*)$/;
const ERROR = 'EXPERIMENT ERROR: ';
/** A traceback may be that of an endless recursion. */
const MOST_ERROR_LINES = 400;

/** What a log says beside its lines. */
interface LogFacts {
  /** Milliseconds from its first line to its last, by the clock of the machine that wrote it. */
  readonly spanMs: number;
  /** What stands behind PyComex's `EXPERIMENT ERROR:`, with the lines after it; empty when nothing does. */
  readonly error: readonly string[];
}

/**
 * Reads the log of another program once, in pieces.
 *
 * @returns undefined when there is none
 * @throws ComexError `E_STORAGE`
 */
export function readLogFacts(path: string): LogFacts | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  let first: string | undefined;
  let last: string | undefined;
  let error: string[] = [];
  scanLog(path, (stamp, text) => {
    first ??= stamp;
    last = stamp ?? last;
    const at = text.indexOf(ERROR);
    if (at >= 0) error = [text.slice(at + ERROR.length)];
    else if (error.length > 0 && error.length < MOST_ERROR_LINES) error.push(text);
  });
  const spanMs = first === undefined || last === undefined ? 0 : momentOf(last) - momentOf(first);
  return { spanMs: Number.isFinite(spanMs) && spanMs > 0 ? spanMs : 0, error };
}

/**
 * The lines of the log of another program as comex writes them: `2025-11-17 10:20:30.123 text`, a line without a time with that
 * of the line before it.
 */
export function convertLog(path: string, startedAt: Date, write: (line: string) => void): void {
  let known = dayjs(startedAt).format('YYYY-MM-DD HH:mm:ss.SSS');
  scanLog(path, (stamp, text) => {
    known = stamp ?? known;
    write(`${known} ${text}`);
  });
}

function scanLog(path: string, onLine: (stamp: string | undefined, text: string) => void): void {
  const take = (line: string): void => {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    const [, day, second, fraction = '0', message = ''] = LINE.exec(text) ?? [];
    if (day === undefined) onLine(undefined, text);
    else onLine(`${day} ${second}.${fraction.slice(0, 3).padEnd(3, '0')}`, message);
  };
  readLines(path, take, { includeTail: true });
}

function momentOf(stamp: string): number {
  // As if it were UTC: only differences count, and no clock change is in them then.
  return Date.parse(`${stamp.replace(' ', 'T')}Z`);
}
