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
    ['--results', ['run', 'one', '--results', 'a', '--results', 'b']],
    ['--note', ['run', 'one', '--note', 'a', '--note', 'b']],
    ['--template', ['new', 'two', '--template', 'basic', '--template', 'training']],
    ['--results', ['reproduce', 'latest', '--results', 'a', '--results', 'b']],
    ['--older-than', ['purge', '--older-than', '1d', '--older-than', '2d']],
  ])('%s is refused in one sentence where one value is meant', (option, words) => {
    const { status, stdout, stderr } = project.comex(words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${option} once, got`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [['modify', 'latest', '--set-meta', 'title=a', '--set-meta', 'note=b', '--apply'], 'title'],
    [['modify', 'latest', '--set-meta', 'title=c', '--apply'], 'title'],
    [['harvest', 'latest', '--json-file', 'a.json', '--json-file', 'b.json', '--path', '$.x', '--as', 'x'], 'a.json'],
    [['harvest', 'latest', '--json-file', 'a.json', '--path', '$.x', '--as', 'x'], 'a.json'],
  ])('is a list also where its name has a dash: %j', (words, said) => {
    const { stdout, stderr } = project.comex(words);
    expect(stderr).not.toContain('once');
    expect(stdout + stderr).toContain(said);
  });

  it('is a list where several are meant', () => {
    expect(project.comex(['list', '--status', 'failed', '--status', 'done', '--columns', 'status']).stdout).toContain(
      'done',
    );
    const { stderr } = project.comex(['analyze', 'latest', '--only', 'first', '--only', 'second']);
    expect(stderr).toContain('Expected an analysis of the experiment, got "first".');
  });
});

describe('a word that means nothing', () => {
  const project = new TestProject({ 'experiments/one.ts': 'export default () => 1;\n' });

  it.each([
    [['list', '--results', ''], 'Expected the archive (--results) to be a folder, got an empty text.'],
    [['show', 'latest', '--results', ''], 'got an empty text'],
    [['du', '--results', ' '], 'got an empty text'],
    [['list', 'status', '==', 'done'], `A query stands in quotes: 'status == "done"'.`],
    [['list', '--colums', 'LR'], 'Did you mean "--columns"?'],
  ])('%j is refused with what was meant', (words, said) => {
    const { status, stderr } = project.comex(words);
    expect([status, stderr]).toEqual([2, expect.stringContaining(said)]);
  });

  it('is no name of a run where it is a query, as with list', () => {
    project.comex(['run', 'one', '--quiet']);
    const { status, stdout } = project.comex(['compress', 'true', '--out', 'all.tar.gz']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('1 run,')]);
  });
});
