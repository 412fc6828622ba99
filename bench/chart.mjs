/** Charts of series, from arrays to the bytes of a PNG: each in a fresh process, timed inside of it. */
import { interleave, measureProcess, median, ms, times } from './measure.mjs';

const DRAW = `
  import { renderChart, seriesChart } from ${JSON.stringify(new URL('../dist/chart.js', import.meta.url).href)};
  const points = Number(process.argv[1]);
  const steps = Float64Array.from({ length: points }, (_, i) => i);
  const draw = async () => {
    const values = Float64Array.from(steps, (i) => Math.cos(i) / 3);
    const start = performance.now();
    const png = await renderChart(seriesChart([{ name: 'loss', steps, values }]));
    if (png.length < 1000) throw new Error('no picture');
    return performance.now() - start;
  };
  console.log(JSON.stringify({ first: await draw(), second: await draw() }));
`;

export function figures({ node, project, rounds }) {
  const draw = (points) => () =>
    JSON.parse(
      measureProcess(node, { args: ['--input-type=module', '-e', DRAW, String(points)], cwd: project.root }).stdout,
    );
  const of = interleave(
    { two: draw(2), thousand: draw(1000), million: draw(1_000_000) },
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
      target: `<= ${ms(limit)}`,
      met: value <= limit,
    };
  };
  return [
    figure('chart of 1,000,000 points, the first of a process', 'first', of.million, 1000),
    figure('chart of 1,000 points, the first of a process', 'first', of.thousand, 200),
    figure('chart of 1,000,000 points, the next one', 'second', of.million, 1000),
    figure('chart of 1,000 points, the next one', 'second', of.thousand, 200),
  ];
}
