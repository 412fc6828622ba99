// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newExperiment } from '../../src/manage/new.ts';
import { TestProject } from '../project.ts';
import { strictErrors } from './compile.ts';
import { HOSTILE, make, refused, TEMPLATES } from './making.ts';

describe('a template', () => {
  it.each(TEMPLATES)('%s runs as it is, and quickly in testing mode', (template) => {
    const project = new TestProject();
    const path = make(project, 'first', '--template', template);
    expect(path).toBe('experiments/first.ts');
    const { run, printed } = project.run('first');
    expect(printed.status, printed.stderr).toBe(0);
    expect(run.seriesNames.length + run.tableNames.length).toBeGreaterThan(0);
    expect(Object.keys(run.data)).toContain('results');
    const tested = project.run('first', ['--__TESTING__']);
    expect(tested.printed.status, tested.printed.stderr).toBe(0);
    expect(tested.printed.stderr).not.toContain('Warning');
  });

  it('is basic when none is named, and says what to do next', () => {
    const project = new TestProject();
    const { stdout, status } = project.comex(['new', 'vision/digits']);
    expect({ stdout, status }).toEqual({
      stdout: 'Created experiments/vision/digits.ts\nRun it: comex run vision/digits\n',
      status: 0,
    });
    expect(project.comex(['new', 'basic', '--template', 'basic']).status).toBe(0);
    const [one, other] = ['vision/digits', 'basic'].map((name) => project.read(`experiments/${name}.ts`));
    expect(one!.replace('./digits.ts', './basic.ts')).toBe(other);
  });

  it('works without package.json and without a tsconfig', () => {
    const project = new TestProject();
    const folder = join(project.root, 'plain');
    project.write({ 'plain/.keep': '' });
    // Nothing above it is a project either.
    const root = { cwd: folder, env: {} };
    expect(project.comex(['new', 'a'], root).stdout).toContain('Created');
    expect(project.comex(['run', 'a', '--__TESTING__'], root).status).toBe(0);
  });

  it('takes any text for a description', () => {
    const project = new TestProject();
    for (const template of TEMPLATES) make(project, template, '--template', template, '--description', HOSTILE);
    make(project, 'dashes', '--description', '- "a" and "b"');
    expect(project.run('dashes', ['--__TESTING__']).run.description).toBe('- "a" and "b"');
    const { description } = project.run('basic', ['--__TESTING__']).run;
    expect(description).toContain('`ticks` ${HOME}, "quotes" and \'others\', \\@secret \\ # not: a key');
    expect(description).toContain('* third - line');
  });
});

describe('a template of the project', () => {
  const files = {
    'experiments/templates/ours.ts': `/** Ours. */
import type { Experiment } from 'comex';
import { helper } from '../parts/helper.js';
import type { Shape } from '../parts/helper.ts';

type Self = typeof import('./ours.ts');

export { other } from '../parts/helper.ts';
export const include = ['../mixins/noisy.ts'];
export const SIZE = 2;

export default async function experiment(e: Experiment<Self>) {
  const { later } = await import('../parts/helper.ts');
  const { run } = await e.run('../parts/child.ts');
  const text = '../parts/helper.ts';
  const shape: Shape = { side: helper(e.SIZE) };
  return [shape.side, later, run().result, text];
}
`,
    'experiments/templates/small.yml':
      '# Ours.\nextend: ../parts/child.ts\ninclude: [../mixins/noisy.ts]\ntags:\n  - old\nparameters:\n  DEPTH: 3\n',
    'experiments/parts/helper.ts':
      'export interface Shape { side: number }\nexport const helper = (n: number): number => n * 2;\nexport const later = 3;\nexport const other = 4;\n',
    'experiments/parts/child.ts': 'export const DEPTH = 1;\nexport default function child() { return DEPTH; }\n',
    'experiments/mixins/noisy.ts': "export const hooks = { before_run(e) { e.log('noise'); } };\n",
  };

  it('is copied with its imports and paths right, and named by its own name', () => {
    const project = new TestProject(files);
    make(project, 'a/b/new one', '--template', 'ours', '--description', 'Mine: */ `x`.');
    make(project, 'near', '--template', 'ours');
    const { run, printed } = project.run('a/b/new one');
    expect(printed.status, printed.stderr).toBe(0);
    expect(run.result).toEqual([4, 3, 1, '../parts/helper.ts']);
    expect(run.log()).toContain('noise');
    expect(run.description).toBe('Mine: *\\/ `x`.');
    expect(project.read('experiments/a/b/new one.ts')).toContain("typeof import('./new one.ts')");
    expect(project.run('near').run.description).toBe('Ours.');
    expect(strictErrors(project, ['experiments/a/b/new one.ts', 'experiments/near.ts'])).toEqual([]);
  });

  it('may be YAML', () => {
    const project = new TestProject(files);
    expect(make(project, 'deep/mine', '--template', 'small', '--tags', 'a,b', '--description', 'Costs $5: yes')).toBe(
      'experiments/deep/mine.yml',
    );
    const { run } = project.run('deep/mine');
    expect(run.result).toBe(3);
    expect(run.tags).toEqual(['a', 'b']);
    expect(run.description).toBe('Costs $5: yes');
    expect(project.read('experiments/deep/mine.yml')).toContain('# Ours.');
    expect(project.comex(['new', 'x', '--template', 'small', '--ts']).status).toBe(2);
  });

  it('takes the place of the one of comex, and is made like any experiment', () => {
    const project = new TestProject(files);
    const { stdout } = project.comex(['new', 'templates/training']);
    expect(stdout).toContain('Use it: comex new NAME --template training');
    make(project, 'mine', '--template', 'training');
    expect(project.read('experiments/mine.ts')).toContain('BIAS');
    expect(refused(project, 'x', '--template', 'trainign')).toContain(
      'Did you mean "training"? There are: ours, training, small, basic, simulation, benchmark.',
    );
  });

  it('that is no experiment is refused, and so is one whose imports are not there', () => {
    const project = new TestProject({
      'experiments/templates/none.ts': 'export const A = 1;\n',
      'experiments/templates/gone.ts': "import './gone/away.ts';\nexport default () => 1;\n",
    });
    expect(refused(project, 'x', '--template', 'none')).toContain('to have a default export');
    expect(refused(project, 'a/b/c', '--template', 'gone')).toContain('templates/gone/away.ts');
    expect(existsSync(join(project.root, 'experiments/a'))).toBe(false);
  });
});

