import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../src/archive/process.ts';
import { ReproduceProject, temporaryFiles } from './reproducing.ts';

describe('parameters that the environment gave', () => {
  const READS = {
    'experiments/main.ts': `
      export const N = Number(process.env.NSTEPS ?? 3);
      export const DOUBLE = 2 * N;
      export const API_KEY = process.env.SOME_KEY ?? '';
      export default () => DOUBLE;`,
    'experiments/base.ts': `
      export const N: number = 1;
      export const API_KEY: string = '';
      export default () => [N, API_KEY.length];`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: YAML has variables
    'experiments/small.yml': 'extend: ./base.ts\nparameters:\n  N: ${NN:-6}\n  API_KEY: ${SOME_KEY:-}\n',
  };

  it('are compared, so that the cause of other results is named', () => {
    const user = new ReproduceProject(READS);
    const { run } = user.run('main', [], { NSTEPS: '5' });
    const { identical, differences } = user.reproduced([run.id]);
    expect(identical).toBe(false);
    expect(differences.map(({ part, name }) => [part, name])).toEqual([
      ['parameters', 'N'],
      ['parameters', 'DOUBLE'],
      ['result', 'result'],
    ]);
    expect(differences[0]).toMatchObject({
      original: 5,
      reproduction: 3,
      note: 'it comes from the environment: give it again by --N',
    });
    expect(user.reproduce([run.id, '--quiet']).stdout).toMatch(/parameters +N +5 -> 3/);
    expect(user.reproduced([run.id], { NSTEPS: '5' })).toMatchObject({ identical: true, differences: [] });
    expect(user.reproduced([run.id, '--N', '5'])).toMatchObject({ identical: true });
  });

  it('are not shown when they are secret; that there is none any more is said', () => {
    const user = new ReproduceProject(READS);
    const { run } = user.run('main', [], { SOME_KEY: 'geheim-1' });
    const { differences, printed } = user.reproduced([run.id]);
    expect(differences).toEqual([{ part: 'parameters', name: 'API_KEY', note: 'a secret that only the original had' }]);
    expect(user.reproduced([run.id], { SOME_KEY: 'geheim-2' }).differences).toEqual([]);
    expect(printed.stdout).not.toContain('geheim');
  });

  it('by a YAML experiment are given again; a secret that is empty now is refused', () => {
    const user = new ReproduceProject(READS);
    const { run } = user.run('small.yml', [], { NN: '7' });
    expect(run.result).toEqual([7, 0]);
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, differences: [] });
    expect(user.reproduced([run.id, '--N', '8']).differences).toMatchObject([{ part: 'result' }]);
    const secret = user.run('small.yml', [], { SOME_KEY: 'geheim-1' }).run;
    const { status, stderr } = user.reproduce([secret.id]);
    expect(stderr).toBe(
      'comex: API_KEY of that run came from the environment as a secret, was not kept, and is empty now. Set the variable, or give it again: --API_KEY=... (E_PARAMETER_MISSING)\n',
    );
    expect(status).toBe(2);
    expect(user.reproduced([secret.id], { SOME_KEY: 'geheim-1' }).identical).toBe(true);
    expect(user.reproduced([secret.id, '--API_KEY', 'geheim-1']).identical).toBe(true);
  });
});

