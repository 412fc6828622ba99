/** Charts: `comex/chart`. Light to import; Chart.js and the canvas are loaded by the first picture. */
export type { ChartConfiguration } from './configuration.ts';
export type { Points } from './downsample.ts';
export { minMax } from './downsample.ts';
export type { ChartGroup } from './groups.ts';
export { chartGroups } from './groups.ts';
export type { Series } from './line.ts';
export type { RenderOptions } from './render.ts';
export { renderChart } from './render.ts';
export type { SeriesChartOptions } from './series.ts';
export { seriesChart } from './series.ts';
