import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { PACKAGE, TestProject } from '../project.ts';

const WORDY = `export default (e: any) => {
  for (let line = 0; line < 100; line++) console.log('line', line);
  e.track('loss', 1);
  return 7;
};
`;

/** A command whose standard output is a device that is always full. */
function intoFull(project: TestProject, words: readonly string[]) {
  const full = openSync('/dev/full', 'w');
  try {
    const bin = join(PACKAGE, 'dist/bin.js');
    const stdio = ['ignore', full, 'pipe'] as const;
    return spawnSync(process.execPath, [bin, ...words], { cwd: project.root, stdio: [...stdio], encoding: 'utf8' });
  } finally {
    closeSync(full);
  }
}

describe.runIf(process.platform === 'linux')('an output on a full disk', () => {
  it('lets a run go on to its end, and says so once', () => {
    const project = new TestProject({ 'experiments/wordy.ts': WORDY });
    const { status, stderr } = intoFull(project, ['run', 'wordy']);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^comex: Cannot write the output: ENOSPC.*\n$/)]);
    expect(stderr).toContain('The run goes on; its log has all of it.');
    const run = loadRun(project.runs('wordy')[0]!);
    expect([run.status, run.result]).toEqual(['done', 7]);
    expect(run.log()).toContain('line 99');
  });

  it('ends a command that is nothing but output with status 1 and one sentence', () => {
    const project = new TestProject({ 'experiments/wordy.ts': WORDY });
    project.comex(['run', 'wordy']);
    const { status, stderr } = intoFull(project, ['list']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^comex: Cannot write the output: ENOSPC.*\n$/)]);
  });
});
