import { ComexError } from '../errors.ts';
import type { Resolved } from '../experiment/define.ts';
import type { Attempt } from './attempt.ts';
import { Children } from './children.ts';
import { enterOpened, toTerminal } from './context.ts';
import { Endings } from './ending.ts';
import { epilogue, nextTurn } from './epilogue.ts';
import { recordError } from './errors-record.ts';
import type { Experiment } from './experiment.ts';
import type { CheckedRule } from './harvest/rules.ts';
import { createExperiment } from './members.ts';
import type { OpenedOptions } from './opened-begin.ts';
import { exited, interruptedBy, readClose, thrown } from './opened-end.ts';
import { enterProcess, type Opened, unheardSignal } from './opened-process.ts';
import type { CloseOptions } from './opened-types.ts';
import { pluginOutcome } from './plugin-facts.ts';
import type { PluginHost } from './plugins.ts';
import { afterExit } from './process-exit.ts';
import { Programs } from './programs.ts';
import { uniform } from './random.ts';
import { storableResult } from './result.ts';
import { epilogueOf } from './run.ts';
import { type End, overruled } from './session.ts';
import { SignalState } from './signal-state.ts';
import { Watchdog } from './watchdog.ts';

/** Where the output of a script goes: its process is not the run's. */
const SHOW = { show: 'stdout' } as const;

/** What an open run is made of. */
interface OpenedParts {
  readonly resolved: Resolved;
  readonly attempt: Attempt;
  readonly plugins: PluginHost | undefined;
  readonly harvest: readonly CheckedRule[];
}

/** A run that goes on until its script closes it, or the process ends. */
export class OpenedRun implements Opened {
  readonly e: Experiment;
  readonly #attempt: Attempt;
  readonly #plugins: PluginHost | undefined;
  readonly #harvest: readonly CheckedRule[];
  readonly #root: string;
  readonly #endings = new Endings();
  readonly #programs = new Programs();
  readonly #children = new Children();
  readonly #watchdog: Watchdog;
  readonly #signals = new SignalState(unheardSignal);
  readonly #leaving: ReadonlyArray<() => void>;
  #result: unknown;
  /** How the script has said that it ended. */
  #told: End | undefined;
  #closing: Promise<void> | undefined;
  #isSealed = false;
  #uncaught: { readonly error: unknown } | undefined;
  #signal: NodeJS.Signals | undefined;

