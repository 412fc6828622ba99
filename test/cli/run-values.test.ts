import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

/** Parameters of every kind, and what is given for them. */
const project = new TestProject({
  [MAIN]: `export const N = 1;
export const M = 1;
export const L = 1;
export const BIG = 1n;
export const TEXT = 'text';
export const FLAG = false;
export const ON: boolean = true;
export const KIND: 'sgd' | 'adam' = 'sgd';
export const LEVEL: 1 | 2 | 'auto' = 1;
export const MAYBE: number | null = 1;
export const NAME: string | null = null;
export const OPTIONAL: string | undefined = undefined;
export const LIST = [1, 2];
export const WORDS: string[] = [];
export const PAIR: [number, string] = [1, 'a'];
export const MODEL = { hidden: 8, deep: { rate: 0.1, names: ['a'] }, flag: false };
export const TABLE: Record<string, number> = { a: 1 };
export const ANY: any = 0;
export const WHEN: Date = new Date(0);
export const _PRIVATE_2 = 1;
export const ÄÖ = 1;
export default (e: any) => { const { LIST, ...rest } = e.parameters; return { LIST, ...rest }; };
`,
});

type Case = readonly [words: readonly string[], name: string, value: unknown];

const CASES: readonly Case[] = [
  ...(
    [
      ['10', 10],
      ['-5', -5],
      ['+5', 5],
      ['.5', 0.5],
      ['5.', 5],
      ['-.5e-3', -0.0005],
      ['1e3', 1000],
      ['1E+3', 1000],
      ['0x1F', 31],
      ['0b101', 5],
      ['0o17', 15],
      ['1_000_000', 1_000_000],
      ['NaN', Number.NaN],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['-Infinity', Number.NEGATIVE_INFINITY],
      ['-0', -0],
    ] as const
  ).flatMap(([text, value]): Case[] => [
    [[`--N=${text}`], 'N', value],
    [['--M', text], 'M', value],
  ]),
  [['--BIG=12345678901234567890'], 'BIG', 12345678901234567890n],
  [['--BIG', '-5n'], 'BIG', -5n],
  ...[
    '007',
    '1e3',
    'true',
    'null',
    '',
    ' spaced out ',
    '{a: 1}',
    '"quoted"',
    'é😀',
    'a=b=c',
    '-',
    '-x',
    '$HOME',
    'two\nlines',
  ].map((text): Case => [[`--TEXT=${text}`], 'TEXT', text]),
  [['--TEXT', '007'], 'TEXT', '007'],
  [['--TEXT', '-x'], 'TEXT', '-x'],
  [['--TEXT=--x'], 'TEXT', '--x'],
  [['--TEXT=--N=5'], 'TEXT', '--N=5'],
  [['--FLAG'], 'FLAG', true],
  [['--FLAG', '--L=1'], 'FLAG', true],
  [['--FLAG', 'false'], 'FLAG', false],
  [['--FLAG', 'True'], 'FLAG', true],
  [['--FLAG=TRUE'], 'FLAG', true],
  [['--ON=False'], 'ON', false],
  [['--no-ON'], 'ON', false],
  [['--no-FLAG'], 'FLAG', false],
  [['--KIND', 'adam'], 'KIND', 'adam'],
  [['--LEVEL=2'], 'LEVEL', 2],
  [['--LEVEL', 'auto'], 'LEVEL', 'auto'],
  [['--MAYBE=null'], 'MAYBE', null],
  [['--MAYBE', '-3'], 'MAYBE', -3],
  [['--NAME=null'], 'NAME', null],
  [['--NAME=nil'], 'NAME', 'nil'],
  [['--OPTIONAL=x'], 'OPTIONAL', 'x'],
  [['--LIST=[]'], 'LIST', []],
  [['--LIST', '[1, 2.5, -3e2]'], 'LIST', [1, 2.5, -300]],
  [['--WORDS=[\'a\', "b",]'], 'WORDS', ['a', 'b']],
  [['--PAIR', "[5, 'x']"], 'PAIR', [5, 'x']],
  [['--MODEL.hidden', '128'], 'MODEL', { hidden: 128, deep: { rate: 0.1, names: ['a'] }, flag: false }],
  [['--MODEL.deep.rate=1e-3', '--MODEL.flag'], 'MODEL', { hidden: 8, deep: { rate: 0.001, names: ['a'] }, flag: true }],
  [['--MODEL.deep.names', "['x', 'y']"], 'MODEL', { hidden: 8, deep: { rate: 0.1, names: ['x', 'y'] }, flag: false }],
  [['--MODEL.flag', '--no-MODEL.flag'], 'MODEL', { hidden: 8, deep: { rate: 0.1, names: ['a'] }, flag: false }],
  [
    ['--MODEL={hidden: 1, deep: {rate: 2, names: []}, flag: true}'],
    'MODEL',
    { hidden: 1, deep: { rate: 2, names: [] }, flag: true },
  ],
  [['--TABLE={"x/y": 5, __proto__: 6}'], 'TABLE', JSON.parse('{"x/y": 5, "__proto__": 6}')],
  [['--TABLE.b=2'], 'TABLE', { a: 1, b: 2 }],
  [['--ANY={a: [1, /* comment */ NaN]}'], 'ANY', { a: [1, Number.NaN] }],
  [['--ANY=plain text'], 'ANY', 'plain text'],
  [['--ANY=5'], 'ANY', 5],
  [['--WHEN=2026-01-31T12:00:00Z'], 'WHEN', new Date('2026-01-31T12:00:00Z')],
  [['--_PRIVATE_2=5'], '_PRIVATE_2', 5],
  [['--ÄÖ=5'], 'ÄÖ', 5],
  [['--L=1', '--L=2'], 'L', 2],
];

