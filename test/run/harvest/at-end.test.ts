import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../../src/archive/load.ts';
import { TestProject } from '../../project.ts';

const WALK = `
import { writeFileSync } from 'node:fs';
import type { HarvestRules } from 'comex';
export const SCALE = 1;
export const harvest = {
  'results/score': { csv: 'eval/*.csv', column: 'score', take: 'mean' },
  'results/loss': { match: 'loss=(\\\\S+)', take: 'last' },
} satisfies HarvestRules;
export default async function experiment(e) {
  writeFileSync(e.path('eval', 'a.csv'), 'score\\n' + SCALE + '\\n' + 3 * SCALE + '\\n');
  e.log('loss=' + SCALE);
}
`;

describe('the harvest of an experiment', () => {
  it('is done when the run is, and its rules are kept for later', () => {
    const project = new TestProject({ 'experiments/walk.ts': WALK });
    const { run, printed } = project.run('walk', ['--SCALE', '2']);
    expect(printed.status).toBe(0);
    expect(run.status).toBe('done');
    expect(run.data).toEqual({ results: { score: 4, loss: 2 } });
    expect(run.harvested['results/loss']?.by).toBe('comex run');
    expect(run.meta.harvest).toMatchObject({ 'results/score': { csv: 'eval/*.csv', column: 'score', take: 'mean' } });
    // The module is not needed any more.
    project.write({ 'experiments/walk.ts': 'export const BROKEN = ;' });
    expect(project.comex(['harvest', run.path]).stdout).toContain('2 unchanged');
    writeFileSync(join(run.path, 'eval/b.csv'), 'score\n10\n');
    expect(project.comex(['harvest', run.path]).stdout).toContain('1 harvested, 1 unchanged');
    expect(loadRun(run.path).get('results/score')).toBe(6);
  });

  it('that fails makes the command fail, not the run, and the rest is kept', () => {
    const project = new TestProject({ 'experiments/walk.ts': WALK.replace("column: 'score'", "column: 'scroe'") });
    const { run, printed } = project.run('walk');
    expect(printed.status).toBe(1);
    expect(printed.stderr).toContain(
      'results/score: eval/a.csv:1: Expected a column "scroe", but there are "score". Did you mean "score"?',
    );
    expect(run.status).toBe('done');
    expect(run.data).toEqual({ results: { loss: 1 } });
    expect(run.log()).toContain('After the run: results/score: eval/a.csv:1');
    expect(project.comex(['harvest', run.path]).stdout).toContain('1 unchanged, 1 problem');
  });

  it('is that of its parents, too: a rule of the child takes the place of theirs', () => {
    const child = `
import { extend } from 'comex';
export const harvest = { 'results/score': { csv: 'eval/*.csv', column: 'score', take: 'max' }, 'results/n': { csv: 'eval/*.csv', take: 'count' } };
export default extend('./walk.ts');
`;
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'experiments/child.ts': child });
    expect(project.run('child').run.data).toEqual({ results: { score: 3, loss: 1, n: 2 } });
  });

  it('is that of its parents where the rule of the child is for others, at the end and later', () => {
    const child = `
import { extend } from 'comex';
export const harvest = { 'results/score': { csv: 'eval/*.csv', column: 'score', take: 'max', namespace: 'other' } };
export default extend('./walk.ts');
`;
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'experiments/child.ts': child });
    const { run } = project.run('child');
    expect(run.data).toEqual({ results: { score: 2, loss: 1 } });
    expect(project.comex(['harvest', run.path]).stdout).toContain('2 unchanged');
  });

  it('is done for runs inside of runs', () => {
    const outer = `export default async function experiment(e) { await e.run('./walk.ts', { parameters: { SCALE: 5 } }); }`;
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'experiments/outer.ts': outer });
    const { run } = project.run('outer');
    const [inner] = project.runs(`outer/${run.name}/runs`);
    expect(loadRun(inner!).data).toEqual({ results: { score: 10, loss: 5 } });
    expect(run.data).toEqual({});
  });

  it('that is wrong ends the run before its main function', () => {
    const project = new TestProject({
      'experiments/walk.ts': WALK.replace("take: 'mean'", "take: 'average'").replace('satisfies HarvestRules', ''),
    });
    const { run, printed } = project.run('walk');
    expect(printed.status).toBe(1);
    expect(run.error?.message).toContain('experiments/walk.ts "harvest.results/score.take": Expected one of');
    expect(existsSync(join(run.path, 'eval'))).toBe(false);
  });

  it('is not done when the run has failed', () => {
    const project = new TestProject({
      'experiments/walk.ts': WALK.replace("e.log('loss", "throw new Error('no'); e.log('loss"),
    });
    const { run } = project.run('walk');
    expect(run.status).toBe('failed');
    expect(run.harvested).toEqual({});
  });

  it('in a mixin is refused', () => {
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'mixin.ts': 'export const harvest = {};' });
    expect(project.comex(['run', 'walk', '--__INCLUDE__', 'mixin.ts']).stderr).toContain('has the export "harvest"');
  });
});

