import { spawnSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SightingRecord } from '../../src/archive/layout.ts';
import { TestProject } from '../project.ts';
import { onlyRun, script } from './scripts.ts';

const PACKAGE_JSON = '{ "name": "project", "type": "module", "dependencies": { "drawer": "^1.0.0" } }\n';
const LOCK = JSON.stringify({
  name: 'project',
  lockfileVersion: 3,
  packages: { '': { dependencies: { drawer: '^1.0.0' } }, 'node_modules/drawer': { version: '1.2.0' } },
});
const DRAWER = `import { randomBytes } from 'node:crypto';
export const draw = () => randomBytes(3).length;
export const tick = () => new Promise((done) => setTimeout(() => done(Date.now()), 1));
`;

/** A project that has everything: a commit, a lock file, and what it asks for. */
function wholeProject(files: Readonly<Record<string, string>> = {}, isCommitted = true): TestProject {
  const project = new TestProject({
    'package.json': PACKAGE_JSON,
    'package-lock.json': LOCK,
    '.gitignore': 'node_modules\nresults\n',
    'experiments/main.ts': 'export const N = 1;\nexport default () => N;\n',
    ...files,
  });
  project.write({
    'node_modules/drawer/package.json':
      '{ "name": "drawer", "version": "1.2.0", "type": "module", "main": "index.js" }',
    'node_modules/drawer/index.js': DRAWER,
  });
  if (isCommitted) commit(project);
  return project;
}

