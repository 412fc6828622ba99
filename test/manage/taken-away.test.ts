import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeInnerFolder } from '../../src/archive/inner-folder.ts';
import { loadRun } from '../../src/archive/load.ts';
import { thrown } from '../archive/run-folder.ts';
import { temporaryFolder } from '../cli/run-folders.ts';
import { TestProject } from '../project.ts';

const project = new TestProject({
  'experiments/part.ts': 'export default function experiment() {}\n',
  'experiments/slow.ts': `import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Experiment } from 'comex';

type Self = typeof import('./slow.ts');

export const HOW = 'track';

export default async function experiment(e: Experiment<Self>) {
  e.track('x', 1);
  e.log('ready');
  while (!existsSync('go')) await wait(10);
  if (e.HOW === 'track') e.track('x', 2);
  if (e.HOW === 'commit') await e.commitJson('deep/er/a.json', {});
  if (e.HOW === 'record') e.record('t', { a: 1 });
  if (e.HOW === 'data') e.set('t', { a: 1 });
  if (e.HOW === 'path') e.path('deep/a.json');
  if (e.HOW === 'input') e.input('package.json');
  if (e.HOW === 'run') await e.run('part');
  if (e.HOW === 'picture') await e.track('p', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
}
`,
});

const log = (folder: string): string => join(folder, 'experiment_log.txt');

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error('It never came to that.');
    await wait(20);
  }
}

describe('a run whose folder is taken away while it goes on', () => {
  it.each(['track', 'commit', 'record', 'data', 'path', 'input', 'run', 'picture'])(
    'fails at "%s" or at its end, makes no new folder, and can be restored',
    async (how) => {
      rmSync(join(project.root, 'results'), { recursive: true, force: true });
      const child = project.start(['run', 'slow', '--HOW', how]);
      let stderr = '';
      child.stderr.on('data', (piece) => {
        stderr += String(piece);
      });
      child.stdout.resume();
      const exit = once(child, 'exit');
      await until(() =>
        project
          .runs('slow')
          .some((folder) => existsSync(log(folder)) && readFileSync(log(folder), 'utf8').includes('ready')),
      );
      const [folder] = project.runs('slow');
      expect(project.comex(['delete', folder!]).status).toBe(1);
      expect(project.comex(['delete', folder!, '--force']).status).toBe(0);
      writeFileSync(join(project.root, 'go'), '');
      const ended = await exit;
      rmSync(join(project.root, 'go'));
      expect([stderr, ended]).toEqual([expect.stringContaining('(E_STORAGE)'), [1, null]]);
      expect(stderr).toContain(`comex: The run folder ${folder} was taken away while the run went on`);
      expect(stderr).not.toContain('is kept in');
      expect(readdirSync(join(project.root, 'results/slow'))).toEqual([]);
      const id = folder!.slice(-8);
      expect(project.comex(['restore', id])).toMatchObject({ status: 0, stderr: '' });
      expect(loadRun(folder!)).toMatchObject({ id, status: 'killed' });
      expect(project.comex(['restore']).stdout).toBe('The trash is empty.\n');
    },
  );

  it('keeps its name free for what comes back', () => {
    const run = join(temporaryFolder(), 'run');
    const error = thrown(() => makeInnerFolder(join(run, 'a', 'b'), run));
    expect(error).toMatchObject({ code: 'E_STORAGE', message: expect.stringContaining('was taken away') });
    mkdirSync(run);
    makeInnerFolder(join(run, 'a', 'b'), run);
    makeInnerFolder(join(run, 'a', 'b'), run);
    expect(readdirSync(join(run, 'a'))).toEqual(['b']);
    writeFileSync(join(run, 'file'), '');
    for (const name of ['file', 'file/x'])
      expect(thrown(() => makeInnerFolder(join(run, name), run)).code).toBe('E_STORAGE');
  });
});
