import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

/** What the metadata keeps of some parameters: their values. */
function recorded(run: LoadedRun, names: readonly string[]): unknown[] {
  return names.map((name) => run.meta.parameters[name]?.value);
}

describe('a parameter has one value', () => {
  const source = `export const LEARNING_RATE = 0.01;
export const TWICE = LEARNING_RATE * 2;
const read = (e: any) => [LEARNING_RATE, e.LEARNING_RATE, e.parameters.LEARNING_RATE, TWICE, e.TWICE, e.parameters.TWICE];
export default function experiment(e: any) {
  const before = read(e);
  if (e.__PREFIX__ === 'assign') e.LEARNING_RATE = 5;
  return [before, read(e)];
}
export function testing(e: any) { e.LEARNING_RATE = 7; }
`;
  it.each([
    { title: 'by default', words: [], before: 0.01, after: 0.01, sources: ['default', 'derived'] },
    {
      title: 'with an override',
      words: ['--LEARNING_RATE=0.5'],
      before: 0.5,
      after: 0.5,
      sources: ['given', 'derived'],
    },
    {
      title: 'after e.X = v',
      words: ['--LEARNING_RATE=0.5', '--__PREFIX__=assign'],
      before: 0.5,
      after: 5,
      sources: ['assigned', 'derived'],
    },
    { title: 'after testing()', words: ['--__TESTING__'], before: 7, after: 7, sources: ['testing', 'derived'] },
    {
      title: 'after testing() over a given value',
      words: ['--__TESTING__', '--LEARNING_RATE=0.5'],
      before: 7,
      after: 7,
      sources: ['testing', 'derived'],
    },
    {
      title: 'after testing() and e.X = v',
      words: ['--__TESTING__', '--__PREFIX__=assign'],
      before: 7,
      after: 5,
      sources: ['assigned', 'derived'],
    },
  ])('$title', ({ words, before, after, sources }) => {
    const { run } = ran(source, words);
    const six = (value: number): number[] => [value, value, value, value * 2, value * 2, value * 2];
    expect(run.result).toEqual([six(before), six(after)]);
    expect(recorded(run, ['LEARNING_RATE', 'TWICE'])).toEqual([after, after * 2]);
    expect(run.parameters['LEARNING_RATE']).toBe(after);
    expect(['LEARNING_RATE', 'TWICE'].map((name) => run.meta.parameters[name]?.source)).toEqual(sources);
  });
});

describe('a module that breaks the rules of parameters', () => {
  it.each<[form: string, source: string, place: string, says: RegExp]>([
    [
      'a destructured parameter',
      'const config = { ALPHA: 1 };\nexport const { ALPHA } = config;',
      'main.ts:2',
      /ALPHA.*destructuring/,
    ],
    ['a re-exported parameter', `export const A = 1;\n\nexport { N } from './other.ts';`, 'main.ts:3', /N .*re-export/],
    [
      'a parameter brought in by export *',
      `export const A = 1;\nexport * from './other.ts';`,
      'main.ts:2',
      /N of other\.ts/,
    ],
    [
      'a parameter exported under another name',
      'const rate = 1;\nexport { rate as RATE };',
      'main.ts:2',
      /"rate as RATE"/,
    ],
    [
      'an assignment to a bare name',
      'export let RATE = 1;\nexport function go() {\n  RATE = 2;\n}',
      'main.ts:3',
      /e\.RATE = value/,
    ],
    ['an increment of a bare name', 'export let RATE = 1;\nRATE++;', 'main.ts:2', /e\.RATE = value/],
    ['a var', 'export var RATE = 1;', 'main.ts:1', /"var"/],
    ['a syntax error', 'export const A = 1;\nexport const B = ;', 'main.ts:2:18', /Unexpected token/],
    ['a special parameter that does not exist', 'export const __DEBUGG__ = true;', 'main.ts:1', /__DEBUG__/],
    [
      'a special parameter that only running tells',
      'const on = Date.now() > 0;\nexport const __DEBUG__ = on;',
      'main.ts:2',
      /literal/,
    ],
  ])('is refused for %s, with its place, before a folder is made', (_, source, place, says) => {
    const project = new TestProject({
      [MAIN]: `${source}\nexport default () => 1;\n`,
      'experiments/other.ts': 'export const N = 1;\n',
    });
    const { status, stdout, stderr } = project.comex(['run', MAIN]);
    expect(stderr).toContain(`experiments/${place}`);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([status, stdout]).toEqual([2, '']);
    expect(existsSync(join(project.root, 'results'))).toBe(false);
  });

  it('is refused without a default function, in one sentence', () => {
    const project = new TestProject({ [MAIN]: 'export const A = 1;\n' });
    const { status, stderr } = project.comex(['run', MAIN]);
    expect(stderr).toMatch(
      /^comex: experiments\/main\.ts:1: .*export default function experiment\(e\).*\(E_EXPERIMENT\)\n$/,
    );
    expect(status).toBe(2);
  });

  it('fails its run when the default export is no function', () => {
    const { run, printed } = ran('export default 5;');
    expect(run.error).toMatchObject({
      code: 'E_EXPERIMENT',
      message: expect.stringContaining('to be a function, got number') as string,
    });
    expect(printed.status).toBe(1);
  });

  it('fails its run with a clear error when top-level code uses a parameter too early', () => {
    const { run, printed } = ran('export const EARLY = LATE + 1;\nexport const LATE = 2;\nexport default () => 1;');
    expect(run.status).toBe('failed');
    expect(run.error?.message).toMatch(/LATE/);
    expect(run.error?.stack).toMatch(/main\.ts:1:/);
    expect(printed.status).toBe(1);
  });
});

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

