import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

function git(folder: string, ...words: string[]): string {
  const settings = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@t',
    '-c',
    'init.defaultBranch=main',
    '-c',
    'commit.gpgsign=false',
  ];
  const { status, stdout, stderr } = spawnSync('git', [...settings, ...words], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
  return stdout;
}

describe('the snapshot of a run', () => {
  const files: Readonly<Record<string, string>> = {
    [MAIN]: `import { a } from './lib/a.ts';\nimport data from '../data/config.json';\nimport '../.env.ts';\nimport type { T } from './types.ts';\nimport { c } from './old.js';
const name = './late.ts';
export default async (e: any) => { const { late } = await import(name); return [a, data.n, late, c] as T; };\r\n`,
    'experiments/lib/a.ts': `// ünïcode\nexport { b as a } from './b';\n`,
    'experiments/lib/b.ts': 'export const b = 1;\n',
    'experiments/types.ts': 'export type T = unknown;\n',
    'experiments/old.ts': 'export const c = 4;\n',
    'experiments/late.ts': 'export const late = 3;\n',
    'experiments/unused.ts': 'export const unused = 1;\n',
    'data/config.json': '{ "n": 2 }\n',
    '.env.ts': 'export {};\n',
    '.env': 'SECRET=1\n',
    'package-lock.json': '{ "lockfileVersion": 3 }\n',
    'tsconfig.json': '{ "compilerOptions": { "strict": true } }\n',
  };
  const project = new TestProject(files);
  let run: LoadedRun;
  beforeAll(() => {
    run = project.run(MAIN).run;
    expect(run.error).toBeUndefined();
  });
  const used = [
    MAIN,
    'data/config.json',
    'experiments/late.ts',
    'experiments/lib/a.ts',
    'experiments/lib/b.ts',
    'experiments/old.ts',
    'experiments/types.ts',
  ];

  it('holds the bytes of every file that was imported, and of the project’s own files', () => {
    expect(run.result).toEqual([1, 2, 3, 4]);
    expect(run.meta.snapshot.files).toEqual([...used].sort());
    for (const path of [...used, 'package.json', 'package-lock.json', 'tsconfig.json']) {
      expect(readFileSync(join(run.path, 'code', path)), path).toEqual(readFileSync(join(project.root, path)));
    }
    for (const path of ['experiments/unused.ts', '.env', '.env.ts'])
      expect(existsSync(join(run.path, 'code', path)), path).toBe(false);
  });

  it('lists what it cannot hold', () => {
    expect([...run.meta.snapshot.skipped].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: '.env.ts', reason: 'a file of secrets' },
      { path: `${MAIN}:7`, reason: expect.stringContaining('computed import') as string },
    ]);
  });

  it('has one hash for the same code, and another when a file changes', () => {
    const again = project.run(MAIN).run;
    expect(again.meta.codeHash).toBe(run.meta.codeHash);
    expect(again.meta.uid).toBe(run.meta.uid);
    project.write({ 'experiments/lib/b.ts': 'export const b = 10;\n' });
    const changed = project.run(MAIN).run;
    expect(changed.meta.codeHash).not.toBe(run.meta.codeHash);
    expect(changed.meta.uid).not.toBe(run.meta.uid);
    expect(readFileSync(join(run.path, 'code/experiments/lib/b.ts'), 'utf8')).toBe('export const b = 1;\n');
  });

  it('holds the bytes that ran, also when a file changes while it runs', () => {
    const own = new TestProject({
      [MAIN]: `import { writeFileSync } from 'node:fs';\nimport { v } from './v.ts';\nexport default () => { writeFileSync(process.cwd() + '/experiments/v.ts', 'export const v = 2;'); return v; };`,
      'experiments/v.ts': 'export const v = 1;',
    });
    const { run: changed } = own.run(MAIN);
    expect(changed.result).toBe(1);
    expect(readFileSync(join(changed.path, 'code/experiments/v.ts'), 'utf8')).toBe('export const v = 1;');
  });

  it('runs alone, with the given parameters and the seed of its metadata', () => {
    const own = new TestProject({
      [MAIN]: `import { scale } from './lib.ts';\nexport const BASE = 1;\nexport const DOUBLE = BASE * 2;\nexport default (e: any) => [DOUBLE * scale, e.random(), Math.random()];`,
      'experiments/lib.ts': 'export const scale = 10;\n',
    });
    const first = own.run(MAIN, ['--BASE=4']).run;
    const elsewhere = new TestProject();
    spawnSync('cp', ['-r', first.path, join(elsewhere.root, 'copied')]);
    const again = elsewhere.comex([
      'run',
      'copied/code/experiments/main.ts',
      '--from',
      'copied',
      '--json',
      '--results',
      'again',
    ]);
    const outcome = JSON.parse(again.stdout) as { result: unknown; path: string };
    expect(outcome.result).toEqual(first.result);
    expect(outcome.path.startsWith(join(elsewhere.root, 'again/main/'))).toBe(true);
  });
});

