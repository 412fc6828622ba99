import { describe, expect, it } from 'vitest';
import { Columns, type Series } from '../../src/archive/columns.ts';
import { plotChart } from '../../src/manage/plot-chart.ts';
import { lineOf, meanLine, type PlotLine, smoothed } from '../../src/manage/plot-lines.ts';

function series(points: ReadonlyArray<readonly [step: number, value: unknown, axes?: Record<string, number>]>): Series {
  const columns = new Columns('loss');
  for (const [step, value, axes] of points) columns.push(step, step * 10, value, axes);
  return columns.finished();
}

const line = (x: number[], y: number[]): PlotLine => ({ x: Float64Array.from(x), y: Float64Array.from(y) });

describe('lineOf', () => {
  it('puts the steps in order, and keeps gaps', () => {
    const { x, y } = lineOf(
      series([
        [2, 20],
        [0, Number.NaN],
        [1, 10],
      ]),
      'step',
    )!;
    expect([[...x], [...y]]).toEqual([
      [0, 1, 2],
      [Number.NaN, 10, 20],
    ]);
  });

  it('counts time in seconds', () => {
    expect([
      ...lineOf(
        series([
          [100, 1],
          [200, 2],
        ]),
        'time',
      )!.x,
    ]).toEqual([1, 2]);
  });

  it('takes the mean of the points at each place of an axis such as epoch, and leaves out those without one', () => {
    const points = series([
      [0, 1, { epoch: 0 }],
      [1, 3, { epoch: 0 }],
      [2, 9],
      [3, 5, { epoch: 1 }],
    ]);
    const { x, y } = lineOf(points, 'epoch')!;
    expect([[...x], [...y]]).toEqual([
      [0, 1],
      [2, 5],
    ]);
    expect(lineOf(points, 'batch')).toBeUndefined();
  });
});

describe('meanLine', () => {
  it('is the mean and the standard deviation of the runs that have a finite value at a step', () => {
    const mean = meanLine([line([0, 1, 2], [1, 2, 3]), line([0, 1], [3, Number.NaN])], true);
    expect([...mean.x]).toEqual([0, 1, 2]);
    expect([...mean.y]).toEqual([2, 2, 3]);
    expect([...mean.deviation!]).toEqual([Math.SQRT2, 0, 0]);
    expect([...mean.counts!]).toEqual([2, 1, 1]);
  });

  it('reads runs off between their points where these do not lie one above the other, each as far as it goes', () => {
    const mean = meanLine([line([0, 10], [0, 10]), line([5, 20], [5, 20])], false);
    for (const [i, x] of mean.x.entries()) expect(mean.y[i]).toBeCloseTo(x, 9);
    expect([mean.x[0], mean.x.at(-1)]).toEqual([0, 20]);
    expect(Math.max(...mean.counts!)).toBe(2);
  });
});

describe('smoothed', () => {
  it('takes the mean of neighbours, fewer at the ends, and keeps gaps', () => {
    expect([...smoothed(line([0, 1, 2, 3], [0, 3, Number.NaN, 6]), 3).y]).toEqual([1.5, 1.5, Number.NaN, 6]);
  });
});

describe('plotChart', () => {
  it('has a linear axis, whatever the values, unless a logarithmic one is asked for; that one says so', () => {
    const lines = [{ ...line([0, 1], [1e-9, 1]), label: 'a' }];
    const axisOf = (log: boolean) => {
      const { options } = plotChart(lines, { title: '', x: 'step', y: 'loss', log });
      const { type, title } = (options as { scales: { y: { type: string; title: { text: string } } } }).scales.y;
      return [type, title.text];
    };
    expect(axisOf(false)).toEqual(['linear', 'loss']);
    expect(axisOf(true)).toEqual(['logarithmic', 'loss (log scale)']);
  });

  it('fills the band of each mean up to its own upper edge', () => {
    const mean = { ...line([0, 1], [1, 2]), deviation: Float64Array.of(0.5, 0.5), counts: Uint32Array.of(2, 2) };
    const titles = { title: '', x: 'step', y: 'loss', log: false };
    const { data } = plotChart(
      [
        { ...mean, label: 'a' },
        { ...line([0], [1]), label: 'b' },
        { ...mean, label: 'c' },
      ],
      titles,
    );
    const datasets = data.datasets as ReadonlyArray<{ data: { y: number }[]; fill?: unknown }>;
    expect(datasets).toHaveLength(7);
    expect(datasets[3]).toMatchObject({ fill: 4 });
    expect(datasets[5]).toMatchObject({ fill: 6 });
    expect(datasets[3]!.data.map(({ y }) => y)).toEqual([0.5, 1.5]);
    expect(datasets[6]!.data.map(({ y }) => y)).toEqual([1.5, 2.5]);
  });

  it('keeps a band above 0 on a logarithmic axis', () => {
    const mean = { ...line([0, 1], [1, 2]), deviation: Float64Array.of(5, 5), counts: Uint32Array.of(2, 2) };
    const { data } = plotChart([{ ...mean, label: 'a' }], { title: '', x: 'step', y: 'loss', log: true });
    const low = data.datasets[1] as { data: { y: number }[] };
    expect(low.data.every(({ y }) => y > 0)).toBe(true);
  });
});
