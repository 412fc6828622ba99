import { expect, it } from 'vitest';
import { COLOURS, coloured } from '../../src/chart/colours.ts';

it('datasets without colours get different ones', () => {
  const [first, second] = coloured('line', [{ data: [1] }, { data: [2] }]) as Array<{ borderColor: string }>;
  expect(first?.borderColor).toBe(COLOURS[0]);
  expect(second?.borderColor).toBe(COLOURS[1]);
});

it('a chart in which one dataset says its colour is left as it is', () => {
  const datasets = [{ borderColor: 'red', data: [1] }, { data: [2] }];
  expect(coloured('line', datasets)).toEqual(datasets);
});

it('the slices of a pie get a colour each', () => {
  expect(coloured('pie', [{ data: [1, 2] }])).toEqual([{ backgroundColor: [...COLOURS], data: [1, 2] }]);
});
