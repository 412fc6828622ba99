import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

/** What the Python model gets wrong, and comex must not. */
const MAIN = 'experiments/main.ts';

describe('a definition with documented parameters and an analysis', () => {
  const source = `/** Tells what a parameter does. */
import type { Experiment } from 'comex';
console.log('evaluated');
/** Value that is stored. */
export const PARAMETER = 'documented';
/** Never used,
 * but described. */
export const OTHER: number | null = null;
export default function experiment(e: Experiment<typeof import('./main.ts')>) { e['metrics/parameter'] = PARAMETER; }
export function analysis(e: Experiment<typeof import('./main.ts')>) { e['metrics/analysed'] = e['metrics/parameter'] + '!'; }
`;
  const project = new TestProject({
    [MAIN]: source,
  });
  let run: LoadedRun;
  beforeAll(() => {
    run = project.run(MAIN).run;
  });

  it('runs by path, and its data, parameters and description are kept', () => {
    expect(run.error).toBeUndefined();
    expect(run.data).toEqual({ metrics: { parameter: 'documented', analysed: 'documented!' } });
    expect(run.description).toBe('Tells what a parameter does.');
    expect(run.meta.parameters['PARAMETER']).toMatchObject({
      type: 'string',
      doc: 'Value that is stored.',
      value: 'documented',
    });
    expect(run.meta.parameters['OTHER']).toMatchObject({
      type: 'number | null',
      doc: 'Never used,\nbut described.',
      value: null,
    });
  });

  it('has a debug folder with --__DEBUG__, whose content a second run replaces', () => {
    const first = project.run(MAIN, ['--__DEBUG__=True']).run;
    expect(first.path).toBe(join(project.root, 'results/main/debug'));
    expect([first.meta.debug, first.parameters['__DEBUG__']]).toEqual([true, true]);
    project.write({ 'results/main/debug/mine.txt': 'left over' });
    const second = project.run(MAIN, ['--__DEBUG__']).run;
    expect(second.path).toBe(first.path);
    expect(second.id).not.toBe(first.id);
    expect(existsSync(join(second.path, 'mine.txt'))).toBe(false);
  });

  it('has no debug folder when the command line turns off what the module turns on', () => {
    const own = new TestProject({ [MAIN]: 'export const __DEBUG__ = true;\nexport default () => __DEBUG__;' });
    expect(own.run(MAIN).run.path).toMatch(/\/debug$/);
    const off = own.run(MAIN, ['--__DEBUG__=False']).run;
    expect(off.path).not.toMatch(/\/debug$/);
    expect([off.result, off.meta.debug, off.parameters['__DEBUG__']]).toEqual([false, false, false]);
    expect(own.run(MAIN, ['--no-__DEBUG__']).run.meta.debug).toBe(false);
  });

  it('has a prefix before the name of its folder with __PREFIX__', () => {
    const { run: prefixed } = project.run(MAIN, ['--__PREFIX__=custom']);
    expect(prefixed.name).toMatch(/^custom__\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__[0-9a-z]{8}$/);
    expect(prefixed.path).toBe(join(project.root, 'results/main', prefixed.name));
    expect(run.name).toMatch(/^\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__[0-9a-z]{8}$/);
  });

  it('keeps private data in memory, and public data on disk', () => {
    const { run: stored } = new TestProject({
      [MAIN]: `export default (e: any) => { e['public/data'] = 1; e._internal = new Map([[e, () => 1]]); e['_internal/deep'] = 3; e.set('_third', 4);
return [e['public/data'], e._internal.get(e)(), e['_internal/deep'], e.get('_third'), e.has('_internal'), e.has('_nothing')]; };`,
    }).run(MAIN);
    expect(stored.result).toEqual([1, 1, 3, 4, true, false]);
    expect(stored.data).toEqual({ public: { data: 1 } });
    expect(readFileSync(join(stored.path, 'experiment_data.json'), 'utf8')).not.toContain('internal');
  });
});

