import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

const BASE = `/** The base. */
import type { Experiment } from 'comex';
export const RATE = 0.1;
export const NAME = 'base';
export const TREE = { a: 1, deep: { b: 2, c: 3 } };
export const STEPS = RATE * 100;
export default (e: Experiment) => ({ RATE, NAME, TREE, STEPS });\n`;

describe('a YAML experiment', () => {
  it('sets parameters of the module that it extends, relative to its own file, wherever it is started from', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'base.ts': BASE.replace('0.1', '999'),
      'configs/deep/small.yml': `extend: ../../experiments/base.ts
description: A small one.
tags: [ablation, small]
note: for the paper
parameters:
  RATE: 0.5
  TREE: { deep: { b: 20 } }
`,
      'configs/deep/smaller.yml':
        'extend: ./small.yml\ntags: [tiny]\nparameters:\n  NAME: smaller\n  TREE: !replace { a: 9, deep: { b: 8, c: 7 } }\n',
    });
    const { run } = project.run('configs/deep/small.yml');
    expect(run.result).toEqual({ RATE: 0.5, NAME: 'base', TREE: { a: 1, deep: { b: 20, c: 3 } }, STEPS: 50 });
    expect(run.namespace).toBe('configs/deep/small');
    expect(run.description).toBe('A small one.');
    expect(run.tags).toEqual(['ablation', 'small']);
    expect(run.meta.note).toBe('for the paper');
    expect(run.meta.module).toBe('configs/deep/small.yml');
    expect(run.meta.parents).toEqual(['experiments/base.ts']);
    expect(run.meta.snapshot.files).toEqual(['configs/deep/small.yml', 'experiments/base.ts']);
    expect(run.meta.parameters['RATE']).toMatchObject({ source: 'config', from: 'configs/deep/small.yml:6' });
    const smaller = project.run('configs/deep/smaller.yml', ['--RATE', '2']).run;
    expect(smaller.result).toEqual({ RATE: 2, NAME: 'smaller', TREE: { a: 9, deep: { b: 8, c: 7 } }, STEPS: 200 });
    expect(smaller.tags).toEqual(['ablation', 'small', 'tiny']);
    const elsewhere = project.comex(['run', '../configs/deep/small.yml', '--json'], {
      cwd: `${project.root}/experiments`,
    });
    expect(JSON.parse(elsewhere.stdout).result.RATE).toBe(0.5);
  });

  it('is below inherit of no one: a YAML value is the source, and given values go over it', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend, inherit } from 'comex';\nexport const RATE = inherit((r: number) => r * 2);\nexport default extend('./base.ts');\n`,
      'experiments/top.yml': 'extend: ./child.ts\nparameters: { RATE: 3 }\n',
    });
    expect((project.run('top').run.result as { RATE: number }).RATE).toBe(3);
    expect((project.run('top', ['--RATE', '4']).run.result as { RATE: number }).RATE).toBe(4);
  });

  it('takes texts from the environment, converted by the type of the parameter', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: comex replaces it
      'experiments/env.yml': 'extend: ./base.ts\nparameters:\n  RATE: ${R:-0.25}\n  NAME: "$$${WHO}"\n',
    });
    expect(project.run('env', [], { WHO: 'me' }).run.result).toMatchObject({ RATE: 0.25, NAME: '$me' });
    expect(project.run('env', [], { WHO: '', R: '7' }).run.result).toMatchObject({ RATE: 7, NAME: '$' });
    const unset = project.comex(['run', 'env'], { env: {} });
    expect(unset.status).toBe(2);
    expect(unset.stderr).toContain('experiments/env.yml:4');
    expect(unset.stderr).toContain('${WHO:-');
  });

  it('includes mixins relative to its own file, once however often they are named', () => {
    const project = new TestProject({
      'experiments/base.ts': `import type { Experiment } from 'comex';
export default async (e: Experiment) => { await e.applyHook('each'); return e.get('calls'); };\n`,
      'experiments/mixins/count.ts': `export const hooks = { each(e) { e.set('calls', (e.has('calls') ? e.get('calls') : 0) + 1); } };\n`,
      'experiments/one.yml': 'extend: ./base.ts\ninclude: ./mixins/count.ts\n',
      'experiments/two.yml': 'extend: ./one.yml\ninclude: [./mixins/count.ts]\n',
    });
    expect(project.run('two', ['--__INCLUDE__', 'experiments/mixins/count.ts']).run.result).toBe(1);
  });

  it('may name itself and its namespace, and two of one module have their own', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/a.yml': 'extend: ./base.ts\n',
      'experiments/sub/b.yml': 'extend: ../base.ts\nname: best\n',
      'experiments/c.yml': 'extend: ./base.ts\nnamespace: paper/tables\n',
    });
    expect(['a', 'sub/b', 'c'].map((name) => project.run(name).run.namespace)).toEqual([
      'a',
      'sub/best',
      'paper/tables',
    ]);
  });

  it('is refused in one sentence with its place, and makes no folder', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/typo.yml': 'extend: ./base.ts\nparameters:\n  RTE: 1\n',
      'experiments/key.yml': 'extend: ./base.ts\nparameter:\n  RATE: 1\n',
      'experiments/type.yml': 'extend: ./base.ts\nparameters:\n  RATE: fast\n',
      'experiments/none.yml': 'parameters: {}\n',
      'experiments/gone.yml': 'extend: ./bas.ts\n',
      'experiments/circle.yml': 'extend: ./circle2.yml\n',
      'experiments/circle2.yml': 'extend: ./circle.yml\n',
    });
    for (const [file, sentence] of [
      ['typo', 'experiments/typo.yml:3: Expected a parameter of the experiment, got "RTE". Did you mean "RATE"?'],
      ['key', 'Did you mean "parameters"?'],
      ['type', 'experiments/type.yml:3'],
      ['none', 'extend'],
      [
        'gone',
        'experiments/gone.yml:1: Expected extend to name an experiment, found no file experiments/bas.ts ("./bas.ts"). Did you mean "base.ts"?',
      ],
      ['circle', 'got a circle: experiments/circle.yml extends experiments/circle2.yml extends experiments/circle.yml'],
    ] as const) {
      const { status, stderr } = project.comex(['run', file]);
      expect(stderr).toContain(sentence);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(status).toBe(2);
      expect(project.runs(file)).toEqual([]);
    }
  });

  it('can be repeated from its run and from its snapshot', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/a.yml': 'extend: ./base.ts\nparameters: { RATE: 0.5 }\n',
    });
    const first = project.run('a', ['--NAME', 'x']).run;
    const again = project.comex(['run', 'experiments/a.yml', '--json', '--from', first.path], {
      cwd: `${first.path}/code`,
    });
    expect(JSON.parse(again.stdout).result).toEqual(first.result);
  });
});
