/** In the middle of a chain: own parameters, a derived one, and no main function. */
import { append, extend, type Hooks, hookPoint, inherit } from 'comex';

type Self = typeof import('./parent.ts');
type Parent = typeof import('./grandparent.ts');

export const BATCH = 32;
export const LEARNING_RATE = inherit((rate: number) => rate * 2);
export const EPOCHS = 20;

export const hooks = {
  after_epoch: append((e, { epoch, loss }) => e.track('loss', loss, epoch)),
  batch_done: hookPoint<{ batch: number }>(),
} satisfies Hooks<Self, Parent>;

export default extend<Parent, Self>('./grandparent.ts');
