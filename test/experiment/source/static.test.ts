// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
import { describe, expect, test } from 'vitest';
import type { StaticValue } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const HEAD = `import { imported } from './x.ts';
export const EPOCHS = 20, NAME = 'digits', MODEL = { hidden: 3, list: [1, 2] }, RATE = Math.random();
const plain = 5, options = { a: 1 }, changed = { a: 1 }, pushed = [1], assigned = { a: 1 };
let variable = 5; changed.a = 2; pushed.push(2); Object.assign(assigned, {}); Object.keys(options);
`;

const value = (initialiser: string, overrides: Record<string, unknown> = {}): StaticValue => {
  const module = readModule(
    '/x/a.ts',
    `${HEAD}export const A = ${initialiser};\nexport const LATER = 1; const later = 1;`,
  );
  const found = module.evaluate(new Map(Object.entries(overrides))).get('A')!;
  if (Object.keys(overrides).length === 0) {
    expect(module.parameters.find(({ name }) => name === 'A')?.defaultValue).toEqual(found);
  }
  return found;
};

describe('values that the source tells', () => {
  test.each<[initialiser: string, expected: unknown]>([
    ['10', 10],
    ['-1e-3', -0.001],
    ['0x10', 16],
    ['10n', 10n],
    ['"a"', 'a'],
    ['null', null],
    ['true', true],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['`${NAME}-${EPOCHS}`', 'digits-20'],
    ['EPOCHS * 100 + 1', 2001],
    ['2 ** 10', 1024],
    ['2n ** 10n', 1024n],
    ['7 % 4 << 2 | 1', 13],
    ['"a" + 1', 'a1'],
    ['1 < 2 && "x"', 'x'],
    ['null ?? 5', 5],
    ['0 || "x"', 'x'],
    ['EPOCHS > 10 ? "long" : imported()', 'long'],
    ['!MODEL', false],
    ['typeof EPOCHS', 'number'],
    ['void 0', undefined],
    ['~5', -6],
    ['1 == "1"', true],
    ['[1, ...[2, 3], ..."ab"]', [1, 2, 3, 'a', 'b']],
    [
      '{ a: 1, "b": [2], 3: 4, ["c" + 1]: 5, EPOCHS, ...MODEL, hidden: 9 }',
      { a: 1, b: [2], 3: 4, c1: 5, EPOCHS: 20, list: [1, 2], hidden: 9 },
    ],
    ['{ ...null, ...[7] }', { 0: 7 }],
    ['MODEL.hidden', 3],
    ['MODEL["list"][1]', 2],
    ['MODEL.list.length', 2],
    ['MODEL.nowhere', undefined],
    ['MODEL?.hidden', 3],
    ['null?.x', undefined],
    ['NAME.length', 6],
    ['NAME[0]', 'd'],
    ['plain + 1', 6],
    ['{ ...options, b: 2 }', { a: 1, b: 2 }],
    ['Math.PI', Math.PI],
    ['Number.MAX_SAFE_INTEGER', Number.MAX_SAFE_INTEGER],
    ['-Number.MAX_VALUE', -Number.MAX_VALUE],
    ['[1, 2] as const', [1, 2]],
    ['({ a: 1 } satisfies object)!', { a: 1 }],
    ['<number>5', 5],
    ['new Date("2026-01-31T00:00:00Z")', new Date('2026-01-31T00:00:00Z')],
    ['new Date(0)', new Date(0)],
  ])('%s', (initialiser, expected) => {
    expect(value(initialiser)).toStrictEqual({ known: true, value: expected });
  });

  test.each([
    'imported',
    'imported()',
    'RATE',
    'RATE + 1',
    'Math.random()',
    '() => 1',
    '{ f() {} }',
    '{ get a() { return 1; } }',
    '{ __proto__: null }',
    '/x/',
    'new Date()',
    'new Map()',
    'await 5',
    'variable',
    'changed',
    '{ ...changed }',
    'pushed',
    'assigned',
    'nowhere',
    'LATER',
    'later',
    'A',
    '1n + 1',
    '[1] + [2]',
    '{} + 1',
    'MODEL === MODEL',
    '-MODEL',
    '`${MODEL}`',
    'NAME.toUpperCase',
    'MODEL.toString',
    'MODEL.list.map',
    'null.x',
    '"a" in MODEL',
    'MODEL instanceof Object',
    '[, 1]',
    '[...MODEL]',
    '(1, 2)',
    'this',
    'import.meta.url',
    'Math',
    'Symbol("x")',
    'class {}',
    '1n / 0n',
    'Symbol.iterator',
    'delete MODEL.hidden',
    '`${imported}`',
  ])('%s is not told', (initialiser) => {
    expect(value(initialiser)).toEqual({ known: false });
  });

  test('a known __proto__ key is a field, not a prototype', () => {
    const found = value('{ ["__proto__"]: { polluted: 1 }, ...{} }') as { value: object };
    expect(Object.keys(found.value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(found.value)).toBe(Object.prototype);
    expect('polluted' in found.value).toBe(false);
  });

  test('names of the module hide globals', () => {
    const module = readModule('/x/a.ts', 'const Math = { PI: 3 }, NaN2 = 1; export const A = Math.PI;');
    expect(module.parameters[0]?.defaultValue).toEqual({ known: true, value: 3 });
    const shadowed = readModule('/x/a.ts', "import { Infinity } from 'x'; export const A = Infinity;");
    expect(shadowed.parameters[0]?.defaultValue).toEqual({ known: false });
  });
});

describe('overridden values', () => {
  const module = readModule(
    '/x/a.ts',
    'export const EPOCHS = 20; const scale = EPOCHS * 2; export const STEPS = EPOCHS * 100; export const LAST = [STEPS, scale]; export let REQ: number; export const WAIT = await f(EPOCHS); export const AFTER = WAIT + 1;',
  );

  test('derived parameters follow', () => {
    const values = module.evaluate(new Map<string, unknown>([['EPOCHS', 3]]));
    expect(Object.fromEntries(values)).toEqual({
      EPOCHS: { known: true, value: 3 },
      STEPS: { known: true, value: 300 },
      LAST: { known: true, value: [300, 6] },
      REQ: { known: false },
      WAIT: { known: false },
      AFTER: { known: false },
    });
  });

  test('an overridden derived parameter cuts it off, and an unknown one becomes known', () => {
    const values = module.evaluate(
      new Map<string, unknown>([
        ['STEPS', 7],
        ['WAIT', 1],
        ['REQ', undefined],
      ]),
    );
    expect(values.get('LAST')).toEqual({ known: true, value: [7, 40] });
    expect(values.get('AFTER')).toEqual({ known: true, value: 2 });
    expect(values.get('REQ')).toEqual({ known: true, value: undefined });
    expect(values.get('EPOCHS')).toEqual({ known: true, value: 20 });
  });

  test('evaluations do not see one another', () => {
    module.evaluate(new Map<string, unknown>([['EPOCHS', 3]]));
    expect(module.evaluate(new Map()).get('STEPS')).toEqual({ known: true, value: 2000 });
  });

  test('values of any kind are safe', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const getter = {
      get hidden(): number {
        throw new Error('a getter was run');
      },
    };
    expect(value('[MODEL]', { MODEL: loop })).toEqual({ known: false });
    expect(value('MODEL.hidden', { MODEL: getter })).toEqual({ known: false });
    expect(value('{ ...MODEL }', { MODEL: getter })).toEqual({ known: false });
    expect(value('{ ...MODEL }', { MODEL: new Map() })).toEqual({ known: false });
    expect(value('EPOCHS + 1', { EPOCHS: Symbol('x') })).toEqual({ known: false });
    expect(
      value('EPOCHS + 1', {
        EPOCHS: {
          valueOf: () => {
            throw new Error('code was run');
          },
        },
      }),
    ).toEqual({ known: false });
    expect(value('[MODEL]', { MODEL: new Float64Array(1e6) })).toEqual({ known: false });
  });
});