describe('what git knows', () => {
  const source = 'export const RATE = 1;\nexport default () => RATE;\n';
  const project = new TestProject({
    [MAIN]: source,
    '.gitignore': 'node_modules\nresults\n',
    'latin1.txt': 'x',
    'removed.txt': 'gone\n',
    'binary.bin': 'x',
    'secret.ts': 'a\nb\nc\nd\ne\nf\ng\nh\ni\n',
  });
  const latin1 = Buffer.from([0x66, 0xfc, 0x72, 0x0a]);

  it('in an empty repository: a branch and no commit', () => {
    git(project.root, 'init', '-q');
    const { run } = project.run(MAIN);
    expect(run.meta.git).toMatchObject({ commit: null, branch: 'main', dirty: true });
    expect(run.meta.git).not.toHaveProperty('patch');
  });

  it('in a clean tree: commit and branch, nothing else', () => {
    writeFileSync(join(project.root, 'latin1.txt'), latin1);
    git(project.root, 'add', '-A');
    git(project.root, 'commit', '-qm', 'first');
    const { run } = project.run(MAIN);
    expect(run.meta.git).toEqual({
      commit: git(project.root, 'rev-parse', 'HEAD').trim(),
      branch: 'main',
      dirty: false,
    });
    expect(existsSync(join(run.path, 'code/git.patch'))).toBe(false);
  });

  it('in a changed tree: a patch that applies to the commit, whatever the settings and the encoding; untracked files by name', () => {
    for (const setting of ['diff.noprefix', 'diff.mnemonicPrefix', 'core.quotePath', 'color.ui'])
      git(project.root, 'config', setting, setting === 'color.ui' ? 'always' : 'true');
    project.write({
      [MAIN]: source.replace('RATE;', 'RATE + 1;'),
      'staged.txt': 'staged\n',
      'new ünïcode.txt': 'new\n',
      'secret.ts': "a\nb\nc\nd\ne\nf\ng\nh\ni\nconst API_KEY = 'sk-in-patch-12345';\n",
    });
    writeFileSync(join(project.root, 'latin1.txt'), Buffer.concat([latin1, latin1]));
    writeFileSync(join(project.root, 'binary.bin'), Buffer.from([0, 1, 2, 255]));
    git(project.root, 'add', 'staged.txt');
    git(project.root, 'rm', '-q', 'removed.txt');
    const { run } = project.run(MAIN);
    const patch = readFileSync(join(run.path, 'code/git.patch'));
    expect(run.meta.git).toMatchObject({
      dirty: true,
      untracked: ['new ünïcode.txt'],
      patch: { bytes: patch.length, file: 'code/git.patch' },
    });
    const clone = new TestProject();
    git(clone.root, 'clone', '-q', project.root, 'clone');
    const folder = join(clone.root, 'clone');
    copyFileSync(join(run.path, 'code/git.patch'), join(clone.root, 'the.patch'));
    git(folder, 'apply', '--check', '../the.patch');
    git(folder, 'apply', '../the.patch');
    for (const path of [MAIN, 'latin1.txt', 'binary.bin', 'staged.txt'])
      expect(readFileSync(join(folder, path)), path).toEqual(readFileSync(join(project.root, path)));
    expect(existsSync(join(folder, 'removed.txt'))).toBe(false);
    expect(patch.toString()).not.toContain('sk-in-patch');
    expect(readFileSync(join(folder, 'secret.ts'), 'utf8')).toContain("const API_KEY = '[redacted]';");
  });

  it('on a detached head: a commit without a branch', () => {
    git(project.root, 'stash', '-q', '-u');
    git(project.root, 'checkout', '-q', '--detach');
    const { run } = project.run(MAIN);
    expect(run.meta.git).toMatchObject({
      commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      branch: null,
      dirty: false,
    });
  });

  it('of a patch that is too large: only why it is not kept', () => {
    const large = new TestProject({ [MAIN]: source, '.gitignore': 'node_modules\nresults\n', 'large.txt': 'x\n' });
    git(large.root, 'init', '-q');
    git(large.root, 'add', '-A');
    git(large.root, 'commit', '-qm', 'first');
    large.write({ 'large.txt': 'a line of text\n'.repeat(400_000) });
    const { run } = large.run(MAIN);
    expect(run.meta.git).toMatchObject({
      dirty: true,
      patch: { skipped: expect.stringContaining('larger than') as string },
    });
    expect(existsSync(join(run.path, 'code/git.patch'))).toBe(false);
  });

  it('is left out outside of a repository, and where there is no git', () => {
    const outside = new TestProject({ [MAIN]: source });
    const { run, printed } = outside.run(MAIN);
    expect([run.status, run.meta.git, printed.stderr]).toEqual(['done', undefined, '']);
    mkdirSync(join(outside.root, 'bin'));
    const without = outside.run(MAIN, [], { PATH: join(outside.root, 'bin') });
    expect([without.run.status, without.run.meta.git, without.printed.stderr]).toEqual(['done', undefined, '']);
  });

  it('does not hold up a run for long when git hangs', () => {
    const hanging = new TestProject({ [MAIN]: source, 'bin/git': '#!/bin/sh\nsleep 8\n' });
    chmodSync(join(hanging.root, 'bin/git'), 0o755);
    const { run } = hanging.run(MAIN, [], { PATH: `${join(hanging.root, 'bin')}:${process.env['PATH']}` });
    expect([run.status, run.meta.git]).toEqual(['done', undefined]);
  });
});

describe('the environment of a run', () => {
  it('names versions and allowed entries, and nothing else of the process environment', () => {
    const project = new TestProject({
      'package.json': '{ "name": "project", "type": "module", "dependencies": { "comex": "*", "absent": "1" } }',
      'package-lock.json': '{}',
      [MAIN]: 'export default () => 1;',
    });
    const { run } = project.run(MAIN, [], { MY_API_KEY: 'sk-environment', TZ: 'UTC', SLURM_JOB_ID: '17' });
    const text = readFileSync(join(run.path, 'experiment_environment.json'), 'utf8');
    const record = JSON.parse(text) as Record<string, unknown>;
    expect(record).toMatchObject({
      node: process.version,
      platform: process.platform,
      lockFile: { name: 'package-lock.json' },
      environment: { TZ: 'UTC', SLURM_JOB_ID: '17' },
    });
    expect(Object.keys(record['dependencies'] as object)).toEqual(['comex']);
    expect(text).not.toContain('sk-environment');
  });
});
