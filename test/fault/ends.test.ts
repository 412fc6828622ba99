import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { type Started, start } from './started.ts';

const MAIN = 'experiments/main.ts';

/** Something that stands in each of these experiments before the interesting line. */
const BEFORE = `e['before/end'] = 1; e.track('loss', 0.5); e.log('before the end'); process.stdout.write('an open line');`;
const experiment = (body: string, more = ''): string =>
  `${more}\nexport default async function experiment(e: any) {\n  ${BEFORE}\n  ${body}\n}\n`;

/** What every end keeps: the data, the series, the log to its last letter. */
function expectKept(run: LoadedRun): void {
  expect(run.data).toEqual({ before: { end: 1 } });
  expect(Array.from(run.series('loss')?.values ?? [])).toEqual([0.5]);
  expect(run.log()).toContain('before the end');
}

interface End {
  readonly title: string;
  readonly source: string;
  readonly status: string;
  readonly exit: number;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly words?: readonly string[];
}

const text = (containing: string): string => expect.stringContaining(containing) as string;

const ENDS: readonly End[] = [
  { title: 'a main function that returns', source: experiment('return 5;'), status: 'done', exit: 0, result: 5 },
  {
    title: 'a main function that is not asynchronous',
    source: `export default (e: any) => { ${BEFORE} };`,
    status: 'done',
    exit: 0,
  },
  {
    title: 'a thrown error with its cause',
    source: experiment(`throw new TypeError('outer', { cause: new RangeError('inner', { cause: 'deep' }) });`),
    status: 'failed',
    exit: 1,
    error: {
      name: 'TypeError',
      message: 'outer',
      cause: { name: 'RangeError', message: 'inner', cause: { message: text('deep') } },
    },
  },
  {
    title: 'a thrown text',
    source: experiment(`throw 'only a text';`),
    status: 'failed',
    exit: 1,
    error: { message: 'Thrown value: only a text' },
  },
  {
    title: 'a thrown undefined',
    source: experiment('throw undefined;'),
    status: 'failed',
    exit: 1,
    error: { message: 'Thrown value: undefined' },
  },
  {
    title: 'a thrown object',
    source: experiment('throw { code: 5 };'),
    status: 'failed',
    exit: 1,
    error: { message: 'Thrown value: {"code":5}' },
  },
  {
    title: 'a rejected promise',
    source: experiment(`return Promise.reject(new Error('rejected'));`),
    status: 'failed',
    exit: 1,
    error: { message: 'rejected' },
  },
  {
    title: 'a rejection that nobody handles while the run goes on',
    source: experiment(`Promise.reject(new Error('lost')); await new Promise((done) => setTimeout(done, 60_000));`),
    status: 'failed',
    exit: 1,
    error: { message: 'lost' },
  },
  {
    title: 'a rejection that nobody handles just before the main function returns',
    source: experiment(`Promise.reject(new Error('lost')); return 5;`),
    status: 'failed',
    exit: 1,
    error: { message: 'lost' },
  },
  {
    title: 'an artifact that fails and is not awaited',
    source: experiment(`e.commitJson('../x', 1); return 5;`),
    status: 'failed',
    exit: 1,
    error: { code: 'E_NAME' },
  },
  {
    title: 'an error in a timer',
    source: experiment(
      `setTimeout(() => { throw new Error('in a timer'); }, 1); await new Promise((done) => setTimeout(done, 60_000));`,
    ),
    status: 'failed',
    exit: 1,
    error: { message: 'in a timer' },
  },
  {
    title: 'a promise that never settles',
    source: experiment('await new Promise(() => {});'),
    status: 'failed',
    exit: 1,
    error: { code: 'E_NEVER_SETTLED' },
  },
  { title: 'process.exit(0) inside', source: experiment('process.exit(0);'), status: 'done', exit: 0 },
  {
    title: 'process.exit(3) inside',
    source: experiment('process.exit(3);'),
    status: 'failed',
    exit: 3,
    error: { code: 'E_EXIT', message: text('process.exit(3)') },
  },
  {
    title: 'a time limit',
    source: experiment('await new Promise((done) => setTimeout(done, 60_000));'),
    words: ['--timeout', '500ms'],
    status: 'timeout',
    exit: 124,
    error: { code: 'E_TIMEOUT', message: text('500ms') },
  },
  {
    title: 'a time limit that the main function listens for',
    source: experiment(
      `await new Promise((done) => { const t = setTimeout(done, 60_000); e.signal.addEventListener('abort', () => { clearTimeout(t); done(0); }); }); return 'in time';`,
    ),
    words: ['--timeout', '500ms'],
    status: 'timeout',
    exit: 124,
    error: { code: 'E_TIMEOUT' },
    result: 'in time',
  },
  {
    title: 'a time limit in a main function that only waits for the signal',
    source: experiment(`await new Promise((done) => e.signal.addEventListener('abort', done)); return 'in time';`),
    words: ['--timeout', '500ms'],
    status: 'timeout',
    exit: 124,
    error: { code: 'E_TIMEOUT' },
    result: 'in time',
  },
];

