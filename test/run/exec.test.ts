import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { start } from '../fault/started.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';
const NODE = JSON.stringify(process.execPath);
const TRY = `const attempt = async (action: () => unknown) => { try { return await action(); } catch (error: any) { return [error.code ?? error.name, error.message]; } };`;

/** Whether a process is there and not only its remains. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a process to be gone; the test's own time limit ends the wait. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('e.exec', () => {
  it('gives what a program wrote, and puts it into the log as it comes', () => {
    const { run, printed } = new TestProject({
      [MAIN]: `export default async (e: any) => {
  const script = "process.stdout.write('öut' + process.env.EXTRA); console.error('to stderr'); process.stdin.on('data', (d) => console.log(' in: ' + d)); process.stdin.on('end', () => console.log(process.cwd()))";
  const result = await e.exec(${NODE}, ['-e', script], { cwd: '/', env: { EXTRA: '!' }, input: 'given' });
  e.log('after it');
  const quiet = await e.exec(${NODE}, ['-e', '']);
  return [result, quiet];
};`,
    }).run(MAIN);
    expect(run.error).toBeUndefined();
    expect(run.result).toEqual([
      { exitCode: 0, signal: null, stdout: 'öut! in: given\n/\n', stderr: 'to stderr\n' },
      { exitCode: 0, signal: null, stdout: '', stderr: '' },
    ]);
    const lines = run
      .log()
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(24));
    expect([...lines].sort()).toEqual(['/', 'after it', 'to stderr', 'öut! in: given']);
    expect(lines.at(-1)).toBe('after it');
    expect(printed.stderr).toMatch(/öut![\s\S]* in: given[\s\S]*after it/);
  });

  it('refuses failing programs with a code, unless they may fail', () => {
    const { run } = new TestProject({
      [MAIN]: `${TRY}
export default async (e: any) => [
  await attempt(() => e.exec(${NODE}, ['-e', "console.error('what went wrong'); process.exit(3)"])),
  await attempt(() => e.exec(${NODE}, ['-e', "process.exit(3)"], { allowFailure: true })),
  await attempt(() => e.exec(${NODE}, ['-e', "process.kill(process.pid, 'SIGKILL')"])),
  await attempt(() => e.exec('no-such-program', ['a'])),
  await attempt(() => e.exec(${NODE}, ['-e', ''], { cwd: '/no/such/folder' })),
  await attempt(() => e.exec('bad\\0name')),
];`,
    }).run(MAIN);
    const [failed, allowed, killed, missing, nowhere, bad] = run.result as [string, string][];
    expect(failed).toEqual(['E_EXEC', expect.stringMatching(/exited with 3\. It said: what went wrong$/)]);
    expect(allowed).toEqual({ exitCode: 3, signal: null, stdout: '', stderr: '' });
    expect(killed).toEqual(['E_EXEC', expect.stringContaining('was ended by SIGKILL')]);
    expect(missing).toEqual(['E_EXEC', expect.stringMatching(/no-such-program a: .*on the PATH\?/)]);
    expect(nowhere).toEqual(['E_EXEC', expect.stringContaining('/no/such/folder')]);
    expect(bad![0]).toBe('E_EXEC');
    expect(run.status).toBe('done');
  });

  const child = (how: string): string =>
    `await e.exec(${NODE}, ['-e', "${how} console.log('pid', process.pid); setInterval(() => {}, 1000)"]);`;
  /** Waits until the log of the run has what the program says first. */
  const BEGUN = `import { readFileSync } from 'node:fs';
const begun = async (e: any) => { while (!readFileSync(e.path() + '/experiment_log.txt', 'utf8').includes('pid ')) await new Promise((done) => setTimeout(done, 5)); };`;
  const pidOf = (output: string): number => Number(/pid (\d+)/.exec(output)![1]);

  it.each([
    ['SIGTERM', '', 143],
    ['SIGINT', '', 130],
    ['SIGTERM to one whose program does not listen', `process.on('SIGTERM', () => {});`, 143],
  ])('is ended with the run: by %s', async (title, how, exit) => {
    const project = new TestProject({ [MAIN]: `export default async (e: any) => { ${child(how)} };` });
    const started = start(project, ['run', MAIN]);
    await started.said('pid ');
    const pid = pidOf(started.output());
    started.child.kill(title.split(' ')[0] as NodeJS.Signals);
    expect((await started.ended).code).toBe(exit);
    await gone(pid);
    expect(loadRun(project.runs('main')[0]!).status).toBe('interrupted');
  });

  it.each([
    ['process.exit() inside', 'begun(e).then(() => process.exit(3));', 'failed'],
    ['a time limit', '', 'timeout'],
    ['an error elsewhere', `begun(e).then(() => { throw new Error('elsewhere'); });`, 'failed'],
  ])('is ended with the run: by %s', async (_, before, status) => {
    const project = new TestProject({
      [MAIN]: `${BEGUN}\nexport default async (e: any) => { ${before} ${child('')} };`,
    });
    const { run } = project.run(MAIN, ['--timeout', '1s']);
    expect(run.status).toBe(status);
    await gone(pidOf(run.log()));
  });

  it('that nobody waits for is ended with the run, which is done', async () => {
    const { run, printed } = new TestProject({
      [MAIN]: `${BEGUN}\nexport default async (e: any) => { ${child('').replace('await ', '')} await begun(e); return 5; };`,
    }).run(MAIN);
    expect([run.status, run.result, printed.status]).toEqual(['done', 5, 0]);
    await gone(pidOf(run.log()));
    expect(run.log()).toMatch(/was ended by SIGTERM, with the run/);
  });
});