describe('a name', () => {
  it('that is taken is refused, under whatever extension, and the file is left alone', () => {
    const project = new TestProject({
      'experiments/a.yml': 'mine',
      'experiments/b.ts': 'mine',
      'experiments/c': 'mine',
    });
    expect(refused(project, 'a')).toContain('but there is experiments/a.yml already');
    expect(refused(project, 'b.ts')).toContain('but there is experiments/b.ts already');
    expect(refused(project, 'c/d')).toContain('Expected experiments/c to be a folder');
    expect(project.read('experiments/b.ts')).toBe('mine');
  });

  it('of several processes goes to one', async () => {
    const project = new TestProject();
    const children = Array.from({ length: 4 }, () => project.start(['new', 'same']));
    const codes = await Promise.all(children.map((child) => new Promise((done) => child.on('exit', done))));
    expect(codes.sort()).toEqual([0, 2, 2, 2]);
    expect(project.run('same', ['--__TESTING__']).printed.status).toBe(0);
  });

  it.each([
    '../x',
    '/x',
    'a//b',
    'a/../b',
    'con',
    'a.',
    'a\\b',
    '.hidden',
    'a/-b',
    'a?b',
    'a%41',
    "it's",
    'a:b',
    'x.d',
    '',
    'a\nb',
  ])('%j is refused: some system, import or run folder could not keep it', async (name) => {
    const { root } = new TestProject();
    const request = { name, mixin: false, ts: false, tags: [], include: [] };
    await expect(newExperiment(request, root)).rejects.toThrow('Expected NAME');
    expect(existsSync(join(root, 'experiments'))).toBe(false);
  });

  it('below data/ or mixins/ is refused, since no experiments are looked for there', () => {
    expect(refused(new TestProject(), 'data/x')).toContain('which holds no experiments');
    expect(refused(new TestProject(), 'mixins/x')).toContain('A mixin is made with --mixin.');
  });

  it('may have the extension that it gets, begin with experiments/, and be in any script', () => {
    const project = new TestProject();
    expect(make(project, './experiments/a.ts')).toBe('experiments/a.ts');
    expect(make(project, 'v1.2')).toBe('experiments/v1.2.ts');
    expect(make(project, 'größe/数 1.mts')).toBe('experiments/größe/数 1.mts');
    expect(project.run('größe/数 1', ['--__TESTING__']).printed.status).toBe(0);
    expect(make(project, 'b.yaml', '--extends', 'a')).toBe('experiments/b.yaml');
    expect(refused(project, 'c.yml')).toContain('Leave the extension out, and it is .ts.');
    expect(refused(project, 'c.ts', '--extends', 'a')).toContain('--ts for a module');
    expect(refused(project, 'c.js')).toContain('Leave the extension out');
  });

  it('is run by its path where its name means another file', () => {
    const project = new TestProject({ 'train.ts': 'export default () => 1;\n' });
    expect(project.comex(['new', 'train']).stdout).toContain('Run it: comex run experiments/train.ts\n');
  });
});

it('options that do not go together are refused', () => {
  const project = new TestProject({
    'experiments/a.ts': 'export const N = 1;\nexport default () => 1;\n',
    'experiments/b.yml': 'extend: ./a.ts\n',
  });
  expect(refused(project, 'x', '--template', 'basic', '--extends', 'a')).toContain('got both');
  expect(refused(project, 'x', '--template', 'basic', '--mixin')).toContain('got both');
  expect(refused(project, 'x', '--N', '1')).toContain('Name it with --extends FILE.');
  expect(refused(project, 'x', '--mixin', '--extends', 'a', '--N', '1')).toContain('as exports');
  expect(refused(project, 'x', '--tags', 'a,b')).toContain('comex run x --tags a,b');
  expect(refused(project, 'x', '--extends', 'b', '--ts')).toContain('Extend experiments/a.ts, or leave out --ts.');
  expect(refused(project, 'x', 'y')).toContain('Expected one NAME');
  expect(refused(project)).toContain('Expected NAME');
  expect(refused(project, 'x', '--descripton', 'y')).toContain('comex new --help');
});
