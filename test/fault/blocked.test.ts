import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { MemoryGauge } from '../../src/run/memory-gauge.ts';
import type { Watched } from '../../src/run/watchdog.ts';
import { PACKAGE, TestProject } from '../project.ts';
import { start } from './started.ts';

it('the heartbeat goes on while the thread is blocked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'comex-watchdog-'));
  const attemptFile = join(folder, '1.json');
  writeFileSync(attemptFile, '{}');
  utimesSync(attemptFile, 1, 1);
  const workerData: Watched = {
    attemptFile,
    logFile: join(folder, 'log.txt'),
    memoryFile: join(folder, '1.memory.json'),
    interval: 20,
    gauge: new MemoryGauge().buffer,
  };
  const worker = new Worker(join(PACKAGE, 'dist/watchdog-worker.js'), {
    workerData,
    execArgv: ['--expose-internals', '--no-warnings'],
    env: {},
  });
  try {
    const clock = new Int32Array(new SharedArrayBuffer(4));
    while (statSync(attemptFile).mtimeMs === 1000) Atomics.wait(clock, 0, 0, 20); // never yields
  } finally {
    void worker.terminate();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('two signals, and no more, end a run that blocks its thread', async () => {
  const project = new TestProject({
    'experiments/main.ts': `export default () => { console.log('ready'); for (;;) {} };`,
  });
  const started = start(project, ['run', 'main']);
  await started.said('ready');
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1000)); // as long as a busy machine may take for a thread
    started.child.kill('SIGINT');
  }
  expect(await started.ended).toEqual({ code: null, signal: 'SIGKILL' });
});
