import type { FileHandle } from 'node:fs/promises';
import type { ChartConfiguration } from '../chart/configuration.ts';
import type { ChildRun, ChildRunOptions, ResultOf } from './child-types.ts';
import type { ApplyHook, HooksOf } from './hook-types.ts';
import type { ParametersOf } from './parameter-types.ts';

// biome-ignore lint/suspicious/noExplicitAny: data may be of any type, and its reader knows which
type Data = any;

/** Parameters of a module whose type is not told: any UPPERCASE name. */
export type AnyParameters = { [name: Uppercase<string>]: Data };

/** The parameters that steer comex itself, present in every experiment, and settled before it runs. */
export interface SpecialParameters {
  /** Use the one folder `<namespace>/debug`, replacing what it holds. Default false. */
  readonly __DEBUG__: boolean;
  /** Call the module's `testing(e)` before the run. Default false. */
  readonly __TESTING__: boolean;
  /** Text before the name of the run folder. Default none. */
  readonly __PREFIX__: string;
  /** Seed of `e.random` and `Math.random`; drawn and recorded when null. */
  readonly __SEED__: number | string | null;
  /** Refuse to start unless all that the run needs is captured, and note what else it used. Default false. */
  readonly __REPRODUCIBLE__: boolean;
  /** Namespace of the run instead of the one that the module's path gives. */
  readonly __NAMESPACE__: string | null;
  /** Mixins besides those that the module includes: paths relative to the working directory. Default none. */
  readonly __INCLUDE__: string | readonly string[] | null;
}

/** A step, or a step with further axes such as `{ step: 1200, epoch: 3 }`. */
export type Step = number | ({ readonly step?: number } & Readonly<Record<string, number>>);

/** What one point of a series may hold: a number, a text, the bytes of an image, or a chart. */
export type Trackable = number | bigint | boolean | string | Uint8Array | ChartConfiguration;

/** Random numbers of a run, all from its seed. Calling it gives a number in [0, 1). */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  (): number;
  /** Normally distributed; mean 0 and standard deviation 1 unless given. */
  normal(mean?: number, standardDeviation?: number): number;
  /** An integer between `low` and `high`, both included. */
  int(low: number, high: number): number;
  /** One of the items, each as likely as the others. */
  choice<T>(items: readonly T[]): T;
  /** A new array with the items in random order. */
  shuffle<T>(items: readonly T[]): T[];
}

export interface ExecOptions {
  /** Working directory. Default: the run's. */
  readonly cwd?: string;
  /** Further environment entries. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for the standard input. */
  readonly input?: string;
  /** Accept a failing exit code instead of throwing. Default false. */
  readonly allowFailure?: boolean;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote, at most the last 16 MiB of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgressOptions {
  /** Text before the bar. */
  readonly label?: string;
  /** Number of items, where the iterable does not tell it. */
  readonly total?: number;
}

/** What `e` offers besides parameters and data. */
export interface ExperimentMethods<Parameters, Self = unknown, Parent = unknown> {
  /** Id of the run: 8 letters and digits. */
  readonly id: string;
  /** The parameters by name; reading and writing is the same as `e.NAME`. */
  readonly parameters: Parameters;
  /** Fires when the run has to end: an interrupt, a timeout. Pass it on to whatever can be aborted. */
  readonly signal: AbortSignal;
  /** Random numbers of this run. */
  readonly random: Random;

