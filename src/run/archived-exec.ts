import { toTerminal } from './context.ts';
import { execProgram } from './exec.ts';
import type { ExperimentMethods } from './experiment.ts';
import { Programs } from './programs.ts';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs the programs of analyses, and ends them when those are over. */
export class ArchivedPrograms {
  readonly #programs = new Programs();
  readonly #show: 'stdout' | 'stderr' | undefined;
  readonly #signal: () => AbortSignal;

  constructor(show: 'stdout' | 'stderr' | undefined, signal: () => AbortSignal) {
    this.#show = show;
    this.#signal = signal;
  }

  readonly exec: ExperimentMethods<never>['exec'] = async (command, args = [], options = {}) => {
    const ignore = this.#endWithProcess();
    try {
      return await execProgram(command, args, options, {
        signal: this.#signal(),
        programs: this.#programs,
        output: (stream, text) => {
          if (this.#show !== undefined) toTerminal(this.#show === 'stderr' ? 'stderr' : stream, text);
        },
      });
    } finally {
      ignore();
    }
  };

  end(): Promise<void> {
    return this.#programs.end();
  }

  /**
   * They are in process groups of their own, which an interrupt from the keyboard does not reach. Listened to only while
   * there is one: a signal ends whatever else goes on at once, also a loop that never yields.
   */
  #endWithProcess(): () => void {
    const listener = (signal: NodeJS.Signals): void => {
      this.#programs.kill();
      ignore();
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    const ignore = (): void => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
    for (const signal of SIGNALS) process.on(signal, listener);
    return ignore;
  }
}