describe.each(ENDS)('$title', ({ source, status, exit, error, result, words = [] }) => {
  it(`is ${status} with exit status ${exit}, and everything before it is kept`, () => {
    const { printed, run } = new TestProject({ [MAIN]: source }).run(MAIN, words);
    expect(printed.status).toBe(exit);
    expect(run.status).toBe(status);
    expectKept(run);
    expect(run.result).toEqual(result);
    if (error === undefined) expect(run.error).toBeUndefined();
    else expect(run.error).toMatchObject(error);
    expect(run.log()).toMatch(/ an open line\n/);
    if (error !== undefined)
      expect(
        run
          .log()
          .trimEnd()
          .split(/\d{4}-\d\d-\d\d [\d:.]+ an open line\n/)[1],
      ).toContain(run.error?.message);
    expect(JSON.parse(printed.stdout)).toMatchObject({ id: run.id, path: run.path, status });
    expect(existsSync(join(run.path, 'experiment_data.jsonl'))).toBe(false);
    expect(run.endedAt).toBeInstanceOf(Date);
    const attempt = JSON.parse(readFileSync(join(run.path, 'attempts/1.json'), 'utf8')) as { outcome: unknown };
    expect(attempt.outcome).toMatchObject({ status });
  });
});

describe('an error before the main function', () => {
  it.each([
    [
      'at the top of the module',
      `throw new Error('at the top');\nexport default () => 1;`,
      { message: 'at the top' },
      /main\.ts:1:/,
    ],
    [
      'at the top of a helper file',
      `import './helper.ts';\nexport default () => 1;`,
      { message: 'in the helper' },
      /helper\.ts:2:/,
    ],
    [
      'for an import that is missing',
      `import { x } from './missing.ts';\nexport default () => x;`,
      { message: text('missing.ts') },
      /./,
    ],
    [
      'for a name that is not exported',
      `import { nope } from './fine.ts';\nexport default () => nope;`,
      { message: text('nope') },
      /./,
    ],
    [
      'in the initialiser of a parameter',
      `export const A = 1;\nexport const B: number = JSON.parse('{');\nexport default () => B;`,
      { name: 'SyntaxError' },
      /main\.ts:2:/,
    ],
    [
      'in testing()',
      `export default () => 1;\nexport function testing() { throw new Error('in testing'); }`,
      { message: 'in testing' },
      /main\.ts:2:/,
    ],
  ])('%s fails the run, with its place', (_, source, error, place) => {
    const project = new TestProject({
      [MAIN]: source,
      'experiments/helper.ts': `export const a = 1;\nthrow new Error('in the helper');`,
      'experiments/fine.ts': 'export const fine = 1;',
    });
    const { printed, run } = project.run(MAIN, ['--__TESTING__']);
    expect([printed.status, run.status]).toEqual([1, 'failed']);
    expect(run.error).toMatchObject(error);
    expect(run.error?.stack ?? '').toMatch(place);
    expect(run.error?.stack ?? '').not.toMatch(/comex=|node:internal/);
  });
});

