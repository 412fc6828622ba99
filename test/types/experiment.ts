import type { ChartConfiguration, Experiment, LoadedRun, ParametersOf } from 'comex';
import { extend, loadRun, runExperiment } from 'comex';

type Self = typeof import('./module.ts');
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

type P = ParametersOf<Self>;
same<P['LEARNING_RATE'], number>(true);
same<P['NAME'], string>(true);
same<P['VERBOSE'], boolean>(true);
same<P['OPTIMIZER'], 'sgd' | 'adam'>(true);
same<P['LAYERS'], number[]>(true);
same<P['LIMIT'], number | null>(true);
same<Extract<keyof P, 'helper' | 'Mixed' | 'default'>, never>(true);

export async function typed(e: Experiment<Self>): Promise<void> {
  const rate: number = e.LEARNING_RATE;
  e.EPOCHS = 3;
  e.OPTIMIZER = 'adam';
  e.VERBOSE = true;
  e.parameters.EPOCHS = rate;
  const testing: boolean = e.__TESTING__;
  // @ts-expect-error settled before the run
  e.__TESTING__ = !testing;
  e['results/accuracy'] = 0.9;
  e['_private'] = new Map();
  const accuracy: number = e['results/accuracy'];
  e.track('loss', accuracy);
  e.track('loss', 1, 3);
  e.track('loss', 1, { step: 3, epoch: 1 });
  e.trackMany({ a: 1, b: 'text' });
  const chart: ChartConfiguration = { type: 'line', data: { labels: ['a'], datasets: [{ label: 'x', data: [1] }] } };
  await e.commitFig('x.png', chart);
  await e.track('figure', chart);
  const { stdout } = await e.exec('ls', ['-l']);
  const shuffled: number[] = e.random.shuffle([1, 2, e.random(), e.random.normal(), e.random.int(1, 6)]);
  for (const item of e.progress(shuffled, { label: stdout })) e.record('rows', { item });
  const hooked: number = await e.applyHook('after_epoch', { epoch: 1 }, 0);
  await e.flush();

  // @ts-expect-error a misspelt method
  e.commit_fig('x.png', chart);
  // @ts-expect-error a misspelt parameter
  e.LERNING_RATE;
  // @ts-expect-error a wrong type
  e.EPOCHS = 'ten';
  // @ts-expect-error outside the union
  e.OPTIMIZER = 'rmsprop';
  // @ts-expect-error an export that is no parameter
  e.helper;
  // @ts-expect-error a series holds no objects
  e.track('loss', { a: 1 });
  // @ts-expect-error a datum needs a path
  e['accuracy'] = 1;
  void hooked;
}

export function untyped(e: Experiment): void {
  const anything: number = e.WHATEVER;
  e.OTHER = anything;
  e.log('a', 1, { b: 2 });
  // @ts-expect-error a misspelt method
  e.lgo('a');
}

export async function fromCode(): Promise<LoadedRun> {
  const run = await runExperiment('experiments/x.ts', { parameters: { EPOCHS: 3 }, tags: ['a'] });
  const loss: Float64Array | undefined = run.series('loss')?.values;
  void loss;
  return loadRun(run.path);
}

type Child = typeof import('./child.ts');
type Parent = typeof import('./parent.ts');

// @ts-expect-error the parent's is a number, never null
extend<Parent, { readonly BATCH: null }>('./parent.ts');

export async function strictly(e: Experiment<Child, Parent>): Promise<void> {
  const perhaps: number | undefined = await e.applyHook('rate', { epoch: 1 });
  // @ts-expect-error it may give nothing
  const certain: number = await e.applyHook('rate', { epoch: 1 });
  void [perhaps, certain];
}
