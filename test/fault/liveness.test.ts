import { type ChildProcess, spawn } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { readAttempt } from '../../src/archive/attempts.ts';
import { type AttemptRecord, attemptFile } from '../../src/archive/layout.ts';
import { type Judgement, judge, readJudged } from '../../src/archive/liveness.ts';
import { loadRun } from '../../src/archive/load.ts';
import { machineIdentity } from '../../src/archive/process.ts';
import { readMeta } from '../../src/archive/read-meta.ts';
import { PACKAGE, TestProject } from '../project.ts';
import { experiment, MAIN } from './kept.ts';
import { type Started, start } from './started.ts';

const HOUR = 3_600_000;
const CLOCK = { NODE_OPTIONS: `--import=${fileURLToPath(new URL('clock.mjs', import.meta.url))}` };
const WAIT = 'await new Promise((done) => setTimeout(done, 600_000));';

interface Live {
  readonly project: TestProject;
  readonly started: Started;
  readonly folder: string;
  readonly status: () => Judgement;
}

/** Starts a run that says when it is ready. */
async function live(body: string, env: Readonly<Record<string, string>> = {}, project?: TestProject): Promise<Live> {
  const its = project ?? new TestProject({ [MAIN]: experiment(body) });
  const before = its.runs('main');
  const started = start(its, ['run', MAIN], env);
  await started.said('ready');
  const folder = its.runs('main').find((path) => !before.includes(path))!;
  return { project: its, started, folder, status: () => readJudged(folder) };
}

/** Kills a run; returns how long it takes until that is seen, in ms. */
async function killed({ started, status }: Live): Promise<number> {
  started.child.kill('SIGKILL');
  const since = performance.now();
  while (status().status !== 'killed') {
    if (performance.now() - since > 10_000) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - since;
}

/** Changes what the claim of a run says of its process, as another process or machine would have written it. */
function reclaim(folder: string, changes: Partial<AttemptRecord>): void {
  const { record } = readAttempt(folder, 1)!;
  writeFileSync(join(folder, attemptFile(1)), JSON.stringify({ ...record, ...changes }));
}

function age(folder: string, ms: number): void {
  const at = new Date(Date.now() - ms);
  utimesSync(join(folder, attemptFile(1)), at, at);
}

const parents: ChildProcess[] = [];

afterEach(() => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
});

/** How the run looks from another host, where only the heartbeat counts. */
function fromElsewhere(folder: string): Judgement {
  const { record, heartbeatMs } = readAttempt(folder, 1)!;
  const self = { ...machineIdentity(), host: 'elsewhere.example', probe: () => ({ alive: false }) as const };
  return judge(readMeta(folder), record, heartbeatMs, Date.now(), self);
}

describe('a run', () => {
  it('that is killed is shown as killed within a second; before that it runs', async () => {
    const run = await live(`console.log('ready'); ${WAIT}`);
    expect(run.status()).toMatchObject({ status: 'running', evidence: expect.stringMatching(/is alive$/) });
    expect(await killed(run)).toBeLessThan(1000);
    await run.started.ended;
    expect(run.status().evidence).toMatch(/is gone$/);
  });

  it('that is stopped runs, goes on when it may, and ends', async () => {
    const run = await live(`console.log('ready'); await new Promise((done) => setTimeout(done, 1000)); return 5;`);
    run.started.child.kill('SIGSTOP');
    while (!run.status().evidence.endsWith('is stopped')) await new Promise((resolve) => setTimeout(resolve, 5));
    age(run.folder, HOUR);
    expect(run.status().status).toBe('running');
    run.started.child.kill('SIGCONT');
    await run.started.ended;
    expect(run.status().status).toBe('done');
  });

  it('that is a zombie is killed', async () => {
    // The parent of the run never asks for the end of its child.
    const project = new TestProject({ [MAIN]: experiment(`console.log('ready', process.pid); ${WAIT}`) });
    const run = await orphan(project);
    expect(readJudged(run.folder).status).toBe('running');
    process.kill(run.pid, 'SIGKILL');
    const since = performance.now();
    while (readJudged(run.folder).status !== 'killed' && performance.now() - since < 10_000)
      await new Promise((resolve) => setTimeout(resolve, 1));
    expect(performance.now() - since).toBeLessThan(1000);
    expect(readJudged(run.folder).evidence).toMatch(/is dead, and its parent has not noticed yet$/);
  });

  it('whose pid is that of another process by now, or whose machine was restarted, is killed', async () => {
    const run = await live(`console.log('ready'); ${WAIT}`);
    reclaim(run.folder, { processStart: '1' });
    expect(run.status()).toMatchObject({ status: 'killed', evidence: expect.stringMatching(/is another one by now$/) });
    reclaim(run.folder, { bootId: 'before' });
    expect(run.status()).toMatchObject({ status: 'killed', evidence: expect.stringMatching(/was restarted since$/) });
  });

  it('on another host is told by its heartbeat alone, and never killed', async () => {
    const run = await live(`console.log('ready'); ${WAIT}`);
    reclaim(run.folder, { host: 'elsewhere.example' });
    expect(run.status().status).toBe('running');
    age(run.folder, HOUR);
    expect(run.status().status).toBe('stalled');
    await killed({ ...run, status: () => ({ status: 'killed', evidence: '' }) });
    expect(run.status().status).toBe('stalled');
  });

  it('with a blocked event loop runs, however old its heartbeat is', async () => {
    const run = await live(`console.log('ready'); for (;;) {}`);
    const end = performance.now() + 3000;
    while (performance.now() < end) {
      age(run.folder, 2 * HOUR);
      expect(run.status().status).toBe('running');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await killed(run)).toBeLessThan(1000);
  });
});