describe('an analysis', () => {
  it.each([
    ['throws', `throw new Error('in the analysis');`, 'in the analysis'],
    [
      'rejects later',
      `await new Promise((done) => setTimeout(done, 5)); throw new Error('in the analysis');`,
      'in the analysis',
    ],
    [
      'leaves a rejection that nobody handles',
      `Promise.reject(new Error('in the analysis')); await new Promise((done) => setTimeout(done, 20));`,
      'in the analysis',
    ],
    ['never settles', 'await new Promise(() => {});', 'can never happen'],
  ])('that %s leaves the run done, and the command fails', (_, body, message) => {
    const { printed, run } = new TestProject({
      [MAIN]: `${experiment('return 5;')}\nexport async function analysis(e: any) { e.log('analysis'); ${body} }`,
    }).run(MAIN);
    expect(run.status).toBe('done');
    expectKept(run);
    expect(run.result).toBe(5);
    expect(run.error).toBeUndefined();
    expect(run.log()).toContain(message);
    expect(printed.stderr).toContain(message);
    expect(printed.status).toBe(1);
  });

  it('is called after the run, and what it stores is kept', () => {
    const { printed, run } = new TestProject({
      [MAIN]: `${experiment('return 5;')}\nexport async function analysis(e: any) { e['after/mean'] = e.get('loss')[0]; await e.commitJson('analysis', [1]); }`,
    }).run(MAIN);
    expect(printed.status).toBe(0);
    expect(run.data).toEqual({ before: { end: 1 }, after: { mean: 0.5 } });
    expect(run.artifacts.map(({ path }) => path)).toEqual(['analysis.json']);
    expect(run.meta.artifacts).toEqual(run.artifacts);
  });

  it('is not called for a run that failed', () => {
    const { run } = new TestProject({
      [MAIN]: `${experiment(`throw new Error('no');`)}\nexport function analysis(e: any) { e.log('analysis'); }`,
    }).run(MAIN);
    expect(run.log()).not.toContain('analysis');
  });
});

/** An experiment that says when it is ready, and then waits. */
const waiting = (wait: string): string => experiment(`console.log('ready'); ${wait}`);
const FOREVER = 'await new Promise((done) => setTimeout(done, 600_000));';

