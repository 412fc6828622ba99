import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

const BASE = `/** The base. */
import type { Experiment } from 'comex';
type Self = typeof import('./base.ts');
/** Step size. */
export const A = 10;
export const B = [1, 2, 3];
export const C: Record<string, number> = { x: 1 };
export const D: string | null = null;
export const TWICE = A * 2;
export default async function experiment(e: Experiment<Self>) {
  e['seen/bare'] = { A, B, C, D, TWICE };
  e['seen/e'] = { A: e.A, B: e.B, C: e.C, D: e.D, TWICE: e.TWICE };
  return A;
}
`;

function valuesOf(meta: { parameters: Record<string, { value?: unknown }> }): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meta.parameters)
      .filter(([name]) => !name.startsWith('__'))
      .map(([name, { value }]) => [name, value]),
  );
}

describe('an experiment that extends another', () => {
  it('takes over main function, parameters and description, and its own values win everywhere', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend } from 'comex';\nexport const A = 7;\nexport default extend('./base.ts');\n`,
    });
    const { run, printed } = project.run('experiments/child.ts');
    expect(printed.status, printed.stderr).toBe(0);
    const values = { A: 7, B: [1, 2, 3], C: { x: 1 }, D: null, TWICE: 14 };
    expect(run.get('seen/bare')).toEqual(values);
    expect(run.get('seen/e')).toEqual(values);
    expect(valuesOf(run.meta)).toEqual(values);
    expect(run.result).toBe(7);
    expect(run.description).toBe('The base.');
    expect(run.namespace).toBe('child');
    expect(run.meta.parents).toEqual(['experiments/base.ts']);
    expect(run.meta.snapshot.files).toEqual(['experiments/base.ts', 'experiments/child.ts']);
  });

  it('may have a main function of its own that calls its parent’s', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend } from 'comex';
export const A = 7;
export default extend('./base.ts', async (e, parent) => {
  e.A = 8;
  const result = await parent(e);
  e['after/result'] = result;
  return result * 100;
});\n`,
    });
    const { run } = project.run('child');
    expect(run.result).toBe(800);
    expect(run.get('after/result')).toBe(8);
    expect(run.get('seen/bare')).toMatchObject({ TWICE: 16 });
  });

  it('finds its parent beside its own file, wherever it is started from', () => {
    const project = new TestProject({
      'experiments/deep/base.ts': BASE,
      'base.ts': BASE.replace('A = 10', 'A = 999'),
      'experiments/deep/child.ts': `import { extend } from 'comex';\nexport default extend('./base.ts');\n`,
    });
    const printed = project.comex(['run', 'experiments/deep/child.ts', '--json']);
    expect(JSON.parse(printed.stdout).result).toBe(10);
  });

  it('takes the one value through three levels with derived parameters', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/mid.ts': `import { extend, inherit } from 'comex';
export const A = inherit((a: number) => a * 2);
export const MID = A + 1;
export default extend('./base.ts');\n`,
      'experiments/leaf.ts': `import { extend, inherit } from 'comex';
export const A = inherit((a: number) => a + 5);
export const LEAF = A * 10;
export default extend('./mid.ts', async (e, parent) => { e['seen/leaf'] = { A, LEAF }; return parent(e); });\n`,
    });
    const { run } = project.run('leaf');
    expect(valuesOf(run.meta)).toMatchObject({ A: 25, LEAF: 250, MID: 26, TWICE: 50 });
    expect(run.get('seen/leaf')).toEqual({ A: 25, LEAF: 250 });
    expect(run.get('seen/bare')).toMatchObject({ A: 25, TWICE: 50 });
    const given = project.run('leaf', ['--A', '1']).run;
    expect(valuesOf(given.meta)).toMatchObject({ A: 7, LEAF: 70, MID: 8, TWICE: 14 });
    const again = project.run('leaf', ['--from', given.path]).run;
    expect(valuesOf(again.meta)).toEqual(valuesOf(given.meta));
    expect(again.meta.parameters['A']).toMatchObject({ given: 1, value: 7, source: 'given' });
  });

  it('refuses a circle, a parent that is not there, and a file without a main function, in one sentence', () => {
    const project = new TestProject({
      'experiments/a.ts': `import { extend } from 'comex';\nexport default extend('./b.ts');\n`,
      'experiments/b.ts': `import { extend } from 'comex';\nexport default extend('./a.ts');\n`,
      'experiments/gone.ts': `import { extend } from 'comex';\n\nexport default extend('./bse.ts');\n`,
      'experiments/base.ts': BASE,
      'experiments/none.ts': 'export const A = 1;\n',
      'experiments/of-none.ts': `import { extend } from 'comex';\nexport default extend('./none.ts');\n`,
    });
    for (const [file, sentence] of [
      ['a', 'got a circle: experiments/a.ts extends experiments/b.ts extends experiments/a.ts'],
      [
        'gone',
        'experiments/gone.ts:3: Expected extend() to name an experiment, found no file experiments/bse.ts ("./bse.ts"). Did you mean "base.ts"?',
      ],
      ['of-none', 'experiments/none.ts:1: Expected a default export (extended by experiments/of-none.ts)'],
    ] as const) {
      const { status, stderr, stdout } = project.comex(['run', file]);
      expect(stderr).toContain(sentence);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    }
    expect(project.runs('a')).toEqual([]);
  });

  it('refuses a child that changes the type of a parameter', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend } from 'comex';\nexport const A = 'seven';\nexport default extend('./base.ts');\n`,
    });
    const { status, stderr } = project.comex(['run', 'child']);
    expect(status).toBe(2);
    expect(stderr).toContain('experiments/child.ts:2: Expected A to be number, as experiments/base.ts:5 declares it');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says in --dry-run, in --help and in the metadata where each value comes from', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend, inherit } from 'comex';\nexport const A = inherit((a: number) => a * 2);\nexport const D = 'd';\nexport default extend('./base.ts');\n`,
    });
    const dry = JSON.parse(project.comex(['run', 'child', '--dry-run', '--json', '--A', '0.05']).stdout).parameters;
    expect(dry.A).toMatchObject({
      value: 0.1,
      source: 'given',
      origin: 'given, inherit in experiments/child.ts:2',
    });
    expect(dry.TWICE).toMatchObject({ value: 0.2, origin: 'experiments/base.ts:9, follows A' });
    expect(dry.D).toMatchObject({ value: 'd', origin: 'experiments/child.ts:3' });
    const help = project.comex(['run', 'child', '--help']).stdout.replace(/\s+/g, ' ');
    expect(help).toContain('which inherits it from experiments/base.ts, there 10');
    const { run } = project.run('child');
    expect(run.meta.parameters['A']).toMatchObject({
      value: 20,
      source: 'inherited',
      from: 'experiments/base.ts:5',
      through: ['experiments/child.ts:2'],
    });
  });
});

