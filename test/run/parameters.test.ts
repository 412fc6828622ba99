import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('functions as values', () => {
  it('are recorded as their source and keep their names', () => {
    const { run } = ran('export const LOSS = (x: number) => x * x;\nexport default () => [LOSS.name, LOSS(3)];');
    expect(run.result).toEqual(['LOSS', 9]);
    expect(run.meta.parameters['LOSS']?.value).toEqual({ $function: expect.stringMatching(/x *\* *x/) as string });
  });
});
