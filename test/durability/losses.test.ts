import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { fileProblems, listed, lostAcks, readingProblems, runFolders } from './check.ts';
import { type Ended, Project } from './processes.ts';

/** How the Python model loses what it was given, with the numbers of those faults, and comex must not. */

vi.setConfig({ testTimeout: 120_000 });

const WORDS = ['run', 'experiments/main.ts', '--quiet'];
const HEAD = `import { writeSync } from 'node:fs';
const ack = (...what: unknown[]): void => void writeSync(3, \`\${JSON.stringify(what)}\\n\`);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
`;

let project: Project;

afterEach(() => project.remove());

function onlyRun(): LoadedRun {
  const folders = runFolders(project.results);
  expect(folders).toHaveLength(1);
  return loadRun(folders[0]!);
}

describe('a run that ends half-way keeps all that it tracked and stored (1):', () => {
  /** Four hundred steps; in the middle of them the process dies, or is about to. */
  const halfWay = (end: string): string => `${HEAD}export default async (e: any) => {
  await e.commitJson('early', { whole: true }); ack('file', 'early.json', { whole: true });
  for (let i = 0; i < 400; i++) {
    e.track('loss', 1 / (i + 1)); ack('point', 'loss', 1 / (i + 1));
    e['state/progress'] = i; ack('datum', 'state/progress', i);
    e.record('steps', { i }); ack('row', 'steps', { i });
    e.log('step', i, '.'); ack('log', \`step \${i} .\`);
    if (i === 200) { ${end} }
  }
};
`;
  const wait = 'await sleep(60_000);';

  it.each([
    ['SIGKILL', 'killed', wait, 'SIGKILL'],
    ['SIGKILL while its loop never yields', 'killed', 'for (;;) e.track("busy", 1);', 'SIGKILL'],
    ['SIGTERM', 'interrupted', wait, 'SIGTERM'],
    ['SIGHUP', 'interrupted', wait, 'SIGHUP'],
    ['Ctrl-C', 'interrupted', wait, 'SIGINT'],
    ['process.exit(3)', 'failed', 'process.exit(3);', undefined],
    ['an error', 'failed', 'throw new RangeError("half-way");', undefined],
    ['process.abort()', 'killed', 'process.abort();', undefined],
    ['no memory left', 'killed', 'for (const all: object[] = []; ; ) all.push(new Array(1e5).fill(i));', undefined],
  ] as const)('%s', async (_, status, source, signal) => {
    project = new Project({ 'experiments/main.ts': halfWay(source) });
    const { child, ended } = project.start(WORDS, { env: { NODE_OPTIONS: '--max-old-space-size=64' } });
    const isThere = (): boolean => existsSync(project.results) && listedPoints() > 200;
    while (signal !== undefined && child.exitCode === null && !isThere()) {
      await new Promise((done) => setTimeout(done, 10));
    }
    if (signal !== undefined) child.kill(signal);
    const { acks, signal: died } = await ended;
    if (status === 'killed') expect(died).toBe(signal ?? 'SIGABRT');
    const run = onlyRun();
    expect([run.status, (await listed(project.results)).includes(status)]).toEqual([status, true]);
    expect(acks.length).toBeGreaterThan(800);
    expect(lostAcks(run, acks)).toEqual([]);
    expect([...run.series('loss')!.values]).toEqual(Array.from({ length: 201 }, (__, i) => 1 / (i + 1)));
    expect(run.get('state/progress')).toBe(200);
    expect([...fileProblems(project.results), ...(await readingProblems(project.results))]).toEqual([]);
  });

  function listedPoints(): number {
    const [folder] = runFolders(project.results);
    const file = folder === undefined ? '' : join(folder, 'experiment_track.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 2 : 0;
  }
});

describe('one value that cannot be stored costs that value (2):', () => {
  const VALUES = {
    'a function': '() => 1',
    'a symbol': 'Symbol("x")',
    'a promise': 'Promise.resolve(1)',
    'a WeakMap': 'new WeakMap()',
    'an object that contains itself': '(() => { const odd: any = { deep: [] }; odd.deep.push(odd); return odd; })()',
    'a field that throws': '({ get broken() { throw new Error("broken"); } })',
    'a function deep inside of data': '({ a: [1, { b: new Map([["c", () => 1]]) }] })',
    'objects in objects without end':
      '(() => { let deep: any = {}; for (let i = 0; i < 1e5; i++) deep = { deep }; return deep; })()',
  };
  const WAYS = {
    'e[...] =': (value: string) => `e['odd/value'] = ${value};`,
    'e.record': (value: string) => `e.record('odd', { value: ${value} });`,
    'e.commitJson': (value: string) => `await e.commitJson('odd', ${value});`,
  };
  const around = (odd: string): string => `${HEAD}export default async (e: any) => {
  e['before/set'] = new Set([1]); e['before/exact'] = 3n; e.track('loss', 0.5); e.record('rows', { n: 1 });
  ${odd}
  e['after/value'] = Float32Array.of(1); e.track('loss', 0.25); e.record('rows', { n: 2 });
};`;

  async function expectAll(source: string): Promise<{ readonly run: LoadedRun; readonly ended: Ended }> {
    project = new Project({ 'experiments/main.ts': source });
    const ended = await project.start(WORDS).ended;
    expect([...fileProblems(project.results), ...(await readingProblems(project.results))]).toEqual([]);
    const run = onlyRun();
    expect(run.data).toMatchObject({ before: { set: new Set([1]), exact: 3n } });
    return { run, ended };
  }

  it('the call throws E_DATA, and a run that goes on keeps what was stored before and after it', async () => {
    const calls = Object.values(WAYS).flatMap((way) => Object.values(VALUES).map(way));
    const tried = calls.map(
      (call) => `try { ${call} ack('accepted', ${JSON.stringify(call)}); }
  catch (error: any) { ack('refused', ${JSON.stringify(call)}, error.code, error.message); }`,
    );
    const { run, ended } = await expectAll(around(tried.join('\n  ')));
    expect(ended.acks.map((ack) => [ack[0], ack[2]])).toEqual(calls.map(() => ['refused', 'E_DATA']));
    expect([ended.code, run.status]).toEqual([0, 'done']);
    expect(run.data).toMatchObject({ after: { value: Float32Array.of(1) } });
    expect(Object.keys(run.data)).toEqual(['before', 'after']);
    expect([...run.series('loss')!.values]).toEqual([0.5, 0.25]);
    expect([run.table('rows'), run.table('odd')]).toEqual([[{ n: 1 }, { n: 2 }], []]);
  });

  it.each(Object.entries(WAYS))('%s ends a run that does not expect it as failed, with what it had', async (_, way) => {
    const { run, ended } = await expectAll(around(way('{ fine: 1, not: { so: () => 1 } }')));
    expect([ended.code, run.status, run.error?.code]).toEqual([1, 'failed', 'E_DATA']);
    expect(run.error?.message).toMatch(/^Cannot store odd.*not\.so: it is a function\./);
    expect([...run.series('loss')!.values]).toEqual([0.5]);
    expect(run.table('rows')).toEqual([{ n: 1 }]);
  });

  it('a result that cannot be stored costs the result', async () => {
    const { run } = await expectAll(around('').replace(/\};$/, '  return { fine: 1, odd: () => 1 };\n};'));
    expect([run.status, run.result]).toEqual(['done', undefined]);
    expect(run.data).toMatchObject({ after: { value: Float32Array.of(1) } });
  });
});

