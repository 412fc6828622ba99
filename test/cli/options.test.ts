import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

describe('an option that is given twice', () => {
  const project = new TestProject({ 'experiments/one.ts': 'export default () => 1;\n' });
  project.comex(['run', 'one']);

  it.each([
    ['--columns', ['list', '--columns', 'id', '--columns', 'status']],
    ['--group-by', ['list', '--group-by', 'status', '--group-by', 'id']],
    ['--results', ['show', 'latest', '--results', 'a', '--results', 'b']],
    ['--since', ['overview', '--since', '1d', '--since', '2d']],
    ['--view', ['export', 'a.csv', '--view', 'a', '--view', 'b']],
    ['--older-than', ['purge', '--older-than', '1d', '--older-than', '2d']],
  ])('%s is refused in one sentence where one value is meant', (option, words) => {
    const { status, stdout, stderr } = project.comex(words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${option} once, got`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is a list where several are meant', () => {
    expect(project.comex(['list', '--status', 'failed', '--status', 'done', '--columns', 'status']).stdout).toContain(
      'done',
    );
    const { stderr } = project.comex(['analyze', 'latest', '--only', 'first', '--only', 'second']);
    expect(stderr).toContain('Expected an analysis of the experiment, got "first".');
  });
});