describe('initialisers', () => {
  it('run when they are the source, and do not run when they are replaced', () => {
    const source = `const calls: string[] = [];
const note = (name: string): number => calls.push(name);
export const A: number = note('A');
export const B: number = note('B') + A;
export default () => calls;`;
    expect(ran(source).run.result).toEqual(['A', 'B']);
    expect(ran(source, ['--A=1']).run.result).toEqual(['B']);
    const both = ran(source, ['--A=1', '--B=2']).run;
    expect(both.result).toEqual([]);
    expect(both.meta.parameters['A']).toMatchObject({ default: "note('A')", value: 1, given: 1 });
  });

  it('are computed again in the order of what they need, whatever the order of the declarations in the graph', () => {
    const source = `export const BASE = 1;
export const FIRST = BASE + 1;
export const SECOND = FIRST * 10 + BASE;
export const THIRD = SECOND + FIRST;
export default (e: any) => { e.BASE = 2; return [FIRST, SECOND, THIRD, e.THIRD]; };`;
    const { run } = ran(source);
    expect(run.result).toEqual([3, 32, 35, 35]);
    expect(recorded(run, ['BASE', 'FIRST', 'SECOND', 'THIRD'])).toEqual([2, 3, 32, 35]);
  });

  it('are not computed again when their parameter was given or set, or when they await', () => {
    const source = `export const BASE = 1;
export const GIVEN = BASE + 1;
export const SET = BASE + 2;
export const AWAITED: number = (await Promise.resolve(BASE)) + 3;
export const FREE = BASE + 4;
export const BEHIND = GIVEN + SET;
export default (e: any) => { e.SET = 0; e.BASE = 100; return [GIVEN, SET, AWAITED, FREE, BEHIND]; };`;
    const { run, printed } = ran(source, ['--GIVEN=50']);
    expect(run.result).toEqual([50, 0, 4, 104, 50]);
    expect(printed.stderr).toMatch(/Warning: AWAITED \(experiments\/main\.ts:4\).*BASE.*keeps its value/);
    expect(run.meta.parameters['AWAITED']?.source).toBe('derived');
  });

  it('that name a parameter only inside a function follow too', () => {
    const source = `export const BASE = 1;
export const PICK = [1, 2, 3].map((n) => n * BASE);
export default (e: any) => { e.BASE = 2; return PICK; };`;
    expect(ran(source).run.result).toEqual([2, 4, 6]);
  });
});

describe('what cannot follow', () => {
  it('keeps its value: a copy of the top gets a warning with its place, a read through a function is up to date', () => {
    const source = `export const RATE = 1;
const copy = RATE * 2;
const read = () => RATE;
export default (e: any) => { e.RATE = 5; return [copy, read()]; };`;
    const { run, printed } = ran(source);
    expect(run.result).toEqual([2, 5]);
    expect(printed.stderr).toMatch(/Warning: copy \(experiments\/main\.ts:2\) was computed from the old RATE/);
    expect(run.log()).toContain('Warning: copy');
  });

  it('says nothing when nothing changes', () => {
    const { printed } = ran('export const RATE = 1;\nconst copy = RATE * 2;\nexport default () => copy;', ['--RATE=3']);
    expect(printed.stderr).not.toContain('Warning');
  });
});

describe('objects and arrays', () => {
  it('are frozen to any depth, also when given or assigned, and are changed as a whole', () => {
    const source = `export const MODEL = { hidden: 8, layers: [{ n: 1 }] };
const attempt = (change: () => void) => { try { change(); return 'changed'; } catch (error) { return (error as Error).name; } };
export default (e: any) => {
  const tries = () => [attempt(() => { (MODEL as any).hidden = 1; }), attempt(() => { MODEL.layers[0]!.n = 2; }), attempt(() => { e.MODEL.layers.push(3); })];
  const first = tries();
  e.MODEL = { ...e.MODEL, hidden: 3 };
  return [first, tries(), MODEL.hidden, e.MODEL.hidden];
};`;
    for (const words of [[], ['--MODEL', '{hidden: 1, layers: [{n: 1}]}']]) {
      const { run } = ran(source, words);
      const refused = ['TypeError', 'TypeError', 'TypeError'];
      expect(run.result).toEqual([refused, refused, 3, 3]);
      expect(run.parameters['MODEL']).toMatchObject({ hidden: 3 });
    }
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
    expect(again.meta.seed).toEqual({ value: first.meta.seed.value, drawn: false });
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
    expect(run.log()).toContain('exports no function testing(e)');
  });
});

describe('special parameters', () => {
  it.each(['__DEBUG__', '__SEED__', '__PREFIX__', '__NAMESPACE__', '__TESTING__'])(
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

describe('functions as values', () => {
  it('are recorded as their source and keep their names', () => {
    const { run } = ran('export const LOSS = (x: number) => x * x;\nexport default () => [LOSS.name, LOSS(3)];');
    expect(run.result).toEqual(['LOSS', 9]);
    expect(run.meta.parameters['LOSS']?.value).toEqual({ $function: expect.stringContaining('x * x') as string });
  });
});
