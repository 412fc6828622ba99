import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '../codec/json.ts';
import { readText } from '../codec/read-text.ts';
import { ATTEMPTS_FOLDER, type AttemptRecord, attemptFile } from './layout.ts';

/** What is on disk of one attempt. */
export interface AttemptEvidence {
  readonly attempt: number;
  /** Absent when its file cannot be understood, such as one that a full disk left empty. */
  readonly record?: AttemptRecord;
  /** Modification time of its file, in milliseconds since the epoch. */
  readonly heartbeatMs: number;
}

/** The numbers of the attempts that claimed a run, in order. */
export function attemptNumbers(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, ATTEMPTS_FOLDER));
  } catch {
    return [];
  }
  const numbers = names.map((name) => Number.parseInt(name, 10));
  // Beside a claim there may be more of the same attempt.
  const isClaim = (n: number, index: number): boolean =>
    n > 0 && `${ATTEMPTS_FOLDER}/${names[index]}` === attemptFile(n);
  return numbers.filter(isClaim).sort((a, b) => a - b);
}

/** One attempt's claim, or undefined when there is none. */
export function readAttempt(folder: string, attempt: number): AttemptEvidence | undefined {
  const path = join(folder, attemptFile(attempt));
  try {
    const heartbeatMs = statSync(path).mtimeMs;
    const record = understood(readText(path));
    return { attempt, heartbeatMs, ...(record === undefined ? {} : { record }) };
  } catch {
    return undefined;
  }
}

/** The attempt that claimed a run last, or undefined when none did. */
export function latestAttempt(folder: string): AttemptEvidence | undefined {
  const last = attemptNumbers(folder).at(-1);
  return last === undefined ? undefined : readAttempt(folder, last);
}

function understood(text: string): AttemptRecord | undefined {
  let value: Partial<AttemptRecord> | null;
  try {
    value = decode(text) as Partial<AttemptRecord> | null;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, host, startedAt } = value;
  // A pid of 0 or below means a whole group of processes to the system.
  const validPid = Number.isInteger(pid) && (pid as number) > 0 && (pid as number) <= 0x7fff_ffff;
  return validPid && typeof host === 'string' && typeof startedAt === 'string' ? (value as AttemptRecord) : undefined;
}