describe('the harvest of a project', () => {
  const rules = { 'results/score': { csv: 'eval.csv', column: 'score' }, 'results/loss': { match: 'loss=(\\S+)' } };

  it('is done at the end of a run, as far as files are there by then', () => {
    const walk = "export default async function experiment(e) { e.log('loss=3'); }";
    const project = new TestProject({
      'experiments/walk.ts': walk,
      'comex.config.json': JSON.stringify({ harvest: rules }),
    });
    const { run, printed } = project.run('walk');
    expect({ status: printed.status, data: run.data }).toEqual({ status: 0, data: { results: { loss: 3 } } });
    expect(run.log()).toContain(`there is nothing for results/score yet. "comex harvest ${run.id}" takes it later.`);
    writeFileSync(join(run.path, 'eval.csv'), 'score\n9\n');
    expect(project.comex(['harvest', run.path]).stdout).toContain('1 harvested, 1 unchanged');
  });

  it('that has nothing yet is told in one line', () => {
    const all = { 'results/a': { csv: 'a.csv', take: 'count' }, 'results/b': { csv: 'b.csv', take: 'count' } };
    const walk = 'export default async function experiment() {}';
    const project = new TestProject({
      'experiments/walk.ts': walk,
      'comex.config.json': JSON.stringify({ harvest: all }),
    });
    const log = project.run('walk').run.log();
    expect(log.match(/there is nothing for/g)).toHaveLength(1);
    expect(log).toContain('there is nothing for results/a, results/b yet.');
  });

  it('that is wrong is told before anything runs', () => {
    const config = JSON.stringify({ harvest: { 'results/score': { csv: 'eval.csv', colunm: 'score' } } });
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'comex.config.json': config });
    const { status, stderr } = project.comex(['run', 'walk']);
    expect(`${status} ${stderr}`).toMatch(
      /^2 comex: comex\.config\.json "harvest\.results\/score\.colunm": Expected a field/,
    );
    expect(project.runs('walk')).toEqual([]);
    // What does not harvest does not care.
    expect(project.comex(['list']).status).toBe(0);
  });

  it('gives way to that of an experiment', () => {
    const config = JSON.stringify({
      harvest: { 'results/score': { csv: 'eval/*.csv', column: 'score', take: 'max' } },
    });
    const project = new TestProject({ 'experiments/walk.ts': WALK, 'comex.config.json': config });
    expect(project.run('walk').run.get('results/score')).toBe(2);
  });
});

describe('e.reference', () => {
  it('registers a file outside of the folder by name, path, size and hash', () => {
    const source = `
export default async function experiment(e) {
  const path = await e.reference('checkpoint', 'models/best.pt');
  e['results/path'] = path;
  e.reference('checkpoint 2', path); // not awaited: the run waits
}
`;
    const project = new TestProject({ 'experiments/walk.ts': source, 'models/best.pt': 'weights' });
    const { run } = project.run('walk');
    const record = { path: 'models/best.pt', bytes: 7, sha256: createHash('sha256').update('weights').digest('hex') };
    expect(run.references).toEqual([
      { name: 'checkpoint', ...record },
      { name: 'checkpoint 2', ...record },
    ]);
    expect(run.get('results/path')).toBe(join(project.root, 'models/best.pt'));
    expect(run.artifacts).toEqual([]);
    expect(project.comex(['show', run.path]).stdout).toMatch(/elsewhere {2}checkpoint +models\/best\.pt +7 B +sha256/);
  });

  it('refuses what is no file, and what is no name', () => {
    const source = `
export default async function experiment(e) {
  for (const [name, path] of [['a', 'models'], ['b', 'gone.pt'], ['', 'package.json']]) {
    await e.reference(name, path).catch((error) => e.log(error.code + ' ' + error.message));
  }
}
`;
    const project = new TestProject({ 'experiments/walk.ts': source, 'models/best.pt': 'weights' });
    const { run } = project.run('walk');
    const log = readFileSync(join(run.path, 'experiment_log.txt'), 'utf8');
    expect(log).toContain('E_FILE Expected a file at');
    expect(log).toContain('for the reference "b", there is none. Relative paths begin at the project root.');
    expect(log).toContain('E_NAME Expected e.reference to get a name such as "checkpoint" first, got "".');
    expect(run.references).toEqual([]);
  });
});
