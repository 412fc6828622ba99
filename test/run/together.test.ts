import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const EXPERIMENT = `import { shared } from './shared.ts';
export const NAME = 'none';
export const LOUD = NAME + '!';
export const __SEED__ = 1;
console.log('top of', NAME);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
export default async function experiment(e: any) {
  shared.count++;
  const drawn = [Math.random(), e.random()];
  for (let i = 0; i < 5; i++) {
    console.log('from', NAME, i);
    e.log('logged by', NAME, i);
    e.track('i', i);
    await pause(1);
  }
  drawn.push(Math.random(), e.random(), (await Promise.resolve().then(() => Math.random())));
  if (NAME === 'rejects') { Promise.reject(new Error('lost by ' + NAME)); await pause(10_000); }
  if (NAME === 'throws') throw new Error('thrown by ' + NAME);
  if (NAME === 'timer') { setTimeout(() => { throw new Error('timer of ' + NAME); }, 1); await pause(10_000); }
  if (NAME === 'waits') { await pause(10_000); }
  e.NAME = NAME + ' after';
  await pause(2);
  e['values/all'] = [NAME, e.NAME, LOUD, shared.count, shared.read()];
  return drawn;
}
`;
const SHARED = `import { LOUD } from './main.ts';\nexport const shared = { count: 0, read: () => LOUD };\n`;

/** Runs a program that uses comex, and gives the JSON that it prints last. */
function program<T>(
  source: string,
  files: Readonly<Record<string, string>> = {},
): { readonly value: T; readonly stdout: string; readonly stderr: string } {
  const project = new TestProject({
    'experiments/main.ts': EXPERIMENT,
    'experiments/shared.ts': SHARED,
    'program.mjs': source,
    ...files,
  });
  const { stdout, stderr, status } = spawnSync(process.execPath, ['program.mjs'], {
    cwd: project.root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The program failed (${status}):\n${stdout}\n${stderr}`);
  return { value: JSON.parse(stdout.trim().split('\n').at(-1)!) as T, stdout, stderr };
}

const HEAD = `import { runExperiment } from 'comex';
const run = (NAME, more = {}, options = {}) => runExperiment('main', { parameters: { NAME, ...more }, ...options });
const paths = (runs) => console.log(JSON.stringify(runs.map(({ path }) => path)));
`;

describe.each([
  [
    'one after the other',
    `const runs = []; for (const name of ['a', 'b', 'a']) runs.push(await run(name)); paths(runs);`,
  ],
  ['at the same time', `paths(await Promise.all(['a', 'b', 'a'].map((name) => run(name))));`],
])('runs of one module in one process, %s,', (_, source) => {
  let runs: LoadedRun[];
  let printed: ReturnType<typeof program>;
  beforeAll(() => {
    printed = program<string[]>(HEAD + source);
    runs = (printed.value as string[]).map(loadRun);
  });

  it('do not see one another’s values, nor the state of one another’s helper files', () => {
    expect(runs.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(runs.map((run) => run.get('values/all'))).toEqual(
      ['a', 'b', 'a'].map((name) => [`${name} after`, `${name} after`, `${name} after!`, 1, `${name} after!`]),
    );
    expect(runs.map(({ parameters }) => parameters['LOUD'])).toEqual(['a after!', 'b after!', 'a after!']);
    expect(runs.map(({ meta }) => meta.parameters['NAME']?.given)).toEqual(['a', 'b', 'a']);
  });

  it('draw the same numbers from the same seed, as if each were alone', () => {
    expect(runs[0]!.result).toHaveLength(5);
    expect(runs[1]!.result).toEqual(runs[0]!.result);
    expect(runs[2]!.result).toEqual(runs[0]!.result);
  });

  it('have their own console output in their logs, and show none of it unless asked', () => {
    for (const [index, name] of ['a', 'b', 'a'].entries()) {
      const log = runs[index]!.log();
      const other = name === 'a' ? 'b' : 'a';
      expect(log.split('\n')[0]).toMatch(new RegExp(`top of ${name}$`));
      expect(log.match(new RegExp(`from ${name} \\d$`, 'gm'))).toHaveLength(5);
      expect(log.match(new RegExp(`logged by ${name} \\d$`, 'gm'))).toHaveLength(5);
      expect(log).not.toMatch(new RegExp(`(from|by|of) ${other}\\b`));
    }
    expect(printed.stdout.trim().split('\n')).toHaveLength(1);
  });

  it('have folders of their own', () => {
    expect(new Set(runs.map(({ path }) => path)).size).toBe(3);
  });
});

describe('runs at the same time', () => {
  it('fail for themselves: a rejection, an error in a timer, a time limit end only the run they belong to', () => {
    const { value } = program<string[]>(
      `${HEAD}paths(await Promise.all([run('rejects'), run('fine'), run('throws'), run('timer'), run('waits', {}, { timeoutMs: 500 }), run('fine too')]));
process.exit(0); // the timers of the runs that were ended go on`,
    );
    const runs = value.map(loadRun);
    expect(runs.map(({ status, error }) => [status, error?.message])).toEqual([
      ['failed', 'lost by rejects'],
      ['done', undefined],
      ['failed', 'thrown by throws'],
      ['failed', 'timer of timer'],
      ['timeout', expect.stringContaining('500 ms')],
      ['done', undefined],
    ]);
  });

  it('leave the process as it was: its own Math.random, console and listeners', () => {
    const { value, stdout } = program<unknown>(`${HEAD}
const before = [Math.random, process.stdout.write, process.listenerCount('unhandledRejection'), process.listenerCount('beforeExit'), process.listenerCount('exit'), process.listenerCount('SIGINT')];
const running = Promise.all([run('a'), run('b')]);
console.log('printed by the program');
const own = [Math.random(), Math.random()];
await running;
const after = [Math.random, process.stdout.write, process.listenerCount('unhandledRejection'), process.listenerCount('beforeExit'), process.listenerCount('exit'), process.listenerCount('SIGINT')];
console.log(JSON.stringify([before.every((value, i) => value === after[i]), own[0] !== own[1]]));`);
    expect(value).toEqual([true, true]);
    expect(stdout).toContain('printed by the program');
  });

  it('many of them give no warning', () => {
    const { value, stderr } = program<string[]>(
      `${HEAD}paths(await Promise.all(Array.from({ length: 15 }, (_, i) => run('n' + i))));`,
    );
    expect(value).toHaveLength(15);
    expect(stderr).toBe('');
  });
});

