import { append, type Experiment, extend, type HooksOf, hookPoint, inherit, type ParametersOf, replace } from 'comex';

type Grandparent = typeof import('./grandparent.ts');
type Parent = typeof import('./parent.ts');
type Child = typeof import('./child.ts');
type Mixin = typeof import('./mixin.ts');
type Module = typeof import('./module.ts');
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

// Through the whole chain, the leaf's first.
type P = ParametersOf<Child, Parent>;
same<P['EPOCHS'], number>(true);
same<P['BATCH'], number>(true);
same<P['LEARNING_RATE'], number>(true);
same<P['LAYERS'], number[]>(true);
same<P['OPTIMIZER'], 'sgd' | 'adam'>(true);
same<P['LIMIT'], number | null>(true);
same<P['EXTRA'], string>(true);
same<P['MODEL'], Grandparent['MODEL']>(true);
same<P['FIXED'], Grandparent['FIXED']>(true);
same<Extract<keyof P, 'hooks' | 'include' | 'default' | 'report'>, never>(true);
same<keyof ParametersOf<Parent>, 'BATCH' | 'EPOCHS' | 'LEARNING_RATE'>(true);
same<HooksOf<Child, Parent>['after_epoch']['args'], { epoch: number; loss: number }>(true);
same<HooksOf<Child, Parent>['batch_done']['args'], { batch: number }>(true);
same<HooksOf<Parent>['batch_done']['args'], { batch: number }>(true);
same<HooksOf<Child, Parent>['rate']['result'], number>(true);

export async function chain(e: Experiment<Child, Parent>): Promise<void> {
  e.LEARNING_RATE = 0.1;
  e.parameters.BATCH = e.EXTRA.length;
  e.MODEL = { kind: 'cnn', channels: [1] };
  // @ts-expect-error a misspelt parameter of the grandparent
  e.OPTIMISER;
  // @ts-expect-error a wrong type of a parameter of the parent
  e.BATCH = 'many';
  // @ts-expect-error outside the union of the grandparent
  e.OPTIMIZER = 'rmsprop';
  // @ts-expect-error a branch that the grandparent does not have
  e.MODEL = { kind: 'rnn' };
  // @ts-expect-error a misspelt method
  e.lgo('a');
  const ofParent: Experiment<Parent, Grandparent> = e;
  const ofGrandparent: Experiment<Grandparent> = e;
  void [ofParent, ofGrandparent];

  await e.applyHook('after_epoch', { epoch: 1, loss: 0.5 });
  await e.applyHook('batch_done', { batch: 1 });
  await e.applyHook('finished');
  await e.applyHook('finished', { anything: 1 });
  const rate: number = await e.applyHook('rate', { epoch: 1 }, 0.1);
  const perhaps: number | undefined = await e.applyHook('rate', { epoch: 1 });
  const other: string = await e.applyHook('other', { anything: rate }, 'none');
  void [perhaps, other];
  // @ts-expect-error a misspelt argument
  await e.applyHook('after_epoch', { epoch: 1, lss: 0.5 });
  // @ts-expect-error a missing argument
  await e.applyHook('after_epoch', { epoch: 1 });
  // @ts-expect-error no arguments
  await e.applyHook('after_epoch');
  // @ts-expect-error a wrong type
  await e.applyHook('batch_done', { batch: 'first' });
  // @ts-expect-error it gives a number
  const text: string = await e.applyHook('rate', { epoch: 1 }, 0);
  void text;
}

// Overrides that fit.
extend<Parent, { readonly MODEL: { depth: number } }>('./parent.ts');
extend<Parent, { readonly MODEL: { kind: 'cnn'; channels: number[] } }>('./parent.ts');
extend<Parent, { readonly LAYERS: readonly [1, 2]; readonly LIMIT: null; readonly OPTIMIZER: 'adam' }>('./parent.ts');
extend<Parent, { readonly FIXED: { mode: string }; readonly OTHER: 'new'; readonly helper: 1 }>('./parent.ts');
extend<Module, { readonly ANYTHING: Date; readonly MODEL: { hidden: number } }>('./module.ts');
extend<Parent>('./parent.ts', (e) => e.log(e.BATCH.toFixed()));
extend<Parent, object, number>('./parent.ts', async (_e, parent) => (await parent(_e)).loss);
extend('./parent.ts');
extend('./parent.ts', async (e, parent) => {
  const anything: string = e.ANYTHING;
  await parent(e);
  // @ts-expect-error a misspelt method
  e.lgo(anything);
});
extend<Parent & Mixin, { readonly WEBHOOK: 'http://[::1]' }>('./parent.ts', (e) => {
  const webhook: string = e.WEBHOOK;
  const rate: number = e.LEARNING_RATE;
  void [webhook, rate];
  // @ts-expect-error a misspelt parameter of the mixin
  e.WEHBOOK;
});

