/** The leaf of a chain: a main function that calls the parent's, hooks, and a tree of which some fields are set. */
import { append, type Experiment, extend, type Hooks, inherit, prepend } from 'comex';

type Self = typeof import('./child.ts');
type Parent = typeof import('./parent.ts');
type Report = typeof import('./grandparent.ts').report;

export const EPOCHS = 3;
export const BATCH = inherit();
export const LEARNING_RATE = inherit((rate) => rate / 2);
export const LAYERS = inherit((layers: number[]) => [...layers, 4]);
export const OPTIMIZER = 'adam';
export const MODEL = { kind: 'cnn', channels: [8, 16] };
export const FIXED = { nested: { size: 3 } };
export const LIMIT = 5;
export const EXTRA = 'own';
export const include = ['./mixin.ts'];

declare const report: Report;

export const hooks: Hooks<Self, Parent> = {
  before_run(e) {
    const rate: number = e.LEARNING_RATE;
    e.log(rate, e.EXTRA);
  },
  async after_epoch(e, { epoch, loss }) {
    const total: number = epoch + loss + e.BATCH;
    e.track('total', total);
  },
  rate: (_e, { epoch }) => 1 / (1 + epoch),
  batch_done: append((e, { batch }) => e.track('batch', batch.toFixed(1).length)),
  lines(e, { width }) {
    e.log(width.toFixed());
  },
  after_run(e, { status, error }) {
    e.log(status === 'done', error);
  },
  on_error: prepend((e, { error }) => e.log(error)),
  of_another: (e, { anything }) => e.log(anything),
};

export default extend<Parent, Self>('./parent.ts', async (e, parent) => {
  e.EPOCHS = 4;
  e.MODEL = { kind: 'mlp', hidden: e.BATCH };
  e.OPTIMIZER = 'sgd';
  e.LIMIT = null;
  e.log(e.EXTRA.length, e.LAYERS.length);
  report(e);
  const { loss } = await parent(e);
  await e.applyHook('after_epoch', { epoch: 1, loss });
  return loss * 2;
});

export async function testing(e: Experiment<Self, Parent>, base: () => Promise<void>): Promise<void> {
  await base();
  e.EPOCHS = 1;
  e.BATCH = 2;
}

export function analysis(e: Experiment<Self, Parent>): void {
  e['results/epochs'] = e.EPOCHS;
}
