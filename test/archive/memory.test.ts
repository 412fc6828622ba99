import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type MemoryRecord, memoryFile } from '../../src/archive/layout.ts';
import { readJudged } from '../../src/archive/liveness.ts';
import { countOomKills, isNearlyOut, memoryReason, readMemory } from '../../src/archive/memory.ts';
import { temporaryFolder, write, writeRun } from './run-folder.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function record(changes: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    at: '2026-01-31T12:00:00.000Z',
    rssBytes: 500 * MIB,
    heapBytes: 100 * MIB,
    heapIsMeasured: true,
    heapCommittedBytes: 150 * MIB,
    heapLimitBytes: 4 * GIB,
    availableBytes: 8 * GIB,
    totalBytes: 16 * GIB,
    oomKills: 3,
    ...changes,
  };
}

const fullHeap = record({ heapBytes: 3.9 * GIB, rssBytes: 4.1 * GIB });
const fullSystem = record({ rssBytes: 15 * GIB, availableBytes: 100 * MIB });

describe('the last look at the memory of a process that is gone', () => {
  test('a full heap is the reason', () => {
    expect(memoryReason(fullHeap, 3)).toBe('out of memory (its heap held 3.9 GiB of 4.0 GiB)');
  });

  test('a heap that could not be measured since is probably the reason', () => {
    expect(memoryReason({ ...fullHeap, heapIsMeasured: false }, 3)).toBe(
      'probably out of memory (it held 4.1 GiB, and its heap may hold 4.0 GiB)',
    );
  });

  test('a heap that has taken all it may, and is well filled, is probably the reason', () => {
    const small = record({ heapBytes: 52 * MIB, heapCommittedBytes: 118 * MIB, heapLimitBytes: 67 * MIB });
    expect(memoryReason(small, 3)).toBe('probably out of memory (its heap held 52 MiB of 67 MiB)');
    expect(memoryReason({ ...small, heapBytes: 30 * MIB }, 3)).toBeUndefined();
    expect(memoryReason({ ...small, heapCommittedBytes: 60 * MIB }, 3)).toBeUndefined();
  });

  test('a full system is the reason when it has ended a process since, and only then', () => {
    expect(memoryReason(fullSystem, 4)).toBe(
      'out of memory (it held 15.0 GiB, 100 MiB was left, and the system has ended a process)',
    );
    expect(memoryReason(fullSystem, 3)).toBeUndefined();
    expect(memoryReason(fullSystem, undefined)).toBeUndefined();
    expect(memoryReason({ ...fullSystem, oomKills: undefined } as unknown as MemoryRecord, 4)).toBeUndefined();
  });

  test('memory that was left explains nothing', () => {
    expect(isNearlyOut(record())).toBe(false);
    expect(memoryReason(record(), 4)).toBeUndefined();
    expect(memoryReason(record({ heapBytes: 3.2 * GIB }), 4)).toBeUndefined();
  });

  test('a system that others have filled is not about to end this process', () => {
    expect(isNearlyOut({ ...fullSystem, rssBytes: 1 * GIB })).toBe(false);
  });
});

test('the system says how many processes it has ended, or nothing', () => {
  const count = countOomKills();
  expect(count === undefined || (Number.isInteger(count) && count >= 0)).toBe(true);
});

describe('a run folder with such a look', () => {
  const another = { processStart: '1' };
  const text = `${JSON.stringify(fullHeap)}\n`;

  test('tells why its process is gone', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, another);
    write(folder, memoryFile(1), text);
    expect(readJudged(folder)).toMatchObject({
      status: 'killed',
      evidence: `process ${process.pid} is another one by now: out of memory (its heap held 3.9 GiB of 4.0 GiB)`,
    });
  });

  test('tells nothing of a run that goes on, or that wrote how it ended', () => {
    const live = writeRun(temporaryFolder(), { status: 'running' });
    const done = writeRun(temporaryFolder(), { status: 'done' }, another);
    for (const folder of [live, done]) {
      write(folder, memoryFile(1), text);
      expect(readJudged(folder).evidence).not.toContain('memory');
    }
  });

  test('tells nothing when the machine was restarted', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { bootId: 'another' });
    write(folder, memoryFile(1), text);
    expect(readJudged(folder)).toMatchObject({ status: 'killed', evidence: expect.stringMatching(/restarted since$/) });
  });

  test.each(['', '{"rssBytes":', 'null', '[]', '{"rssBytes":"1"}', '{"rssBytes":-1}'])(
    'is judged without it when it holds %j',
    (damaged) => {
      const folder = writeRun(temporaryFolder(), { status: 'running' }, another);
      write(folder, memoryFile(1), damaged);
      expect(readMemory(folder, 1)).toBeUndefined();
      expect(readJudged(folder)).toMatchObject({ status: 'killed', evidence: expect.stringMatching(/by now$/) });
      expect(readMemory(join(folder, 'nowhere'), 1)).toBeUndefined();
    },
  );
});
