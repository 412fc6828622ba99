/** Charts of series, from arrays to the bytes of a PNG: each in a fresh process, timed inside of it. */
import { interleave, measureProcess, median, ms, times } from './measure.mjs';

const DRAW = `
  import { renderChart, seriesChart } from ${JSON.stringify(new URL('../dist/chart.js', import.meta.url).href)};
  const points = Number(process.argv[1]);
  const shapes = { loss: (i) => Math.exp((-5 * i) / points) + Math.cos(7 * i) / 20, swing: (i) => Math.cos(i) / 3 };
  const steps = Float64Array.from({ length: points }, (_, i) => i);
  const draw = async () => {
    const values = Float64Array.from(steps, shapes[process.argv[2]]);
    const start = performance.now();
    const png = await renderChart(seriesChart([{ name: 'loss', steps, values }]));
    if (png.length < 1000) throw new Error('no picture');
    return performance.now() - start;
  };
  console.log(JSON.stringify({ first: await draw(), next: await draw() }));
`;

export function figures({ node, project, rounds }) {
  const draw = (points, shape) => () => {
    const args = ['--input-type=module', '-e', DRAW, String(points), shape];
    return JSON.parse(measureProcess(node, { args, cwd: project.root }).stdout);
  };
  const of = interleave(
    {
      two: draw(2, 'loss'),
      thousand: draw(1000, 'loss'),
      swinging: draw(1000, 'swing'),
      million: draw(1_000_000, 'loss'),
    },
    Math.max(5, Math.round(rounds / 2)),
  );
  const figure = (what, key, variant, limit) => {
    const value = median(variant[key]);
    const floor = median(of.two[key]);
    return {
      what,
      value: ms(value),
      beside: `the chart of 2 points: ${ms(floor)}`,
      ratio: times(value / floor),
      ...(limit === undefined ? {} : { target: `<= ${ms(limit)}`, met: value <= limit }),
    };
  };
  return [
    figure('chart of 1,000,000 points, the first of a process', 'first', of.million, 1000),
    figure('chart of 1,000,000 points, the next one', 'next', of.million, 1000),
    figure('chart of 1,000 points, the first of a process', 'first', of.thousand),
    figure('chart of 1,000 points, the next one', 'next', of.thousand, 200),
    figure('chart of 1,000 points that swing over all of it, the next one', 'next', of.swinging, 200),
  ];
}
