import { describe, expect, it } from 'vitest';
import { NumberList } from '../../src/run/number-list.ts';

describe('a list of numbers', () => {
  it.each([0, 1, 64, 65, 20_000])('gives back %i numbers in the order they came', (count) => {
    const list = new NumberList();
    const numbers = Array.from({ length: count }, (_, i) => Math.cos(i));
    for (const number of numbers) list.push(number);
    expect(list.toArray()).toEqual(numbers);
  });

  it('keeps every double as it is, also -0 and NaN', () => {
    const list = new NumberList();
    const numbers = [-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, Number.MAX_VALUE];
    for (const number of numbers) list.push(number);
    expect(list.toArray()).toEqual(numbers);
  });

  it('gives an array that is the caller’s own', () => {
    const list = new NumberList();
    list.push(1);
    list.toArray().push(2);
    expect(list.toArray()).toEqual([1]);
  });
});