function git(project: TestProject, ...words: readonly string[]): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const { status, stderr } = spawnSync('git', [...identity, ...words], { cwd: project.root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function commit(project: TestProject): void {
  git(project, 'init', '-q');
  git(project, 'add', '-A');
  git(project, 'commit', '-q', '-m', 'all');
}

/** Runs the project's experiment, which is to be refused; returns the sentences. */
function refused(project: TestProject, words: readonly string[] = []): string[] {
  const { status, stderr, stdout } = project.comex(['run', 'main', '--__REPRODUCIBLE__', ...words]);
  expect(stdout).toBe('');
  expect(status).toBe(2);
  expect(project.runs('main')).toEqual([]);
  const [head, ...problems] = stderr.trim().split('\n');
  expect(head).toBe('comex: __REPRODUCIBLE__ is set, but the run would not capture all that it needs:');
  return problems.map((line) => line.replace(/^- /, ''));
}

describe('a run with __REPRODUCIBLE__', () => {
  it('starts where everything is captured, changes and untracked files included', () => {
    const project = wholeProject();
    project.write({
      'experiments/main.ts': `import { twice } from './twice.ts';\nexport const N = 2;\nexport default () => twice(N);\n`,
      'experiments/twice.ts': 'export const twice = (n: number) => 2 * n;\n',
    });
    const { run } = project.run('main', ['--__REPRODUCIBLE__']);
    expect([run.status, run.result]).toEqual(['done', 4]);
    expect(run.meta.reproducible).toEqual({ saw: [] });
    expect(run.meta.git?.patch?.file).toBe('code/git.patch');
    expect(run.meta.snapshot.files).toContain('experiments/twice.ts');
    expect(run.log()).toContain('Seen: nothing that another run may find otherwise.');
    expect(project.comex(['show', run.id]).stdout).toContain('seen       nothing that another run may find otherwise');
  });

  it('notes which parameters come from the environment', () => {
    const project = wholeProject({
      'experiments/main.ts': `export const N = Number(process.env.NSTEPS ?? 3);\nexport const M = 2;\nexport default () => N * M;\n`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: YAML has variables
      'experiments/small.yml': 'extend: ./main.ts\nparameters:\n  M: ${MM:-6}\n',
    });
    const saw = { kind: 'environment', what: 'N', count: 1, where: 'experiments/main.ts:1' };
    const { run } = project.run('main', ['--__REPRODUCIBLE__'], { NSTEPS: '5' });
    expect(run.meta.reproducible).toEqual({ saw: [saw] });
    expect(run.log()).toContain('Seen: environment: N depends on it, at experiments/main.ts:1.');
    expect(project.run('main', ['--__REPRODUCIBLE__', '--N', '1']).run.meta.reproducible).toEqual({ saw: [] });
    expect(project.run('small.yml', ['--__REPRODUCIBLE__']).run.meta.reproducible).toEqual({
      saw: [saw, { kind: 'environment', what: 'MM', count: 1, where: 'experiments/small.yml' }],
    });
  });

  it('keeps silent when it is off', () => {
    const { run } = new TestProject({ 'experiments/main.ts': 'export default () => Date.now();\n' }).run('main');
    expect(run.meta.reproducible).toBeUndefined();
    expect(run.log()).not.toContain('Seen:');
  });

  it('is switched on by the module, too, and by a value from code', () => {
    const project = new TestProject({
      'experiments/main.ts': 'export const __REPRODUCIBLE__ = true;\nexport default () => 1;\n',
      'use.mjs': `import { runExperiment } from 'comex';
await runExperiment('main').catch((error) => console.log(error.code));
await runExperiment('main', { parameters: { __REPRODUCIBLE__: false } }).then((run) => console.log(run.status));
`,
    });
    expect(script(project, 'use.mjs').stdout).toBe('E_REPRODUCIBLE\ndone\n');
  });
});

describe('it refuses to start, with exit status 2, a sentence and no folder,', () => {
  it('outside of a repository', () => {
    const [problem, ...more] = refused(wholeProject({}, false));
    expect(problem).toMatch(/^Expected a git repository around .*, found none that git can read/);
    expect(more).toEqual([]);
  });

  it('before the first commit', () => {
    const project = wholeProject({}, false);
    git(project, 'init', '-q');
    expect(refused(project)).toEqual([
      'Expected a commit in the git repository, found none. Commit the project. (E_REPRODUCIBLE)',
    ]);
  });

  it('when the patch is too large to be kept', () => {
    const project = wholeProject({ 'big.txt': 'a\n' });
    project.write({ 'big.txt': 'all of it is another text\n'.repeat(300_000) });
    expect(refused(project)[0]).toMatch(
      /^Expected a patch of all changes since the commit, got none: larger than \d+ bytes/,
    );
  });

  it('when secrets are blotted out of the patch', () => {
    const project = wholeProject();
    project.write({ 'experiments/main.ts': `const API_KEY = 'sesamopen99';\nexport default () => API_KEY.length;\n` });
    expect(refused(project)[0]).toContain('secrets are blotted out of the patch (1)');
  });

  it.each([
    [
      'an import that is computed',
      { 'experiments/main.ts': `const name = './x.ts';\nexport default () => import(name);\n` },
      'experiments/main.ts:2: Expected an import that names its file, got a computed import',
    ],
    [
      'code outside of the project',
      { 'inner/package.json': PACKAGE_JSON, 'inner/package-lock.json': LOCK, 'outer.ts': 'export const n = 1;\n' },
      'Expected code that can be kept, got ../outer.ts: outside the project.',
    ],
    [
      'a file of secrets',
      {
        'credentials.json': '{ "a": 1 }',
        'experiments/main.ts': `import a from '../credentials.json' with { type: 'json' };\nexport default () => a;\n`,
      },
      'Expected code that can be kept, got credentials.json: a file of secrets.',
    ],
    [
      'a file that is too large',
      {
        'big.json': `"${'x'.repeat(10 * 1024 * 1024)}"`,
        'experiments/main.ts': `import a from '../big.json' with { type: 'json' };\nexport default () => a.length;\n`,
      },
      'Expected code that can be kept, got big.json: larger than 10485760 bytes.',
    ],
  ])('for %s', (what, files, sentence) => {
    const project = wholeProject(files);
    if (what !== 'code outside of the project') return expect(refused(project)[0]).toContain(sentence);
    project.write({ 'inner/main.ts': `import { n } from '../outer.ts';\nexport default () => n;\n` });
    const { status, stderr } = project.comex(['run', 'inner/main.ts', '--__REPRODUCIBLE__']);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it('for a package that is installed, and that neither package.json nor the lock file has', () => {
    const project = wholeProject({
      'experiments/main.ts': `import { foo } from './use.ts';\nexport default () => foo;\n`,
      'experiments/use.ts': `import { draw } from 'drawer';\nexport { foo } from '@some/foo/sub';\nvoid draw;\n`,
    });
    project.write({
      'node_modules/@some/foo/package.json': '{ "name": "@some/foo", "version": "1.0.0", "type": "module" }',
      'node_modules/@some/foo/sub.js': 'export const foo = 1;\n',
    });
    expect(refused(project)).toEqual([
      'Expected @some/foo, which experiments/use.ts imports, in package.json and package-lock.json, found it in node_modules alone. Run npm install @some/foo. (E_REPRODUCIBLE)',
    ]);
  });

  const withoutDrawer = (lock: string): Readonly<Record<string, string>> => ({ 'package-lock.json': lock });

  it.each([
    ['broken', withoutDrawer('{'), 'Expected package-lock.json to be a lock file:'],
    ['of another project', withoutDrawer('{"packages":{}}'), 'to have drawer ^1.0.0 of package.json, but it has none'],
    [
      'made for another range',
      withoutDrawer(LOCK.replace('^1.0.0', '^0.9.0')),
      'to have drawer for ^1.0.0 as package.json does, got ^0.9.0',
    ],
    [
      'older than what is installed',
      withoutDrawer(LOCK.replace('1.2.0', '1.1.0')),
      'Expected drawer 1.1.0 of package-lock.json to be installed, got 1.2.0',
    ],
    [
      'with a linked folder',
      withoutDrawer(LOCK.replace('"version":"1.2.0"', '"resolved":"../drawer","link":true')),
      'drawer is a folder of this machine (^1.0.0): no lock file has its code',
    ],
  ])('with a lock file that is %s', (_, files, sentence) => {
    expect(refused(wholeProject(files))[0]).toContain(sentence);
  });

  it('with no lock file at all, a package that is not installed, one that is linked, or another tree below it', () => {
    const project = wholeProject();
    rmSync(join(project.root, 'package-lock.json'));
    expect(refused(project)[0]).toContain('Expected a lock file beside package.json in');
    const missing = wholeProject();
    rmSync(join(missing.root, 'node_modules/drawer'), { recursive: true });
    expect(refused(missing)[0]).toContain('Expected drawer to be installed, found none in node_modules');
    const elsewhere = wholeProject({ 'drawer/package.json': '{ "version": "1.2.0" }' });
    rmSync(join(elsewhere.root, 'node_modules/drawer'), { recursive: true });
    symlinkSync('../drawer', join(elsewhere.root, 'node_modules/drawer'));
    expect(refused(elsewhere)[0]).toContain('drawer is a folder of this machine (');
    const other = wholeProject();
    const tree = JSON.parse(LOCK) as { packages: Record<string, { version?: string }> };
    tree.packages['node_modules/deep'] = { version: '3.0.0' };
    other.write({ 'node_modules/.package-lock.json': JSON.stringify(tree) });
    expect(refused(other)[0]).toContain(
      'Expected no node_modules/deep as package-lock.json has it, got 3.0.0 installed',
    );
  });

  it.each([
    [
      'pnpm-lock.yaml',
      `importers:\n  .:\n    dependencies:\n      drawer:\n        specifier: ^1.0.0\n        version: 1.2.0(peer@1.0.0)\n`,
    ],
    ['yarn.lock', `# yarn lockfile v1\n\n\n"drawer@^0.1.0", drawer@^1.0.0:\n  version "1.2.0"\n  resolved "x"\n`],
    ['yarn.lock', `__metadata:\n  version: 8\n\n"drawer@npm:^1.0.0":\n  version: 1.2.0\n`],
    [
      'bun.lock',
      `{ "workspaces": { "": { "dependencies": { "drawer": "^1.0.0", }, }, }, "packages": { "drawer": ["drawer@1.2.0", "", {}], }, }`,
    ],
  ])('but not with a %s that agrees, and with one that does not', (name, text) => {
    const agreeing = wholeProject({ [name]: text }, false);
    rmSync(join(agreeing.root, 'package-lock.json'));
    commit(agreeing);
    expect(agreeing.run('main', ['--__REPRODUCIBLE__']).run.status).toBe('done');
    agreeing.write({ 'package.json': PACKAGE_JSON.replace('^1.0.0', '^2.0.0') });
    rmSync(join(agreeing.root, 'results'), { recursive: true });
    expect(refused(agreeing)[0]).toContain(`${name} to have drawer`);
  });

  it('with a sentence for each of several problems', () => {
    const project = new TestProject({ 'experiments/main.ts': `export default (n: string) => import(n);\n` });
    rmSync(join(project.root, 'package.json'));
    project.write({ 'package.json': '{ "type": "module" }' });
    expect(refused(project)).toHaveLength(3);
  });

  it('when a script opens it, whose code is kept', () => {
    const project = wholeProject({
      'old.mjs': `import { openRun } from 'comex';
const open = () => openRun({ name: 'old', parameters: { __REPRODUCIBLE__: true } });
if (process.argv[2] === 'refused') await open().catch((error) => console.log(error.code));
else { const e = await open(); Date.now(); e['results/x'] = 1; }
`,
    });
    expect(script(project, 'old.mjs').stderr).toBe('');
    const run = onlyRun(project, 'old');
    expect(run.meta.reproducible?.saw).toEqual([{ kind: 'clock', what: 'Date.now', count: 1, where: 'old.mjs:4' }]);
    rmSync(join(project.root, 'package-lock.json'));
    expect(script(project, 'old.mjs', ['refused']).stdout).toBe('E_REPRODUCIBLE\n');
  });
});

describe('it notes what it saw', () => {
  const seenBy = (body: string, head = '', words: readonly string[] = []): readonly SightingRecord[] => {
    const project = wholeProject({
      'experiments/main.ts': `${head}\nexport default async function experiment(e: any) {\n${body}\n}\n`,
      'data.csv': '1\n',
    });
    const { run } = project.run('main', ['--__REPRODUCIBLE__', ...words]);
    if (run.status !== 'done') throw new Error(run.error?.stack);
    return run.meta.reproducible!.saw;
  };

  it.each([
    ['Date.now', 'Date.now();'],
    ['new Date()', 'new Date(); new Date(5); new Date(2020, 1);'],
    ['Date()', 'Date();'],
    ['performance.now', 'performance.now();'],
    ['process.hrtime', 'process.hrtime();'],
    ['process.hrtime.bigint', 'process.hrtime.bigint();'],
  ])('of the clock: %s', (what, body) => {
    expect(seenBy(body)).toEqual([{ kind: 'clock', what, count: 1, where: 'experiments/main.ts:3' }]);
  });

  it.each([
    ['crypto.randomBytes', 'randomBytes(2);'],
    ['crypto.randomUUID', 'randomUUID();'],
    ['crypto.randomUUID', 'crypto.randomUUID();'],
    ['crypto.randomInt', 'all.randomInt(5);'],
    ['crypto.randomFillSync', 'all.default.randomFillSync(new Uint8Array(2));'],
    ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint8Array(2));'],
    ['crypto.getRandomValues', 'all.webcrypto.getRandomValues(new Uint8Array(2));'],
  ])('of unseeded random numbers: %s', (what, body) => {
    const head = `import * as all from 'node:crypto'; import { randomBytes, randomUUID } from 'node:crypto';`;
    expect(seenBy(body, head)).toEqual([{ kind: 'random', what, count: 1, where: 'experiments/main.ts:3' }]);
  });

  it.each([
    ['fetch', `await fetch('http://127.0.0.1:1/').catch(() => {});`],
    ['http.get', `await new Promise((done) => http.get('http://127.0.0.1:1/').on('error', done));`],
    ['https.request', `await new Promise((done) => https.request('https://127.0.0.1:1/').on('error', done).end());`],
    ['net.Socket.connect', `await new Promise((done) => net.connect(1, '127.0.0.1').on('error', done));`],
    ['dns.lookup', `await new Promise((done) => dns.lookup('localhost', done));`],
    ['dns.lookup', `await dns.promises.lookup('localhost');`],
  ])('of the network: %s', (what, body) => {
    const head = `import http from 'node:http'; import https from 'node:https'; import net from 'node:net'; import dns from 'node:dns';`;
    expect(seenBy(body, head)).toEqual([{ kind: 'network', what, count: 1, where: 'experiments/main.ts:3' }]);
  });

  it('at the top of a module, in lines as they were written, how often, and through which package', () => {
    const head = `import { draw, tick } from 'drawer';\ninterface Shape {\n  readonly a: number;\n}\nexport const STARTED = Date.now();`;
    const saw = seenBy(`for (let i = 0; i < 2500; i++) new Date();\ndraw();\nawait tick();`, head);
    expect(saw).toEqual([
      { kind: 'clock', what: 'Date.now', count: 1, where: 'experiments/main.ts:5' },
      { kind: 'clock', what: 'new Date()', count: 2500, where: 'experiments/main.ts:7' },
      { kind: 'random', what: 'crypto.randomBytes', count: 1, where: 'experiments/main.ts:8', through: 'drawer' },
      { kind: 'clock', what: 'Date.now', count: 1, through: 'drawer' },
    ]);
  });

  it('of files that the code names and does not keep, and of secrets that were given', () => {
    const body = `return 'data.csv' + (API_KEY === '' ? '' : '!');`;
    const saw = seenBy(body, `export const API_KEY = process.env['KEY'] ?? '';`, ['--API_KEY', 'sesamopen99']);
    expect(saw).toEqual([
      { kind: 'file', what: 'data.csv', count: 1 },
      { kind: 'secret', what: 'API_KEY', count: 1 },
    ]);
    expect(seenBy(`e.input('data.csv');`)).toEqual([]);
  });

  it('not of what comex does itself, of seeded numbers, or of Date by its values', () => {
    const saw = seenBy(
      `for (let i = 0; i < 100; i++) e.track('x', Math.random()); e.log('x'); e['a/b'] = new Date(0);
const date = new Date(0); if (!(date instanceof Date) || date.constructor !== Date || Date.UTC(1970) !== 0) throw new Error('no date');
class Mine extends Date {} if (!(new Mine(0) instanceof Mine)) throw new Error('no class');
await e.commitFig('f', { type: 'line', data: { datasets: [] } }); await e.exec('true'); await e.flush();`,
    );
    expect(saw).toEqual([]);
  });

  it('however it ends, and shows it; the process is as it was before', () => {
    const project = wholeProject({
      'experiments/main.ts': `export const HOW = 'throw';\nexport default () => { Date.now(); if (HOW === 'throw') throw new Error('x'); process.exit(3); };\n`,
      'experiments/quick.ts': 'export default () => Date.now() > 0;\n',
      'use.mjs': `import { randomBytes } from 'node:crypto'; import { runExperiment } from 'comex';
const before = [Date, Date.now, performance.now, fetch, randomBytes, process.hrtime];
const run = await runExperiment('quick', { parameters: { __REPRODUCIBLE__: true } });
const after = [Date, Date.now, performance.now, fetch, randomBytes, process.hrtime];
Date.now();
console.log(run.meta.reproducible.saw.length, after.every((each, index) => each === before[index]), Object.hasOwn(performance, 'now'));
`,
    });
    for (const how of ['throw', 'exit']) {
      const { run } = project.run('main', ['--__REPRODUCIBLE__', '--HOW', how]);
      expect(run.status).toBe('failed');
      expect(run.meta.reproducible?.saw).toMatchObject([{ what: 'Date.now', count: 1 }]);
      expect(run.log()).toContain('Seen: clock: Date.now, once, at experiments/main.ts:2.');
      expect(project.comex(['show', run.id]).stdout).toContain(
        'seen       clock: Date.now, once, at experiments/main.ts:2',
      );
    }
    expect(script(project, 'use.mjs').stdout).toBe('1 true false\n');
  });

  it('for itself alone: a child run has its own say', () => {
    const project = wholeProject({
      'experiments/main.ts': `export default async (e: any) => {
  Date.now();
  await e.run('./child.ts');
  const { run } = await e.run('./child.ts', { parameters: { __REPRODUCIBLE__: true } });
  return run().meta.reproducible.saw;
};\n`,
      'experiments/child.ts': 'export default () => performance.now() > 0;\n',
    });
    const { run } = project.run('main', ['--__REPRODUCIBLE__']);
    expect(run.meta.reproducible?.saw).toMatchObject([{ what: 'Date.now' }]);
    expect(run.result).toMatchObject([{ what: 'performance.now', where: 'experiments/child.ts:1' }]);
  });
});
