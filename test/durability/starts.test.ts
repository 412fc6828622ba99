import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { scanRuns } from '../../src/archive/scan.ts';
import { fileProblems } from './check.ts';
import { type Ended, Project } from './processes.ts';

const SAME_MOMENT = fileURLToPath(new URL('same-moment.mjs', import.meta.url));
const WORDS = ['run', 'experiments/main.ts'];

// Many processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 300_000 });

let project: Project;

afterEach(() => project.remove());

/**
 * Starts a run so many times, and lets all of them claim their folders at the same moment. When all but one have ended,
 * that one is told by the file `COMEX_GO` with `-alone` behind it.
 */
async function startTogether(count: number, words: readonly string[], round = 0): Promise<readonly Ended[]> {
  const go = join(project.root, `go-${round}`);
  const env = { COMEX_MOMENT: String(Date.now()), COMEX_GO: go };
  let left = count;
  const all = Array.from({ length: count }, async () => {
    const ended = await project.start(words, { preload: SAME_MOMENT, env }).ended;
    left -= 1;
    if (left === 1) writeFileSync(`${go}-alone`, '');
    return ended;
  });
  const waiting = (): number => readdirSync(project.root).filter((name) => name.startsWith(`go-${round}-`)).length;
  while (waiting() < count) await new Promise((done) => setTimeout(done, 10));
  writeFileSync(go, '');
  return await Promise.all(all);
}

/** Says who it is everywhere, until all others have ended: however slow they are, it is there when they come. */
const WHO = `import { existsSync } from 'node:fs';
export default async (e: any) => {
  for (let i = 0; i < 20 || !existsSync(process.env.COMEX_GO + '-alone'); i++) {
    e.log('by', process.pid); e.track('who', process.pid); e.record('who', { pid: process.pid }); e['who/is'] = process.pid;
    await new Promise((done) => setTimeout(done, 5));
  }
};`;

describe('starts at the same moment', () => {
  it('fifty in the same second are fifty runs in fifty folders', async () => {
    project = new Project({ 'experiments/main.ts': 'export default (e: any) => { e.log(e.id); };' });
    const all = await startTogether(50, [...WORDS, '--quiet']);
    expect(all.map(({ code }) => code)).toEqual(all.map(() => 0));
    const { runs, broken } = scanRuns(project.results);
    expect(broken).toEqual([]);
    expect(new Set(runs.map(({ path }) => basename(path).slice(0, 20))).size).toBe(1);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(50);
    for (const { path, id } of runs) {
      const run = loadRun(path);
      expect(run.status).toBe('done');
      expect(run.log().trim().split('\n')).toEqual([expect.stringMatching(` ${id}$`)]);
    }
  });

  it.each([2, 6])('of %d debug runs one wins, the others are told, and the folder is of one', async (count) => {
    project = new Project({ 'experiments/main.ts': WHO });
    const ids = new Set<string>();
    // Into an empty archive first, then over what the last round left.
    for (let round = 0; round < 4; round++) {
      const all = await startTogether(count, [...WORDS, '--__DEBUG__', '--quiet'], round);
      const losers = all.filter(({ code }) => code !== 0);
      expect(losers).toHaveLength(count - 1);
      for (const { code, stderr } of losers) {
        expect([code, stderr]).toEqual([
          2,
          expect.stringMatching(/^comex: Cannot start a debug run in [^\n]*\(E_RUN_BUSY\)\n$/),
        ]);
      }
      expect(readdirSync(join(project.results, 'main'))).toEqual(['debug']);
      const run = loadRun(join(project.results, 'main/debug'));
      expect(run.status).toBe('done');
      ids.add(run.id);
      const { pid } = JSON.parse(readFileSync(join(run.path, 'attempts/1.json'), 'utf8')) as { pid: number };
      const values = Array.from(run.series('who')!.values);
      expect([values.length >= 20, new Set(values)]).toEqual([true, new Set([pid])]);
      expect(run.table('who')).toEqual(values.map(() => ({ pid })));
      expect(run.get('who/is')).toBe(pid);
      expect(
        new Set(
          run
            .log()
            .trim()
            .split('\n')
            .map((line) => line.slice(24)),
        ),
      ).toEqual(new Set([`by ${pid}`]));
      expect(fileProblems(project.results)).toEqual([]);
    }
    expect(ids.size).toBe(4);
  });
});

describe('the folder of a debug run that was killed', () => {
  it('is replaced at once', async () => {
    project = new Project({
      'experiments/main.ts': `export default async (e: any) => { e['a/b'] = 1; if (e.WAIT) await new Promise((done) => setTimeout(done, 60_000)); };
export const WAIT = false;`,
    });
    for (let round = 0; round < 3; round++) {
      const { child, ended } = project.start([...WORDS, '--__DEBUG__', '--WAIT', '--quiet']);
      const folder = join(project.results, 'main/debug');
      while (!existsSync(join(folder, 'experiment_data.jsonl'))) await new Promise((done) => setTimeout(done, 5));
      child.kill('SIGKILL');
      await ended;
      const killed = loadRun(folder);
      expect(killed.status).toBe('killed');
      const { code, stderr } = await project.start([...WORDS, '--__DEBUG__', '--quiet']).ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(loadRun(folder).status).toBe('done');
      expect(loadRun(folder).id).not.toBe(killed.id);
    }
  });

  it('is replaced wherever in its beginning it was killed', async () => {
    project = new Project({ 'experiments/main.ts': 'export default () => 1;' });
    const folder = join(project.results, 'main/debug');
    const words = [...WORDS, '--__DEBUG__', '--quiet'];
    const { calls } = await project.startFaulty(words, { mode: 'none', at: 0 });
    // The module, the manifest, the environment and the metadata have their names then.
    const begun = calls.flatMap((call, index) => (call.startsWith('renameSync') ? [index] : []))[4]!;
    for (let at = 1; at <= begun; at++) {
      project.clear();
      expect((await project.startFaulty(words, { mode: 'kill', at })).signal).toBe('SIGKILL');
      const isClaimed = existsSync(join(folder, 'attempts/1.json'));
      // Without a claim there is nobody to ask: such a folder is left alone for a while.
      const long = new Date(Date.now() - 60_000);
      if (existsSync(folder) && !isClaimed) utimesSync(folder, long, long);
      const { code, stderr } = await project.start(words).ended;
      expect([at, code, stderr]).toEqual([at, 0, '']);
      expect(loadRun(folder).status).toBe('done');
    }
  });

  it('is left alone when it holds anything else', async () => {
    project = new Project({ 'experiments/main.ts': 'export default () => 1;' });
    const folder = join(project.results, 'main/debug');
    const words = [...WORDS, '--__DEBUG__', '--quiet'];
    const { calls } = await project.startFaulty(words, { mode: 'none', at: 0 });
    project.clear();
    await project.startFaulty(words, {
      mode: 'kill',
      at: calls.findIndex((call) => call.includes('experiment_log')) + 1,
    });
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    const { code, stderr } = await project.start(words).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('E_RUN_BUSY')]);
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('mine');
  });
});
