import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

/** Three levels, each with an inherit and a derived parameter, a mixin, and YAML on top. */
const FILES = {
  'experiments/root.ts': `import type { Experiment } from 'comex';
type Self = typeof import('./root.ts');
export const RATE = 0.1;
export const SIZE = 10;
export const LABEL = 'root';
export const ROOT_STEPS = SIZE * 100;
export const seen = () => ({ RATE, SIZE, LABEL, ROOT_STEPS });
export default async function experiment(e: Experiment<Self>) {
  e['seen/root'] = seen();
  e['seen/e'] = Object.fromEntries(Object.entries(e.parameters));
  await e.applyHook('look');
  return RATE;
}
`,
  'experiments/middle.ts': `import { extend, inherit } from 'comex';
export const RATE = inherit((rate: number) => rate * 2);
export const SIZE = inherit((size: number) => size + 1);
export const MIDDLE_STEPS = SIZE * 1000;
export default extend('./root.ts', async (e, parent) => { e['seen/middle'] = { RATE, SIZE, MIDDLE_STEPS }; return parent(e); });
`,
  'experiments/leaf.ts': `import { extend, inherit } from 'comex';
export const include = './mixins/look.ts';
export const RATE = inherit((rate: number) => rate + 1);
export const SIZE = inherit();
export const LEAF_STEPS = RATE * SIZE;
export default extend('./middle.ts', async (e, parent) => { e['seen/leaf'] = { RATE, SIZE, LEAF_STEPS }; return parent(e); });
`,
  'experiments/mixins/look.ts': `import type { Experiment } from 'comex';
export const LABEL = 'mixin';
export const LOOKS = 3;
export const hooks = { look(e: Experiment) { e['seen/mixin'] = { LABEL, LOOKS }; } };
`,
  'experiments/top.yml': 'extend: ./leaf.ts\nparameters: { SIZE: 7, LOOKS: 4 }\n',
};

interface Seen {
  readonly values: Readonly<Record<string, unknown>>;
  readonly run: ReturnType<TestProject['run']>['run'];
}

/** Runs it, and checks that every place shows the same value of each parameter. */
function run(project: TestProject, file: string, words: readonly string[] = []): Seen {
  const { run: loaded, printed } = project.run(file, words);
  expect(printed.status, printed.stderr).toBe(0);
  const values = Object.fromEntries(
    Object.entries(loaded.meta.parameters)
      .filter(([name]) => !name.startsWith('__'))
      .map(([name, { value }]) => [name, value]),
  );
  expect(loaded.get('seen/e')).toEqual(values);
  for (const place of ['root', 'middle', 'leaf', 'mixin'])
    expect(values).toMatchObject(loaded.get(`seen/${place}`) as object);
  return { values, run: loaded };
}

describe('parameters through a whole chain', () => {
  const project = new TestProject(FILES);

  it('have one value everywhere: by default, with a YAML level, with a given value', () => {
    expect(run(project, 'leaf').values).toEqual({
      RATE: 1.2,
      SIZE: 11,
      LABEL: 'root',
      LOOKS: 3,
      ROOT_STEPS: 1100,
      MIDDLE_STEPS: 11_000,
      LEAF_STEPS: 1.2 * 11,
    });
    // The YAML value cuts off the transforms of SIZE below it.
    expect(run(project, 'top').values).toMatchObject({
      RATE: 1.2,
      SIZE: 7,
      LOOKS: 4,
      ROOT_STEPS: 700,
      LEAF_STEPS: 1.2 * 7,
    });
    // A given RATE takes the place of the root's, and goes through both transforms above it.
    expect(run(project, 'top', ['--RATE', '3', '--SIZE', '2']).values).toMatchObject({
      RATE: 7,
      SIZE: 2,
      ROOT_STEPS: 200,
      MIDDLE_STEPS: 2000,
      LEAF_STEPS: 14,
    });
  });

  it('are the same when a run is repeated from its metadata', () => {
    const first = run(project, 'top', ['--RATE', '3', '--LABEL', 'given']);
    const again = run(project, 'top', ['--from', first.run.path]);
    expect(again.values).toEqual(first.values);
    const { RATE, SIZE } = again.run.meta.parameters;
    expect({ RATE, SIZE }).toEqual({
      RATE: first.run.meta.parameters['RATE'],
      SIZE: first.run.meta.parameters['SIZE'],
    });
    expect(again.run.meta.uid).toBe(run(project, 'top', ['--from', first.run.path]).run.meta.uid);
  });

  it('are explained one by one by --dry-run, which knows what the run will say', () => {
    const words = ['run', 'top', '--dry-run', '--json', '--RATE', '3'];
    const { parameters } = JSON.parse(project.comex(words).stdout) as {
      parameters: Record<string, { value: unknown; origin: string }>;
    };
    const { values } = run(project, 'top', ['--RATE', '3']);
    for (const [name, value] of Object.entries(values)) expect([name, parameters[name]?.value]).toEqual([name, value]);
    expect(Object.fromEntries(Object.entries(parameters).map(([name, { origin }]) => [name, origin]))).toMatchObject({
      RATE: 'given, inherit in experiments/middle.ts:2, experiments/leaf.ts:3',
      SIZE: 'experiments/top.yml:2',
      LABEL: 'experiments/root.ts:5',
      LOOKS: 'experiments/top.yml:2',
      ROOT_STEPS: 'experiments/root.ts:6, follows SIZE',
      LEAF_STEPS: 'experiments/leaf.ts:5, follows RATE, SIZE',
    });
    expect(project.comex(['run', 'leaf', '--dry-run']).stdout).toMatch(
      /RATE +1\.2 +root\.ts:3, inherit in middle\.ts:2/,
    );
  });
});
