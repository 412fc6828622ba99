/** What a user writes, in the installed project. */

/** Every public entry, with types that must hold and mistakes that must be found. */
export const TYPED = `
import { ComexError, type Experiment, loadRun, runExperiment } from 'comex';
import { type RunMeta, scanRuns, selectRun } from 'comex/archive';
import { type ChartConfiguration, renderChart, seriesChart } from 'comex/chart';

export const RATE = 0.1;
export const MODE: 'a' | 'b' = 'a' as 'a' | 'b';

export default async function experiment(e: Experiment<typeof import('./typed.ts')>) {
  const rate: number = e.RATE;
  const mode: 'a' | 'b' = e.MODE;
  // @ts-expect-error its type is number
  const wrong: string = e.RATE;
  // @ts-expect-error a misspelt parameter
  e.RTAE;
  // @ts-expect-error a misspelt method
  e.lgo('x');
  const chart: ChartConfiguration = { type: 'line', data: { labels: [1], datasets: [{ data: [1] }] } };
  const png: Uint8Array = await renderChart(chart);
  await e.commitRaw('chart.png', png);
  const { stdout } = await e.exec('ls', [], { allowFailure: true });
  const file = await e.open('notes.txt', 'w');
  await file.close();
  if (e.signal.aborted) throw new ComexError('E_EXEC', stdout);
  return [rate, mode, wrong];
}

export async function other(): Promise<RunMeta> {
  const run = await runExperiment('typed', { parameters: { RATE: 1 } });
  const values: Float64Array | undefined = run.series('x')?.values;
  return [values, seriesChart, scanRuns, selectRun].length > 3 ? run.meta : loadRun(run.path).meta;
}
`;

/** Modules of `test/types` that extend one another: what must hold of them, and mistakes that must be found. */
export const COMPOSED = [
  'child.ts',
  'composition.ts',
  'grandparent.ts',
  'mixin.ts',
  'module.ts',
  'parent.ts',
  'wrong-child.ts',
] as const;

/** An experiment whose run hangs on its parameters, its seed, a helper and an input. */
export const NOISE = {
  'experiments/noise.ts': `
import { readFileSync } from 'node:fs';
import type { Experiment } from 'comex';
import { scaled } from './lib/scaled.ts';

type Self = typeof import('./noise.ts');

export const RATE = 1;
export const TWICE = RATE * 2;
export const MODEL = { hidden: 8, layers: { depth: 2, kind: 'mlp' } };

export default async function experiment(e: Experiment<Self>) {
  const numbers = readFileSync(e.input('data/numbers.csv'), 'utf8').split(',').map(Number);
  for (const number of numbers) e.track('noise', scaled(number) + e.random() + Math.random());
  e['results/sum'] = numbers.reduce((sum, number) => sum + number, 0) * MODEL.layers.depth + TWICE;
  e['results/shuffled'] = e.random.shuffle(numbers);
  return { last: Math.random(), normal: e.random.normal() };
}
`,
  'experiments/lib/scaled.ts': `
import { RATE } from '../noise.ts';

export const scaled = (number: number): number => number * RATE;
`,
  'data/numbers.csv': '3,1,4,1,5,9',
} as const;

/** An experiment that reads what its source does not tell. */
export const LOOSE = {
  'experiments/loose.ts': `
import { readFileSync } from 'node:fs';
import type { Experiment } from 'comex';

export const PLUGIN: string = 'double';

export default async function experiment(e: Experiment<typeof import('./loose.ts')>) {
  const { change } = await import(\`./lib/\${PLUGIN}.ts\`);
  e['results/changed'] = change(Number(readFileSync('data/offset.txt', 'utf8')));
  e['results/kept'] = readFileSync(e.input('data/numbers.csv'), 'utf8').length;
}
`,
  'experiments/lib/double.ts': 'export const change = (x: number): number => 2 * x;\n',
  'data/offset.txt': '7',
  'data/numbers.csv': '3,1,4,1,5,9',
} as const;
