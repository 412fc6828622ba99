import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PLOTS_FOLDER } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { mountDisk, unmountDisk } from './disk.ts';
import { expectKept, experiment, MAIN } from './kept.ts';
import { type Started, start } from './started.ts';

type Act = (started: Started) => unknown;

/** An end of a run, as the process, the run folder and the hooks tell it. */
interface End {
  readonly title: string;
  /** What the main function does after it recorded something. */
  readonly body: string;
  /** What is done to the process when it has printed `ready`. */
  readonly act?: Act;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its runs go when not into the project. */
  readonly results?: string;
  readonly status: string;
  /** Exit code, or the signal that ended the process. */
  readonly exit: number | NodeJS.Signals;
  /** What the end of the log says. */
  readonly log: RegExp;
  /** How the status is known, where the run did not write it. */
  readonly evidence?: RegExp;
  /** The hooks of the end, as they were called. */
  readonly hooks: readonly string[];
  /** Whether pictures were drawn; absent where that depends on the room that is left. */
  readonly plots?: boolean;
}

const READY = `console.log('ready');`;
const FOREVER = 'await new Promise((done) => setTimeout(done, 600_000));';
const HOOKS = `export const hooks = {
  on_error(e: any) { e.log('hook: on_error'); },
  after_run(e: any, { status }: any) { e.log('hook: after_run,', status); },
};`;
/** Waits without a turn of the event loop. */
const BUSY = 'for (;;) {}';
const yielding = 'await new Promise((done) => setTimeout(done, 500));';
/** Fills a heap of 64 MiB in a second or so. */
const FILLING = `const kept: unknown[] = []; for (let i = 0; ; i++) { kept.push(Array.from({ length: 1000 }, (_, k) => ({ i, k })));`;
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=64' };

const signal =
  (name: NodeJS.Signals): Act =>
  ({ child }) =>
    child.kill(name);
/** As often as it takes: nobody can see when a busy thread has heard one. */
const signals: Act = async ({ child, ended }) => {
  const timer = setInterval(() => child.kill('SIGINT'), 300);
  await ended;
  clearInterval(timer);
};

const disk = mountDisk();
afterAll(() => unmountDisk(disk));

const BOTH = ['hook: on_error', 'hook: after_run, failed'];

