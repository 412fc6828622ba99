// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as YAML experiments have it
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { validate } from '../../src/manage/validate.ts';
import { TestProject } from '../project.ts';
import { isValid } from './json-schema.ts';

const WIDE = `/** All kinds of parameters. */
import type { Experiment } from 'comex';
/** Step size.
 * @unit 1/step */
export const RATE = 0.1;
export const MODE: 'sgd' | 'adam' | 3 | null = 'sgd';
export const FLAG = true;
export const TEXT = 'a';
export const MAYBE: number | string[] | undefined = undefined;
export const BIG = 10n;
export const DAY = new Date('2026-01-31');
export const SIZES = [1, 2];
export const PAIR: [number, string] = [1, 'a'];
export const TABLE: Record<string, number> = { a: 1 };
export const MODEL: { kind: 'mlp'; hidden: number; deep: { a?: number; b: string } } | { kind: 'cnn'; channels: number[] } =
  { kind: 'mlp', hidden: 8, deep: { b: 'x' } };
export const LAYERS: ({ kind: 'a'; size: number } | { kind: 'b' })[] = [];
export const LOOSE: { a: number } | { b: string } = { a: 1 };
export const ANY: any = 1;
export const CALL = (x: number) => x;
export const STEPS = RATE * 100;
/** For the door. */
export const API_KEY = 'hunter2';
export let NEEDED: number;
export default (e: Experiment) => e.applyHook('x');
`;

