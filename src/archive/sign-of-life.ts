import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attemptNumbers } from './attempts.ts';
import { attemptFile, ENVIRONMENT_FILE, logFile, RUNS_FOLDER, trackFile } from './layout.ts';
import { segmentsOf } from './segments.ts';
import { TrackLineParser } from './track-line.ts';

const PIECE_BYTES = 64 * 1024;
/** A heartbeat is due every 15 s: a file that says it was written much later than the last one was touched by others. */
const BETWEEN_BEATS_MS = 16_000;
/** A file of the start that was written later than this is a copy. */
const LONGEST_START_MS = 60_000;
/** So near to each other are the times of files that were written by one copying. */
const LONGEST_COPY_MS = 1000;
/** Time zones differ by multiples of this. */
const ZONE_STEP_MS = 15 * 60_000;
const STAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) /;

/**
 * How long a run that wrote no end was alive, in ms: up to its last point, line of the log or heartbeat. What files say
 * inside comes before the times of files. Those count from that of a file written at the start, so that nothing changes
 * with a copy of the folder, or with the clock of a file server. Undefined for a copy that has kept none of all that.
 *
 * @param startedMs milliseconds since the epoch
 */
export function aliveFor(folder: string, startedMs: number): number | undefined {
  const began = beganMs(folder) ?? startedMs;
  const since = (path: string): number => (modifiedMs(path) ?? 0) - began;
  const beats = attemptNumbers(folder).map((attempt) => since(join(folder, attemptFile(attempt))));
  const limit = beats.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...beats) + BETWEEN_BEATS_MS;
  const said: number[] = [];
  const timed = beats;
  const take = (path: string, last: number | undefined): void => {
    if (last !== undefined) said.push(last);
    else if (since(path) <= limit) timed.push(since(path));
  };
  for (const { path } of segmentsOf(folder, logFile)) take(path, lastLine(path, startedMs));
  for (const { path } of segmentsOf(folder, trackFile)) take(path, lastPoint(path, startedMs));
  const isOfCopy = began > startedMs + LONGEST_START_MS && Math.max(...timed) < LONGEST_COPY_MS;
  if (isOfCopy && said.length === 0) return undefined;
  return Math.max(0, ...said, ...(isOfCopy ? [] : timed));
}

/** When the file was written that every run writes at its start, and never again; a child run has that of its parent. */
function beganMs(folder: string): number | undefined {
  const parent = dirname(folder).endsWith(RUNS_FOLDER)
    ? modifiedMs(join(folder, '../..', ENVIRONMENT_FILE))
    : undefined;
  return modifiedMs(join(folder, ENVIRONMENT_FILE)) ?? parent;
}

function modifiedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Lines have the local time of where the run was: one whose first line does not fit its start is of another zone. */
function lastLine(path: string, startedMs: number): number | undefined {
  const { head, tail } = ends(path);
  const first = head.map(stampOf).find((ms) => ms !== undefined);
  const last = tail.map(stampOf).findLast((ms) => ms !== undefined);
  if (first === undefined || last === undefined) return undefined;
  return first >= startedMs - 1 && first < startedMs + ZONE_STEP_MS ? last - startedMs : undefined;
}

function stampOf(line: string): number | undefined {
  const [, day, time] = STAMP.exec(line) ?? [];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${time}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function lastPoint(path: string, startedMs: number): number | undefined {
  const { head, tail } = ends(path);
  const parser = new TrackLineParser(undefined);
  const last = tail.findLast((line) => parser.parse(line) === 'point' && Number.isFinite(parser.time));
  if (last === undefined) return undefined;
  const { time } = parser;
  const header = parser.parse(head[0] ?? '') === 'object' ? (parser.object as { origin?: unknown } | null) : undefined;
  const origin = typeof header?.origin === 'string' ? Date.parse(header.origin) : Number.NaN;
  return (Number.isNaN(origin) ? 0 : origin - startedMs) + time;
}

/** The lines at both ends of a file; none of one that cannot be read. */
function ends(path: string): { readonly head: readonly string[]; readonly tail: readonly string[] } {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const head = piece(file, 0);
    return { head, tail: size <= PIECE_BYTES ? head : piece(file, size - PIECE_BYTES) };
  } catch {
    return { head: [], tail: [] };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function piece(file: number, from: number): string[] {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const lines = buffer.toString('utf8', 0, readSync(file, buffer, 0, PIECE_BYTES, from)).split('\n');
  // What stands behind the last end of a line may be a part of one.
  lines.pop();
  return lines;
}