describe('two debug runs at once never share the folder (26):', () => {
  const busy = (end: string): string => `${HEAD}export const NAME = '';
export default async (e: any) => {
  for (let i = 0; ; i++) {
    e.log(NAME, i, '.'); ack('log', \`\${NAME} \${i} .\`);
    e.track('loss', i); ack('point', 'loss', i);
    e.record('who', { NAME, i }); ack('row', 'who', { NAME, i });
    e['who/is'] = NAME; ack('datum', 'who/is', NAME);
    await e.commitJson('who', { NAME }); ack('file', 'who.json', { NAME });
    ${end}
    await sleep(1);
  }
};`;

  it('the second is refused while the first writes, and the first has all of its own and nothing else', async () => {
    project = new Project({
      'experiments/main.ts': busy("if ((await import('node:fs')).existsSync('stop')) return;"),
    });
    const folder = join(project.results, 'main/debug');
    const first = project.start([...WORDS, '--__DEBUG__', '--NAME', 'first']);
    while (!existsSync(join(folder, 'who.json'))) await new Promise((done) => setTimeout(done, 5));
    const second = await project.start([...WORDS, '--__DEBUG__', '--NAME', 'second']).ended;
    expect([second.code, second.acks]).toEqual([2, []]);
    expect(second.stderr).toMatch(
      /^comex: Cannot start a debug run in .* is running, process \d+ on .*\(E_RUN_BUSY\)\n$/,
    );
    project.write('stop', '');
    const { code, acks } = await first.ended;
    expect(code).toBe(0);
    const run = loadRun(folder);
    expect([run.status, run.parameters['NAME']]).toEqual(['done', 'first']);
    expect(lostAcks(run, acks)).toEqual([]);
    expect(new Set(run.table('who').map((row) => (row as { NAME: string }).NAME))).toEqual(new Set(['first']));
    expect(run.log()).not.toContain('second');
    expect(readdirSync(join(project.results, 'main'))).toEqual(['debug']);
    expect(fileProblems(project.results)).toEqual([]);
  });
});
