import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { start } from '../fault/started.ts';
import { TestProject } from '../project.ts';

const SIMPLE = `/** What it is. */\n\n/** How many. */\nexport const N = 1;\nexport default (e: any) => { console.log('to stdout'); console.error('to stderr'); e.log('logged'); return N; };\n`;
const FAILS = `export default () => { console.log('to stdout'); throw new Error('it fails'); };\n`;

describe('FILE', () => {
  const project = new TestProject({
    'experiments/digits.ts': SIMPLE,
    'experiments/vision/deep.mts': SIMPLE,
    'experiments/plain.js': `export const N = 1;\nexport default () => N;\n`,
    'scripts/other.ts': SIMPLE,
    'inner/notes.txt': '',
  });
  const namespaceOf = (words: readonly string[], cwd?: string): string => {
    const { stdout, stderr, status } = project.comex(['run', ...words, '--json'], cwd === undefined ? {} : { cwd });
    if (status !== 0) return stderr;
    return loadRun((JSON.parse(stdout) as { path: string }).path)
      .path.slice(project.root.length + 1)
      .replace(/\/[^/]+$/, '');
  };

  it.each([
    ['a path', 'experiments/digits.ts', undefined, 'results/digits'],
    ['a name below experiments/', 'digits', undefined, 'results/digits'],
    ['a nested name', 'vision/deep', undefined, 'results/vision/deep'],
    ['a path without extension', 'scripts/other', undefined, 'results/scripts/other'],
    ['a JavaScript module', 'plain', undefined, 'results/plain'],
    ['a name from a folder of the project', 'digits', 'inner', 'results/digits'],
    ['a path from another folder', '../scripts/other.ts', 'inner', 'results/scripts/other'],
    ['an absolute path from outside the project', `${project.root}/experiments/digits.ts`, '/', 'results/digits'],
  ])('may be %s', (_, file, cwd, folder) => {
    expect(namespaceOf([file], cwd === undefined ? undefined : join(project.root, cwd))).toBe(folder);
  });

  it('may stand behind the options', () => {
    expect(namespaceOf(['--tag', 'x', '--N', '5', 'digits'])).toBe('results/digits');
  });

  it.each<[what: string, words: readonly string[], says: RegExp]>([
    ['is missing', [], /Expected FILE: comex run FILE/],
    ['is given twice', ['digits', 'plain'], /Expected one FILE, got also "plain"/],
    ['is a misspelt name', ['digit'], /none at "digit"\. Did you mean "digits"/],
    ['is a folder', ['inner'], /got the folder inner/],
    ['is no module', ['inner/notes.txt'], /to be a module .*"inner\/notes\.txt"/],
    ['is nowhere', ['completely/else'], /Known experiments: digits, plain, vision\/deep\./],
  ])('that %s is an error with exit status 2', (_, words, says) => {
    const { status, stdout, stderr } = project.comex(['run', ...words]);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^comex: .*\(E_(USAGE|FILE)\)\n$/);
    expect([status, stdout]).toEqual([2, '']);
  });
});

describe('a command line that is wrong', () => {
  const project = new TestProject({ 'experiments/digits.ts': SIMPLE });
  it.each<[words: readonly string[], says: RegExp]>([
    [['rum', 'digits'], /got "rum"\. Did you mean "run"/],
    [['run', 'digits', '--quite'], /quite.*upper case.*comex run --help/],
    [['run', 'digits', '--n', '5'], /Unknown argument: n\b/],
    [['run', 'digits', '--timeout', 'soon'], /--timeout to be a time such as .*got "soon"/],
    [['run', 'digits', '--timeout', '0s'], /--timeout/],
    [['run', 'digits', '--results'], /results/],
    [['run', 'digits', '--results='], /--results/],
    [['run', 'digits', '--timeout', '--json'], /timeout/],
    [['run', 'digits', '--tag', 'x'.repeat(300)], /tag of at most 200/],
    [['run', 'digits', '--from', 'nothing'], /nothing.*holds no runs/],
    [['run', 'digits', '--M=1'], /got "M"/],
    [['run', 'digits', '--N', '--tag', 'x'], /Expected a value behind --N\./],
    [['run', 'digits', '--__SEDE__=1'], /"__SEDE__".*"__SEED__"/],
    [['run', 'digits', '--__PREFIX__=a/b'], /prefix of the run folder/],
    [['run', 'digits', '--__NAMESPACE__=../x'], /namespace.*"\.\." segment/],
  ])('%j is refused in one sentence, and nothing is written', (words, says) => {
    const { status, stdout, stderr } = project.comex(words);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^comex: [^\n]*\(E_[A-Z_]+\)\n$/);
    expect([status, stdout]).toEqual([2, '']);
    expect(readdirSync(project.root).sort()).toEqual(['experiments', 'node_modules', 'package.json']);
  });
});