const ENDS: readonly End[] = [
  {
    title: 'a normal end',
    body: 'return 5;',
    status: 'done',
    exit: 0,
    log: /before the end/,
    hooks: ['hook: after_run, done'],
    plots: true,
  },
  {
    title: 'a throw',
    body: `throw new Error('thrown');`,
    status: 'failed',
    exit: 1,
    log: /Error: thrown/,
    hooks: BOTH,
    plots: true,
  },
  {
    title: 'a reject',
    body: `return Promise.reject(new Error('rejected'));`,
    status: 'failed',
    exit: 1,
    log: /Error: rejected/,
    hooks: BOTH,
    plots: true,
  },
  {
    title: 'an unhandled rejection',
    body: `Promise.reject(new Error('lost')); ${FOREVER}`,
    status: 'failed',
    exit: 1,
    log: /Error: lost/,
    hooks: BOTH,
    plots: true,
  },
  {
    title: 'a promise that never settles',
    body: 'await new Promise(() => {});',
    status: 'failed',
    exit: 1,
    log: /still pending/,
    hooks: BOTH,
    plots: true,
  },
  {
    title: 'process.exit(0)',
    body: 'process.exit(0);',
    status: 'done',
    exit: 0,
    log: /before the end/,
    hooks: ['hook: after_run, done'],
    plots: false,
  },
  {
    title: 'process.exit(3)',
    body: 'process.exit(3);',
    status: 'failed',
    exit: 3,
    log: /process\.exit\(3\)/,
    hooks: BOTH,
    plots: false,
  },
  ...(
    [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const
  ).map(
    ([name, exit]): End => ({
      title: name,
      body: `${READY} ${FOREVER}`,
      act: signal(name),
      status: 'interrupted',
      exit,
      log: new RegExp(`interrupted by ${name}`),
      hooks: ['hook: after_run, interrupted'],
      plots: true,
    }),
  ),
  {
    title: 'SIGINT that the main function hears and returns after',
    body: `const heard = new Promise((done) => e.signal.addEventListener('abort', done)); ${READY} const alive = setInterval(() => {}, 1000); await heard; clearInterval(alive); e.log('heard'); return 5;`,
    act: signal('SIGINT'),
    status: 'interrupted',
    exit: 130,
    log: /heard\n.*hook: after_run, interrupted\n.*interrupted by SIGINT/,
    hooks: ['hook: after_run, interrupted'],
    plots: true,
  },
  {
    title: 'a second SIGINT while the main function takes its time',
    body: `e.signal.addEventListener('abort', () => console.log('heard')); ${READY} ${FOREVER}`,
    act: async ({ child, said }) => {
      child.kill('SIGINT');
      await said('heard');
      child.kill('SIGINT');
    },
    status: 'interrupted',
    exit: 'SIGINT',
    log: /interrupted twice/,
    hooks: [],
    plots: false,
  },
  {
    title: 'a second SIGINT in a loop that never yields',
    body: `${yielding} ${READY} ${BUSY}`,
    act: signals,
    status: 'killed',
    exit: 'SIGKILL',
    log: /SIGINT came for the second time/,
    evidence: /is gone$/,
    hooks: [],
    plots: false,
  },
  {
    title: 'a second SIGINT in a loop that never yields, from the first moment on',
    body: `${READY} ${BUSY}`,
    act: signals,
    status: 'killed',
    exit: 'SIGKILL',
    log: /SIGINT came for the second time/,
    evidence: /is gone$/,
    hooks: [],
    plots: false,
  },
  {
    title: 'a time limit',
    body: FOREVER,
    words: ['--timeout', '1s'],
    status: 'timeout',
    exit: 124,
    log: /time limit of 1s/,
    hooks: ['hook: on_error', 'hook: after_run, timeout'],
    plots: true,
  },
  {
    title: 'a heap that is full, in a run that yields',
    body: `${FILLING} if (i % 5 === 0) await new Promise((done) => setTimeout(done, 5)); }`,
    env: SMALL_HEAP,
    status: 'killed',
    exit: 'SIGABRT',
    log: /before the end/,
    evidence: /is gone: (?:probably )?out of memory \(it.* MiB/,
    hooks: [],
    plots: false,
  },
  {
    title: 'a heap that is full, in a loop that never yields',
    body: `${FILLING} const until = performance.now() + 1; while (performance.now() < until); }`,
    env: SMALL_HEAP,
    status: 'killed',
    exit: 'SIGABRT',
    log: /before the end/,
    evidence: /is gone: (?:probably )?out of memory \(it.* MiB/,
    hooks: [],
    plots: false,
  },
  {
    title: 'SIGKILL',
    body: `${READY} ${FOREVER}`,
    act: signal('SIGKILL'),
    status: 'killed',
    exit: 'SIGKILL',
    log: /ready/,
    evidence: /process \d+ is gone$/,
    hooks: [],
    plots: false,
  },
  {
    title: 'a reader of the output that went away',
    body: `${READY} while (!require('node:fs').existsSync(e.path() + '/go')) await new Promise((done) => setTimeout(done, 5)); console.log('nobody reads this'); ${yielding} return 5;`,
    act: ({ child, project }) => {
      child.stdout.destroy();
      project.write({ [`${project.runs('main')[0]!.slice(project.root.length + 1)}/go`]: '' });
    },
    status: 'done',
    exit: 0,
    log: /nobody reads this/,
    hooks: ['hook: after_run, done'],
    plots: true,
  },
  ...(disk === undefined
    ? []
    : [
        {
          title: 'a full disk',
          body: `for (let i = 0; ; i++) e.log('filling', 'x'.repeat(1000)), e.record('rows', { i, text: 'x'.repeat(1000) });`,
          results: disk,
          status: 'failed',
          exit: 1,
          log: /Storage: Cannot write .*\(ENOSPC\)/,
          hooks: BOTH,
        },
      ]),
];

describe.each(ENDS)('$title', (end) => {
  const { body, words = [], env = {}, results } = end;

  it(`is ${end.status} with exit ${end.exit}, the log ends as it should, the hooks were called once`, async () => {
    const project = new TestProject({ [MAIN]: experiment(body, HOOKS) });
    const elsewhere = results === undefined ? [] : ['--results', results];
    const started = start(project, ['run', MAIN, ...words, ...elsewhere], env);
    if (end.act !== undefined) {
      await started.said('ready');
      await end.act(started);
    }
    const { code, signal } = await started.ended;
    expect(signal ?? code, started.output()).toBe(end.exit);

    const folder = results === undefined ? project.runs('main')[0]! : onlyRun(results);
    const run = loadRun(folder);
    expect(run.status).toBe(end.status);
    expect(run.evidence).toMatch(end.evidence ?? /^the run wrote it$/);
    expectKept(run);
    expect(run.log()).toMatch(end.log);
    expect(run.log().match(/hook: .*/g) ?? []).toEqual(end.hooks);
    if (end.plots !== undefined) expect(existsSync(join(folder, PLOTS_FOLDER))).toBe(end.plots);
    // Nothing that tells of the environment, such as a diagnostic report, is left anywhere.
    expect(readdirSync(project.root).sort()).toEqual([
      'experiments',
      'node_modules',
      'package.json',
      ...(results === undefined ? ['results'] : []),
    ]);
  });
});

function onlyRun(results: string): string {
  const namespace = join(results, 'main');
  return join(namespace, readdirSync(namespace)[0]!);
}
