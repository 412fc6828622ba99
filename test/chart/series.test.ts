import { describe, expect, test } from 'vitest';
import type { ChartConfiguration, Series } from '../../src/chart/index.ts';
import { seriesChart } from '../../src/chart/index.ts';

function series(name: string, values: readonly number[], steps: readonly number[] = values.map((_, i) => i)): Series {
  return { name, steps: Float64Array.from(steps), values: Float64Array.from(values) };
}

interface Shown {
  readonly scales: {
    readonly x: { min: number; max: number; title: { text: string }; ticks: { precision?: number } };
    readonly y: { type: string; min?: number; max?: number; title: { text: string } };
  };
  readonly plugins: {
    readonly legend: { display: boolean; labels: { generateLabels(): { text: string; lineDash: number[] }[] } };
    readonly title: { display: boolean; text: string };
    readonly subtitle: { display: boolean; text: string };
  };
}

const optionsOf = (chart: ChartConfiguration) => chart.options as Shown;
const datasetsOf = (chart: ChartConfiguration) =>
  chart.data.datasets as { data: { x: number; y: number }[]; pointRadius: number | number[]; borderColor: string }[];

describe('seriesChart', () => {
  test('names its axes, and shows no legend for one series', () => {
    const { scales, plugins } = optionsOf(seriesChart([series('loss/train', [1, 2, 3])]));
    expect([scales.x.title.text, scales.y.title.text]).toEqual(['step', 'loss/train']);
    expect([plugins.legend.display, plugins.title.display, plugins.subtitle.display]).toEqual([false, false, false]);
  });

  test('shows what several series share on the axis, and the rest of their names in the legend', () => {
    const chart = seriesChart([series('loss/train', [1, 2]), series('loss/val', [2, 3])], {
      title: 'Loss',
      stepLabel: 'epoch',
    });
    const { scales, plugins } = optionsOf(chart);
    expect([scales.x.title.text, scales.y.title.text, plugins.title.text]).toEqual(['epoch', 'loss', 'Loss']);
    expect(plugins.legend.display).toBe(true);
    expect(plugins.legend.labels.generateLabels().map(({ text }) => text)).toEqual(['train', 'val']);
  });

  test('shortens long names in their middle', () => {
    const long = `${'a'.repeat(100)}end`;
    const { plugins } = optionsOf(seriesChart([series(long, [1]), series('b', [2])]));
    const [text] = plugins.legend.labels.generateLabels().map((label) => label.text);
    expect(text).toHaveLength(36);
    expect(text).toMatch(/^a+…a+end$/);
  });

  test('tells 12 series apart by colours and dashes', () => {
    const chart = seriesChart(Array.from({ length: 12 }, (_, i) => series(`s${i}`, [i, i])));
    const colours = datasetsOf(chart).map(({ borderColor }) => borderColor);
    const dashes = optionsOf(chart).plugins.legend.labels.generateLabels();
    expect(new Set(colours.map((colour, i) => colour + dashes[i]!.lineDash.join()))).toHaveProperty('size', 12);
  });

  test('marks one point boldly, few points lightly and many not at all', () => {
    const radius = (count: number) => datasetsOf(seriesChart([series('a', Array(count).fill(1))]))[0]!.pointRadius;
    expect(radius(1)).toBeGreaterThan(4);
    expect(radius(2)).toBeGreaterThan(1);
    expect(radius(100)).toBeLessThan(4);
    expect(radius(101)).toBe(0);
  });

  test('gives one point an axis with room on both sides', () => {
    const { x, y } = optionsOf(seriesChart([series('a', [5], [10])])).scales;
    expect([x.min, x.max]).toEqual([9, 11]);
    expect([y.min, y.max]).toEqual([4.5, 5.5]);
  });

  test('gives a constant series a range around its value, also around 0 and with rounding noise', () => {
    const range = (...values: number[]) => {
      const { y } = optionsOf(seriesChart([series('a', values)])).scales;
      return [y.min, y.max];
    };
    expect(range(0, 0, 0)).toEqual([-1, 1]);
    expect(range(-10, -10)).toEqual([-11, -9]);
    expect(range(0.3, 0.1 + 0.2)[0]).toBeCloseTo(0.27);
  });

  test('has a logarithmic axis only for values above 0 over more than three orders of magnitude', () => {
    const type = (...values: number[]) => optionsOf(seriesChart([series('a', values)])).scales.y.type;
    expect(type(0.001, 5)).toBe('logarithmic');
    expect(type(1, 999)).toBe('linear');
    expect(type(0, 1e6)).toBe('linear');
    expect(type(-1, 1e6)).toBe('linear');
    const title = (...values: number[]) => optionsOf(seriesChart([series('a', values)])).scales.y.title.text;
    expect([title(0.001, 5), title(1, 5)]).toEqual(['a (log scale)', 'a']);
  });

  test('has whole ticks for whole steps', () => {
    const precision = (steps: number[]) =>
      optionsOf(seriesChart([series('a', [1, 2, 3], steps)])).scales.x.ticks.precision;
    expect(precision([0, 1, 2])).toBe(0);
    expect(precision([0, 0.5, 1])).toBeUndefined();
  });

  test('shows what is not finite as gaps, counts it, and marks a point between two gaps', () => {
    const values = Array.from({ length: 200 }, (_, i) => i);
    values[50] = Number.NaN;
    values[52] = Number.POSITIVE_INFINITY;
    const chart = seriesChart([series('a', values)]);
    const [dataset] = datasetsOf(chart);
    expect(dataset!.data.filter(({ y }) => Number.isNaN(y)).map(({ x }) => x)).toEqual([50, 52]);
    expect((dataset!.pointRadius as number[]).flatMap((radius, i) => (radius > 0 ? [i] : []))).toEqual([51]);
    expect(optionsOf(chart).plugins.subtitle.text).toBe('2 values not finite');
  });

  test('says which of several series has gaps', () => {
    const chart = seriesChart([series('loss/a', [1, 2]), series('loss/b', [Number.NaN, 2])]);
    expect(optionsOf(chart).plugins.subtitle.text).toBe('1 value not finite (in b)');
  });

  test('thins out a million points to about two per pixel', () => {
    const steps = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
    const [dataset] = datasetsOf(seriesChart([{ name: 'a', steps, values: steps.map(Math.sin) }]));
    expect(dataset!.data.length).toBeLessThan(2500);
    expect(dataset!.data.length).toBeGreaterThan(2000);
  });

  test('draws an axis for no points at all', () => {
    expect(optionsOf(seriesChart([series('a', [])])).plugins.subtitle.text).toBe('no points');
    expect(optionsOf(seriesChart([])).scales.x).toMatchObject({ min: 0, max: 1 });
  });
});