describe('comex schema', () => {
  const project = new TestProject({
    'experiments/wide.ts': WIDE,
    'experiments/child.yml':
      'extend: ./wide.ts\ndescription: On top.\nparameters: { RATE: 0.5, MODEL: { hidden: 9 } }\n',
  });
  const schemaOf = (file: string) => JSON.parse(project.comex(['schema', file]).stdout);
  const schema = schemaOf('wide');
  const parameters = schema.properties.parameters.properties;

  it('tells the keys of a YAML experiment and the parameters with types, docs and defaults', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'YAML experiments that extend experiments/wide.ts',
      description: 'All kinds of parameters.',
      required: ['extend'],
      additionalProperties: false,
    });
    const keys = ['extend', 'name', 'description', 'namespace', 'include', 'tags', 'note', 'parameters'];
    expect(Object.keys(schema.properties)).toEqual(keys);
    expect(parameters.RATE).toEqual({
      description: 'Step size.\n\nUnit: 1/step.',
      anyOf: [{ type: 'number' }, { $ref: '#/$defs/variable' }],
      default: 0.1,
    });
    expect(parameters.MODE.anyOf).toEqual([
      { enum: ['sgd', 'adam', 3] },
      { type: 'null' },
      { $ref: '#/$defs/variable' },
    ]);
    expect(parameters.BIG.default).toBe(10);
    expect(parameters.DAY.default).toBe('2026-01-31T00:00:00.000Z');
    expect(parameters.MODEL.default).toEqual({ kind: 'mlp', hidden: 8, deep: { b: 'x' } });
    expect(parameters.STEPS).toMatchObject({ description: 'number\n\nDefault: RATE * 100' });
    expect(parameters.STEPS).not.toHaveProperty('default');
    expect(parameters.__DEBUG__).toMatchObject({ default: false });
    expect(parameters.CALL).toMatchObject({ not: {} });
    expect(JSON.stringify(schema)).not.toContain('hunter2');
  });

  it('has the values of a YAML experiment as the defaults of those that extend it', () => {
    const { description, properties } = schemaOf('child');
    expect(description).toBe('On top.');
    expect(properties.parameters.properties.RATE.default).toBe(0.5);
    expect(properties.parameters.properties.MODEL.default.hidden).toBe(9);
  });

  it.each<[good: readonly string[], bad: readonly string[]]>([
    [
      ['RATE: 1', 'RATE: 1e-3', 'RATE: .nan', 'RATE: -.inf', 'RATE: ${N:-3}'],
      ['RATE: fast', 'RATE: "1"', 'RATE: null', 'RATE: [1]'],
    ],
    [
      ['MODE: adam', 'MODE: 3', 'MODE: ~', 'MODE: "${M:-adam}"'],
      ['MODE: adm', 'MODE: 4', 'MODE: true'],
    ],
    [
      ['FLAG: false', 'FLAG: ${F:-true}'],
      ['FLAG: 1', 'FLAG: yes'],
    ],
    [
      ['TEXT: b', 'TEXT: "1"', 'TEXT: "a ${X:-b}"'],
      ['TEXT: 1', 'TEXT: true', 'TEXT: { a: 1 }'],
    ],
    [
      ['MAYBE: 1', 'MAYBE: [a]'],
      ['MAYBE: x', 'MAYBE: null', 'MAYBE: [1]'],
    ],
    [
      ['BIG: 3', 'BIG: "3n"', 'BIG: "-0x1f"', 'BIG: 12345678901234567890'],
      ['BIG: 1.5', 'BIG: x'],
    ],
    [
      ['DAY: 2026-02-03', 'DAY: "2026-02-03T04:05:06Z"'],
      ['DAY: tomorrow', 'DAY: 2026'],
    ],
    [
      ['SIZES: []', 'SIZES: [1, 2.5]', 'SIZES: ["${N:-3}"]', 'SIZES: "${S:-[1]}"'],
      ['SIZES: 1', 'SIZES: [a]', 'SIZES: { a: 1 }'],
    ],
    [['PAIR: [2, b]'], ['PAIR: [2]', 'PAIR: [2, b, c]', 'PAIR: [b, 2]']],
    [
      ['TABLE: { x: 1 }', 'TABLE.x: 2', 'TABLE: {}'],
      ['TABLE: { x: a }', 'TABLE.x: a', 'TABLE: [1]'],
    ],
    [
      [
        'MODEL: { hidden: 3 }',
        'MODEL: { kind: mlp, hidden: 3 }',
        'MODEL: { kind: cnn, channels: [1] }',
        'MODEL: { deep: { a: 2 } }',
        'MODEL.hidden: 3',
        'MODEL.deep.a: 3',
        'MODEL: {}',
      ],
      [
        'MODEL: { kind: rnn }',
        'MODEL: { kind: cnn, hidden: 3 }',
        'MODEL: { hiden: 3 }',
        'MODEL: { hidden: x }',
        'MODEL: { deep: { c: 1 } }',
        'MODEL.hiden: 3',
        'MODEL.deep.a: x',
        'MODEL: 1',
      ],
    ],
    [
      ['LAYERS: [{ kind: a, size: 1 }, { kind: b }]'],
      ['LAYERS: [{ kind: a }]', 'LAYERS: [{ size: 1 }]', 'LAYERS: [{ kind: c }]', 'LAYERS: [{ kind: b, size: 1 }]'],
    ],
    [['ANY: { a: [1] }', 'ANY: null', 'ANY.b.c: 3'], []],
    [['NEEDED: 1'], ['NEEDED: x']],
    [[], ['CALL: x', 'CALL: 1']],
    [
      ['__DEBUG__: true', '__SEED__: abc', '__SEED__: 1', '__PREFIX__: x'],
      ['__DEBUG__: 1', '__DEBG__: true', '__SEED__: [1]'],
    ],
    [[], ['RTE: 1', 'rate: 1']],
  ])('lets pass %j and not %j, as the validator does', async (good, bad) => {
    for (const [texts, passes] of [
      [good, true],
      [bad, false],
    ] as const) {
      for (const text of texts) {
        const yaml = `extend: ./wide.ts\nparameters:\n  ${text}\n`;
        expect([text, isValid(parse(yaml), schema)]).toEqual([text, passes]);
        project.write({ 'experiments/try.yml': yaml });
        const { files, problems } = await validate([join(project.root, 'experiments/try.yml')], project.root);
        expect([text, files[0]?.errors === 0, passes ? problems : []]).toEqual([text, passes, []]);
      }
    }
  });

  it.each([
    ['tags: [a]\ninclude: ./mixins/a.ts\nnote: n\nname: x\nnamespace: a/b\ndescription: d', true],
    ['parameters:', true],
    ['tags: 3', false],
    ['tag: a', false],
    ['name: 3', false],
    ['include: [3]', false],
    ['parameters: []', false],
  ])('judges the other keys: %j', (text, passes) => {
    expect(isValid(parse(`extend: ./wide.ts\n${text}\n`), schema)).toBe(passes);
  });

  it('needs extend', () => {
    expect(isValid({ parameters: {} }, schema)).toBe(false);
    expect(isValid({ extend: 3 }, schema)).toBe(false);
  });

  it('is written into a file with --out, again as often as wanted, but never over another file', () => {
    const words = ['schema', 'wide', '--out', 'wide.schema.json'];
    const { stdout, status } = project.comex(words);
    expect(stdout).toContain('# yaml-language-server: $schema=wide.schema.json\n');
    expect([status, JSON.parse(project.read('wide.schema.json'))]).toEqual([0, schema]);
    expect(project.comex(words).status).toBe(0);
    for (const other of ['experiments/wide.ts', 'package.json', 'experiments']) {
      const refused = project.comex(['schema', 'wide', '--out', other]);
      expect([refused.status, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain(`got ${other}, which is something else`);
    }
    expect(project.read('experiments/wide.ts')).toBe(WIDE);
  });

  it('is refused in one sentence for an experiment that cannot be read', () => {
    project.write({ 'experiments/bad.ts': 'export const { A } = { A: 1 };\nexport default () => 0;\n' });
    const { status, stderr, stdout } = project.comex(['schema', 'bad']);
    expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
  });
});
