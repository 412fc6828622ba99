import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { logFile } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { PACKAGE, TestProject } from '../project.ts';

const source = `import { writeSync } from 'node:fs';
export default async (e: any) => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  e.track('x', 1);
  writeSync(1, 'blocked\\n');
  for (;;) {}
};`;

it('a second signal ends a run that blocks its thread, and what it recorded is there', async () => {
  const project = new TestProject({ 'experiments/main.ts': source });
  const child = project.start(['run', 'main', '--quiet']);
  await once(child.stdout, 'data');
  // A signal before the watchdog listens would not be counted, so there are as many as it takes.
  const signals = setInterval(() => child.kill('SIGINT'), 300);
  const [code, signal] = await once(child, 'exit');
  clearInterval(signals);
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  const run = loadRun(project.runs('main')[0]!);
  expect(run.status).toBe('killed');
  expect(run.series('x')?.values).toEqual(Float64Array.of(1));
  expect(readFileSync(join(run.path, logFile(1)), 'utf8')).toContain('SIGINT came for the second time');
});

it('the heartbeat goes on while the thread is blocked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'comex-watchdog-'));
  const attemptFile = join(folder, '1.json');
  writeFileSync(attemptFile, '{}');
  utimesSync(attemptFile, 1, 1);
  const workerData = { attemptFile, logFile: join(folder, 'log.txt'), interval: 20 };
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