describe('inputs whose copies are not as they were', () => {
  const FILES = {
    'experiments/main.ts': `
      import { readFileSync } from 'node:fs';
      export default (e) => readFileSync(e.input('data/a.txt'), 'utf8');`,
    'data/a.txt': 'four',
  };

  it('are read where they are when those are the same, and are refused otherwise', () => {
    const user = new ReproduceProject(FILES);
    const { run } = user.run('main');
    const copy = join(run.path, String(run.meta.inputs[0]!.copy));
    const found = (): unknown => user.reproduced([run.id]).changed;
    const refused = (): string => {
      const { status, stderr } = user.reproduce([run.id]);
      expect(status).toBe(2);
      return stderr;
    };
    writeFileSync(copy, 'five');
    expect(found()).toEqual([
      {
        part: 'inputs',
        name: 'data/a.txt',
        note: 'its copy in the run folder was changed: the file itself is read, which is as it was',
      },
    ]);
    user.write({ 'data/a.txt': 'other' });
    expect(refused()).toContain('; its copy in the run folder was changed), found another at ');
    expect(user.reproduced([run.id, '--inputs', 'today']).changed).toMatchObject([
      { note: 'the file of today is read' },
    ]);
    rmSync(copy);
    expect(refused()).toContain('; its copy in the run folder is gone), found another at ');
    user.write({ 'data/a.txt': 'four' });
    expect(found()).toMatchObject([
      { note: 'its copy in the run folder is gone: the file itself is read, which is as it was' },
    ]);
    rmSync(join(user.root, 'data/a.txt'));
    expect(refused()).toMatch(/; its copy in the run folder is gone\) in .+, found none\. Put it there\. \(E_FILE\)/);
  });

  it('that are named in the code twice are told with the place that they are read from', () => {
    const user = new ReproduceProject({
      'experiments/main.ts': `
        import { readFileSync } from 'node:fs';
        export default () => [readFileSync('data/dir/a.txt', 'utf8'), 'data/dir'];`,
      'data/dir/a.txt': 'four',
    });
    const { run } = user.run('main');
    const { changed } = user.reproduced([run.id]);
    expect(changed.map(({ name }) => name)).toContain('data/dir/a.txt');
    for (const { now } of changed) expect(now).toContain(join(user.root, 'data'));
  });
});

describe('a reproduction', () => {
  it('says why it was refused, also when it is quiet', () => {
    const user = new ReproduceProject({ 'experiments/main.ts': 'export const N = 1;\nexport default () => N;\n' });
    const { run } = user.run('main');
    const { status, stderr } = user.reproduce([run.id, '--quiet', '--N', 'many']);
    expect(stderr).toMatch(/^comex: Expected the run to begin again, but it was refused\. .+ It said: .*--N.*"many"/);
    expect(stderr).not.toContain(user.temporary);
    expect(status).toBe(2);
  });

  it('names no commit as another when nothing but changes of the run were uncommitted', () => {
    const user = new ReproduceProject({
      'experiments/main.ts': 'export default () => 1;\n',
      '.gitignore': 'results\n',
    });
    const git = (...words: string[]): void => {
      spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], { cwd: user.root });
    };
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'all');
    appendFileSync(join(user.root, 'experiments/main.ts'), '// more\n');
    const { run } = user.run('main');
    expect(run.meta.git?.dirty).toBe(true);
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, changed: [] });
  });

  it.skipIf(process.platform === 'win32')('that is killed takes its run and its folder with it', async () => {
    const user = new ReproduceProject({
      'experiments/main.ts': `
        export default async function experiment() {
          if (process.env.SLOW) { console.log('waiting ' + process.pid); await new Promise((r) => setTimeout(r, 60_000)); }
        }`,
    });
    const { run } = user.run('main');
    const child = user.start(['reproduce', run.id], { SLOW: '1', TMPDIR: user.temporary });
    const pid = await new Promise<number>((resolve) => {
      child.stderr.on('data', (text) => {
        const found = /waiting (\d+)/.exec(String(text));
        if (found !== null) resolve(Number(found[1]));
      });
    });
    child.kill('SIGKILL');
    await eventually(() => !isRunning(pid) && temporaryFiles(user.temporary).length === 0);
  });

  it('removes what dead ones have left, and nothing else', () => {
    const user = new ReproduceProject({ 'experiments/main.ts': 'export default () => 1;\n' });
    const { run } = user.run('main');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const leave = (name: string, owner: object | undefined): void => {
      mkdirSync(join(user.temporary, name));
      if (owner !== undefined) writeFileSync(join(user.temporary, name, 'owner.json'), JSON.stringify(owner));
    };
    const self = processIdentity();
    leave('comex-reproduce-dead', { ...self, pid });
    leave('comex-reproduce-alive', self);
    leave('comex-reproduce-far', { ...self, pid, host: 'elsewhere' });
    leave('comex-reproduce-unknown', undefined);
    const { status } = user.comex(['reproduce', run.id], { env: { TMPDIR: user.temporary } });
    expect(status).toBe(0);
    expect(temporaryFiles(user.temporary)).toEqual([
      'comex-reproduce-alive',
      'comex-reproduce-far',
      'comex-reproduce-unknown',
    ]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it has not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
