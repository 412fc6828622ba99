import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PLOTS_FOLDER } from '../archive/layout.ts';
import { readSeries } from '../archive/series.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { storageError } from '../codec/storage.ts';

/** Draws series of a run into `plots/`; says how many pictures, and what was left out because there are too many. */
export async function drawPlots(
  folder: string,
  names: readonly string[],
): Promise<{ count: number; left: readonly string[] }> {
  if (names.length === 0) return { count: 0, left: [] };
  const { chartGroups, renderChart, seriesChart } = await import('../chart/index.ts');
  const { groups, left } = chartGroups(names);
  makeFolder(join(folder, PLOTS_FOLDER));
  for (const group of groups) {
    const series = group.names.flatMap((name) => {
      const { steps, values } = readSeries(folder, name) ?? {};
      return steps === undefined || values === undefined ? [] : [{ name, steps, values }];
    });
    writeFileAtomic(join(folder, PLOTS_FOLDER, group.file), await renderChart(seriesChart(series)));
  }
  return { count: groups.length, left };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw storageError(cause, 'create', path);
  }
}
