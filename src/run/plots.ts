import { join } from 'node:path';
import { makeInnerFolder } from '../archive/inner-folder.ts';
import { PLOTS_FOLDER } from '../archive/layout.ts';
import { readSeries } from '../archive/series.ts';
import { writeFileAtomic } from '../codec/atomic.ts';

/** Draws series of a run into `plots/`; says how many pictures, and what was left out because there are too many. */
export async function drawPlots(
  folder: string,
  names: readonly string[],
): Promise<{ count: number; left: readonly string[] }> {
  if (names.length === 0) return { count: 0, left: [] };
  const { chartGroups, renderChart, seriesChart } = await import('../chart/index.ts');
  const { groups, left } = chartGroups(names);
  makeInnerFolder(join(folder, PLOTS_FOLDER), folder);
  for (const group of groups) {
    const series = group.names.flatMap((name) => {
      const { steps, values } = readSeries(folder, name) ?? {};
      return steps === undefined || values === undefined ? [] : [{ name, steps, values }];
    });
    writeFileAtomic(join(folder, PLOTS_FOLDER, group.file), await renderChart(seriesChart(series)));
  }
  return { count: groups.length, left };
}