  /**
   * Writes a line to the terminal and to the run's log. Objects are shown as `console.log` shows them. Never throws for
   * the disk: lines that it refuses wait in memory.
   */
  log(...values: unknown[]): void;
  /** Logs the parameters with their values: all of them, or those named. */
  logParameters(names?: readonly string[]): void;
  /**
   * Records a point of a series. Without a step: one after the series' last, beginning with 0. When it returns, the
   * point survives the death of the process (see the guide for the one exception, very fast streams). Images and
   * charts land in `media/`; tracking a chart returns a promise.
   *
   * @throws ComexError `E_TRACK`; `E_STORAGE` when the disk refuses: then nothing was recorded
   */
  track(name: string, value: number | bigint | boolean | string | Uint8Array, step?: Step): void;
  track(name: string, chart: ChartConfiguration, step?: Step): Promise<void>;
  /**
   * Tracks several series at the same step: all of them or, when one is refused, none.
   *
   * @throws ComexError `E_TRACK`, `E_STORAGE`
   */
  trackMany(values: Readonly<Record<string, number | bigint | boolean | string | Uint8Array>>, step?: Step): void;
  /** The datum at a path, or the values of the series of that name; throws where there is neither. */
  get(path: string): Data;
  /**
   * Stores a datum by value. `e['a/b'] = v` is the same for paths that hold a `/` or begin with `_`.
   *
   * @throws ComexError `E_DATA`; `E_STORAGE` when the disk refuses: then nothing was stored
   */
  set(path: string, value: unknown): void;
  /** Whether there is a datum or a series of that name. */
  has(path: string): boolean;
  /**
   * Appends a row to a table: `tables/<name>.jsonl`.
   *
   * @throws ComexError `E_DATA`; `E_STORAGE` when the disk refuses: then nothing was recorded
   */
  record(table: string, row: Readonly<Record<string, unknown>>): void;
  /** Writes a JSON file into the run folder; returns its path. */
  commitJson(name: string, value: unknown): Promise<string>;
  /** Writes a text or bytes into the run folder; returns the path. */
  commitRaw(name: string, content: string | Uint8Array): Promise<string>;
  /** Renders a chart.js configuration to a `.png` or `.svg` file, or stores the bytes of a picture; returns the path. */
  commitFig(
    name: string,
    figure: ChartConfiguration | Uint8Array | string,
    size?: { readonly width?: number; readonly height?: number },
  ): Promise<string>;
  /**
   * Opens a file inside the run folder; the folders above it are made. Flags as in `fs.open`, default `r`.
   *
   * @throws ComexError `E_NAME`, `E_STORAGE` with the error of Node as its cause
   */
  open(name: string, flags?: string): Promise<FileHandle>;
  /** The absolute path of the run folder, or of a file in it. */
  path(...segments: string[]): string;
  /** Records hash and size of a file that the run reads (and a copy below 10 MB); returns its absolute path. */
  input(path: string): string;
  /**
   * Registers a file that belongs to the run and is too large to copy, such as a checkpoint: its name, path, size and
   * hash are kept. Relative paths begin at the project root. Returns the absolute path.
   *
   * @throws ComexError `E_NAME`, `E_FILE`, `E_STORAGE`
   */
  reference(name: string, path: string): Promise<string>;
  /** Runs a program: its output goes into the log, it ends with the run, and a failing exit code throws `E_EXEC`. */
  exec(command: string, args?: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Calls the hooks registered under a name, in order, and awaits each; returns the last value, or the fallback when
   * there is none: `await e.applyHook('rate', { epoch }, 0.1)`. Arguments and result are checked for the hooks that
   * the module or one that it extends declares in `hooks`.
   */
  readonly applyHook: ApplyHook<HooksOf<Self, Parent>>;
  /**
   * Runs another experiment as a child of this run: in a folder of its own below `runs/`, with its own parameters,
   * seed and log. Several may go on at once. An error of the child is told by the outcome.
   *
   * @param file path of the module, relative to the module that calls
   * @throws ComexError when the file, its source or a parameter is wrong: nothing was run then. With `throw: true` also
   * when the child does not end well.
   */
  run<M = unknown>(file: string, options?: ChildRunOptions<NoInfer<M>>): Promise<ChildRun<ResultOf<M>>>;
  /** A loop with a progress bar on a terminal: `for (const x of e.progress(items))`. */
  progress<T>(items: Iterable<T>, options?: ProgressOptions): Iterable<T>;
  progress<T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
  /** Resolves when everything recorded so far survives a loss of power; rejects with `E_STORAGE` when it may not. */
  flush(): Promise<void>;
}

/**
 * The `e` of an experiment: its parameters by name, its data by path, and the methods of a run. `Experiment<Self, Parent>`
 * where the module extends another: it has the parameters and hooks of both, and of all that the parent extends.
 *
 * @example
 * ```ts
 * // experiments/walk.ts
 * import type { Experiment } from 'comex';
 * type Self = typeof import('./walk.ts');
 *
 * export const STEPS = 100;
 *
 * export default function experiment(e: Experiment<Self>) {
 *   let position = 0;
 *   for (let step = 0; step < e.STEPS; step++) {
 *     position += e.random() < 0.5 ? -1 : 1;
 *     e.track('position', position);
 *   }
 *   e['results/final'] = position;
 * }
 * ```
 */
export type Experiment<Self = AnyParameters, Parent = unknown> = ExperimentMethods<
  ParametersOf<Self, Parent>,
  Self,
  Parent
> &
  SpecialParameters &
  ParametersOf<Self, Parent> & { [path: `${string}/${string}`]: Data } & { [key: `_${Lowercase<string>}`]: Data };
