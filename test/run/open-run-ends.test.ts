import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';
import { going, onlyRun, script } from './scripts.ts';

/** A script with an open run that has recorded something, and then comes to the given end. */
const scriptWith = (end: string, before = ''): TestProject =>
  new TestProject({
    'main.mjs': `import { openRun } from 'comex';
${before}
const e = await openRun({ name: 'x' });
e.track('loss', 1);
e['results/kept'] = true;
console.log('ready');
${end}
`,
  });

describe('a script that does not close its run', () => {
  it.each([
    ['ends by itself', '', 0, 'done', undefined],
    ['ends with process.exit(0)', 'process.exit(0);', 0, 'done', undefined],
    ['ends with process.exit(3)', 'process.exit(3);', 3, 'failed', 'exit code 3'],
    ['sets an exit code', 'process.exitCode = 4;', 4, 'failed', 'exit code 4'],
    ['throws', `throw new TypeError('thrown');`, 1, 'failed', 'thrown'],
    ['throws later', `setTimeout(() => { throw new Error('later'); }, 5);`, 1, 'failed', 'later'],
    ['rejects', `Promise.reject(new Error('lost')); setTimeout(() => {}, 60_000);`, 1, 'failed', 'lost'],
    ['waits for ever for nothing', 'await new Promise(() => {});', 13, 'failed', 'can never happen'],
    [
      'catches everything',
      `process.on('uncaughtException', () => {}); setTimeout(() => { throw new Error('x'); }, 5);`,
      0,
      'done',
      undefined,
    ],
    [
      'sends itself a signal',
      `process.kill(process.pid, 'SIGTERM'); console.log('still there');`,
      null,
      'interrupted',
      'SIGTERM',
    ],
  ])('and %s: as the process says', (_, end, code, status, message) => {
    const project = scriptWith(end);
    const printed = script(project, 'main.mjs');
    expect(printed.status).toBe(code);
    expect(printed.stdout).toBe('ready\n');
    const run = onlyRun(project, 'x');
    expect(run.status).toBe(status);
    if (message === undefined) expect(run.error).toBeUndefined();
    else expect(run.error?.message).toContain(message);
    expect([run.get('results/kept'), run.series('loss')!.count]).toEqual([true, 1]);
  });

  it('has what Node says of its error on the terminal, and the error in the run', () => {
    const project = scriptWith(`throw new RangeError('as ever');`);
    expect(script(project, 'main.mjs').stderr).toContain(`throw new RangeError('as ever');`);
    expect(onlyRun(project, 'x').error).toMatchObject({ name: 'RangeError', message: 'as ever' });
  });
});

describe('what the script does when its process exits', () => {
  const late = `e['results/late'] = true; e.track('loss', 2); e.record('rows', { a: 1 });`;
  it.each([
    ['by itself', '', late, 0, 'done', undefined],
    ['by process.exit', 'process.exit(0);', late, 0, 'done', undefined],
    ['by an error', `throw new Error('before');`, late, 1, 'failed', 'before'],
    ['with a code of its own', '', `${late} process.exitCode = 7;`, 7, 'failed', 'exit code 7'],
    ['from within', '', `${late} process.exit(8);`, 8, 'failed', 'exit code 8'],
    ['from within, all being well', 'process.exitCode = 3;', `${late} process.exit(0);`, 0, 'done', undefined],
    ['by an error there', '', `${late} throw new Error('at last');`, undefined, 'failed', 'at last'],
    ['by a signal there', '', `${late} process.kill(process.pid, 'SIGTERM');`, null, 'interrupted', 'SIGTERM'],
  ])('is kept when it ends %s', (_, end, listener, code, status, message) => {
    const project = scriptWith(`process.on('exit', () => { ${listener} });\n${end}`);
    const printed = script(project, 'main.mjs');
    if (code !== undefined) expect(printed.status).toBe(code);
    const run = onlyRun(project, 'x');
    expect(run.status).toBe(status);
    if (message === undefined) expect(run.error).toBeUndefined();
    else expect(run.error?.message).toContain(message);
    expect([run.get('results/late'), run.series('loss')!.count, run.table('rows')]).toEqual([true, 2, [{ a: 1 }]]);
    expect(run.meta.endedAt).toBeDefined();
  });

  it('leaves process.emit as it was, and ends the run all the same where a package puts it back', () => {
    const closed = scriptWith(
      `await e.close(); console.log(process.emit === emit, process.listenerCount('exit') === count);`,
      "const { emit } = process; const count = process.listenerCount('exit');",
    );
    expect(script(closed, 'main.mjs').stdout).toBe('ready\ntrue true\n');
    const restored = scriptWith('process.emit = emit; process.exit(3);', 'const { emit } = process;');
    expect(script(restored, 'main.mjs').status).toBe(3);
    expect(onlyRun(restored, 'x').error?.message).toContain('exit code 3');
  });
});

describe('e.close and e.fail say how it ended', () => {
  it.each([
    ['await e.close();', 'done', undefined],
    ['e.close(); process.exit(5);', 'done', undefined],
    [`await e.close({ error: new Error('told') });`, 'failed', 'told'],
    [`await e.fail(new Error('told'));`, 'failed', 'told'],
    [`await e.fail();`, 'failed', 'Thrown value: undefined'],
    [`e.fail(new Error('told')); process.exit(0);`, 'failed', 'told'],
    [`await e.close(); throw new Error('no more of it');`, 'done', undefined],
    [`await e.close({ eror: 1 });`, 'failed', 'got "eror"'],
  ])('%s', (end, status, message) => {
    const project = scriptWith(end);
    script(project, 'main.mjs');
    const run = onlyRun(project, 'x');
    expect(run.status).toBe(status);
    if (message === undefined) expect(run.error).toBeUndefined();
    else expect(run.error?.message).toContain(message);
  });

  it('closing waits for charts that are being drawn, and for child runs', () => {
    const project = scriptWith(`e.commitFig('figure', { type: 'line', data: { datasets: [] } }); await e.close();`);
    expect(script(project, 'main.mjs').stderr).toBe('');
    expect(onlyRun(project, 'x').artifacts.map(({ path }) => path)).toContain('figure.png');
  });
});

