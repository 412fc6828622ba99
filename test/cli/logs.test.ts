import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { attemptFile } from '../../src/archive/layout.ts';
import { logs } from '../../src/cli/logs.ts';
import { PACKAGE, TestProject } from '../project.ts';
import { CONTROLS, HARMFUL, scopeOf } from './looking.ts';
import { temporaryFolder, writeRun } from './run-folders.ts';

const LOG = '2026-01-31 12:00:00.001 one\n2026-01-31 12:00:00.002 two\n2026-01-31 12:00:00.003 three\n';

async function read(
  results: string,
  options: { lines?: number; follow?: boolean } = {},
  how: Parameters<typeof scopeOf>[1] = { tty: false },
  selector = 'aaaaaaaa',
) {
  const scope = scopeOf(results, how);
  let text = '';
  const write = async (piece: string): Promise<boolean> => {
    text += piece;
    return true;
  };
  await logs(selector, { ...scope, ...options, write });
  return { text, err: scope.seen.err };
}

describe('comex logs', () => {
  it.runIf(process.platform !== 'win32')('refuses a pipe in place of a log, which would be waited for', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    spawnSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'experiment_log.txt')]);
    for (const options of [{}, { lines: 2 }]) {
      await expect(read(results, options)).rejects.toMatchObject({ code: 'E_STORAGE' });
    }
  });

  it.runIf(process.platform !== 'win32')('ends when nobody reads what it follows', async () => {
    const chatty = `export default async (e: any) => {
      for (let i = 0; i < 600; i++) {
        e.log('line ' + i);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };`;
    const project = new TestProject({ 'experiments/chatty.ts': chatty });
    const child = project.start(['run', 'chatty', '--quiet']);
    const ended = once(child, 'exit');
    while (project.runs('chatty').length === 0) await wait(20);
    await wait(300);
    const bin = join(PACKAGE, 'dist/bin.js');
    const command = `{ "${process.execPath}" "${bin}" logs -f chatty; echo "status $?" >&2; } | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: project.root,
      encoding: 'utf8',
      timeout: 15_000,
    });
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^\S+ \S+ line 0\n$/), 'status 0\n']);
    expect(child.exitCode).toBe(null);
    child.kill();
    await ended;
  });

  it('prints the log of all attempts as it is, or its last lines', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_log.txt': LOG, 'experiment_log.2.txt': 'again\x1b[0m\n' });
    expect(await read(results)).toEqual({ text: `${LOG}again\x1b[0m\n`, err: '' });
    expect((await read(results, { lines: 2 })).text).toBe('2026-01-31 12:00:00.003 three\nagain\x1b[0m\n');
    await expect(read(results, { lines: 1.5 })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('does no harm on a terminal, and keeps tabs', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_log.txt': `a\tb ${HARMFUL.replaceAll('\n', '')}\n` });
    const { text } = await read(results, {}, { tty: true });
    expect(text).toContain('a\tb \\x1b[2J');
    expect(text.replaceAll('\t', '')).not.toMatch(CONTROLS);
  });

  it('gives a line of JSON for each line', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_log.txt': `${LOG}none ${HARMFUL.split('\n')[0]}\n` });
    const { text } = await read(results, { lines: 2 }, { json: true });
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { time: '2026-01-31T12:00:00.003', text: 'three' },
      { time: null, text: `none ${HARMFUL.split('\n')[0]}` },
    ]);
    expect(text).not.toMatch(CONTROLS);
  });

  it('reads a killed run, a child run and one that logged nothing', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', { status: 'running' }, { 'experiment_log.txt': LOG });
    expect((await read(results)).text).toBe(LOG);
    const child = join(folder, 'runs', 'cccccccc');
    mkdirSync(child, { recursive: true });
    const meta = readFileSync(join(folder, 'experiment_meta.json'), 'utf8').replaceAll('aaaaaaaa', 'cccccccc');
    writeFileSync(join(child, 'experiment_meta.json'), meta.replace('"running"', '"done"'));
    writeFileSync(join(child, 'experiment_log.txt'), 'of the child\n');
    expect((await read(results, {}, {}, 'cccccccc')).text).toBe('of the child\n');
    rmSync(join(child, 'experiment_log.txt'));
    expect(await read(results, {}, {}, 'cccccccc')).toEqual({
      text: '',
      err: 'comex: The run cccccccc has logged nothing.\n',
    });
  });

  it('follows over a new attempt until the run has ended', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', { status: 'queued' }, { 'experiment_log.txt': LOG });
    const following = read(results, { follow: true, lines: 1 });
    await wait(250);
    writeFileSync(join(folder, 'experiment_log.2.txt'), 'second\n');
    await wait(400);
    appendFileSync(join(folder, 'experiment_log.2.txt'), 'last, without an end');
    const meta = readFileSync(join(folder, 'experiment_meta.json'), 'utf8');
    writeFileSync(join(folder, 'experiment_meta.json'), meta.replace('"queued"', '"done"'));
    expect((await following).text).toBe('2026-01-31 12:00:00.003 three\nsecond\nlast, without an end\n');
  });

  it('says when the folder goes away meanwhile', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', { status: 'queued' }, { 'experiment_log.txt': LOG });
    const following = read(results, { follow: true });
    await wait(250);
    rmSync(folder, { recursive: true });
    expect(await following).toEqual({ text: LOG, err: 'comex: The folder of the run aaaaaaaa is gone.\n' });
  });

  it('goes on while the process that wrote its end has not let go of the folder', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {}, { 'experiment_log.txt': LOG });
    const { processIdentity } = await import('../../src/archive/liveness.ts');
    const claim = { attempt: 1, ...processIdentity(), startedAt: new Date().toISOString(), reason: 'start' };
    const outcome = { status: 'done', endedAt: new Date().toISOString() };
    mkdirSync(join(folder, 'attempts'));
    writeFileSync(join(folder, attemptFile(1)), JSON.stringify({ ...claim, outcome }));
    const following = read(results, { follow: true });
    await wait(700);
    appendFileSync(join(folder, 'experiment_log.txt'), 'from the analysis\n');
    writeFileSync(join(folder, attemptFile(1)), JSON.stringify({ ...claim, outcome: { ...outcome, closed: true } }));
    expect((await following).text).toBe(`${LOG}from the analysis\n`);
  });
});

describe('comex logs on the command line', () => {
  const module = `
    export default async function experiment(e) {
      for (let i = 0; i < 600; i++) {
        e.log('tick ' + i + ' ' + Date.now());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  `;

  function startFollowing() {
    const project = new TestProject({ 'experiments/ticks.ts': module });
    const run = project.start(['run', 'experiments/ticks.ts']);
    run.stdout.resume();
    return { project, run };
  }

  /** Waits for the run's folder, then follows it; gives what came so far, and for each tick how late it came, in ms. */
  async function follow(project: TestProject) {
    while (project.runs('ticks').length === 0 || !hasLog(project)) await wait(50);
    const follower = project.start(['logs', 'latest', '-f']);
    const seen = { text: '', err: '', delays: [] as number[] };
    follower.stderr.on('data', (data) => {
      seen.err += String(data);
    });
    follower.stdout.on('data', (data) => {
      const now = Date.now();
      seen.text += String(data);
      for (const [, at] of String(data).matchAll(/tick \d+ (\d+)/g)) seen.delays.push(now - Number(at));
    });
    while (seen.delays.length < 12) await wait(20);
    return { follower, seen };
  }

  function hasLog(project: TestProject): boolean {
    const names = readdirSync(project.runs('ticks')[0]!);
    return names.includes('experiment_log.txt') && names.includes('experiment_meta.json');
  }

  it('follows a run within a second, and says so when it is killed', async () => {
    const { project, run } = startFollowing();
    const { follower, seen } = await follow(project);
    expect(Math.min(...seen.delays.slice(-5))).toBeLessThan(1000);
    run.kill('SIGKILL');
    const [status] = await once(follower, 'exit');
    expect(status).toBe(0);
    expect(seen.err).toMatch(/^comex: The run \w{8} is killed: process \d+ is .*\.\n$/);
  });

  it('ends with the run, with all that it logged', async () => {
    const { project, run } = startFollowing();
    const { follower, seen } = await follow(project);
    run.kill('SIGTERM');
    const [status] = await once(follower, 'exit');
    expect([status, seen.err]).toEqual([0, '']);
    expect(seen.text).toBe(
      project.read(`results/ticks/${readdirSync(join(project.root, 'results/ticks'))[0]}/experiment_log.txt`),
    );
  });

  it('ends quietly with Ctrl-C', async () => {
    const { project, run } = startFollowing();
    const { follower, seen } = await follow(project);
    follower.kill('SIGINT');
    const [status] = await once(follower, 'exit');
    run.kill('SIGKILL');
    expect([status, seen.err]).toEqual([130, '']);
  });

  it('holds little of a huge log, and stops when nobody reads on', () => {
    const project = new TestProject();
    const line = `2026-01-31 12:00:00.001 ${'x'.repeat(200)}\n`;
    const folder = writeRun(join(project.root, 'results'), 'aaaaaaaa');
    for (let i = 0; i < 30; i++) appendFileSync(join(folder, 'experiment_log.txt'), line.repeat(20_000));
    const bin = join(PACKAGE, 'dist/bin.js');
    const memory = join(project.root, 'memory.cjs');
    writeFileSync(memory, "process.on('exit', () => console.error(process.resourceUsage().maxRSS));");
    const shell = (tail: string) =>
      spawnSync('sh', ['-c', `"${process.execPath}" -r "${memory}" "${bin}" logs aaaaaaaa | ${tail}`], {
        cwd: project.root,
        encoding: 'utf8',
      });
    const whole = shell('wc -l');
    expect(whole.stdout.trim()).toBe('600000');
    expect(Number(whole.stderr) / 1024).toBeLessThan(180);
    const head = shell('head -1');
    expect(head.stdout).toBe(line);
    expect(head.stderr).toMatch(/^\d+\n$/);
  });
});
