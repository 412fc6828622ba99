import { existsSync, lstatSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimFolder } from '../../src/archive/folder.ts';
import { type AttemptRecord, attemptFile } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { RunFiles } from '../../src/run/files.ts';
import { attemptOf, temporaryFolder, thrown, write, writeRun } from '../archive/run-folder.ts';
import { leftovers, readingProblems, runFolders } from './check.ts';
import { Project } from './processes.ts';

vi.setConfig({ testTimeout: 120_000 });

const WORDS = ['run', 'experiments/main.ts', '--quiet'];
const END = { status: 'done', endedAt: '2026-01-31T12:00:01.000Z' } as const;

let project: Project | undefined;

afterEach(() => {
  project?.remove();
  project = undefined;
});

/** Opens a run folder as the process of its latest attempt does. */
function openAsWriter(folder: string): void {
  const files = new RunFiles(folder, (text) => text);
  files.closeRecords();
  files.closeLog();
}

/** Everything below a folder, with the time of its last change. */
function state(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => [path, lstatSync(join(folder, path)).mtimeMs])
    .sort();
}

describe('a file that a killed process had not yet given its name', () => {
  it('is left alone by whoever reads the run, and removed by the attempt that takes the run up', async () => {
    project = new Project({ 'experiments/main.ts': `export default (e: any) => { e['a/b'] = 1; };` });
    const { calls } = await project.startFaulty(WORDS, { mode: 'none', at: 0 });
    project.clear();
    const renames = calls.flatMap((call, index) => (call.startsWith('renameSync') ? [index + 1] : []));
    await project.startFaulty(WORDS, { mode: 'kill', at: renames.at(-1)! });
    const [folder] = runFolders(project.results);
    expect(leftovers(folder!)).toHaveLength(1);
    const before = state(folder!);
    expect(await readingProblems(project.results)).toEqual([]);
    expect(loadRun(folder!).artifacts).toEqual([]);
    expect(state(folder!)).toEqual(before);
    write(folder!, attemptFile(2), JSON.stringify(attemptOf({ attempt: 2 })));
    openAsWriter(folder!);
    expect(leftovers(folder!)).toEqual([]);
    expect(loadRun(folder!).data).toEqual({ a: { b: 1 } });
  });

  it('is removed only when an attempt of that process is dead by evidence, and never from a child run', () => {
    const attempts: ReadonlyArray<Partial<AttemptRecord>> = [
      { pid: 11, processStart: '1', bootId: 'an earlier start of this machine' },
      { pid: 12, host: 'elsewhere', outcome: { ...END, closed: true } },
      { pid: 13, host: 'elsewhere' },
      { pid: 14, host: 'elsewhere', outcome: END },
      {},
    ];
    const folder = temporaryFolder();
    writeRun(folder, { status: 'running' });
    for (const [index, each] of attempts.entries()) {
      const attempt = index + 1;
      const path = write(folder, attemptFile(attempt), JSON.stringify(attemptOf({ ...each, attempt })));
      utimesSync(path, 0, 0);
    }
    const names = [11, 12, 13, 14, 15, process.pid].map((pid) => `.${pid}-abc-0.tmp`);
    for (const place of ['', 'attempts', 'media/loss', 'runs/child']) {
      for (const name of names) write(join(folder, place), name, 'half');
    }
    for (const mine of ['.11-abc.tmp', '11-abc-0.tmp', 'x.11-abc-0.tmp', '.11-abc-0.tmp.txt']) write(folder, mine, 'x');
    openAsWriter(folder);
    const left = (place: string): string[] =>
      names.filter((name) => existsSync(join(folder, place, name))).map((name) => name.split('-')[0]!.slice(1));
    for (const place of ['', 'attempts', 'media/loss'])
      expect(left(place)).toEqual(['13', '14', '15', `${process.pid}`]);
    expect(left('runs/child')).toHaveLength(6);
    expect(readdirSync(folder).filter((name) => /(?:^|\D)11-abc/.test(name))).toHaveLength(4);
  });
});

