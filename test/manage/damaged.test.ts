import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeRun } from '../cli/run-folders.ts';
import { TestProject } from '../project.ts';

function archive(): { project: TestProject; results: string; a: string; b: string } {
  const project = new TestProject();
  const results = join(project.root, 'results');
  return { project, results, a: writeRun(results, 'aaaaaaaa'), b: writeRun(results, 'bbbbbbbb') };
}

describe('what is damaged in the trash', () => {
  function withDamage() {
    const { project, results } = archive();
    project.comex(['delete', 'aaaaaaaa', 'bbbbbbbb', '--yes']);
    const name = readdirSync(join(results, '.trash')).find((each) => each.endsWith('aaaaaaaa'))!;
    const path = join(results, '.trash', name);
    writeFileSync(join(path, 'deleted.json'), '{');
    return { project, results, name, path };
  }

  it('is named by all that look there, and stays until it is meant', () => {
    const { project, path } = withDamage();
    for (const [words, said] of [
      [['restore'], 'bbbbbbbb'],
      [['purge', '--yes'], 'bbbbbbbb'],
      [['restore'], 'Nothing in the trash can be restored.'],
      [['purge', '--yes'], 'Nothing in the trash to purge.'],
      [['gc'], 'Nothing to drop.'],
    ] as const) {
      const { status, stdout, stderr } = project.comex(words);
      expect([words, status]).toEqual([words, 1]);
      expect(stdout).toContain(said);
      expect(stderr).toMatch(
        /^comex: Cannot read deleted\.json of [^\n]*"comex purge \S*aaaaaaaa --yes" frees[^\n]*\n$/,
      );
      expect(stderr).toContain(path);
    }
    const { status, stderr } = project.comex(['restore', 'aaaaaaaa']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('(E_RUN_FORMAT)')]);
    expect(existsSync(join(path, 'run'))).toBe(true);
  });

  it.each<[by: string, words: (entry: { name: string; path: string }) => string[], left: number]>([
    ['its id', () => ['aaaaaaaa'], 1],
    ['its name', ({ name }) => [name], 1],
    ['its path', ({ path }) => [path], 1],
    ['--force', () => ['--force'], 0],
  ])('is removed by %s', (_by, words, left) => {
    const { project, results, ...entry } = withDamage();
    expect(project.comex(['purge', ...words(entry)]).status).toBe(2);
    expect(existsSync(entry.path)).toBe(true);
    expect(project.comex(['purge', ...words(entry), '--yes'])).toMatchObject({ status: 0, stderr: '' });
    const trash = join(results, '.trash');
    expect(existsSync(trash) ? readdirSync(trash) : []).toHaveLength(left);
  });

  it('is also a folder that has lost its record', () => {
    const { project, path } = withDamage();
    rmSync(join(path, 'deleted.json'));
    expect(project.comex(['restore']).stderr).toContain('it is not there');
  });
});

describe('a run whose metadata are no file', () => {
  it.each<[what: string, put: (path: string) => void]>([
    ['a link to themselves', (path) => symlinkSync('experiment_meta.json', path)],
    ['a link to nowhere', (path) => symlinkSync('nowhere', path)],
    ['a folder', (path) => mkdirSync(path)],
  ])('is deleted by its path when they are %s, and comes back', (_what, put) => {
    const { project, a, b } = archive();
    const meta = join(b, 'experiment_meta.json');
    rmSync(meta);
    put(meta);
    expect(project.comex(['list']).stderr).toContain(b);
    expect(project.comex(['delete', b, '--force'])).toMatchObject({ status: 0, stderr: '' });
    expect([existsSync(a), existsSync(b)]).toEqual([true, false]);
    expect(project.comex(['restore', 'bbbbbbbb']).status).toBe(0);
    expect(readdirSync(b)).toEqual(['experiment_meta.json']);
  });
});
