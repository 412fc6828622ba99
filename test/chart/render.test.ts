import canvasLibrary from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import type { ChartConfiguration, RenderOptions } from '../../src/chart/index.ts';
import { renderChart, seriesChart } from '../../src/chart/index.ts';

const BAR: ChartConfiguration = { type: 'bar', data: { labels: ['a', 'b'], datasets: [{ label: 'x', data: [1, 2] }] } };
const SMALL: RenderOptions = { width: 300, height: 200 };

async function pixels(chart: ChartConfiguration, options: RenderOptions = {}) {
  const image = await canvasLibrary.loadImage(await renderChart(chart, options));
  const canvas = canvasLibrary.createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const at = (x: number, y: number) => [...data.subarray(4 * (y * image.width + x), 4 * (y * image.width + x) + 4)];
  return { width: image.width, height: image.height, data, at };
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

describe('renderChart', () => {
  test('gives a PNG of 1200 x 700 pixels on white', async () => {
    const { width, height, at } = await pixels(BAR);
    expect([width, height]).toEqual([1200, 700]);
    expect(at(0, 0)).toEqual([255, 255, 255, 255]);
    expect(at(1199, 699)).toEqual([255, 255, 255, 255]);
  });

  test('takes a size, a scale and a background', async () => {
    const scaled = await pixels(BAR, { ...SMALL, scale: 2, background: '#ff0000' });
    expect([scaled.width, scaled.height]).toEqual([600, 400]);
    expect(scaled.at(599, 399)).toEqual([255, 0, 0, 255]);
    expect((await pixels(BAR, { ...SMALL, background: 'transparent' })).at(0, 0)[3]).toBe(0);
  });

  test('gives an SVG of the asked size, its letters as outlines', async () => {
    const svg = (await renderChart(BAR, { ...SMALL, format: 'svg' })).toString();
    expect(svg).toMatch(/<svg[^>]* width="300" height="200"/);
    expect(svg).toContain('<path');
    expect(svg).not.toContain('<text');
  });

  test('draws text, also Greek, Cyrillic and mathematical signs', async () => {
    const titled = (text: string) => ({ ...BAR, options: { plugins: { title: { display: true, text } } } });
    const drawings = await Promise.all(
      ['Ä', 'Ω', 'Ж', '∞', '≤', '→', '\u{e000}'].map((t) => renderChart(titled(t), SMALL)),
    );
    // A sign that the font lacks is drawn as a box, like the last one, which no font has.
    expect(new Set(drawings.map((png) => png.toString('base64'))).size).toBe(7);
  });

  test('draws the same picture twice', async () => {
    expect((await renderChart(BAR, SMALL)).equals(await renderChart(BAR, SMALL))).toBe(true);
  });

  test('draws charts that are asked for at the same time, each in its size', async () => {
    const sizes = await Promise.all([200, 300, 400].map((width) => pixels(BAR, { width, height: 100 })));
    expect(sizes.map(({ width }) => width)).toEqual([200, 300, 400]);
  });

  test('leaves the configuration alone, frozen or not', async () => {
    const chart = frozen({ ...BAR, options: { animation: {}, scales: { y: { min: 0 } } }, plugins: [{ id: 'mine' }] });
    const before = JSON.stringify(chart);
    await renderChart(chart, SMALL);
    expect(JSON.stringify(chart)).toBe(before);
  });

  test.each(['bar', 'line', 'scatter', 'bubble', 'pie', 'doughnut', 'radar', 'polarArea'])(
    'draws a %s chart',
    async (type) => {
      const data = type === 'scatter' || type === 'bubble' ? [{ x: 1, y: 2, r: 3 }] : [1, 2];
      const { data: drawn } = await pixels({ type, data: { labels: ['a', 'b'], datasets: [{ data }] } }, SMALL);
      expect(drawn.some((byte) => byte !== 255)).toBe(true);
    },
  );

  test('draws series of every kind: none, one, gaps only, logarithmic, a million', async () => {
    const steps = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
    const kinds = [
      new Float64Array(0),
      Float64Array.of(1),
      Float64Array.of(Number.NaN, Number.NaN),
      Float64Array.of(Number.MIN_VALUE, Number.MAX_VALUE),
      Float64Array.of(-Number.MAX_VALUE, Number.MAX_VALUE),
      Float64Array.of(1e-9, 1, 1e9),
      steps.map(Math.sin),
    ];
    for (const values of kinds) {
      const chart = seriesChart([{ name: 'a', steps: steps.subarray(0, values.length), values }]);
      expect((await renderChart(chart, SMALL)).length).toBeGreaterThan(100);
    }
  });
});

describe('a chart that cannot be drawn', () => {
  const refused = async (chart: unknown, options?: RenderOptions) =>
    expect(renderChart(chart as ChartConfiguration, options)).rejects.toMatchObject({ code: 'E_CHART' });

  test('of an unknown type names the nearest one', async () => {
    await expect(renderChart({ ...BAR, type: 'scater' })).rejects.toMatchObject({
      code: 'E_CHART',
      message: expect.stringMatching(/got "scater"\. Did you mean "scatter"\?$/),
    });
    await expect(renderChart({ type: 'bar', data: { datasets: [{ type: 'lime' }] } })).rejects.toThrow(
      'data.datasets[0].type',
    );
  });

  test('without data says what was expected', async () => {
    await refused(undefined);
    await refused({ type: 'bar' });
    await refused({ type: 'bar', data: { datasets: {} } });
    await refused({ type: 'bar', data: { datasets: [3] } });
    await refused({ data: { datasets: [] } });
  });

  test('with an impossible size, scale or format is refused', async () => {
    await refused(BAR, { width: 0 });
    await refused(BAR, { height: Number.NaN });
    await refused(BAR, { width: 100_000 });
    await refused(BAR, { width: 10_000, scale: 2 });
    await refused(BAR, { scale: -1 });
    await refused(BAR, { format: 'gif' as 'png' });
  });

  test('carries the cause, leaves nothing behind, and does not stop the next one', async () => {
    const cause = new Error('in a callback');
    const broken = {
      ...BAR,
      plugins: [
        {
          id: 'broken',
          beforeDraw() {
            throw cause;
          },
        },
      ],
    };
    await expect(renderChart(broken, SMALL)).rejects.toMatchObject({ code: 'E_CHART', cause });
    expect('Image' in globalThis).toBe(false);
    expect((await renderChart(BAR, SMALL)).length).toBeGreaterThan(100);
  });

  test('because of a time axis without its adapter says what Chart.js says', async () => {
    await refused({ ...BAR, options: { scales: { x: { type: 'time' } } } });
    await refused({ ...BAR, options: { scales: { x: { type: 'nonsense' } } } });
  });
});
