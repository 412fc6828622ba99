import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

const BASE = `import type { Experiment } from 'comex';
export const hooks = {
  order(e: Experiment) { e['order/names'] = [...(e.has('order/names') ? e['order/names'] : []), 'base']; return 'base'; },
};
export default async function experiment(e: Experiment) {
  /** Called once. */
  const last = await e.applyHook('order', { value: 15 }, 'nobody');
  return { last, none: await e.applyHook('nothing', {}, 'default') };
}
`;
const named = (name: string, wrap = ''): string =>
  `order: ${wrap}((e, args) => { e['order/names'] = [...(e.has('order/names') ? e['order/names'] : []), '${name}']; return '${name}'; })`;
const mixin = (name: string, wrap = ''): string =>
  `import { append, prepend, replace } from 'comex';\nvoid append, prepend, replace;\nexport const FALLBACK = '${name}';\nexport const hooks = { ${named(name, wrap)} };\n`;
const child = (wrap: string, include = ''): string =>
  `import { append, extend, prepend, replace } from 'comex';\nvoid append, prepend, replace;\n${include}\nexport const hooks = { ${named('own', wrap)} };\nexport default extend('./base.ts');\n`;

function order(project: TestProject, file: string, words: string[] = []): unknown {
  const { run, printed } = project.run(file, words);
  expect(printed.status, printed.stderr).toBe(0);
  return run.get('order/names');
}

