import type { WrittenStatus } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import { onProcess } from './process-events.ts';

/** Why a run ends before its main function does. */
export interface Ending {
  readonly status: WrittenStatus;
  readonly error: unknown;
  readonly signal?: NodeJS.Signals;
}

/** How long a run that listens to `e.signal` may take to come to its end, in ms. */
export const GRACE = 10_000;
/** Those that end a run. */
export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What brings a run to its end from outside: signals, the time limit, errors nobody caught, an empty event loop. */
export class Endings {
  readonly #abort = new AbortController();
  readonly #children = new AbortController();
  readonly #undo: Array<() => void> = [];
  #observed = false;
  #limit: NodeJS.Timeout | undefined;
  #ending: Ending | undefined;
  #resolve!: (ending: Ending) => void;
  /** Resolves when the run has to end now, whatever its main function does. */
  readonly now: Promise<Ending>;

  constructor() {
    this.now = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Why the run has to end; undefined while it need not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Whether the experiment has asked for its signal. */
  get isObserved(): boolean {
    return this.#observed;
  }

  /** The signal that the experiment gets; one that asks for it is given time to come to its end. */
  get signal(): AbortSignal {
    this.#observed = true;
    // Whoever listens may wait for nothing but the time limit.
    this.#limit?.ref();
    return this.#abort.signal;
  }

  /** The same signal, for what comex itself ends with the run. */
  get ownSignal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The same signal for child runs; its reason is the `Ending`. */
  get childSignal(): AbortSignal {
    return this.#children.signal;
  }

  /** Ends the run at the next turn of the event loop, or when an experiment that listens has come to its end. */
  end(ending: Ending, urgent = false): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#abort.abort(ending.error);
    this.#children.abort(ending);
    if (!this.#observed || urgent) this.#resolve(ending);
    else this.#later(GRACE, () => this.#resolve(ending));
  }

  /** Ends the run after a time in ms. */
  limit(ms: number, text: string): void {
    const error = new ComexError('E_TIMEOUT', `The run reached its time limit of ${text}.`);
    this.#later(
      ms,
      () => this.end({ status: 'timeout', error }),
      (timer) => {
        this.#limit = timer;
        if (this.#observed) timer.ref();
      },
    );
  }

  /** Ends the run at a signal to the process. A second signal ends the process at once, after `atOnce`. */
  onSignals(atOnce: (signal: NodeJS.Signals) => void): void {
    for (const signal of SIGNALS) {
      const listener = (): void => {
        if (this.#ending !== undefined) {
          atOnce(signal);
          this.stop();
          process.kill(process.pid, signal);
          return;
        }
        this.interrupt(signal);
      };
      process.on(signal, listener);
      this.#undo.push(() => process.off(signal, listener));
    }
  }

  /** Ends the run because of a signal to its process. */
  interrupt(signal: NodeJS.Signals): void {
    const error = new ComexError('E_INTERRUPTED', `The run was interrupted by ${signal}.`);
    this.end({ status: 'interrupted', error, signal });
  }

  /**
   * Ends the run when nothing can happen any more and its main function has not settled.
   *
   * @param waitsForOthers whether runs inside of it go on
   */
  onEmptyLoop(waitsForOthers: () => boolean): void {
    const listener = (): void => {
      // It waits for its child runs: what they wait for is theirs to say.
      if (waitsForOthers()) return;
      const error = new ComexError(
        'E_NEVER_SETTLED',
        'The experiment waits for something that can never happen: nothing is left to run, and its promise is still pending.',
      );
      // A run that is given time to come to its end needs it no more.
      if (this.#ending !== undefined) this.#resolve(this.#ending);
      else this.end({ status: 'failed', error }, true);
    };
    this.#undo.push(onProcess('beforeExit', listener));
  }

  /** Takes all listeners and timers away. */
  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #later(ms: number, action: () => void, begun: (timer: NodeJS.Timeout) => void = () => {}): void {
    // A timer of Node holds at most 2^31 - 1 ms; a longer time is waited for in pieces.
    const longest = 2 ** 31 - 1;
    const timer = setTimeout(
      () => (ms > longest ? this.#later(ms - longest, action, begun) : action()),
      Math.min(ms, longest),
    );
    timer.unref();
    this.#undo.push(() => clearTimeout(timer));
    begun(timer);
  }
}
