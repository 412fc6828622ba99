import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { memoryFile } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { start } from './started.ts';

const MAIN = 'experiments/main.ts';
const HEAP_MIB = 400;
const HEAP = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
/** Fills the heap until the note of that is there: fast at first, then a MiB at a time, to stay below the limit. */
const FILL = `import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
const turn = (ms: number) => new Promise((done) => setTimeout(done, ms));
const note = (e: any) => existsSync(e.path() + '/${memoryFile(1)}');
const full = () => process.memoryUsage().heapUsed / 2 ** 20 / ${HEAP_MIB};
async function fill(e: any) {
  const kept: unknown[] = [];
  for (; !note(e); await turn(full() < 0.8 ? 1 : 50)) kept.push(new Array(2 ** 17).fill(1.5));
  return kept;
}
async function empty(e: any, kept: unknown[]) {
  kept.length = 0;
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  while (note(e)) await turn(5);
}
`;

it('the note of a full heap goes when there is room again: a run that is killed then was not out of memory', async () => {
  const project = new TestProject({
    [MAIN]: `${FILL}export default async (e: any) => { await empty(e, await fill(e)); console.log('empty'); await new Promise((done) => setTimeout(done, 600_000)); };`,
  });
  const started = start(project, ['run', MAIN], HEAP);
  await started.said('empty');
  started.child.kill('SIGKILL');
  await started.ended;
  const run = loadRun(project.runs('main')[0]!);
  expect([run.status, run.evidence]).toEqual(['killed', expect.stringMatching(/is gone$/)]);
});

it('a run that is killed while its heap is full was out of memory, as far as anyone can tell', async () => {
  const project = new TestProject({
    [MAIN]: `${FILL}export default async (e: any) => { const kept = await fill(e); console.log('full'); await new Promise((done) => setTimeout(done, 600_000)); return kept; };`,
  });
  const started = start(project, ['run', MAIN], HEAP);
  await started.said('full');
  expect(loadRun(project.runs('main')[0]!).status).toBe('running');
  started.child.kill('SIGKILL');
  await started.ended;
  const run = loadRun(project.runs('main')[0]!);
  expect([run.status, run.evidence]).toEqual(['killed', expect.stringMatching(/is gone: .*out of memory \(it.* MiB/)]);
});

it.each([
  ['ends', 'return kept.length;', 'done'],
  ['exits', 'process.exit(0);', 'done'],
  ['fails', `throw new Error(String(kept.length));`, 'failed'],
])('a run that %s with a full heap leaves no note of it', async (_, body, status) => {
  const project = new TestProject({
    [MAIN]: `${FILL}export default async (e: any) => { const kept = await fill(e); ${body} };`,
  });
  const started = start(project, ['run', MAIN], HEAP);
  await started.ended;
  const run = loadRun(project.runs('main')[0]!);
  expect(run.status).toBe(status);
  expect(existsSync(join(run.path, memoryFile(1)))).toBe(false);
});
