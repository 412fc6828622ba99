import { AsyncLocalStorage } from 'node:async_hooks';
import type { ErrorRecord } from '../archive/layout.ts';
import { isComexError } from '../errors.ts';
import { recordError } from './errors-record.ts';
import type { Plugin, PluginOutcome, PluginPoint, PluginProject, PluginRun } from './plugin.ts';
import { type ImportModule, loadPlugin, type PluginEntry } from './plugins/load.ts';

/** How long a plugin is waited for, in ms. */
const PATIENCE = 10_000;
/** How often `onTrack` of a plugin may throw. */
const MAX_FAULTS = 3;

/** A plugin at work on a run. */
interface Active {
  name: string;
  plugin: Plugin;
  run: PluginRun | undefined;
  /** How often `onTrack` has thrown. */
  faults: number;
}

/** The plugin that the calling code belongs to, however far it has got by callbacks and promises. */
const inside = new AsyncLocalStorage<Active>();

/** The plugins of one run. Nothing that they do or leave undone can fail it; the log says what went wrong. */
export class PluginHost {
  readonly #plugins: readonly Active[];
  readonly #log: (text: string) => void;
  readonly #patience: number;
  #tracking: readonly Active[] = [];
  #isRunning = false;

  private constructor(plugins: readonly Active[], log: (text: string) => void, patience: number) {
    this.#plugins = plugins;
    this.#log = log;
    this.#patience = patience;
  }

  /**
   * Loads what the project is configured to use; undefined when that is nothing.
   *
   * @param log Takes lines for the log of the run; not called before `beforeRun`.
   * @param patience How long a plugin is waited for, in ms. Default 10,000.
   * @throws ComexError `E_PLUGIN` when a plugin cannot be loaded, or refuses its options.
   */
  static async load(
    entries: readonly PluginEntry[] | undefined,
    project: PluginProject,
    importModule: ImportModule,
    log: (text: string) => void,
    patience = PATIENCE,
  ): Promise<PluginHost | undefined> {
    if (entries === undefined || entries.length === 0) return undefined;
    const plugins: Active[] = [];
    for (const entry of entries) {
      const active: Active = { name: '', plugin: {}, run: undefined, faults: 0 };
      plugins.push(active);
      Object.assign(active, await inside.run(active, loadPlugin, entry, project, importModule, patience));
    }
    return new PluginHost(plugins, log, patience);
  }

  /** Whether any plugin wants the points of series now. */
  get tracks(): boolean {
    return this.#tracking.length > 0;
  }

  /** Whether the calling code is a plugin's. */
  get isInside(): boolean {
    return inside.getStore() !== undefined;
  }

  /** Tells that a run has begun. Getters of `run` stay getters. */
  async beforeRun(run: Omit<PluginRun, 'log'>): Promise<void> {
    const fields = Object.getOwnPropertyDescriptors(run);
    for (const active of this.#plugins) {
      const log = (text: string): void => this.#log(`Plugin ${active.name}: ${text}`);
      const told: PluginRun = Object.defineProperties({ ...run, log }, fields);
      active.run = Object.freeze(told);
    }
    this.#isRunning = true;
    this.#tracking = this.#plugins.filter(({ plugin }) => plugin.onTrack !== undefined);
    await this.#all('beforeRun', ({ plugin, run }) => plugin.beforeRun?.(run!));
  }

  /** Tells how the run ended; nothing more is told after it. */
  async afterRun(outcome: PluginOutcome): Promise<void> {
    if (!this.#end()) return;
    await this.#all('afterRun', ({ plugin, run }) => plugin.afterRun?.(run!, outcome));
  }

  /** Tells how the run ended when the process ends with it: what plugins do at once is done. */
  closeNow(outcome: PluginOutcome): void {
    void this.afterRun(outcome);
  }

  /** Tells the error that the run failed with. */
  async error(record: ErrorRecord): Promise<void> {
    if (this.#isRunning) await this.#all('onError', ({ plugin, run }) => plugin.onError?.(run!, record));
  }

  /** Tells of a point. Ask `tracks` first where making the arguments costs anything. */
  track(
    name: string,
    step: number,
    time: number,
    value: PluginPoint['value'],
    axes?: Readonly<Record<string, number>>,
  ): void {
    if (this.#tracking.length === 0) return;
    const point = axes === undefined ? { name, step, time, value } : { name, step, time, value, axes };
    for (const active of this.#tracking) {
      this.#call(active, 'onTrack', ({ plugin, run }) => plugin.onTrack?.(run!, point));
    }
  }

  /** Tells of an artifact by its name and absolute path. */
  commit(name: string, path: string): void {
    if (!this.#isRunning) return;
    for (const active of this.#plugins) {
      this.#call(active, 'onCommit', ({ plugin, run }) => plugin.onCommit?.(run!, { name, path }));
    }
  }

  /**
   * Takes an error that nobody caught, if it comes from a plugin: says whether it does. To be asked where the error
   * turns up, in a listener of the process.
   */
  blames(error: unknown): boolean {
    const active = inside.getStore();
    if (active === undefined) return false;
    this.#report(active, 'failed, and nobody caught it', error);
    return true;
  }

  #end(): boolean {
    const was = this.#isRunning;
    this.#isRunning = false;
    this.#tracking = [];
    return was;
  }

  /** Calls all plugins in their order, then waits for all of them at once. */
  async #all(event: string, call: (active: Active) => unknown): Promise<void> {
    await Promise.all(this.#plugins.map((active) => this.#wait(active, event, this.#call(active, event, call))));
  }

  /** Calls a plugin; a promise that it returns never rejects. */
  #call(active: Active, event: string, call: (active: Active) => unknown): unknown {
    try {
      const returned = inside.run(active, call, active);
      // An empty answer is the rule on the hot path.
      if (returned === undefined || !isThenable(returned)) return undefined;
      return Promise.resolve(returned).catch((error: unknown) => this.#fault(active, event, error));
    } catch (error) {
      this.#fault(active, event, error);
      return undefined;
    }
  }

  async #wait(active: Active, event: string, work: unknown): Promise<void> {
    if (work === undefined) return;
    // The timer keeps the process alive: a plugin that waits for nothing must not end the run as never settled.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#log(
          `Plugin ${active.name}: ${event} has not come to its end in ${this.#patience / 1000} s, and is left behind.`,
        );
        resolve();
      }, this.#patience);
    });
    await Promise.race([work, late]);
    clearTimeout(timer);
  }

  #fault(active: Active, event: string, error: unknown): void {
    this.#report(active, `${event} failed`, error);
    if (event !== 'onTrack' || ++active.faults < MAX_FAULTS || !this.#tracking.includes(active)) return;
    this.#tracking = this.#tracking.filter((other) => other !== active);
    this.#log(`Plugin ${active.name}: onTrack has failed ${MAX_FAULTS} times, and is switched off for this run.`);
  }

  #report(active: Active, what: string, error: unknown): void {
    const { message, stack } = recordError(error);
    const place = isComexError(error) ? undefined : placeOf(stack ?? '');
    this.#log(`Plugin ${active.name}: ${what}: ${message}${place === undefined ? '' : ` (${place})`}`);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null)?.then === 'function';
}

/** The first line of code in a stack that is not Node's: `/project/plugins/mine.ts:3:9`. */
function placeOf(stack: string): string | undefined {
  return /^\s+at (?:.* \()?((?!node:)\S.*?:\d+:\d+)\)?$/m.exec(stack)?.[1];
}