describe('a clock that is set', () => {
  it.each([
    ['back', -HOUR],
    ['forward', HOUR],
  ])('%s by an hour during a run changes neither its status nor its times', async (_, shift) => {
    const run = await live(
      `(globalThis as any).setClock(${shift}); e.track('after', 1); e.log('after the clock'); console.log('ready');
  while (!require('node:fs').existsSync(e.path() + '/go')) await new Promise((done) => setTimeout(done, 5)); e.track('after', 2); return Date.now();`,
      CLOCK,
    );
    expect(run.status().status).toBe('running');
    // What a heartbeat by that clock leaves.
    age(run.folder, -shift);
    expect(run.status()).toMatchObject({ status: 'running', evidence: expect.stringMatching(/is alive$/) });
    expect(fromElsewhere(run.folder).status).not.toBe('killed');
    writeFileSync(join(run.folder, 'go'), '');
    expect(await run.started.ended).toEqual({ code: 0, signal: null });
    const ended = loadRun(run.folder);
    expect([ended.status, run.status().status]).toEqual(['done', 'done']);
    expect(Math.abs(Number(ended.result) - Date.now() - shift)).toBeLessThan(60_000);
    expect(ended.meta.durationMs).toBeLessThan(60_000);
    expect(Date.parse(ended.meta.endedAt!) - Date.parse(ended.meta.startedAt)).toBe(Math.floor(ended.meta.durationMs!));
    const times = [...ended.series('after')!.points()].map(({ time }) => time);
    expect(times[1]).toBeGreaterThan(times[0]!);
    expect(times[1]).toBeLessThan(60_000);
  });

  it('does not keep a killed run alive: its claim may come from the future', async () => {
    const run = await live(`(globalThis as any).setClock(${HOUR}); console.log('ready'); ${WAIT}`, CLOCK);
    age(run.folder, -HOUR);
    expect(await killed(run)).toBeLessThan(1000);
  });
});

it('of two runs of the same millisecond each is told by itself', async () => {
  const env = { ...CLOCK, COMEX_MOMENT: String(Date.now()) };
  const first = await live(`console.log('ready'); ${WAIT}`, env);
  const second = await live('', env, first.project); // the same experiment
  expect(readMeta(first.folder).startedAt).toBe(readMeta(second.folder).startedAt);
  expect(basename(first.folder).slice(0, 20)).toBe(basename(second.folder).slice(0, 20));
  expect(first.folder).not.toBe(second.folder);
  expect(await killed(first)).toBeLessThan(1000);
  expect(second.status().status).toBe('running');
  expect(await killed(second)).toBeLessThan(1000);
});

/** Starts a run below a process that becomes a program which never asks for the end of its children. */
async function orphan(project: TestProject): Promise<{ readonly pid: number; readonly folder: string }> {
  const program = [process.execPath, join(PACKAGE, 'dist/bin.js'), 'run', MAIN];
  const parent = spawn('sh', ['-c', '"$@" & exec sleep 600', 'sh', ...program], {
    cwd: project.root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  parents.push(parent);
  let printed = '';
  for await (const text of parent.stdout.setEncoding('utf8')) {
    printed += text;
    if (/ready \d+\n/.test(printed)) break;
  }
  return { pid: Number(/ready (\d+)/.exec(printed)![1]), folder: project.runs('main')[0]! };
}
