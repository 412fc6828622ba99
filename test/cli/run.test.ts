import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const SIMPLE = `/** What it is. */\n\n/** How many. */\nexport const N = 1;\nexport default (e: any) => { console.log('to stdout'); console.error('to stderr'); e.log('logged'); return N; };\n`;

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
    [['run', 'digits', '--tag', 'x'.repeat(300)], /tags of 1 to 200 characters/],
    [['run', 'digits', '--tag', '\x1b[2Jx'], /without control characters, got "\\u001b\[2Jx"/],
    [['run', 'digits', '--tags', 'a,b\x07', '--dry-run'], /without control characters, got "b/],
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
