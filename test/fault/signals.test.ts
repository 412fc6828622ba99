import { describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { expectKept, experiment, MAIN } from './kept.ts';
import { type Started, start } from './started.ts';

const text = (containing: string): string => expect.stringContaining(containing) as string;

/** An experiment that says when it is ready, and then waits. */
const waiting = (wait: string): string => experiment(`console.log('ready'); ${wait}`);
const FOREVER = 'await new Promise((done) => setTimeout(done, 600_000));';

/** Starts a waiting experiment, and signals it when it is ready. */
async function signalled(
  source: string,
  signals: readonly NodeJS.Signals[],
  words: readonly string[] = [],
): Promise<{ readonly ended: Started; readonly run: LoadedRun }> {
  const project = new TestProject({ [MAIN]: source });
  const started = start(project, ['run', MAIN, ...words]);
  await started.said('ready');
  for (const signal of signals) started.child.kill(signal);
  await started.ended;
  return { ended: started, run: loadRun(project.runs('main')[0]!) };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s interrupts the run with exit status %d, and everything before it is kept', async (signal, exit) => {
    const { ended, run } = await signalled(waiting(FOREVER), [signal]);
    expect(await ended.ended).toEqual({ code: exit, signal: null });
    expect(run.status).toBe('interrupted');
    expect(run.error).toMatchObject({ code: 'E_INTERRUPTED', message: text(signal) });
    expectKept(run);
    expect(run.log()).toContain(`interrupted by ${signal}`);
  });

  it('lets a main function that listens come to its end; the run is interrupted all the same', async () => {
    const { ended, run } = await signalled(
      waiting(`await new Promise((done) => { const t = setTimeout(done, 600_000); e.signal.addEventListener('abort', () => { clearTimeout(t); done(0); }); });
  await new Promise((done) => setTimeout(done, 20));
  e['after/signal'] = String(e.signal.reason.message); return 'to the end';`),
      ['SIGINT'],
    );
    expect((await ended.ended).code).toBe(130);
    expect(run.status).toBe('interrupted');
    expect(run.result).toBe('to the end');
    expect(run.get('after/signal')).toContain('SIGINT');
  });

  it('ends a main function that listens and then waits for nothing', async () => {
    const { ended, run } = await signalled(
      waiting(
        `const t = setTimeout(() => {}, 600_000); e.signal.addEventListener('abort', () => clearTimeout(t)); await new Promise(() => {});`,
      ),
      ['SIGTERM'],
    );
    expect((await ended.ended).code).toBe(143);
    expect(run.status).toBe('interrupted');
    expect(run.error).toMatchObject({ code: 'E_INTERRUPTED' });
  });

  it('that comes a second time ends a run that takes its time at once', async () => {
    const project = new TestProject({
      [MAIN]: waiting(`e.signal.addEventListener('abort', () => console.log('heard')); ${FOREVER}`),
    });
    const started = start(project, ['run', MAIN]);
    await started.said('ready');
    started.child.kill('SIGINT');
    await started.said('heard');
    started.child.kill('SIGINT');
    expect(await started.ended).toEqual({ code: null, signal: 'SIGINT' });
    const run = loadRun(project.runs('main')[0]!);
    expect(run.status).toBe('interrupted');
    expectKept(run);
  });

  it('during the analysis leaves the run done', async () => {
    const { ended, run } = await signalled(
      `${experiment('return 5;')}\nexport async function analysis() { console.log('ready'); ${FOREVER} }`,
      ['SIGINT'],
    );
    expect((await ended.ended).code).toBe(130);
    expect([run.status, run.result]).toEqual(['done', 5]);
  });

  it('SIGKILL leaves a run that is told to be killed, with everything that was recorded', async () => {
    const { ended, run } = await signalled(waiting(FOREVER), ['SIGKILL']);
    expect(await ended.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(run.meta.status).toBe('running');
    expect(run.status).toBe('killed');
    expect(run.evidence).toMatch(/process \d+/);
    expectKept(run);
  });
});

describe('a reader of the output that goes away', () => {
  it.each([[[]], [['--json']]])('ends the output, not the run (%j)', async (words) => {
    const project = new TestProject({
      [MAIN]:
        experiment(`console.log('ready'); console.error('ready'); while (!require('node:fs').existsSync(e.path() + '/go')) await new Promise((done) => setTimeout(done, 5));
  for (let i = 0; i < 2000; i++) console.log('line', i); await new Promise((done) => setTimeout(done, 10)); for (let i = 0; i < 10; i++) e.log('more', i); return 5;`),
    });
    const started = start(project, ['run', MAIN, ...words]);
    await started.said('ready');
    started.child.stdout.destroy();
    started.child.stderr.destroy();
    project.write({ [`${project.runs('main')[0]!.slice(project.root.length + 1)}/go`]: '' });
    expect(await started.ended).toEqual({ code: 0, signal: null });
    const run = loadRun(project.runs('main')[0]!);
    expect([run.status, run.result]).toEqual(['done', 5]);
    expectKept(run);
    expect(run.log()).toContain('line 1999');
    expect(run.log()).toContain('more 9');
  });
});
