import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { scanRuns } from '../../src/archive/scan.ts';
import { listTrash } from '../../src/manage/trash-list.ts';
import { TestProject } from '../project.ts';

const RUNS = 20;

const project = new TestProject({
  'experiments/quick.ts': `
    export const N: number = 0;
    export default async function experiment(e: any) {
      for (let i = 0; i < 5; i++) {
        e.track('loss', i);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  `,
  'runs.mjs': `
    import { runExperiment } from 'comex';
    for (let n = 0; n < Number(process.argv[2]); n++) {
      // Reading it back comes last: by then it may have been deleted.
      await runExperiment('experiments/quick.ts', { parameters: { N: n } }).catch((error) => {
        if (error.code !== 'E_RUN_NOT_FOUND') throw error;
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  `,
});

const comex = (...words: string[]): Promise<string> => outputOf(words, project.start(words));

/** Ten runs after one another, in a process of their own. */
function tenRuns(): Promise<string> {
  const words = ['runs.mjs', '10'];
  return outputOf(words, spawn(process.execPath, words, { cwd: project.root, stdio: ['ignore', 'pipe', 'pipe'] }));
}

async function outputOf(words: string[], child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  expect({ words, stderr }).toEqual({ words, stderr: '' });
  return stdout;
}

interface Listed {
  readonly id: string;
  readonly path: string;
  readonly status: string;
}

/** Deletes a run; one whose process is only just letting go of its folder is refused, and asked for again. */
async function removed(id: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await comex('delete', id, '--yes');
      return;
    } catch (error) {
      if (tries > 20 || !String((error as Error).message).includes('E_RUN_BUSY')) throw error;
      await sleep(250);
    }
  }
}

describe('an archive that many work on', () => {
  it('loses no tag and shows no ghost while twenty runs start and end', async () => {
    const results = `${project.root}/results`;
    const tagged = { a: new Set<string>(), b: new Set<string>() };
    const deleted = new Set<string>();
    let running = true;
    const manage = async (who: 'a' | 'b'): Promise<void> => {
      for (let isLast = false; ; isLast = !running) {
        const runs = JSON.parse(await comex('list', '--json')) as Listed[];
        for (const { path, status } of runs)
          expect([path, status]).toEqual([path, expect.stringMatching(/^(running|done)$/)]);
        const fresh = runs.filter(({ id }) => !tagged[who].has(id) && !deleted.has(id)).map(({ id }) => id);
        if (fresh.length > 0) await comex('tag', ...fresh, '--add', `${who},seen-by-${who}`);
        for (const id of fresh) tagged[who].add(id);
        if (who === 'b') {
          // Only what both have tagged; every third, so that some of all ages stay.
          const done = runs.filter(({ id, status }) => status === 'done' && tagged.a.has(id) && !deleted.has(id));
          const doomed = done.filter((_, index) => index % 3 === 0).map(({ id }) => id);
          for (const id of doomed) deleted.add(id);
          for (const id of doomed) await removed(id);
        }
        if (isLast) return;
        await sleep(20);
      }
    };
    const all = Promise.all([tenRuns(), tenRuns()]).finally(() => {
      running = false;
    });
    await Promise.all([all, manage('a'), manage('b')]);

    const { runs, broken } = scanRuns(results, { children: true });
    const trashed = listTrash(results).runs;
    expect(broken).toEqual([]);
    expect(trashed.map(({ id }) => id).sort()).toEqual([...deleted].sort());
    expect(deleted.size).toBeGreaterThan(2);
    const paths = [
      ...runs.map(({ path }) => path),
      ...trashed.map(({ name, path }) => `${results}/.trash/${name}/run/${path}`),
    ];
    expect(paths).toHaveLength(RUNS);
    for (const path of paths) {
      const { id, tags, status } = loadRun(path);
      expect([id, status, ...[...tags].sort()]).toEqual([id, 'done', 'a', 'b', 'seen-by-a', 'seen-by-b']);
    }
  }, 120_000);
});
