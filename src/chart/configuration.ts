/**
 * What to draw: a Chart.js 4 configuration (https://www.chartjs.org/docs/latest/configuration/), as plain data.
 *
 * Structural on purpose: a configuration typed by chart.js itself fits, and comex's types need neither chart.js
 * nor the DOM library.
 *
 * @example
 * ```ts
 * import type { ChartConfiguration } from 'comex/chart';
 *
 * const chart: ChartConfiguration = {
 *   type: 'bar',
 *   data: { labels: ['a', 'b'], datasets: [{ label: 'accuracy', data: [0.91, 0.87] }] },
 *   options: { plugins: { title: { display: true, text: 'Accuracy per class' } } },
 * };
 * ```
 */
export interface ChartConfiguration {
  /** `line`, `bar`, `scatter`, `bubble`, `pie`, `doughnut`, `radar` or `polarArea`. */
  readonly type: string;
  readonly data: {
    /** One label per category; not needed where the points are `{ x, y }`. */
    readonly labels?: readonly unknown[] | undefined;
    readonly datasets: readonly object[];
  };
  readonly options?: object | undefined;
  /** Chart.js plugins for this chart alone. */
  readonly plugins?: readonly object[] | undefined;
}