/** Starts a waiting experiment, and signals it when it is ready. */
async function signalled(
  source: string,
  signals: readonly NodeJS.Signals[],
  words: readonly string[] = [],
): Promise<{ readonly ended: Started; readonly run: LoadedRun }> {
  const project = new TestProject({ [MAIN]: source });
  const started = start(project, ['run', MAIN, ...words]);
  await started.said('ready');
  for (const signal of signals) started.child.kill(signal);
  await started.ended;
  return { ended: started, run: loadRun(project.runs('main')[0]!) };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s interrupts the run with exit status %d, and everything before it is kept', async (signal, exit) => {
    const { ended, run } = await signalled(waiting(FOREVER), [signal]);
    expect(await ended.ended).toEqual({ code: exit, signal: null });
    expect(run.status).toBe('interrupted');
    expect(run.error).toMatchObject({ code: 'E_INTERRUPTED', message: text(signal) });
    expectKept(run);
    expect(run.log()).toContain(`interrupted by ${signal}`);
  });

  it('lets a main function that listens come to its end; the run is interrupted all the same', async () => {
    const { ended, run } = await signalled(
      waiting(`await new Promise((done) => { const t = setTimeout(done, 600_000); e.signal.addEventListener('abort', () => { clearTimeout(t); done(0); }); });
  await new Promise((done) => setTimeout(done, 20));
  e['after/signal'] = String(e.signal.reason.message); return 'to the end';`),
      ['SIGINT'],
    );
    expect((await ended.ended).code).toBe(130);
    expect(run.status).toBe('interrupted');
    expect(run.result).toBe('to the end');
    expect(run.get('after/signal')).toContain('SIGINT');
  });

  it('ends a main function that listens and then waits for nothing', async () => {
    const { ended, run } = await signalled(
      waiting(
        `const t = setTimeout(() => {}, 600_000); e.signal.addEventListener('abort', () => clearTimeout(t)); await new Promise(() => {});`,
      ),
      ['SIGTERM'],
    );
    expect((await ended.ended).code).toBe(143);
    expect(run.status).toBe('interrupted');
    expect(run.error).toMatchObject({ code: 'E_INTERRUPTED' });
  });

  it('that comes a second time ends a run that takes its time at once', async () => {
    const project = new TestProject({
      [MAIN]: waiting(`e.signal.addEventListener('abort', () => console.log('heard')); ${FOREVER}`),
    });
    const started = start(project, ['run', MAIN]);
    await started.said('ready');
    started.child.kill('SIGINT');
    await started.said('heard');
    started.child.kill('SIGINT');
    expect(await started.ended).toEqual({ code: null, signal: 'SIGINT' });
    const run = loadRun(project.runs('main')[0]!);
    expect(run.status).toBe('interrupted');
    expectKept(run);
  });

  it('during the analysis leaves the run done', async () => {
    const { ended, run } = await signalled(
      `${experiment('return 5;')}\nexport async function analysis() { console.log('ready'); ${FOREVER} }`,
      ['SIGINT'],
    );
    expect((await ended.ended).code).toBe(130);
    expect([run.status, run.result]).toEqual(['done', 5]);
  });

  it('SIGKILL leaves a run that is told to be killed, with everything that was recorded', async () => {
    const { ended, run } = await signalled(waiting(FOREVER), ['SIGKILL']);
    expect(await ended.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(run.meta.status).toBe('running');
    expect(run.status).toBe('killed');
    expect(run.evidence).toMatch(/process \d+/);
    expectKept(run);
  });
});

describe('a reader of the output that goes away', () => {
  it.each([[[]], [['--json']]])('ends the output, not the run (%j)', async (words) => {
    const project = new TestProject({
      [MAIN]:
        experiment(`console.log('ready'); console.error('ready'); while (!require('node:fs').existsSync(e.path() + '/go')) await new Promise((done) => setTimeout(done, 5));
  for (let i = 0; i < 2000; i++) console.log('line', i); await new Promise((done) => setTimeout(done, 10)); for (let i = 0; i < 10; i++) e.log('more', i); return 5;`),
    });
    const started = start(project, ['run', MAIN, ...words]);
    await started.said('ready');
    started.child.stdout.destroy();
    started.child.stderr.destroy();
    project.write({ [`${project.runs('main')[0]!.slice(project.root.length + 1)}/go`]: '' });
    expect(await started.ended).toEqual({ code: 0, signal: null });
    const run = loadRun(project.runs('main')[0]!);
    expect([run.status, run.result]).toEqual(['done', 5]);
    expectKept(run);
    expect(run.log()).toContain('line 1999');
    expect(run.log()).toContain('more 9');
  });
});

describe('what goes on after the end', () => {
  it('does not keep the process: an open timer ends with the run', () => {
    const { printed, run } = new TestProject({ [MAIN]: experiment(`setInterval(() => {}, 1000); return 5;`) }).run(
      MAIN,
    );
    expect([printed.status, run.status, run.result]).toEqual([0, 'done', 5]);
  });

  it('a chart that is not awaited is still drawn', () => {
    const { run } = new TestProject({
      [MAIN]: experiment(
        `e.commitFig('chart', { type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] } }); return 5;`,
      ),
    }).run(MAIN);
    expect(run.artifacts.map(({ path }) => path)).toEqual(['chart.png']);
    expect(run.status).toBe('done');
  });
});
