import { rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { MemoryRecord } from '../archive/layout.ts';
import { countOomKills, isNearlyOut } from '../archive/memory.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { MemoryGauge } from './memory-gauge.ts';

/** Faster than a program fills its memory, in bytes per ms: so that a look comes before there is none left. */
const FASTEST = 2 ** 31 / 1000;
/** Between two looks, in ms. */
const PAUSE = { least: 20, most: 1000 } as const;
/** What the main thread said of its heap counts as measured for this long, in ms, */
const FRESH = 300;
/** and as long as the process has not taken more than this part of the limit since. */
const SINCE = 0.05;
/** What has changed by less, as a part, need not be written again. */
const CHANGE = 0.01;

/**
 * Keeps a file while the memory of this process is running out, by which a reader can tell why it was killed: nothing of
 * the process itself runs any more then. Looks as often as what is left asks for.
 *
 * @param gauge in which the main thread says what its heap holds; all that the process takes between may be heap, too
 */
export function watchMemory(file: string, gauge: SharedArrayBuffer): void {
  const shared = new MemoryGauge(gauge);
  const heapLimitBytes = getHeapStatistics().heap_size_limit;
  const oomKills = countOomKills();
  let last: MemoryRecord | undefined;

  const look = (): void => {
    const record = measure(shared, heapLimitBytes, oomKills);
    try {
      last = keep(file, shared, record, last);
    } catch {
      // then a reader does not learn the reason
    }
    const left = Math.min(heapLimitBytes - record.heapBytes, record.availableBytes);
    setTimeout(look, Math.min(Math.max(left / FASTEST, PAUSE.least), PAUSE.most));
  };
  look();
}

function measure(shared: MemoryGauge, heapLimitBytes: number, oomKills: number | undefined): MemoryRecord {
  const said = shared.read();
  const rssBytes = process.memoryUsage.rss();
  const taken = Math.max(0, rssBytes - said.rssBytes);
  // A main thread that has not said anything for longer is busy: it may fill what its heap has.
  const isFresh = said.age < FRESH;
  const total = totalmem();
  return {
    at: new Date().toISOString(),
    rssBytes,
    heapBytes: (isFresh ? said.heapBytes : said.committedBytes) + taken,
    heapIsMeasured: isFresh && taken < SINCE * heapLimitBytes,
    heapCommittedBytes: said.committedBytes + taken,
    heapLimitBytes,
    availableBytes: process.availableMemory(),
    totalBytes: Math.min(total, process.constrainedMemory() || total),
    ...(oomKills === undefined ? {} : { oomKills }),
  };
}

/** Writes, replaces or removes the note, as the record asks for; returns what it holds then. */
function keep(
  file: string,
  shared: MemoryGauge,
  record: MemoryRecord,
  last: MemoryRecord | undefined,
): MemoryRecord | undefined {
  if (!isNearlyOut(record)) {
    if (last !== undefined) shared.note(() => rmSync(file, { force: true }));
    return undefined;
  }
  if (last !== undefined && !hasChanged(record, last)) return last;
  shared.note(() => writeFileAtomic(file, `${JSON.stringify(record)}\n`));
  return record;
}

function hasChanged(a: MemoryRecord, b: MemoryRecord): boolean {
  const differs = (x: number, y: number): boolean => Math.abs(x - y) > CHANGE * y;
  return a.heapIsMeasured !== b.heapIsMeasured || differs(a.heapBytes, b.heapBytes) || differs(a.rssBytes, b.rssBytes);
}