// @ts-expect-error outside the union of the grandparent
extend<Parent, { readonly OPTIMIZER: 'rmsprop' }>('./parent.ts');
// @ts-expect-error a member that the union does not have
extend<Parent, { readonly OPTIMIZER: 'sgd' | 'lion' }>('./parent.ts');
// @ts-expect-error a wrong element
extend<Parent, { readonly LAYERS: string[] }>('./parent.ts');
// @ts-expect-error a field that no branch has
extend<Parent, { readonly MODEL: { hiden: number } }>('./parent.ts');
// @ts-expect-error a wrong field
extend<Parent, { readonly MODEL: { hidden: string } }>('./parent.ts');
// @ts-expect-error a branch that the parent does not have
extend<Parent, { readonly MODEL: { kind: 'rnn' } }>('./parent.ts');
// @ts-expect-error a wrong field at depth
extend<Parent, { readonly FIXED: { nested: { size: string } } }>('./parent.ts');
// @ts-expect-error a function instead of its value
extend<Parent, { readonly LEARNING_RATE: (rate: number) => number }>('./parent.ts');
// @ts-expect-error wrong also of a mixin
extend<Parent & Mixin, { readonly WEBHOOK: number }>('./parent.ts');
// @ts-expect-error a misspelt parameter of the parent
extend<Parent>('./parent.ts', (e) => e.BACTH);
// @ts-expect-error no path
extend(3);
// @ts-expect-error no function
extend<Parent>('./parent.ts', 3);

// Markers.
const scaled: number = inherit((rate: number) => rate * 2);
const typed: number[] = inherit<number[]>((layers) => [...layers, 4]);
const untyped: { depth: number } = inherit((model) => ({ ...model, depth: 3 }));
const anything: string = inherit();
same<ReturnType<typeof inherit<number>>, number>(true);
const whole: { kind: string } = replace({ kind: 'linear' });
const hook: (e: Experiment, args: { epoch: number }) => number = append((_e, { epoch }) => epoch * 2);
const point = hookPoint<{ epoch: number }, string>();
same<Parameters<typeof point>[1], { epoch: number }>(true);
void [scaled, typed, untyped, anything, whole, hook];
// @ts-expect-error gives another type than it takes
inherit((rate: number) => `${rate}`);
// @ts-expect-error no function
inherit(3);
// @ts-expect-error no function
append('after_epoch');

export async function children(e: Experiment): Promise<void> {
  const parameters = { EPOCHS: 3, OPTIMIZER: 'adam', MODEL: { hidden: 2 }, 'MODEL.hidden': 3, __SEED__: 1 } as const;
  const done = await e.run<Module>('./module.ts', { parameters, tags: ['a'], note: 'b', timeoutMs: 10 });
  const { result } = await e.run<Parent>('./parent.ts', { parameters: { BATCH: 3, OPTIMIZER: 'sgd' }, throw: true });
  const loss: number | undefined = result?.loss;
  const losses: Float64Array | undefined = done.run().series('loss')?.values;
  const facts: readonly [string, string, number, string | undefined] = [
    done.id,
    done.path,
    done.durationMs,
    done.error?.message,
  ];
  const untold = await e.run('./other.ts', { parameters: { ANY: 'thing' } });
  void [loss, losses, facts, untold];
  // @ts-expect-error a wrong type
  await e.run<Module>('./module.ts', { parameters: { EPOCHS: 'ten' } });
  // @ts-expect-error a misspelt parameter
  await e.run<Module>('./module.ts', { parameters: { EPOHCS: 3 } });
  // @ts-expect-error a wrong field
  await e.run<Module>('./module.ts', { parameters: { MODEL: { hidden: 'x' } } });
  // @ts-expect-error a wrong type of a parameter of the grandparent
  await e.run<Parent>('./parent.ts', { parameters: { OPTIMIZER: 'rmsprop' } });
  // @ts-expect-error of a type that is not told
  const text: string = untold.result;
  // @ts-expect-error a misspelt option
  await e.run('./other.ts', { tag: ['a'] });
  void text;
}
