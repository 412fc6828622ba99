import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { attemptFile } from '../../src/archive/layout.ts';
import { processIdentity } from '../../src/archive/process.ts';
import { encode } from '../../src/codec/json.ts';
import { whyStillBusy } from '../../src/manage/busy.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

/** Puts a text into a file so many microseconds after it was asked to, in a thread of its own. */
const WRITER = `
  const { workerData } = require('node:worker_threads');
  const { renameSync, writeFileSync } = require('node:fs');
  const asked = new Int32Array(workerData.shared);
  for (let seen = 0; ; seen++) {
    Atomics.wait(asked, 0, seen);
    const until = process.hrtime.bigint() + BigInt(asked[1]) * 1000n;
    writeFileSync(workerData.path + '.new', workerData.text);
    while (process.hrtime.bigint() < until);
    renameSync(workerData.path + '.new', workerData.path);
  }`;

const workers: Worker[] = [];
afterAll(async () => {
  for (const worker of workers) await worker.terminate();
});

it('does not call a run busy that lets go of its folder while one looks', () => {
  const claim = { ...processIdentity(), attempt: 1, startedAt: new Date().toISOString(), reason: 'start' };
  const outcome = { status: 'done', endedAt: new Date().toISOString() };
  const held = encode({ ...claim, outcome });
  const folder = writeRun(temporaryFolder(), 'aaaaaaaa', {}, { [attemptFile(1)]: held });
  const path = join(folder, attemptFile(1));
  const asked = new Int32Array(new SharedArrayBuffer(8));
  const text = encode({ ...claim, outcome: { ...outcome, closed: true } });
  workers.push(new Worker(WRITER, { eval: true, workerData: { shared: asked.buffer, path, text } }));
  const said: unknown[] = [];
  for (let round = 1; round <= 100; round++) {
    writeFileSync(path, held);
    asked[1] = round * 8;
    asked[0] = round;
    Atomics.notify(asked, 0);
    said.push(whyStillBusy(folder));
    // The next round begins when this one's text is in its place.
    while (whyStillBusy(folder) !== undefined);
  }
  expect(said.filter((why) => why !== undefined)).toEqual([]);
});