describe('await using', () => {
  const using = (words: string, after: string): TestProject =>
    new TestProject({
      'main.ts': `import { openRun } from 'comex';
async function main() {
  await using e = await openRun({ name: 'x' });
  e['results/kept'] = true;
  ${words}
}
${after}
`,
    });

  it.each([
    ['a block that comes to its end', '', 'await main();', 0, 'done', undefined],
    ['an error that nobody catches', `throw new Error('left');`, 'await main();', 1, 'failed', 'left'],
    [
      'an exit code',
      `throw new Error('left');`,
      'main().catch(() => { process.exitCode = 6; });',
      6,
      'failed',
      'exit code 6',
    ],
    ['an exit', `throw new Error('left');`, 'main().catch(() => process.exit(6));', 6, 'failed', 'exit code 6'],
    [
      'e.fail',
      `await e.fail(new Error('told')); throw new Error('left');`,
      'main().catch(() => {});',
      0,
      'failed',
      'told',
    ],
  ])('%s', (_, words, after, code, status, message) => {
    const project = using(words, after);
    expect(script(project, 'main.ts').status).toBe(code);
    const run = onlyRun(project, 'x');
    expect([run.status, run.get('results/kept')]).toEqual([status, true]);
    if (message !== undefined) expect(run.error?.message).toContain(message);
  });
});

describe('a signal', () => {
  const WAITS = `setTimeout(() => {}, 60_000);`;

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends the process as ever, and the run is interrupted',
    async (signal) => {
      const project = scriptWith(WAITS);
      const { child, ended } = await going(project, 'main.mjs');
      child.kill(signal);
      expect(await ended).toEqual({ code: null, signal });
      const run = onlyRun(project, 'x');
      expect([run.status, run.get('results/kept')]).toEqual(['interrupted', true]);
      expect(run.error).toMatchObject({ code: 'E_INTERRUPTED' });
    },
  );

  it('SIGKILL leaves a run that readers find killed, with everything before it', async () => {
    const project = scriptWith(WAITS);
    const { child, ended } = await going(project, 'main.mjs');
    child.kill('SIGKILL');
    await ended;
    const run = onlyRun(project, 'x');
    expect([run.status, run.get('results/kept'), run.series('loss')!.count]).toEqual(['killed', true, 1]);
  });

  it('ends a script that blocks its thread, a moment later', async () => {
    const project = scriptWith('for (;;) {}');
    const { child, ended } = await going(project, 'main.mjs');
    // The thread that hears it has to come up first.
    await new Promise((done) => setTimeout(done, 300));
    child.kill('SIGTERM');
    expect((await ended).signal).toBe('SIGKILL');
    const run = onlyRun(project, 'x');
    expect(run.status).toBe('killed');
    expect(run.log()).toContain('Ended at once: SIGTERM came while the run was busy.');
  });

  it('that the script listens for is left to it, however often it comes', async () => {
    const project = scriptWith(
      WAITS,
      `let n = 0; process.on('SIGUSR2', () => process.exit(0)); process.on('SIGTERM', () => { console.log('mine', ++n); });`,
    );
    const { child, ended, output } = await going(project, 'main.mjs');
    for (const times of [1, 2, 3]) {
      child.kill('SIGTERM');
      while (!output().includes(`mine ${times}`)) await new Promise((done) => setTimeout(done, 5));
    }
    await new Promise((done) => setTimeout(done, 1200));
    child.kill('SIGUSR2');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(onlyRun(project, 'x').status).toBe('interrupted');
  });

  it('that a package cleans up at, and sends again when nobody else listens, ends the process', async () => {
    const project = scriptWith(
      WAITS,
      `const clean = () => { console.log('cleaned'); if (process.listenerCount('SIGTERM') === 1) { process.off('SIGTERM', clean); process.kill(process.pid, 'SIGTERM'); } };
process.on('SIGTERM', clean);`,
    );
    const { child, ended, output } = await going(project, 'main.mjs');
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(output()).toContain('cleaned');
    expect(onlyRun(project, 'x').status).toBe('interrupted');
  });

  it('fires e.signal where the script asks for it, which then comes to its end', async () => {
    const project = scriptWith(
      `while (!e.signal.aborted) await new Promise((done) => setTimeout(done, 5));
e['results/after'] = e.signal.reason.message; await e.close(); console.log('bye');`,
    );
    const { child, ended, output } = await going(project, 'main.mjs');
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: null, signal: 'SIGINT' });
    expect(output()).toContain('bye');
    const run = onlyRun(project, 'x');
    expect([run.status, run.get('results/after')]).toEqual(['interrupted', 'The run was interrupted by SIGINT.']);
  });

  it('that comes a second time ends it at once', async () => {
    const project = scriptWith(`e.signal.addEventListener('abort', () => console.log('heard')); ${WAITS}`);
    const { child, ended, output } = await going(project, 'main.mjs');
    child.kill('SIGTERM');
    while (!output().includes('heard')) await new Promise((done) => setTimeout(done, 5));
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(onlyRun(project, 'x').status).toBe('interrupted');
  });
});