describe('inherit', () => {
  const child = (lines: string): TestProject =>
    new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend, inherit, replace } from 'comex';\n${lines}\nexport default extend('./base.ts');\n`,
    });

  it('takes lists, records, null and values made of them', () => {
    const project = child(`export const B = inherit((b: number[]) => [...b, 4, 5]);
export const C = inherit((c: Record<string, number>) => ({ ...c, y: 2 }));
export const D = inherit((d: string | null) => (d === null ? 'was null' : d));
export const A = inherit();`);
    expect(valuesOf(project.run('child').run.meta)).toEqual({
      A: 10,
      B: [1, 2, 3, 4, 5],
      C: { x: 1, y: 2 },
      D: 'was null',
      TWICE: 20,
    });
  });

  it('of an unknown name fails before anything runs, and names both files', () => {
    const project = child('export const AB = inherit();');
    const { status, stderr } = project.comex(['run', 'child']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'experiments/child.ts:2: Expected AB to be a parameter of experiments/base.ts, which inherit() takes it from.',
    );
    expect(project.runs('child')).toEqual([]);
  });

  it('in an experiment without a parent fails', () => {
    const project = new TestProject({
      'experiments/alone.ts': `import { inherit } from 'comex';\nexport const A = inherit();\nexport default function experiment() {}\n`,
    });
    const { status, stderr } = project.comex(['run', 'alone']);
    expect(status).toBe(2);
    expect(stderr).toContain('experiments/alone.ts:2: Expected a parent that A is inherited from');
  });

  it('refuses a transform that is no function', () => {
    const { printed } = child('export const A = inherit(3 as never);').run('child');
    expect(printed.status).not.toBe(0);
    expect(printed.stderr).toContain('Expected inherit(...) to be given a function, got number.');
  });

  it('refuses top-level code that uses a value before the parent gives it', () => {
    const direct = child('export const A = inherit();\nconst copy = { a: A };\nvoid copy;').run('child').printed;
    expect(direct.stderr).toContain('A has no value yet: it waits for a parent of the experiment');
    const indirect = child('export const A = inherit();\nfunction use() { return A + 1; }\nuse();').run(
      'child',
    ).printed;
    expect(indirect.stderr).toContain('A has no value yet: it waits for a parent of the experiment');
  });

  it('applies to single fields of a tree', () => {
    const project = new TestProject({
      'experiments/base.ts': `export const MODEL = { hidden: 8, rate: 0.5, deep: { a: 1, b: 2 } };\nexport default () => MODEL;\n`,
      'experiments/child.ts': `import { extend, inherit } from 'comex';
export const MODEL = { hidden: inherit((h: number) => h * 2), deep: { b: 3 } };
export default extend('./base.ts');\n`,
    });
    expect(project.run('child').run.result).toEqual({ hidden: 16, rate: 0.5, deep: { a: 1, b: 3 } });
  });
});

describe('a field that is given', () => {
  const project = new TestProject({
    'experiments/base.ts': `export const M = { a: 1, b: { c: 2, d: 3 } };\nexport default () => M;\n`,
    'experiments/child.ts': `import { extend, inherit } from 'comex';
export const M = { a: inherit((a: number) => a + 100), b: { c: inherit((c: number) => c * 2) } };
export default extend('./base.ts');\n`,
    'experiments/leaf.ts': `import { extend, inherit } from 'comex';
export const M = { a: inherit((a: number) => a * 10), b: { c: 7 } };
export default extend('./child.ts');\n`,
  });

  it('goes through the inherit functions above the level that sets it', () => {
    expect(project.run('child').run.result).toEqual({ a: 101, b: { c: 4, d: 3 } });
    expect(project.run('child', ['--M.a', '10', '--M.b.d', '9']).run.result).toEqual({ a: 110, b: { c: 4, d: 9 } });
    const given = project.run('child', ['--M.b.c', '10']).run;
    expect(given.result).toEqual({ a: 101, b: { c: 20, d: 3 } });
    expect(project.run('child', ['--from', given.path]).run.result).toEqual(given.result);
    expect(project.run('leaf', ['--M.a', '1']).run.result).toEqual({ a: 1010, b: { c: 7, d: 3 } });
    // The leaf sets c: what the child makes of it is cut off.
    expect(project.run('leaf', ['--M.b.c', '5']).run.result).toEqual({ a: 1010, b: { c: 5, d: 3 } });
  });
});

describe('a parameter that is a tree', () => {
  const files = {
    'experiments/base.ts': `export const MODEL: { kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[] } = { kind: 'mlp', hidden: 8 };
export const OPTIONS = { a: 1, nested: { b: 2, c: 3 } };
export default () => ({ MODEL, OPTIONS });\n`,
  };
  const run = (child: string, words: string[] = []) =>
    new TestProject({
      ...files,
      'experiments/child.ts': `import { extend, replace } from 'comex';\n${child}\nexport default extend('./base.ts');\n`,
    }).run('child', words);

  it('is merged field by field by a child', () => {
    expect(run('export const OPTIONS = { nested: { c: 4 } };').run.result).toEqual({
      MODEL: { kind: 'mlp', hidden: 8 },
      OPTIONS: { a: 1, nested: { b: 2, c: 4 } },
    });
  });

  it('is set whole by replace', () => {
    const result = run('export const OPTIONS = replace({ a: 5, nested: { b: 6, c: 7 } });').run.result as never;
    expect(result['OPTIONS']).toEqual({ a: 5, nested: { b: 6, c: 7 } });
  });

  it('drops the fields of the branch that a changed discriminant leaves', () => {
    const result = run("export const MODEL = { kind: 'cnn', channels: [8, 16] };").run.result as never;
    expect(result['MODEL']).toEqual({ kind: 'cnn', channels: [8, 16] });
    const given = run('', ['--MODEL.kind', 'cnn', '--MODEL.channels', '[8,16]']).run;
    expect((given.result as never)['MODEL']).toEqual({ kind: 'cnn', channels: [8, 16] });
  });

  it('refuses a field of the other branch, naming it', () => {
    const project = new TestProject({
      ...files,
      'experiments/child.ts': `import { extend } from 'comex';\nexport const MODEL = { channels: [1] };\nexport default extend('./base.ts');\n`,
    });
    const { status, stderr } = project.comex(['run', 'child']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/experiments\/child\.ts:2: .*MODEL\.channels.*another branch/);
    const given = project.comex(['run', 'base', '--MODEL.channels', '[1]']);
    expect(given.status).toBe(2);
    expect(given.stderr).toMatch(/MODEL\.channels.*another branch/);
  });
});
