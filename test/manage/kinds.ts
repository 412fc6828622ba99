/** An experiment with every kind of parameter and hook, and what it imports. */
export const KINDS = {
  'experiments/parts/shared.ts':
    'export interface Model { name: string; sizes: readonly number[] }\nexport const base = 10;\n',
  'experiments/deep/kinds.ts': String.raw`/** Every kind of parameter. */
import { type Experiment, hookPoint } from 'comex';
import { base, type Model } from '../parts/shared.ts';

type Self = typeof import('./kinds.ts');

/** Holds a colon: and # and ${'$'}{HOME}, "quotes" and 'others', @author me. */
export const TEXT = 'it\'s "quoted": # no comment ${'$'}{HOME} ${'$'}1\n  second line\t\\ */ \u2028 \u202e ' + '\x60';
export const EMPTY = '';
export const WORD = 'no';
export const NUMBER = 0.5; // A comment behind it.
export const NOT_A_NUMBER: number = NaN;
export const INFINITE = -Infinity;
export const TINY = 1e-7;
export const HUGE = 1e21;
export const ZERO = -0;
export const BIG = 12345678901234567890n;
export const SMALL_BIG = 5n;
export const WHEN = new Date('2026-01-31T12:00:00.123Z');
export const FLAG: boolean = true;
export const LIST = [1, 2, 3];
export const TEXTS: string[] = [];
export const LONG = ['a long text of many words', 'another long text of many words', 'and a third, so that lines break'];
export const PAIR: [number, string] = [1, 'a'];
/**
 * Which way down.
 *
 * Two paragraphs.
 * @unit none
 */
export const CHOICE: 'sgd' | 'adam' | "it's" = 'sgd';
export const CHOICES: Array<'a' | 'b'> = ['a'];
export const LIMIT: number | null = null;
export const PERHAPS: string | undefined = undefined;
export const MODEL:
  | { kind: 'mlp'; hidden: number; depth?: number }
  | { kind: 'cnn'; channels: number[]; size: [number, number]; blocks: Array<{ act: 'relu' | 'tanh' }> } = {
  kind: 'cnn',
  channels: [8, 16],
  size: [3, 3],
  blocks: [{ act: 'relu' }],
};
export const BLOCKS: Array<{ size: number; act?: 'relu' | 'tanh' }> = [{ size: 3 }, { size: 5, act: 'relu' }];
export const RATES: Record<string, number> = { a: 1, 'b c': 2 };
export const IMPORTED: Model = { name: 'x', sizes: [1, 2] };
export const TRANSFORM = (x: number): number => x * 2;
export const TABLE = new Map([['a', 1]]);
export const STEPS = NUMBER * 100;
export const COMPUTED = base + Number('3');
// biome-ignore lint/suspicious/noExplicitAny: anything
export const ANYTHING: any = { a: [1, null] };
export const API_KEY = 'never-to-be-copied';
/** Must be given. */
export let NEEDED: string;

export const hooks = {
  after_epoch: hookPoint<{ epoch: number; loss: number }>(),
  rate: hookPoint<{ epoch: number }, number>(),
  'odd name': hookPoint<{ 'odd argument': number }>(),
};

export default async function experiment(e: Experiment<Self>) {
  /** After each epoch. It's a doc. */
  await e.applyHook('after_epoch', { epoch: 1, loss: 0.5 });
  /** Gives the rate. */
  const rate = await e.applyHook('rate', { epoch: 1 }, 0.1);
  await e.applyHook('odd name', { 'odd argument': 1 });
  await e.applyHook('undeclared', { class: 1, value: 2 });
  await e.applyHook('bare');
  return { rate, text: e.TEXT, transformed: e.TRANSFORM(2), size: e.TABLE.size };
}
`,
};
