// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what YAML takes from the environment
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { define } from '../../src/experiment/define.ts';
import { knownValues } from '../../src/experiment/known.ts';
import { newExperiment } from '../../src/manage/new.ts';
import { TestProject } from '../project.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'ab ${}[]:#-?!&*|>%@`\'"/,\\\n\t\r\u2028'.split('')) }),
  fc.stringMatching(/^[-+.0-9eExo_n]{1,6}$/),
  fc.constantFrom('null', 'true', 'no', '~', '2026-01-31', '5n', '<<', '__proto__'),
);
const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e-7, 1e21));
const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const mlp = fc.record({ kind: fc.constant('mlp'), hidden: number }, { noNullPrototype: true });
const cnn = fc.record(
  { kind: fc.constant('cnn'), channels: fc.array(number), size: fc.tuple(number, text) },
  { noNullPrototype: true },
);

/** Parameters with what may be given to them. */
const KINDS: ReadonlyArray<readonly [declaration: string, value: fc.Arbitrary<unknown>]> = [
  ["TEXT = 'a'", text],
  ['NUMBER = 1', number],
  ['BIG = 5n', fc.bigInt()],
  ['WHEN = new Date(0)', date],
  ['FLAG: boolean = true', fc.boolean()],
  ['LIST: number[] = [1]', fc.array(number)],
  ['TEXTS: string[] = []', fc.array(text)],
  ["PAIR: [number, string] = [1, 'a']", fc.tuple(number, text)],
  ['LIMIT: number | null = null', fc.option(number)],
  ["CHOICES: Array<'a' | 'b'> = []", fc.array(fc.constantFrom('a', 'b'))],
  [
    "MODEL: { kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[]; size: [number, string] } = { kind: 'mlp', hidden: 1 }",
    fc.oneof(mlp, cnn),
  ],
  ['DAYS: Date[] = []', fc.array(date)],
  ['BIGS: Array<{ id: bigint }> = []', fc.array(fc.record({ id: fc.bigInt() }, { noNullPrototype: true }))],
  ['ANYTHING: any = 1', fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.array(plain))],
];

test('whatever values are given, the file that is made says the same: YAML and module', async () => {
  const project = new TestProject({
    'experiments/base.ts': `${KINDS.map(([declaration]) => `export const ${declaration};\n`).join('')}export default () => 1;\n`,
  });
  const names = KINDS.map(([declaration]) => /^\w+/.exec(declaration)![0]);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.tuple(...KINDS.map(([, value]) => value)), async (given) => {
      count += 1;
      for (const ts of [false, true]) {
        const values = () => names.map((path, i) => ({ path, value: { value: given[i] } }));
        const { path } = await newExperiment(
          {
            name: `made/${ts ? 'module' : 'config'}${count}`,
            extends: 'base',
            mixin: false,
            ts,
            tags: [],
            include: [],
            values,
          },
          project.root,
        );
        const { chain, declared } = await define(path, project.root);
        const known = knownValues(chain, declared, new Map());
        for (const [i, name] of names.entries())
          expect([name, known.get(name)]).toEqual([name, { known: true, value: given[i] }]);
      }
    }),
    { numRuns: 60 },
  );
});