describe('the hooks of a chain', () => {
  it('a child’s plain hook takes the place of its parent’s; append and prepend keep it', () => {
    for (const [wrap, expected] of [
      ['', ['own']],
      ['append', ['base', 'own']],
      ['prepend', ['own', 'base']],
      ['replace', ['own']],
    ] as const) {
      const project = new TestProject({ 'experiments/base.ts': BASE, 'experiments/child.ts': child(wrap) });
      expect(order(project, 'child')).toEqual(expected);
    }
  });

  it('stand in the order base, mixins as included, own', () => {
    const include = "export const include = ['../mixins/one.ts', '../mixins/two.ts', '../mixins/one.ts'];";
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/one.ts': mixin('one'),
      'mixins/two.ts': mixin('two'),
      'experiments/child.ts': child('append', include),
      'experiments/plain.ts': child('', include),
    });
    expect(order(project, 'child')).toEqual(['base', 'one', 'two', 'own']);
    expect(order(project, 'plain')).toEqual(['one', 'two', 'own']);
  });

  it('a mixin’s are added unless it says replace', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/instead.ts': mixin('instead', 'replace'),
      'mixins/first.ts': mixin('first', 'prepend'),
      'experiments/child.ts': `import { extend } from 'comex';\nexport const include = '../mixins/instead.ts';\nexport default extend('./base.ts');\n`,
    });
    expect(order(project, 'child')).toEqual(['instead']);
    expect(order(project, 'base', ['--__INCLUDE__', 'mixins/first.ts'])).toEqual(['first', 'base']);
    expect(order(project, 'base', ['--__INCLUDE__', 'mixins/instead.ts'])).toEqual(['instead']);
  });

  it('give the last value or the default, and get their arguments', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': `import { extend } from 'comex';
export const hooks = { order: async (e, { value }) => { await null; return value > 10; } };
export default extend('./base.ts');\n`,
    });
    expect(project.run('child').run.result).toEqual({ last: true, none: 'default' });
  });

  it('are listed with their docs in the metadata and in --help', () => {
    const project = new TestProject({ 'experiments/base.ts': BASE });
    expect(project.run('base').run.meta.hooks).toMatchObject({ order: { doc: 'Called once.' }, nothing: {} });
    expect(project.comex(['run', 'base', '--help']).stdout).toMatch(/Hooks\n {2}order\n {6}Called once\./);
  });

  it('refuse a renamed one of a child, with the nearest name, and tell of a mixin’s', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/other.ts': 'export const hooks = { ordr() {} };\n',
      'experiments/child.ts': `import { extend } from 'comex';\nexport const hooks = { oder() {} };\nexport default extend('./base.ts');\n`,
      'experiments/far.ts': `import { extend } from 'comex';\nexport const hooks = { something_else() {} };\nexport default extend('./base.ts');\n`,
    });
    const { status, stderr } = project.comex(['run', 'child']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'experiments/child.ts:2: The hook "oder" is applied by no code of the experiment. Did you mean "order"?',
    );
    expect(project.run('base', ['--__INCLUDE__', 'mixins/other.ts']).run.log()).toContain('Did you mean "order"?');
    expect(project.run('far').run.log()).toContain('Warning: experiments/far.ts:2: The hook "something_else"');
  });

  it('of the run’s life are called once each, after_run also after a failure', () => {
    const main = (body: string): string => `import type { Experiment } from 'comex';
import { appendFileSync } from 'node:fs';
const note = (e: Experiment, text: string) => appendFileSync(e.path('calls.txt'), text + '\\n');
export const hooks = {
  before_testing: (e) => note(e, 'before_testing'),
  before_run: async (e) => { await null; note(e, 'before_run'); },
  after_run: (e, { status, result, error }) => note(e, 'after_run ' + status + ' ' + (error?.message ?? result)),
  on_error: (e, { error }) => note(e, 'on_error ' + error.message),
};
export function testing(e: Experiment) { note(e, 'testing'); }
export default async function experiment(e: Experiment) { note(e, 'main'); ${body} }\n`;
    const project = new TestProject({
      'experiments/good.ts': main('return 5;'),
      'experiments/bad.ts': main("throw new Error('no');"),
      'experiments/exits.ts': main('process.exit(3);'),
    });
    const calls = (file: string, words: string[] = []): string[] =>
      project.run(file, words).run.artifacts.some(({ path }) => path === 'calls.txt')
        ? project
            .read(`results/${file}/${project.runs(file).at(-1)!.split('/').at(-1)}/calls.txt`)
            .trim()
            .split('\n')
        : [];
    expect(calls('good', ['--__TESTING__'])).toEqual([
      'before_testing',
      'testing',
      'before_run',
      'main',
      'after_run done 5',
    ]);
    expect(calls('bad')).toEqual(['before_run', 'main', 'on_error no', 'after_run failed no']);
    expect(calls('exits')).toEqual([
      'before_run',
      'main',
      'on_error The process was ended by process.exit(3) inside the run.',
      'after_run failed The process was ended by process.exit(3) inside the run.',
    ]);
  });
});

describe('mixins', () => {
  it('give fallback values only, and are in the snapshot', () => {
    const project = new TestProject({
      'experiments/base.ts': `export const FALLBACK = 'experiment';\n${BASE}`,
      'experiments/bare.ts': BASE,
      'mixins/one.ts': mixin('one'),
    });
    const own = project.run('base', ['--__INCLUDE__=mixins/one.ts']).run;
    expect(own.parameters['FALLBACK']).toBe('experiment');
    expect(own.meta.snapshot.files).toContain('mixins/one.ts');
    expect(own.meta.mixins).toEqual(['mixins/one.ts']);
    expect(project.run('bare', ['--__INCLUDE__', 'mixins/one.ts']).run.parameters['FALLBACK']).toBe('one');
  });

  it('are included by one path, several between commas, or a list, relative to the working directory', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/one.ts': mixin('one'),
      'mixins/two.ts': mixin('two'),
    });
    expect(order(project, 'base', ['--__INCLUDE__', 'mixins/two.ts , mixins/one.ts'])).toEqual(['two', 'one', 'base']);
    expect(order(project, 'base', ['--__INCLUDE__', '["mixins/one.ts", "mixins/two.ts"]'])).toEqual([
      'one',
      'two',
      'base',
    ]);
    expect(order(project, 'base', ['--__INCLUDE__', ''])).toEqual(['base']);
    const wrong = project.comex(['run', 'base', '--__INCLUDE__', '3.5,']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('--__INCLUDE__: Expected a mixin, found no file');
  });

  it('are included again when a run is repeated, from the snapshot, too', () => {
    const project = new TestProject({ 'experiments/base.ts': BASE, 'mixins/one.ts': mixin('one') });
    const first = project.run('base', ['--__INCLUDE__', 'mixins/one.ts']).run;
    expect(project.run('base', ['--from', first.path]).run.get('order/names')).toEqual(['one', 'base']);
  });

  it('that throw while they are loaded are named in one sentence', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/bad.ts': "export const hooks = {};\nthrow new Error('no key');\n",
    });
    const { status, stderr } = project.comex(['run', 'base', '--quiet', '--__INCLUDE__', 'mixins/bad.ts']);
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toBe('comex: mixins/bad.ts:2: The mixin could not be loaded: no key (E_MIXIN)');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('with a main function are refused', () => {
    const project = new TestProject({ 'experiments/base.ts': BASE, 'experiments/other.ts': BASE });
    const { status, stderr } = project.comex(['run', 'base', '--__INCLUDE__', 'experiments/other.ts']);
    expect(status).toBe(2);
    expect(stderr).toContain('experiments/other.ts has the export "default". An experiment is extended');
  });
});

describe('testing mode', () => {
  const base = `import type { Experiment } from 'comex';
export const EPOCHS = 100;
export const CALLS = 0;
export function testing(e) { e.EPOCHS = 2; e.CALLS = CALLS + 1; }
export default function experiment(e: Experiment) { return { EPOCHS, CALLS }; }\n`;

  it('is called once; a child’s replaces its parent’s, and may call it', () => {
    const project = new TestProject({
      'experiments/base.ts': base,
      'experiments/plain.ts': `import { extend } from 'comex';\nexport default extend('./base.ts');\n`,
      'experiments/own.ts': `import { extend } from 'comex';\nexport function testing(e) { e.EPOCHS = 3; }\nexport default extend('./base.ts');\n`,
      'experiments/both.ts': `import { extend } from 'comex';\nexport async function testing(e, base) { await base(e); e.EPOCHS += 10; }\nexport default extend('./base.ts');\n`,
    });
    expect(project.run('plain', ['--__TESTING__']).run.result).toEqual({ EPOCHS: 2, CALLS: 1 });
    expect(project.run('own', ['--__TESTING__']).run.result).toEqual({ EPOCHS: 3, CALLS: 0 });
    expect(project.run('both', ['--__TESTING__']).run.result).toEqual({ EPOCHS: 12, CALLS: 1 });
    expect(project.run('both').run.result).toEqual({ EPOCHS: 100, CALLS: 0 });
  });
});