describe('--help', () => {
  const source = `/** Trains a model. */
import { writeFileSync } from 'node:fs';
writeFileSync('evaluated.txt', '');
/** Step size. */
export const RATE = 0.1;
export const KIND: 'sgd' | 'adam' = 'sgd'; // Which optimizer.
export const NEEDED: number | undefined = undefined;
export const VERBOSE = false;
export const TWICE = RATE * 2;
/** How long.\n * @unit ms */
export const LIMIT = 50;
export default () => { writeFileSync('run.txt', ''); };
`;
  it.each(['--help', '-h'])(
    '%s lists the parameters with type, default and description, and executes nothing',
    (word) => {
      const project = new TestProject({ 'experiments/train.ts': source });
      const { status, stdout, stderr } = project.comex(['run', 'train', word]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Trains a model\.\n\nUsage: comex run experiments\/train\.ts \[--NAME VALUE\]\.\.\./);
      expect(stdout).toMatch(/--RATE <number> {2}\(default 0\.1\)\n {6}Step size\./);
      expect(stdout).toMatch(/--KIND <'sgd' \| 'adam'> {2}\(default 'sgd'\)\n {6}Which optimizer\./);
      expect(stdout).toMatch(/--VERBOSE <boolean>, --no-VERBOSE/);
      expect(stdout).toMatch(/--TWICE <number> {2}\(default RATE \* 2; follows RATE\)/);
      expect(stdout).toMatch(/--LIMIT <number> {2}\(default 50; in ms\)\n {6}How long\./);
      for (const name of ['__DEBUG__', '__TESTING__', '__PREFIX__', '__SEED__', '__NAMESPACE__'])
        expect(stdout).toContain(`--${name}`);
      expect(readdirSync(project.root).sort()).toEqual(['experiments', 'node_modules', 'package.json']);
    },
  );

  it('without FILE tells the options, and comex --help the commands', () => {
    const project = new TestProject();
    const run = project.comex(['run', '--help']);
    expect(run.status).toBe(0);
    for (const option of [
      '--json',
      '--dry-run',
      '--watch',
      '--results',
      '--tag',
      '--tags',
      '--note',
      '--timeout',
      '--from',
      '--quiet',
    ])
      expect(run.stdout).toContain(option);
    const comex = project.comex(['--help']);
    expect([comex.status, comex.stdout]).toEqual([
      0,
      expect.stringMatching(/comex run <file>[^]*comex list[^]*comex show <run>/),
    ]);
    expect(project.comex(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(project.comex([]).status).toBe(2);
  });
});

describe('--json', () => {
  const project = new TestProject({
    'experiments/fine.ts': SIMPLE,
    'experiments/fails.ts': FAILS,
    'experiments/odd.ts': `export default () => ({ nan: NaN, map: new Map([[1, 2]]), text: 'é\\ud800' });`,
    'experiments/unkept.ts': 'export default () => ({ f() {} });',
  });
  const json = (
    words: readonly string[],
  ): { readonly value: Record<string, unknown>; readonly stderr: string; readonly status: number | null } => {
    const { stdout, stderr, status } = project.comex(['run', ...words, '--json']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    return { value: JSON.parse(stdout) as Record<string, unknown>, stderr, status };
  };

  it('prints one object, and everything else goes to stderr', () => {
    const { value, stderr, status } = json(['fine', '--N=3']);
    expect(value).toEqual({
      id: expect.stringMatching(/^[0-9a-z]{8}$/) as string,
      path: expect.any(String) as string,
      status: 'done',
      durationMs: expect.any(Number) as number,
      result: 3,
    });
    expect(stderr).toBe('to stdout\nto stderr\nlogged\n');
    expect(status).toBe(0);
  });

  it('prints one object for a failed run, with its error', () => {
    const { value, stderr, status } = json(['fails']);
    expect(value).toMatchObject({
      status: 'failed',
      error: { name: 'Error', message: 'it fails', stack: expect.stringContaining('fails.ts:1') as string },
    });
    expect(value).not.toHaveProperty('result');
    expect(stderr).toMatch(
      /^to stdout\nError: it fails\n\s+at .*fails\.ts:1:\d+[^]*The run is kept in results\/fails\//,
    );
    expect(status).toBe(1);
  });

  it('prints results that JSON has no word for, and none that cannot be kept', () => {
    expect(json(['odd']).value['result']).toEqual({
      nan: { $number: 'NaN' },
      map: { $map: [[1, 2]] },
      text: 'é\ud800',
    });
    const unkept = json(['unkept']);
    expect(unkept.value).not.toHaveProperty('result');
    expect(unkept.stderr).toContain('the result was not kept. Cannot store result.f: it is a function');
  });

  it('prints nothing to stdout when there is no run', () => {
    const { stdout, stderr, status } = project.comex(['run', 'fine', '--json', '--N=x']);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain('E_PARAMETER_TYPE');
  });
});

describe('--dry-run', () => {
  const project = new TestProject({
    'experiments/train.ts': `import { writeFileSync } from 'node:fs';\nwriteFileSync('evaluated.txt', '');\nexport const RATE = 0.1;\nexport const TWICE = RATE * 2;\nexport const LATER = Date.now();\nexport default () => 1;\n`,
  });
  const untouched = (): void =>
    expect(readdirSync(project.root).sort()).toEqual(['experiments', 'node_modules', 'package.json']);

  it('prints the parameters with their sources and the folder, executes and writes nothing', () => {
    const { status, stdout, stderr } = project.comex(['run', 'train', '--dry-run', '--RATE=0.5']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/RATE +0\.5 +given +0\.1/);
    expect(stdout).toMatch(/TWICE +1 +derived +RATE \* 2/);
    expect(stdout).toMatch(/LATER +\(known when it runs\) +default/);
    expect(stdout).toMatch(/results\/train\/\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__xxxxxxxx/);
    untouched();
  });

  it('prints the same as JSON', () => {
    const { stdout } = project.comex(['run', 'train', '--dry-run', '--json', '--RATE=0.5', '--__DEBUG__']);
    const { parameters, ...rest } = JSON.parse(stdout) as { parameters: Record<string, unknown> };
    expect(rest).toEqual({
      module: join(project.root, 'experiments/train.ts'),
      namespace: 'train',
      folder: join(project.root, 'results/train/debug'),
    });
    expect(parameters).toMatchObject({
      RATE: { value: 0.5, source: 'given', default: '0.1', type: 'number' },
      TWICE: { value: 1, source: 'derived' },
      LATER: { source: 'default' },
    });
    expect(parameters['LATER']).not.toHaveProperty('value');
    untouched();
  });

  it('refuses what a run would refuse', () => {
    expect(project.comex(['run', 'train', '--dry-run', '--RAT=1']).status).toBe(2);
  });
});

describe('what a run prints', () => {
  const project = new TestProject({ 'experiments/fine.ts': SIMPLE, 'experiments/fails.ts': FAILS });

  it('are a panel before and a panel after, and its own output between them', () => {
    const { status, stdout, stderr } = project.comex(['run', 'fine', '--N=3', '--tag', 'new']);
    expect(stdout).toMatch(
      /^fine {2}[0-9a-z]{8}\n[^]*What it is\.[^]*experiments\/fine\.ts[^]*seed[^]*new[^]*N[^]*3[^]*\nto stdout\nlogged\n\ndone after [^]*results\/fine\//,
    );
    expect(stderr).toBe('to stderr\n');
    expect(stdout).not.toContain('\x1b');
    expect(status).toBe(0);
  });

  it('is nothing with --quiet but errors', () => {
    const fine = project.comex(['run', 'fine', '--quiet']);
    expect([fine.status, fine.stdout, fine.stderr]).toEqual([0, '', '']);
    expect(loadRun(project.runs('fine')[0]!).log()).toContain('to stdout');
    const fails = project.comex(['run', 'fails', '--quiet']);
    expect([fails.status, fails.stdout]).toEqual([1, '']);
    expect(fails.stderr).toMatch(/^Error: it fails\n/);
  });
});

describe('options of a run', () => {
  it('are kept in its metadata: tags, a note, the command line', () => {
    const project = new TestProject({ 'experiments/fine.ts': SIMPLE, 'comex.config.json': '{ "tags": ["own"] }' });
    const words = ['--tag', 'a', '--tag=007', '--tags', 'b, c,,a', '--note', '12 "quotes"', '--timeout', '1h30m'];
    const { run } = project.run('fine', words);
    expect(run.tags).toEqual(['own', 'a', '007', 'b', 'c']);
    expect(run.meta.note).toBe('12 "quotes"');
    expect(run.meta.argv).toEqual(['run', 'fine', '--json', ...words]);
    expect(run.meta.cwd).toBe(project.root);
  });

  it('--results puts the run elsewhere, relative to the working directory', () => {
    const project = new TestProject({ 'experiments/fine.ts': SIMPLE });
    mkdirSync(join(project.root, 'inner'));
    const { status } = project.comex(['run', 'fine', '--results', 'archive'], { cwd: join(project.root, 'inner') });
    expect(status).toBe(0);
    expect(readdirSync(join(project.root, 'inner/archive/fine'))).toHaveLength(1);
    expect(existsSync(join(project.root, 'results'))).toBe(false);
  });

  it('--timeout ends the run with exit status 124', () => {
    const project = new TestProject({
      'experiments/waits.ts': 'export default () => new Promise((done) => setTimeout(done, 600_000));',
    });
    const { run, printed } = project.run('waits', ['--timeout', '1s']);
    expect([run.status, printed.status]).toEqual(['timeout', 124]);
    expect(run.error?.message).toContain('time limit of 1s');
    expect(run.durationMs).toBeGreaterThanOrEqual(995);
  });

  it('a project may say where its archive is', () => {
    const project = new TestProject({ 'experiments/fine.ts': SIMPLE, 'comex.config.json': '{ "results": "runs" }' });
    expect(project.comex(['run', 'fine']).status).toBe(0);
    expect(readdirSync(join(project.root, 'runs/fine'))).toHaveLength(1);
    for (const wrong of ['[]', '{', '{ "results": 5 }', '{ "tags": "x" }']) {
      project.write({ 'comex.config.json': wrong });
      const { status, stderr } = project.comex(['run', 'fine']);
      expect([status, stderr]).toEqual([2, expect.stringContaining('comex.config.json')]);
    }
  });

  it('a module outside of any project runs with the archive in the working directory', () => {
    const project = new TestProject();
    const outside = join(project.root, 'node_modules/..', 'bare');
    mkdirSync(outside);
    project.write({ 'bare/one.ts': SIMPLE });
    const { status, stdout } = project.comex(['run', 'one.ts', '--json'], { cwd: outside });
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { path: string }).path).toContain(`${project.root}/results/bare/one/`);
  });
});

describe('runIfMain', () => {
  const project = new TestProject({
    'experiments/direct.js': `import { runIfMain } from 'comex';\nexport const N = 1;\nexport default () => N;\nrunIfMain(import.meta);\n`,
    'import.mjs': `import { N } from './experiments/direct.js';\nconsole.log('imported', N);\n`,
  });
  const node = (...words: string[]) => spawnSync(process.execPath, words, { cwd: project.root, encoding: 'utf8' });

  it('runs the module that is the program, with the command line of comex run', () => {
    const { stdout, status } = node('experiments/direct.js', '--N', '5', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'done', result: 5 });
    expect(status).toBe(0);
    expect(node('experiments/direct.js', '--N', 'x').status).toBe(2);
    expect(node('experiments/direct.js', '--help').stdout).toContain('--N <number>');
  });

  it('does nothing when the module is imported', () => {
    const before = project.runs('direct').length;
    expect(node('import.mjs').stdout).toBe('imported 1\n');
    expect(project.runs('direct')).toHaveLength(before);
  });
});

