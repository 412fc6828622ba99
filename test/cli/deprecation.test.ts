import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

describe('a command', () => {
  const project = new TestProject({
    'experiments/one.ts': "export default (e: any) => { e['a/b'] = 1; e.track('loss', 1); };\n",
  });
  const env = { NODE_OPTIONS: '--throw-deprecation' };

  it.each([
    ['run', ['run', 'one']],
    ['list', ['list', '--columns', 'id']],
    ['show', ['show', 'latest']],
    ['plot', ['plot', 'latest', 'loss', '--out', 'loss.png']],
    [
      'harvest',
      ['harvest', 'latest', '--as', 'x/y', '--text', 'experiment_log.txt', '--match', '(done)', '--optional'],
    ],
    ['export', ['export', 'runs.parquet']],
  ])('%s uses nothing of Node that is deprecated', (_, words) => {
    const { status, stderr } = project.comex(words, { env });
    expect([status, stderr]).toEqual([0, '']);
  });
});