describe('a fault of the model that comex does not have:', () => {
  it('a series name with a slash keeps all its values (3)', () => {
    const { run } = new TestProject({
      [MAIN]: `export default (e: any) => { for (let i = 0; i < 5; i++) e.track('metrics/value', i * i); };`,
    }).run(MAIN);
    expect(run.seriesNames).toEqual(['metrics/value']);
    expect(Array.from(run.series('metrics/value')!.values!)).toEqual([0, 1, 4, 9, 16]);
  });

  it('no kind of number is dropped in silence, and what is no number is refused (4)', () => {
    const { run } = new TestProject({
      [MAIN]: `export default (e: any) => {
  e.track('n', new Float32Array([0.1])[0]); e.track('n', 3n); e.track('n', true); e.track('n', NaN);
  try { e.track('n', new Float32Array([1])); } catch (error: any) { return error.code; }
};`,
    }).run(MAIN);
    expect(Array.from(run.series('n')!.values!)).toEqual([Math.fround(0.1), 3, 1, Number.NaN]);
    expect(run.result).toBe('E_TRACK');
  });

  it('NaN and infinities are valid JSON in every file (5)', () => {
    const { run } = new TestProject({
      [MAIN]: `export default (e: any) => { e.track('loss', NaN); e['a/b'] = NaN; e.record('t', { x: -Infinity }); e.commitJson('c', [NaN]); return NaN; };`,
    }).run(MAIN);
    expect([run.result, run.get('a/b'), run.table('t')]).toEqual([
      Number.NaN,
      Number.NaN,
      [{ x: Number.NEGATIVE_INFINITY }],
    ]);
    for (const file of ['experiment_meta.json', 'experiment_data.json', 'c.json'])
      JSON.parse(readFileSync(join(run.path, file), 'utf8'));
    for (const file of ['experiment_track.jsonl', 'tables/t.jsonl']) {
      for (const line of readFileSync(join(run.path, file), 'utf8').trim().split('\n')) JSON.parse(line);
    }
  });

  it('setting a name that is no parameter is an error at that line, and what was stored is kept (6)', () => {
    const { run } = new TestProject({
      [MAIN]: `export const NEAR = 1;\nexport default (e: any) => {\n  e['a/b'] = 1;\n  e.NEAT = 2;\n};`,
    }).run(MAIN);
    expect(run.error).toMatchObject({
      code: 'E_PARAMETER_NAME',
      message: expect.stringMatching(/NEAT.*Did you mean "NEAR"/) as string,
    });
    expect(run.error?.stack).toMatch(/main\.ts:4:/);
    expect([run.status, run.data]).toEqual(['failed', { a: { b: 1 } }]);
  });

  it('a seed does not make run folders collide, nor does running again (7, 8)', () => {
    const project = new TestProject({ [MAIN]: 'export const __SEED__ = 0;\nexport default () => Math.random();' });
    const runs = [1, 2, 3].map(() => project.run(MAIN).run);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(3);
    expect(new Set(runs.map(({ result }) => result)).size).toBe(1);
    expect(runs.every(({ status }) => status === 'done')).toBe(true);
  });

  it('an override reaches the bare name (9)', () => {
    const { run } = new TestProject({
      [MAIN]: 'export const X = 1;\nconst read = () => X;\nexport default () => [X, read()];',
    }).run(MAIN, ['--X=2']);
    expect(run.result).toEqual([2, 2]);
  });

  it('values of the command line are never run as code (10)', () => {
    const project = new TestProject({
      [MAIN]: `export const ANY: unknown = 0;\nexport const TEXT = '';\nexport default () => [ANY, TEXT];`,
    });
    const code = "require('fs').writeFileSync('hacked', '')";
    const { run } = project.run(MAIN, [`--ANY=${code}`, `--TEXT=${code}`]);
    expect(run.result).toEqual([code, code]);
    expect(existsSync(join(project.root, 'hacked'))).toBe(false);
  });

  it('declared types are really checked, wherever a value comes from (14)', () => {
    const project = new TestProject({
      [MAIN]: `export const N = 1;\nexport const KIND: 'a' | 'b' = 'a';\nexport const LIST: number[] = [];
export default (e: any) => { const refused = []; for (const [name, value] of [['N', '5'], ['KIND', 'c'], ['LIST', ['x']], ['LIST', 3]]) { try { e[name as string] = value; } catch (error: any) { refused.push(error.code); } } return [refused, N, KIND, LIST]; };`,
    });
    for (const words of [['--N=abc'], ['--KIND=c'], ['--LIST=["x"]'], ['--LIST=3']]) {
      const { status, stderr } = project.comex(['run', MAIN, ...words]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('E_PARAMETER_TYPE')]);
    }
    expect(existsSync(join(project.root, 'results'))).toBe(false);
    expect(project.run(MAIN).run.result).toEqual([Array.from({ length: 4 }, () => 'E_PARAMETER_TYPE'), 1, 'a', []]);
  });

  it('a results folder whose parent does not exist is not made in silence (27)', () => {
    const project = new TestProject({ [MAIN]: 'export default () => 1;' });
    const before = readdirSync(project.root).sort();
    const { status, stderr } = project.comex(['run', MAIN, '--results', 'typo/results']);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/typo\/results to exist.*E_FILE/)]);
    expect(readdirSync(project.root).sort()).toEqual(before);
    const configured = new TestProject({
      [MAIN]: 'export default () => 1;',
      'comex.config.json': '{ "results": "typo/results" }',
    });
    expect(configured.comex(['run', MAIN]).status).toBe(2);
    expect(existsSync(join(configured.root, 'typo'))).toBe(false);
  });

  it('the description of the last parameter is read, whatever follows it (28)', () => {
    for (const end of ['// What it is.', '', '\n/** Nothing. */']) {
      const source = `export default () => 1;\n/** Described. */\nexport const LAST = 1; ${end}`;
      const { run } = new TestProject({ [MAIN]: source }).run(MAIN);
      expect(run.meta.parameters['LAST']?.doc).toBe('Described.');
    }
    const { run } = new TestProject({ [MAIN]: 'export default () => 1;\nexport const LAST = 1; // Behind it.' }).run(
      MAIN,
    );
    expect(run.meta.parameters['LAST']?.doc).toBe('Behind it.');
  });
});

describe('two debug runs at the same time', () => {
  it('do not share the folder: the second is refused while the first is alive', async () => {
    const project = new TestProject({
      [MAIN]: `import { existsSync } from 'node:fs';\nexport default async (e: any) => { e.log('begun'); while (!existsSync(e.path() + '/go')) await new Promise((done) => setTimeout(done, 5)); };`,
    });
    const child = project.start(['run', MAIN, '--__DEBUG__']);
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text) => {
        if (String(text).includes('begun')) resolve();
      });
    });
    const { status, stderr } = project.comex(['run', MAIN, '--__DEBUG__']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('E_RUN_BUSY')]);
    project.write({ 'results/main/debug/go': '' });
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(loadRun(join(project.root, 'results/main/debug')).status).toBe('done');
  });
});
