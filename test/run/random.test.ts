import { describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { ran } from './ran.ts';

const MAIN = 'experiments/main.ts';

/** Code that tries statements, and gives the code of each one's error, or what it gave. */
const TRY = `const attempt = async (action: () => unknown) => { try { return ['fine', await action()]; } catch (error: any) { return [error.code ?? error.name, error.message]; } };`;

describe('e.random', () => {
  const source = `export default function experiment(e: any) {
  const r = e.random;
  const few = [e.random(), r.normal(), r.int(1, 6), r.choice(['a', 'b', 'c']), r.shuffle([1, 2, 3, 4, 5]), Math.random()];
  const many = (draw: () => number) => { let sum = 0, square = 0; for (let i = 0; i < 20_000; i++) { const x = draw(); sum += x; square += x * x; } return [sum / 20_000, Math.sqrt(square / 20_000 - (sum / 20_000) ** 2)]; };
  const dice = [0, 0, 0, 0, 0, 0, 0]; for (let i = 0; i < 60_000; i++) dice[r.int(1, 6)]!++;
  const firsts: Record<string, number> = {}; for (let i = 0; i < 6_000; i++) { const key = r.shuffle(['a', 'b', 'c']).join(''); firsts[key] = (firsts[key] ?? 0) + 1; }
  const items = [1, 2, 3]; r.shuffle(items);
  return { few, uniform: many(r), normal: many(() => r.normal(5, 2)), builtIn: many(Math.random), dice, firsts, items };
}`;
  const project = new TestProject({ [MAIN]: source });
  interface Drawn {
    few: unknown[];
    uniform: number[];
    normal: number[];
    builtIn: number[];
    dice: number[];
    firsts: Record<string, number>;
    items: number[];
  }
  const draw = (words: readonly string[]): { readonly run: LoadedRun; readonly drawn: Drawn } => {
    const { run } = project.run(MAIN, words);
    return { run, drawn: run.result as Drawn };
  };

  it('draws the same numbers from the same seed, others from another, for Math.random too', () => {
    const [one, again, two, text, number] = ['1', '1', '2', 'one', '1.0'].map(
      (seed) => draw([`--__SEED__=${seed}`]).drawn.few,
    );
    expect(again).toEqual(one);
    expect(number).toEqual(one);
    expect(one![0]).not.toBe(one![5]);
    for (const other of [two!, text!]) {
      expect(other[0]).not.toBe(one![0]);
      expect(other[5]).not.toBe(one![5]);
    }
  });

  it('draws other numbers without a seed, which is recorded so that they can be drawn again', () => {
    const first = draw([]);
    const second = draw([]);
    expect(second.drawn.few).not.toEqual(first.drawn.few);
    expect(first.run.meta.seed?.drawn).toBe(true);
    expect(draw([`--__SEED__=${first.run.meta.seed?.value}`]).drawn.few).toEqual(first.drawn.few);
  });

  it('is distributed as it says', () => {
    const { uniform, normal, builtIn, dice, firsts, items } = draw(['--__SEED__=1']).drawn;
    for (const [mean, deviation] of [uniform, builtIn]) {
      expect(mean).toBeCloseTo(0.5, 1);
      expect(deviation).toBeCloseTo(Math.sqrt(1 / 12), 1);
    }
    expect(normal[0]).toBeCloseTo(5, 1);
    expect(normal[1]).toBeCloseTo(2, 1);
    expect(dice[0]).toBe(0);
    for (const count of dice.slice(1)) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(Object.keys(firsts)).toHaveLength(6);
    for (const count of Object.values(firsts)) expect(Math.abs(count - 1_000)).toBeLessThan(200);
    expect(items).toEqual([1, 2, 3]);
  });

  it('refuses ranges and lists that have nothing to draw from', () => {
    const { run } = ran(
      `${TRY}\nreturn [await attempt(() => e.random.int(2, 1)), await attempt(() => e.random.int(0.5, 1)), await attempt(() => e.random.choice([])), e.random.shuffle([])];`,
    );
    const [empty, half, none, shuffled] = run.result as [string, string][];
    expect([empty![0], half![0], none![0], shuffled]).toEqual(['RangeError', 'RangeError', 'RangeError', []]);
  });
});