describe('runExperiment', () => {
  it('shows the output when asked, and takes tags, a note, an archive and fields by dots', () => {
    const { value, stdout } = program<string>(
      `import { runExperiment } from 'comex';
const run = await runExperiment('other.ts', { parameters: { 'MODEL.hidden': 5, WHEN: new Date(0) }, tags: ['x'], note: 'n', results: 'elsewhere', show: true });
console.log(JSON.stringify(run.path));`,
      {
        'other.ts': `export const MODEL = { hidden: 1, deep: 2 };\nexport const WHEN: Date | null = null;\nexport default (e: any) => { console.log('shown'); return [MODEL, WHEN]; };`,
      },
    );
    const run = loadRun(value);
    expect(stdout).toContain('shown\n');
    expect(run.result).toEqual([{ hidden: 5, deep: 2 }, new Date(0)]);
    expect([run.tags, run.meta.note, run.namespace]).toEqual([['x'], 'n', 'other']);
    expect(run.path).toMatch(/elsewhere\/other\/[^/]+$/);
  });

  it('returns a failed run, and throws when nothing could be run', () => {
    const { value } = program<unknown>(`${HEAD}
const failed = await run('throws');
const refusals = [];
for (const attempt of [() => run(5), () => runExperiment('nowhere'), () => run('a', { NAMES: 1 }), () => run('a', {}, { results: 'no/such/folder' })]) {
  try { await attempt(); refusals.push('ran'); } catch (error) { refusals.push(error.code); }
}
console.log(JSON.stringify([failed.status, failed.error.message, failed.series('i').count, refusals]));`);
    expect(value).toEqual([
      'failed',
      'thrown by throws',
      5,
      ['E_PARAMETER_TYPE', 'E_FILE', 'E_PARAMETER_NAME', 'E_FILE'],
    ]);
  });

  it('leaves what a run left behind without harm: late output has no log, a program is ended', () => {
    const { value } = program<unknown>(
      `import { runExperiment } from 'comex';
const left = await runExperiment('left.ts');
const other = await runExperiment('other.ts');
console.log(JSON.stringify([left.status, other.status, other.log().includes('late')]));`,
      {
        'left.ts': `export default (e: any) => { setTimeout(() => { console.log('late'); e.log('late'); }, 20); e.exec('sleep', ['1000']); };`,
        'other.ts': `export default async (e: any) => { await new Promise((done) => setTimeout(done, 60)); };`,
      },
    );
    expect(value).toEqual(['done', 'done', false]);
  });

  it('called inside an experiment makes a run of its own', () => {
    const project = new TestProject({
      'experiments/outer.ts': `import { runExperiment } from 'comex';
export default async (e: any) => { const inner = await runExperiment('inner', { parameters: { N: 2, __SEED__: 1 } }); console.log('outer goes on'); return [inner.status, inner.result]; };`,
      'experiments/inner.ts': `export const N = 1;\nexport default (e: any) => { console.log('inner'); return [N, Math.random()]; };`,
    });
    const { run } = project.run('outer');
    const alone = project.run('inner', ['--N=2', '--__SEED__=1']).run;
    expect(run.result).toEqual(['done', alone.result]);
    expect(run.log()).toMatch(/^\S+ \S+ outer goes on\n$/);
    for (const path of project.runs('inner')) expect(loadRun(path).log()).toMatch(/^\S+ \S+ inner\n$/);
  });
});
