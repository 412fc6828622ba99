import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

const FIT = `export const MODEL = 'neural_net';
export const LEARNING_RATE = 0.01;
export const BATCH_SIZE = 32;
export const EPOCHS = 10;
export const FAIL = false;
export default (e) => { e.track('loss', LEARNING_RATE); if (FAIL) throw new Error('no'); };
`;

/** Rows of tab-separated values, by the names in the first. */
function rows(tsv: string): Record<string, string>[] {
  const [head = '', ...lines] = tsv.trimEnd().split('\n');
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, index) => [names[index]!, cell])));
}

describe('an archive of four runs, scanned', () => {
  const project = new TestProject({ 'experiments/fit.ts': FIT });

  beforeAll(() => {
    for (const [prefix, model] of [
      ['test_exp', 'neural_net'],
      ['test_exp', 'neural_net'],
      ['debug', 'neural_net'],
      ['prod', 'decision_tree'],
    ] as const) {
      project.run('fit', ['--__PREFIX__', prefix, '--MODEL', model]);
    }
  });

  it('tells how many there are, how many ended well, how long they took and what they hold on disk', () => {
    const { stdout, status } = project.comex(['overview']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/4 runs/);
    expect(stdout).toMatch(/100 %/);
    expect(stdout).toMatch(/median/);
    expect(stdout).toMatch(/inodes/);
  });

  it('groups by a parameter, and filters by the prefix', () => {
    const groups = rows(project.comex(['list', '--group-by', 'MODEL']).stdout);
    expect(groups.map(({ MODEL, runs }) => [MODEL, runs])).toEqual([
      ['decision_tree', '1'],
      ['neural_net', '3'],
    ]);
    expect(rows(project.comex(['list', '__PREFIX__ == "test_exp"']).stdout)).toHaveLength(2);
  });

  it('says when nothing matches, or when there is nothing', () => {
    const none = project.comex(['list', '__PREFIX__ == "other"']);
    expect([none.status, none.stdout]).toEqual([0, '']);
    expect(none.stderr).toMatch(/^No match/);
    for (const command of ['list', 'overview', 'tail', 'du']) {
      const { status, stderr } = project.comex([command, '--results', join(project.root, 'empty')]);
      expect([command, status]).toEqual([command, 0]);
      expect(stderr).not.toMatch(/\bat /);
    }
  });

  it('counts a failed one as such', () => {
    project.run('fit', ['--MODEL', 'decision_tree', '--FAIL']);
    const [tree] = rows(project.comex(['list', '--group-by', 'MODEL']).stdout);
    expect(tree).toMatchObject({ MODEL: 'decision_tree', runs: '2', done: '1', ended: '2' });
  });
});

