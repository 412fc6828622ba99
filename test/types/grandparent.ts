/** The root of a chain: declares hooks, and parameters of several kinds. */
import { type Experiment, hookPoint } from 'comex';

type Self = typeof import('./grandparent.ts');

export const EPOCHS = 10;
export const LEARNING_RATE = 0.01;
export const OPTIMIZER: 'sgd' | 'adam' = 'sgd' as 'sgd' | 'adam';
export const LAYERS = [16, 16];
export const LIMIT: number | null = null as number | null;
export const MODEL: { kind: 'mlp'; hidden: number; depth?: number } | { kind: 'cnn'; channels: number[] } = {
  kind: 'mlp',
  hidden: 8,
};
export const FIXED = { mode: 'a', nested: { size: 1 } } as const;

export const hooks = {
  /** After each epoch. */
  after_epoch: hookPoint<{ epoch: number; loss: number }>(),
  /** Gives the rate of an epoch. */
  rate: hookPoint<{ epoch: number }, number>(),
  /** At the very end. */
  finished: hookPoint(),
  before_run(e: Experiment<Self>) {
    e.log(e.EPOCHS);
  },
  lines: (e: Experiment<Self>, { width }: { width: number }): number => width * e.EPOCHS,
};

export default async function experiment(e: Experiment<Self>): Promise<{ loss: number }> {
  let loss = 1;
  for (let epoch = 0; epoch < e.EPOCHS; epoch++) {
    const rate: number = await e.applyHook('rate', { epoch }, 0.1);
    loss *= 1 - rate;
    await e.applyHook('after_epoch', { epoch, loss });
  }
  return { loss };
}

/** A helper that children call with their own `e`. */
export function report(e: Experiment<Self>): void {
  e.log(e.EPOCHS, e.MODEL.kind);
}
