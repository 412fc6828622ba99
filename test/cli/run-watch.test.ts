import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { start } from '../fault/started.ts';
import { TestProject } from '../project.ts';

/** Changes files, again and again until that is seen: a watcher may not yet watch what it has just been told of. */
async function changeUntil(
  project: TestProject,
  files: Readonly<Record<string, string>>,
  seen: Promise<void>,
): Promise<void> {
  const change = (): void => project.write(files);
  const timer = setInterval(change, 10_000);
  change();
  await seen.finally(() => clearInterval(timer));
}

describe('--watch', () => {
  it('runs in debug mode, again when a helper file changes, also after an error, until SIGINT', async () => {
    const project = new TestProject({
      'experiments/live.ts': `import { value } from './part.ts';\nexport default (e: any) => { e.log('value is', value); };`,
      'experiments/part.ts': 'export const value = 1;',
    });
    const watching = start(project, ['run', 'live', '--watch']);
    await watching.said('value is 1');
    await changeUntil(project, { 'experiments/part.ts': 'export const value = 2;' }, watching.said('value is 2'));
    await changeUntil(project, { 'experiments/live.ts': 'export const = 1;' }, watching.said('E_SYNTAX'));
    const repaired = `import { other } from './other.ts';\nexport default (e: any) => { e.log('other is', other); };`;
    project.write({ 'experiments/other.ts': 'export const other = 3;' });
    await changeUntil(project, { 'experiments/live.ts': repaired }, watching.said('other is 3'));
    await changeUntil(project, { 'experiments/other.ts': 'export const other = 4;' }, watching.said('other is 4'));
    watching.child.kill('SIGINT');
    expect(await watching.ended).toEqual({ code: 130, signal: null });
    expect(project.runs('live').map((path) => path.split('/').at(-1))).toEqual(['debug']);
  });

  it('ends a run that goes on before it begins the next, and with SIGTERM', async () => {
    const project = new TestProject({
      'experiments/live.ts': `export default async (e: any) => { e.log('first'); await new Promise((done) => setTimeout(done, 600_000)); };`,
    });
    const watching = start(project, ['run', 'experiments/live.ts', '--watch']);
    await watching.said('first');
    const second = {
      'experiments/live.ts': `export default async (e: any) => { e.log('second'); await new Promise((done) => setTimeout(done, 600_000)); };`,
    };
    await changeUntil(project, second, watching.said('second'));
    watching.child.kill('SIGTERM');
    expect(await watching.ended).toEqual({ code: 143, signal: null });
    expect(loadRun(project.runs('live')[0]!).status).toBe('interrupted');
  });
});