describe('bounds', () => {
  const chain = (first: string, next: (name: string) => string): StaticValue => {
    const lines = [`export const P0 = ${first};`];
    for (let i = 1; i <= 60; i++) lines.push(`export const P${i} = ${next(`P${i - 1}`)};`);
    // Without bounds this would take until the end of days, which the time limit of a test is not.
    return readModule('/x/a.ts', lines.join('\n')).parameters.at(-1)!.defaultValue;
  };

  test.each<[what: string, first: string, next: (name: string) => string]>([
    ['text', '"abc"', (name) => `${name} + ${name}`],
    ['templates', '"abc"', (name) => `\`\${${name}}\${${name}}\``],
    ['shared arrays', '[1]', (name) => `[${name}, ${name}]`],
    ['spread arrays', '[1]', (name) => `[...${name}, ...${name}]`],
    ['shared objects', '{ a: 1 }', (name) => `{ a: ${name}, b: ${name} }`],
    ['squares', '12345n', (name) => `${name} * ${name}`],
    ['powers', '3n', (name) => `${name} ** ${name}`],
    ['shifts', '3n', (name) => `${name} << ${name}`],
  ])('%s that double on and on are given up', (_, first, next) => {
    expect(chain(first, next)).toEqual({ known: false });
  });

  test('deep nesting does not overflow', () => {
    const deep = `${'['.repeat(300)}${']'.repeat(300)}`;
    expect(value(deep).known).toBe(true);
    expect(value(`${'1+'.repeat(500)}1`)).toEqual({ known: true, value: 501 });
    expect(readModule('/x/a.ts', `export const A = ${'B+'.repeat(5_000)}1, B = 1;`).parameters[0]?.uses).toEqual(['B']);
  });
});