describe('modifying runs', () => {
  const project = new TestProject({ 'experiments/fit.ts': FIT });
  const values = (name: string): unknown[] => {
    const listed = JSON.parse(project.comex(['list', '--json', '--sort', 'startedAt']).stdout) as {
      parameters: Record<string, unknown>;
    }[];
    return listed.map(({ parameters }) => parameters[name]);
  };

  beforeAll(() => {
    for (const rate of ['0.001', '0.01']) project.run('fit', ['--LEARNING_RATE', rate]);
  });

  it('shows what would change, and changes nothing', () => {
    const words = ['modify', 'LEARNING_RATE < 0.01', '--set', 'LEARNING_RATE=LEARNING_RATE*10'];
    const { status, stdout } = project.comex(words);
    expect(status).toBe(0);
    expect(stdout).toMatch(/0\.001 -> 0\.01/);
    expect(values('LEARNING_RATE')).toEqual([0.001, 0.01]);
  });

  it('changes a selection, and the originals stay readable', () => {
    const set = ['--set', 'LEARNING_RATE=LEARNING_RATE*10', '--apply'];
    expect(project.comex(['modify', 'LEARNING_RATE < 0.01', ...set]).status).toBe(0);
    expect(values('LEARNING_RATE')).toEqual([0.01, 0.01]);
    const both = ['--set', 'BATCH_SIZE=64', '--set-meta', 'note=all of them', '--apply'];
    expect(project.comex(['modify', 'EPOCHS == 10', ...both]).status).toBe(0);
    expect(values('BATCH_SIZE')).toEqual([64, 64]);
    const [first] = project.runs('fit').sort();
    const original = JSON.parse(readFileSync(join(first!, 'experiment_meta.json'), 'utf8'));
    expect(original.parameters.BATCH_SIZE.value).toBe(32);
    expect(project.comex(['show', first!]).stdout).toMatch(/BATCH_SIZE: 32 -> 64/);
  });

  it('renames a parameter where PyComex only says so', () => {
    expect(project.comex(['modify', 'EPOCHS == 10', '--rename', 'EPOCHS=PASSES', '--apply']).status).toBe(0);
    expect(values('PASSES')).toEqual([10, 10]);
    expect(values('EPOCHS')).toEqual([undefined, undefined]);
  });

  it('is refused without an action, without a selection and with a syntax error; no match is no error', () => {
    const status = (...words: string[]): number | null => project.comex(['modify', ...words]).status;
    expect(status('BATCH_SIZE == 64')).toBe(2);
    expect(status('--set', 'BATCH_SIZE=1')).toBe(2);
    expect(status('BATCH_SIZE == 64', '--set', 'BATCH_SIZE=BATCH_SIZE *', '--apply')).toBe(2);
    expect(status('BATCH_SIZE == 65', '--set', 'BATCH_SIZE=1', '--apply')).toBe(0);
    expect(values('BATCH_SIZE')).toEqual([64, 64]);
  });
});

describe('a query', () => {
  const project = new TestProject({
    'experiments/fit.ts': FIT,
    'experiments/other.ts': 'export const OTHER = 1;\nexport default () => {};\n',
  });

  beforeAll(() => {
    project.run('fit');
    project.run('other');
    const broken = project.run('fit').run.path;
    writeFileSync(join(broken, 'experiment_meta.json'), '{ half');
  });

  it('passes over runs that lack a name, also under negation, and names the one that is broken', () => {
    const { status, stdout, stderr } = project.comex(['list', '!(OTHER == 2)']);
    expect(status).toBe(0);
    expect(rows(stdout).map(({ experiment }) => experiment)).toEqual(['other']);
    expect(stderr).toContain('experiment_meta.json');
  });

  it('names a misspelt series and a misspelt field, which would match nothing', () => {
    const series = project.comex(['list', 'series["los"].min < 1']);
    expect([series.status, series.stderr]).toEqual([2, expect.stringContaining('Did you mean "loss"?')]);
    const parameter = project.comex(['list', 'parameters["EPOCH"] == 10']);
    expect([parameter.status, parameter.stderr]).toEqual([2, expect.stringContaining('Did you mean "EPOCHS"?')]);
  });

  it('divides as on paper, whatever the numbers come from, and compares whole numbers with others', () => {
    const count = (query: string): number => rows(project.comex(['list', query, '--namespace', 'fit']).stdout).length;
    for (const query of [
      'LEARNING_RATE < 1/3',
      '7/2 == 3.5',
      'EPOCHS/4 == 2.5',
      'size(tags)/2 == 0.0',
      '1 == 1.0',
      'size(tags) == 0.0',
    ]) {
      expect([query, count(query)]).toEqual([query, 1]);
    }
    expect(count('note == "a/b" || EPOCHS / 4 > 3')).toBe(0);
    const { stderr } = project.comex(['list', 'EPOCHS/2 < 3 && LEARNING_RATE = 1']);
    expect(stderr).toContain('\n  EPOCHS/2 < 3 && LEARNING_RATE = 1\n                                ^');
    expect(project.comex(['modify', 'fit', '--set', 'LEARNING_RATE=1/4']).stdout).toContain('0.01 -> 0.25');
  });

  it('is an expression, never code', () => {
    for (const text of [
      'process.exit(3)',
      'constructor.constructor("return 1")()',
      '(() => 1)()',
      'globalThis.x == 1',
    ]) {
      const { status, stderr } = project.comex(['list', text]);
      expect([text, status]).toEqual([text, 2]);
      expect(stderr).toContain('E_QUERY');
    }
  });
});
