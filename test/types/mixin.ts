/** Hooks and fallback parameters for any experiment. */
import { type Hooks, replace } from 'comex';

type Self = typeof import('./mixin.ts');

export const WEBHOOK = 'http://127.0.0.1';

export const hooks: Hooks<Self> = {
  before_run(e) {
    e.log(e.WEBHOOK);
  },
  after_run: replace((e, { status }) => e.log(e.WEBHOOK, status.length)),
  after_epoch(_e, { epoch, loss }: { epoch: number; loss: number }) {
    void (epoch + loss);
  },
};
