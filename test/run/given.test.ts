import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { type Printed, TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

/** Runs one module and returns the run. */
function ran(
  source: string,
  words: readonly string[] = [],
): { readonly printed: Printed; readonly run: LoadedRun; readonly project: TestProject } {
  const project = new TestProject({ [MAIN]: source });
  return { ...project.run(MAIN, words), project };
}

describe('values of single fields', () => {
  const source = `type Model = { kind: 'mlp'; hidden: number; layers: number[] } | { kind: 'cnn'; kernel: number };
export const MODEL: Model = { kind: 'mlp', hidden: 8, layers: [1, 2] };
export const WIDTH = 'hidden' in MODEL ? MODEL.hidden : -1;
export default (e: any) => [MODEL, WIDTH];
`;
  it('patch the default, and what is derived follows', () => {
    const { run } = ran(source, ['--MODEL.hidden=128', '--MODEL.layers', '[3, 4]']);
    expect(run.result).toEqual([{ kind: 'mlp', hidden: 128, layers: [3, 4] }, 128]);
    expect(run.meta.parameters['MODEL']).toMatchObject({
      source: 'given',
      givenFields: { hidden: 128, layers: [3, 4] },
    });
    expect(run.meta.parameters['MODEL']).not.toHaveProperty('given');
  });

  it('patch a value that is given whole', () => {
    const { run } = ran(source, ['--MODEL', "{kind: 'mlp', hidden: 1, layers: []}", '--MODEL.hidden=5']);
    expect(run.result).toEqual([{ kind: 'mlp', hidden: 5, layers: [] }, 5]);
  });

  it('drop the fields of the other branch when the discriminant changes', () => {
    const { run } = ran(source, ['--MODEL.kind=cnn', '--MODEL.kernel=3']);
    expect(run.result).toEqual([{ kind: 'cnn', kernel: 3 }, -1]);
  });

  it('are checked, and unknown ones are refused with the nearest name', () => {
    const project = new TestProject({ [MAIN]: source });
    const wrong = project.comex(['run', MAIN, '--MODEL.hidden=many']);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/--MODEL\.hidden to be a number, got "many".*E_PARAMETER_TYPE/),
    ]);
    const unknown = project.comex(['run', MAIN, '--MODEL.hiden=1']);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringMatching(/hiden.*hidden/)]);
  });

  it('patch a default that only running tells', () => {
    const { run } = ran(
      'const size = Number(process.version.slice(1, 3));\nexport const BOX = { size, depth: 1 };\nexport default () => BOX;',
      ['--BOX.depth=2'],
    );
    expect(run.result).toEqual({ size: Number(process.version.slice(1, 3)), depth: 2 });
  });
});

describe('given and value', () => {
  const source = `export const BASE = 2;
export const DOUBLE = BASE * 2;
export const NOISE = e();
function e(): number { return Math.random(); }
export default (run: any) => { run.BASE = BASE + 1; return [BASE, DOUBLE, NOISE, run.random()]; };
export function testing(run: any) { run.BASE = 0; }`;
  let project: TestProject;
  let first: LoadedRun;
  beforeAll(() => {
    project = new TestProject({ [MAIN]: source });
    first = project.run(MAIN, ['--BASE=10']).run;
  });

  it('are both in the metadata, with default and source', () => {
    expect(first.meta.parameters['BASE']).toMatchObject({
      given: 10,
      value: 11,
      default: '2',
      source: 'assigned',
      type: 'number',
    });
    expect(first.meta.parameters['DOUBLE']).toMatchObject({ value: 22, default: 'BASE * 2', source: 'derived' });
    expect(first.meta.parameters['DOUBLE']).not.toHaveProperty('given');
  });

  it('of a run are taken up with --from: what was given and the seed, so that nothing is applied twice', () => {
    const again = project.run(MAIN, ['--from', first.id]).run;
    expect(again.result).toEqual(first.result);
    expect(again.meta.parameters['BASE']).toMatchObject({ given: 10, value: 11 });
    expect(again.meta.seed).toEqual({ value: first.meta.seed?.value, drawn: false });
  });

  it('of a run are replaced by what the command line gives beside --from', () => {
    const again = project.run(MAIN, ['--from', first.path, '--BASE=20', '--__SEED__=1']).run;
    expect(again.meta.parameters['BASE']).toMatchObject({ given: 20, value: 21 });
    expect(again.meta.seed).toEqual({ value: 1, drawn: false });
  });

  it('testing() beats the command line, and the log says so', () => {
    const { run } = project.run(MAIN, ['--BASE=10', '--__TESTING__']);
    expect(run.log()).toContain('BASE = 0 (set by testing(), over the value given from outside; before: 10)');
    expect(run.meta.testing).toBe(true);
    expect(run.meta.parameters['BASE']).toMatchObject({ given: 10, value: 1 });
  });

  it('a module without testing() runs as always, and the log says so', () => {
    const { run } = ran('export const A = 1;\nexport default () => A;', ['--__TESTING__']);
    expect(run.result).toBe(1);
    expect(run.log()).toContain('no module exports a function testing(e)');
  });
});

describe('special parameters', () => {
  it.each(['__DEBUG__', '__SEED__', '__PREFIX__', '__NAMESPACE__', '__TESTING__', '__REPRODUCIBLE__'])(
    '%s is not set while it runs: it has done its work',
    (name) => {
      const { run } = ran(`export default (e: any) => { e.${name} = e.${name}; };`);
      expect(run.error).toMatchObject({
        code: 'E_PARAMETER',
        message: expect.stringMatching(new RegExp(`${name}.*before`)) as string,
      });
    },
  );

  it('are read like any other, and the module’s own value of one counts until it is given', () => {
    const source =
      'export const __SEED__ = 5;\nexport default (e: any) => [__SEED__, e.__SEED__, e.parameters.__SEED__, e.__DEBUG__];';
    const project = new TestProject({ [MAIN]: source });
    const own = project.run(MAIN).run;
    expect(own.result).toEqual([5, 5, 5, false]);
    expect(own.meta.seed).toEqual({ value: 5, drawn: false });
    const given = project.run(MAIN, ['--__SEED__=abc']).run;
    expect(given.result).toEqual(['abc', 'abc', 'abc', false]);
    expect(given.meta.seed).toEqual({ value: 'abc', drawn: false });
  });

  it('a drawn seed is no part of the identity of a run, a given one is', () => {
    const project = new TestProject({ [MAIN]: 'export const A = 1;\nexport default () => A;' });
    const uid = (words: readonly string[]): string => project.run(MAIN, words).run.meta.uid;
    const drawn = uid([]);
    expect(uid([])).toBe(drawn);
    expect(uid(['--__PREFIX__=x'])).toBe(drawn);
    expect(uid(['--__SEED__=1'])).not.toBe(drawn);
    expect(uid(['--A=2'])).not.toBe(drawn);
  });
});