/** As few runs as give every case, each with at most one case of a parameter. */
function batches(cases: readonly Case[]): ReadonlyMap<string, Case>[] {
  const all: Map<string, Case>[] = [];
  for (const each of cases) {
    const free = all.find((batch) => !batch.has(each[1]));
    if (free === undefined) all.push(new Map([[each[1], each]]));
    else free.set(each[1], each);
  }
  return all;
}

describe.each(batches(CASES).map((batch) => [...batch.values()]))('a command line with %j', (...cases) => {
  let run: LoadedRun;
  beforeAll(() => {
    ({ run } = project.run(MAIN, ['--quiet', ...cases.flatMap(([words]) => words)]));
    expect(run.error).toBeUndefined();
  });

  it.each(cases)('%j is what the experiment gets, and what is recorded', (_, name, value) => {
    expect((run.result as Record<string, unknown>)[name]).toEqual(value);
    expect(run.parameters[name]).toEqual(value);
  });
});

describe('a value that does not fit', () => {
  it.each<[words: readonly string[], says: RegExp]>([
    [['--N=ten'], /Expected --N to be a number, got "ten"\./],
    [['--N=007'], /Expected --N to be a number, got "007"/],
    [['--N='], /Expected --N to be a number, got ""/],
    [['--N=007'], /Expected --N to be a number, got "007"/],
    [['--N=1,5'], /Expected --N to be a number, got "1,5"/],
    [['--N'], /Expected a value behind --N\./],
    [['--N', '--TEXT=x'], /Expected a value behind --N\..*--N=VALUE/],
    [['--MODEL.hidden'], /Expected a value behind --MODEL\.hidden\./],
    [['--TEXT'], /Expected a value behind --TEXT\./],
    [['--FLAG=yes'], /Expected --FLAG to be true or false, got "yes"/],
    [['--no-N'], /Expected --no-N for a boolean parameter/],
    [['--no-FLAG=true'], /Expected --no-FLAG for a boolean parameter and without a value/],
    [['--KIND=adan'], /Expected --KIND to be one of .*sgd.*adam.*got "adan"\. Did you mean "adam"\?/],
    [['--LEVEL=3'], /Expected --LEVEL to be one of 1, 2, .*auto.*got "3"/],
    [['--BIG=1.5'], /Expected --BIG to be a bigint/],
    [['--LIST=5'], /Expected --LIST to be an array \(number\[\]\)/],
    [['--LIST=[1, "x"]'], /--LIST.*\[1\].*number/],
    [['--LIST=[1'], /Expected --LIST to be an array/],
    [['--PAIR=[1]'], /--PAIR/],
    [['--MODEL={hidden: "x", deep: {rate: 1, names: []}, flag: true}'], /--MODEL.*hidden.*number/],
    [['--MODEL={hiden: 1}'], /--MODEL.*hid/],
    [['--MODEL.deep.rat=1'], /rat.*rate/],
    [['--N.x=1'], /N.*x/],
    [['--WHEN=yesterday'], /Expected --WHEN to be a date such as/],
    [['--FLAGS'], /got "FLAGS"\. Did you mean "FLAG"\?/],
    [['--COMPLETELY_ELSE=1'], /got "COMPLETELY_ELSE"\. It has: N, M, L, BIG, TEXT/],
  ])('%j is one sentence with exit status 2, before a folder is made', (words, says) => {
    const before = project.runs('main').length;
    const { status, stdout, stderr } = project.comex(['run', MAIN, ...words]);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^comex: [^\n]*\(E_(PARAMETER_TYPE|PARAMETER_NAME|USAGE)\)\n$/);
    expect([status, stdout]).toEqual([2, '']);
    expect(project.runs('main')).toHaveLength(before);
  });

  it('a parameter without a default has to be given', () => {
    const required = new TestProject({ [MAIN]: 'export let NEEDED: number;\nexport default () => NEEDED;' });
    const { status, stderr } = required.comex(['run', MAIN]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/Expected --NEEDED \(number\): it has no default \(line 1\)\..*E_PARAMETER_MISSING/),
    ]);
    expect(required.run(MAIN, ['--NEEDED=5']).run.result).toBe(5);
  });
});
