import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../codec/read-text.ts';
import { type MemoryRecord, memoryFile } from './layout.ts';

/** A heap this full is about to be exhausted: before it fails, V8 collects again and again and gets little back. */
const NEARLY_FULL = 0.85;
/** One that has taken all it may is, too, with this much in it: room for young objects counts, and a small heap has little. */
const WELL_FILLED = 0.7;
/** With less than this part of its memory left, the system is about to end processes. */
const SCARCE = 0.1;

/** Whether a process is about to run out of memory: of its heap, or, with most of it held by itself, of the system's. */
export function isNearlyOut(record: MemoryRecord): boolean {
  return isHeapFull(record) || isSystemFull(record);
}

/**
 * Why a process that is gone may have ended, seen the last look at its memory; undefined when that explains nothing. The
 * record is only there while memory was running out: a process takes it away when that is over, and when it ends.
 *
 * @param oomKills how many processes the system has ended for want of memory since it started; undefined if unknown
 */
export function memoryReason(record: MemoryRecord, oomKills: number | undefined): string | undefined {
  if (isHeapFull(record)) {
    const limit = spokenBytes(record.heapLimitBytes);
    if (!record.heapIsMeasured) {
      return `probably out of memory (it held ${spokenBytes(record.rssBytes)}, and its heap may hold ${limit})`;
    }
    const probably = isNearlyFull(record) ? '' : 'probably ';
    return `${probably}out of memory (its heap held ${spokenBytes(record.heapBytes)} of ${limit})`;
  }
  // Only where the system counts what it kills; a count that stands still says that it was something else.
  if (isSystemFull(record) && oomKills !== undefined && record.oomKills !== undefined && oomKills > record.oomKills) {
    const left = spokenBytes(record.availableBytes);
    return `out of memory (it held ${spokenBytes(record.rssBytes)}, ${left} was left, and the system has ended a process)`;
  }
  return undefined;
}

/** The last look at the memory of an attempt, when it was running out; undefined otherwise. */
export function readMemory(folder: string, attempt: number): MemoryRecord | undefined {
  try {
    const record = JSON.parse(readText(join(folder, memoryFile(attempt)))) as Partial<MemoryRecord> | null;
    const { rssBytes, heapBytes, heapCommittedBytes, heapLimitBytes, availableBytes, totalBytes } = record ?? {};
    const numbers = [rssBytes, heapBytes, heapCommittedBytes, heapLimitBytes, availableBytes, totalBytes];
    return numbers.every((value) => typeof value === 'number' && value >= 0) ? (record as MemoryRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** How many processes the system has ended for want of memory since it started; undefined where it does not say. */
export function countOomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

function isHeapFull(record: MemoryRecord): boolean {
  const { heapBytes, heapCommittedBytes, heapLimitBytes } = record;
  return isNearlyFull(record) || (heapCommittedBytes >= heapLimitBytes && heapBytes >= WELL_FILLED * heapLimitBytes);
}

function isNearlyFull({ heapBytes, heapLimitBytes }: MemoryRecord): boolean {
  return heapBytes >= NEARLY_FULL * heapLimitBytes;
}

function isSystemFull({ rssBytes, availableBytes, totalBytes }: MemoryRecord): boolean {
  return availableBytes < SCARCE * totalBytes && rssBytes > totalBytes / 2;
}

function spokenBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