describe('a debug run that is killed while it replaces another', () => {
  it('leaves nothing that the next ones do not remove', async () => {
    project = new Project({ 'experiments/main.ts': `export default (e: any) => { e['a/b'] = 1; };` });
    const words = [...WORDS, '--__DEBUG__'];
    const debug = async (): Promise<void> => {
      const { code, stderr } = await project!.start(words).ended;
      expect([code, stderr]).toEqual([0, '']);
    };
    await debug();
    const { calls } = await project.startFaulty(words, { mode: 'none', at: 0 });
    const claimed = calls.findIndex((call) => call.startsWith('openSync') && call.includes('/attempts/.')) + 1;
    expect(claimed).toBeGreaterThan(10);
    const parent = join(project.results, 'main');
    let trash = 0;
    for (let at = 1; at <= claimed; at++) {
      expect((await project.startFaulty(words, { mode: 'kill', at })).signal).toBe('SIGKILL');
      // Who is between two calls is given ten seconds.
      const long = new Date(Date.now() - 60_000);
      for (const name of readdirSync(parent)) utimesSync(join(parent, name), long, long);
      trash += readdirSync(parent).filter((name) => name.startsWith('.trash')).length;
      const before = state(parent);
      expect(await readingProblems(project.results)).toEqual([]);
      expect(state(parent)).toEqual(before);
      await debug();
      await debug();
      expect([at, readdirSync(parent)]).toEqual([at, ['debug']]);
      expect(loadRun(join(parent, 'debug')).status).toBe('done');
    }
    expect(trash).toBeGreaterThan(2);
  });
});

describe('the folder of a debug run of another machine', () => {
  const claim = (results: string) =>
    claimFolder({ results, namespace: 'main', prefix: '', debug: true, now: new Date(0) });

  function foreignRun(results: string, attempt: Partial<AttemptRecord>, heartbeat: Date, status = 'running'): string {
    const folder = join(results, 'main/debug');
    writeRun(folder, { debug: true, status, id: 'abcdefgh' }, { attempt: 1, pid: 12, host: 'elsewhere', ...attempt });
    utimesSync(join(folder, attemptFile(1)), heartbeat, heartbeat);
    return folder;
  }

  it('is never replaced, however old its last sign of life is, and it is said how to free it', () => {
    const results = join(temporaryFolder(), 'results');
    const folder = foreignRun(results, {}, new Date(0));
    const before = state(results);
    const { code, message } = thrown(() => claim(results)) as Error & { readonly code: string };
    expect([code, message]).toEqual([
      'E_RUN_BUSY',
      expect.stringMatching(
        /^Cannot start a debug run in .*debug: the debug run abcdefgh in it is stalled, process 12 on elsewhere \(it ran on elsewhere, and its last heartbeat was \d+ days ago\), and nothing here shows whether it is dead\. If you know that it is dead, remove the folder\. /,
      ),
    ]);
    expect(state(results)).toEqual(before);
    rmSync(folder, { recursive: true });
    expect(claim(results).path).toBe(folder);
  });

  it.each([
    ['is still alive', {}, 'running'],
    ['has written its end, and may still draw its pictures', { outcome: END }, 'done'],
    ['runs in another container of this machine', { host: attemptOf().host, pidNamespace: '1' }, 'running'],
  ])('is left alone when that run %s', (_, attempt, status) => {
    const results = join(temporaryFolder(), 'results');
    const folder = foreignRun(results, attempt, new Date(), status);
    expect(thrown(() => claim(results))).toMatchObject({ code: 'E_RUN_BUSY' });
    expect(readdirSync(folder)).toContain('attempts');
  });

  it('is replaced when that run has let go of it', () => {
    const results = join(temporaryFolder(), 'results');
    const folder = foreignRun(results, { outcome: { ...END, closed: true } }, new Date(), 'done');
    expect(claim(results).path).toBe(folder);
    expect(readdirSync(folder)).toEqual([]);
  });
});