  constructor(
    { resolved, attempt, plugins, harvest }: OpenedParts,
    { capture, child, results, sightings }: OpenedOptions,
  ) {
    this.#attempt = attempt;
    this.#plugins = plugins;
    this.#harvest = harvest;
    this.#root = resolved.definition.project.root;
    this.e = createExperiment({
      attempt,
      endings: this.#endings,
      programs: this.#programs,
      hooks: new Map(),
      resolved,
      options: { ...SHOW, child, results },
      plugins,
      children: this.#children,
      more: this.#members(),
      guard: (member) => this.#refuseSealed(member),
    });
    this.#watchdog = new Watchdog(attempt.path, this.#signals);
    this.#leaving = [
      () => this.#watchdog.end(),
      afterExit((code, thrown) => {
        if (thrown !== undefined) this.uncaught(thrown.error);
        this.#endWith(this.#evidence(code));
      }),
      enterProcess(this),
      enterOpened({
        output: capture ? (stream, text) => attempt.log.piece(stream, text) : undefined,
        mathRandom: uniform(attempt.seed.value, 'Math.random'),
        sightings,
      }),
    ];
    this.#watchdog.beginBefore(resolved.definition.closure.values());
  }

  get isObserved(): boolean {
    return this.#endings.isObserved;
  }

  uncaught(error: unknown): void {
    this.#uncaught = { error };
  }

  signalled(signal: NodeJS.Signals): void {
    this.#signals.hear();
    this.#signal = signal;
    this.#attempt.log.line(`${signal}: left to the script, which listens for it.`);
  }

  interrupt(signal: NodeJS.Signals): void {
    this.#endings.interrupt(signal);
    this.#signals.hear();
  }

  endNow(signal: NodeJS.Signals): void {
    this.#endWith(interruptedBy(signal));
  }

  #members(): PropertyDescriptorMap {
    const close = async (options: CloseOptions = {}): Promise<void> => await this.#close(options);
    return {
      close: { value: close },
      fail: { value: (error: unknown) => close({ error: thrown(error) }) },
      [Symbol.asyncDispose]: { value: () => this.#dispose() },
      result: {
        get: () => this.#result,
        set: (value: unknown) => {
          this.#refuseSealed('result');
          this.#result = value;
        },
      },
    };
  }

  /** Ends the run as its script says. */
  #close(options: CloseOptions): Promise<void> {
    const { error, result } = readClose(options);
    if (this.#closing !== undefined) {
      // Closing it once more changes nothing; telling another end comes too late.
      if (error !== undefined || result !== undefined) this.#refuseSealed(error === undefined ? 'close' : 'fail', true);
      return this.#closing;
    }
    if (result !== undefined) this.#result = result;
    this.#told = { status: error === undefined ? 'done' : 'failed', error };
    // A run that has failed does not wait for what it has started.
    if (error !== undefined) this.#endings.end({ status: 'failed', error }, true);
    this.#closing = this.#finish(() => this.#told!);
    return this.#closing;
  }

  /**
   * The block that the run was for is left, perhaps by an error, which is not told here: an error that nobody catches is
   * known a turn later, and so is an exit code.
   */
  async #dispose(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    await this.#attempt.pending.settle();
    this.#isSealed = true;
    this.#closing = nextTurn().then(() => this.#finish(() => this.#evidence(Number(process.exitCode ?? 0))));
    this.#closing.catch((error: unknown) => toTerminal('stderr', `comex: ${recordError(error).message}\n`));
  }

  /** @throws what the disk refused, when that is why the run has failed */
  async #finish(how: () => End): Promise<void> {
    const attempt = this.#attempt;
    await attempt.pending.settle();
    await nextTurn();
    if (attempt.concluded) return; // by the end of the process
    const end = how();
    const ended = this.#conclude(end);
    this.#watchdog.end();
    await this.#programs.end();
    if (ended.error !== undefined) await this.#plugins?.error(recordError(ended.error));
    const work =
      ended.status === 'done' ? epilogueOf({ analyses: [], harvest: this.#harvest }, attempt, this.#root) : [];
    const { error } = await epilogue(attempt, this.#endings, { analyses: work, plots: true });
    await this.#plugins?.afterRun(pluginOutcome(attempt, ended));
    attempt.close();
    this.#leave();
    if (end.status === 'done' && ended.status === 'failed') throw ended.error;
    if (error !== undefined) toTerminal('stderr', `comex: ${recordError(error).message}\n`);
  }

  /** Ends the run at once, because the process ends. */
  #endWith(end: End): void {
    const attempt = this.#attempt;
    this.#programs.kill();
    if (!attempt.concluded) {
      const ended = this.#conclude(end);
      this.#plugins?.closeNow(pluginOutcome(attempt, ended));
    }
    attempt.close();
    this.#leave();
  }

  #conclude(end: End): End {
    this.#isSealed = true;
    const attempt = this.#attempt;
    const result = this.#result === undefined ? {} : { result: this.#result };
    const all = overruled({ ...end, ...result }, this.#endings.ending);
    return { ...all, ...attempt.conclude(all.status, storableResult(attempt, all, SHOW)) };
  }

  #leave(): void {
    for (const leave of this.#leaving) leave();
    this.#endings.stop();
  }

  /** How the run ended, by what the process says of itself. */
  #evidence(code: number): End {
    if (this.#told !== undefined) return this.#told;
    // SIGHUP often means something else to those who listen for it.
    if (this.#signal !== undefined && (this.#signal !== 'SIGHUP' || code !== 0)) return interruptedBy(this.#signal);
    if (code === 0 && this.#children.running === 0) return { status: 'done', error: undefined };
    return {
      status: 'failed',
      error: code !== 0 && this.#uncaught !== undefined ? this.#uncaught.error : exited(code),
    };
  }

  #refuseSealed(member: string, isClosing = this.#isSealed): void {
    if (!isClosing) return;
    const { id } = this.#attempt;
    throw new ComexError(
      'E_MEMBER',
      `Expected an open run for e.${member}, but ${id} was closed before. Open another one with openRun(…).`,
    );
  }
}
