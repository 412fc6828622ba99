import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';
import { BEFORE, expectKept, experiment, MAIN } from './kept.ts';

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
    title: 'a thrown object without a prototype',
    source: experiment('throw Object.create(null);'),
    status: 'failed',
    exit: 1,
    error: { message: 'Thrown value: {}' },
  },
  {
    title: 'an error that is its own cause, with fields of any kind',
    source: experiment(
      `const odd: any = new Error('odd'); odd.cause = odd; odd.name = 5; odd.code = {}; Object.defineProperty(odd, 'stack', { get() { throw 1; } }); throw odd;`,
    ),
    status: 'failed',
    exit: 1,
    error: { name: '5', message: 'odd' },
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
    words: ['--timeout', '1s'],
    status: 'timeout',
    exit: 124,
    error: { code: 'E_TIMEOUT', message: text('1s') },
  },
  {
    title: 'a time limit that the main function listens for',
    source: experiment(
      `await new Promise((done) => { const t = setTimeout(done, 60_000); e.signal.addEventListener('abort', () => { clearTimeout(t); done(0); }); }); return 'in time';`,
    ),
    words: ['--timeout', '1s'],
    status: 'timeout',
    exit: 124,
    error: { code: 'E_TIMEOUT' },
    result: 'in time',
  },
  {
    title: 'a time limit in a main function that only waits for the signal',
    source: experiment(`await new Promise((done) => e.signal.addEventListener('abort', done)); return 'in time';`),
    words: ['--timeout', '1s'],
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
      'for a package that is missing',
      `import { x } from 'no-such-package';\nexport default () => x;`,
      { message: text('no-such-package') },
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