/** Changes files, again and again until that is seen: a watcher may not yet watch what it has just been told of. */
async function changeUntil(
  project: TestProject,
  files: Readonly<Record<string, string>>,
  seen: Promise<void>,
): Promise<void> {
  const change = (): void => project.write(files);
  const timer = setInterval(change, 10_000);
  change();
  await seen.finally(() => clearInterval(timer));
}

describe('--watch', () => {
  it('runs in debug mode, again when a helper file changes, also after an error, until SIGINT', async () => {
    const project = new TestProject({
      'experiments/live.ts': `import { value } from './part.ts';\nexport default (e: any) => { e.log('value is', value); };`,
      'experiments/part.ts': 'export const value = 1;',
    });
    const watching = start(project, ['run', 'live', '--watch']);
    await watching.said('value is 1');
    await changeUntil(project, { 'experiments/part.ts': 'export const value = 2;' }, watching.said('value is 2'));
    await changeUntil(project, { 'experiments/live.ts': 'export const = 1;' }, watching.said('E_SYNTAX'));
    const repaired = `import { other } from './other.ts';\nexport default (e: any) => { e.log('other is', other); };`;
    project.write({ 'experiments/other.ts': 'export const other = 3;' });
    await changeUntil(project, { 'experiments/live.ts': repaired }, watching.said('other is 3'));
    await changeUntil(project, { 'experiments/other.ts': 'export const other = 4;' }, watching.said('other is 4'));
    watching.child.kill('SIGINT');
    expect(await watching.ended).toEqual({ code: 130, signal: null });
    expect(project.runs('live').map((path) => path.split('/').at(-1))).toEqual(['debug']);
  });

  it('ends a run that goes on before it begins the next, and with SIGTERM', async () => {
    const project = new TestProject({
      'experiments/live.ts': `export default async (e: any) => { e.log('first'); await new Promise((done) => setTimeout(done, 600_000)); };`,
    });
    const watching = start(project, ['run', 'experiments/live.ts', '--watch']);
    await watching.said('first');
    const second = {
      'experiments/live.ts': `export default async (e: any) => { e.log('second'); await new Promise((done) => setTimeout(done, 600_000)); };`,
    };
    await changeUntil(project, second, watching.said('second'));
    watching.child.kill('SIGTERM');
    expect(await watching.ended).toEqual({ code: 143, signal: null });
    expect(loadRun(project.runs('live')[0]!).status).toBe('interrupted');
  });
});
