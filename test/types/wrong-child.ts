/** A child with the mistakes that its default export and its hooks show. */
import { append, extend, type Hooks } from 'comex';

type Self = typeof import('./wrong-child.ts');
type Parent = typeof import('./parent.ts');

export const EPOCHS = 'ten';

export const hooks: Hooks<Self, Parent> = {
  // @ts-expect-error a misspelt argument
  after_epoch(_e, { epoch, lss }) {
    void [epoch, lss];
  },
  // @ts-expect-error its result is a number
  rate: () => 'fast',
  // @ts-expect-error the parent's gives a number
  lines: () => 'many',
  // @ts-expect-error a misspelt argument
  batch_done: append((_e, { bach }) => bach),
  // @ts-expect-error it has no arguments
  before_run: (_e, { epoch }) => epoch,
  // @ts-expect-error a misspelt field of the outcome
  after_run: (_e, { staus }) => staus,
  // @ts-expect-error a misspelt parameter
  on_error: (e, { error }) => e.log(e.EPOHCS, error),
  // @ts-expect-error no function
  of_another: 1,
};

// @ts-expect-error EPOCHS is a number in the parent
export default extend<Parent, Self>('./parent.ts');
