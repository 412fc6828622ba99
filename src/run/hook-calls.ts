import type { Hook } from '../experiment/hooks.ts';
import type { Endings } from './ending.ts';
import { recordError } from './errors-record.ts';
import type { Experiment } from './experiment.ts';
import type { End } from './session.ts';

/** How long the hooks of a run that was told to end may take, in ms. */
const GRACE = 10_000;

/** Calls the hooks that belong to the life of a run; those of its end once, however it ends. */
export class HookCalls {
  readonly #endings: Endings;
  readonly #log: (text: string) => void;
  #hooks: ReadonlyMap<string, readonly Hook[]> = new Map();
  #ended = false;

  constructor(endings: Endings, log: (text: string) => void) {
    this.#endings = endings;
    this.#log = log;
  }

  set(hooks: ReadonlyMap<string, readonly Hook[]>): void {
    this.#hooks = hooks;
  }

  async call(name: string, e: Experiment, args: unknown): Promise<void> {
    for (const hook of this.#hooks.get(name) ?? []) await hook(e, args);
  }

  /**
   * Calls `on_error` for a run that failed, and `after_run`, before the status is final: a run whose `after_run` throws
   * has failed. One that was told to end waits for them at most 10 s.
   */
  async after(e: Experiment | undefined, end: End): Promise<End> {
    if (this.#ended || e === undefined || !this.#has()) return end;
    this.#ended = true;
    const work = this.#after(e, end);
    const { ending } = this.#endings;
    if (ending === undefined) {
      const told = this.#endings.now.then((later): End => later);
      return await Promise.race([work, told]);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<End>((resolve) => {
      timer = setTimeout(() => {
        this.#log(`after_run did not come to its end within ${GRACE / 1000} s.`);
        resolve(end);
      }, GRACE);
    });
    return await Promise.race([work, late]).finally(() => clearTimeout(timer));
  }

  /** The same while the process exits: what the hooks do at once is done. */
  afterNow(e: Experiment | undefined, end: End): End {
    if (this.#ended || e === undefined || !this.#has()) return end;
    this.#ended = true;
    let ended = end;
    for (const [name, args] of callsFor(end)) {
      for (const hook of this.#hooks.get(name) ?? []) {
        try {
          const returned = hook(e, args);
          if (returned instanceof Promise) returned.catch(() => {});
        } catch (error) {
          ended = this.#faulty(name, ended, error);
        }
      }
    }
    return ended;
  }

  async #after(e: Experiment, end: End): Promise<End> {
    let ended = end;
    const call = async (name: string, args: unknown): Promise<void> => {
      for (const hook of this.#hooks.get(name) ?? []) {
        try {
          await hook(e, args);
        } catch (error) {
          ended = this.#faulty(name, ended, error);
        }
      }
    };
    for (const [name, args] of callsFor(end)) await call(name, args);
    // A run that only its after_run has made fail has failed, too.
    if (end.status === 'done' && ended.status === 'failed') await call('on_error', { error: ended.error });
    return ended;
  }

  /** A hook threw: that is the run's error, unless it has one. */
  #faulty(name: string, end: End, error: unknown): End {
    const { message, stack } = recordError(error);
    this.#log(`The hook ${name} failed: ${stack ?? message}`);
    return end.status === 'done' ? { status: 'failed', error } : end;
  }

  #has(): boolean {
    return this.#hooks.has('after_run') || this.#hooks.has('on_error');
  }
}

function callsFor({ status, result, error }: End): [name: string, args: unknown][] {
  const outcome = { status, ...(result === undefined ? {} : { result }), ...(error === undefined ? {} : { error }) };
  const failed = status === 'failed' || status === 'timeout';
  return [...(failed ? [['on_error', { error }] as [string, unknown]] : []), ['after_run', outcome]];
}
