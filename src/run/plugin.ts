import type { ErrorRecord, WrittenStatus } from '../archive/layout.ts';

/** The run that a plugin is told about. */
export interface PluginRun {
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  readonly namespace: string;
  /** Path of the module, relative to the project root. */
  readonly module: string;
  readonly description?: string;
  /** The values as they stand when they are read; secrets are `[redacted]`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly startedAt: Date;
  /** Id of the run that this one is a child of. */
  readonly parent?: string;
  /** Writes a line to the log of the run, with the name of the plugin before it. */
  log(text: string): void;
}

/** How a run ended, as a plugin is told. */
export interface PluginOutcome {
  readonly status: WrittenStatus;
  readonly durationMs: number;
  /** What the main function returned. */
  readonly result?: unknown;
  readonly error?: ErrorRecord;
}

/** A point of a series, as a plugin is told. */
export interface PluginPoint {
  /** Name of the series. */
  readonly name: string;
  readonly step: number;
  /** Milliseconds since the start of the run. */
  readonly time: number;
  /** A number, a text, or a picture by its path relative to the run folder. */
  readonly value: number | string | { readonly image: string };
  /** Further step axes, such as `{ epoch: 3 }`. */
  readonly axes?: Readonly<Record<string, number>>;
}

/** A file that a run put into its folder, as a plugin is told. */
export interface PluginArtifact {
  /** The name it was committed under. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/**
 * What is called with the runs of a project. No plugin can fail a run or hold it up: what it throws goes to the log of
 * the run, and it is waited for at most 10 s at a time.
 */
export interface Plugin {
  /** How the log names it. Default: what the configuration names. */
  readonly name?: string;
  /** The run folder exists; nothing of the experiment has been evaluated. Awaited. */
  beforeRun?(run: PluginRun): void | Promise<void>;
  /**
   * The final status is on disk. Awaited; when the process is ended inside the run (`process.exit`, a second signal),
   * only what happens before the first `await` is done.
   */
  afterRun?(run: PluginRun, outcome: PluginOutcome): void | Promise<void>;
  /** A point was tracked, and is on disk. Called for every point: be quick. Off after three exceptions. */
  onTrack?(run: PluginRun, point: PluginPoint): void;
  /** An artifact was committed. */
  onCommit?(run: PluginRun, artifact: PluginArtifact): void;
  /** The run has failed, and `afterRun` follows. Awaited. */
  onError?(run: PluginRun, error: ErrorRecord): void | Promise<void>;
}

/** The project that a plugin is configured in. */
export interface PluginProject {
  /** Absolute path of the folder with `comex.config.json`. */
  readonly root: string;
  /** Absolute path of the archive. */
  readonly results: string;
}

/**
 * Makes a plugin from the options that stand beside `use` in `comex.config.json`; called once for each run. What it
 * throws refuses the run before it starts.
 */
export type PluginFactory<Options = Readonly<Record<string, unknown>>> = (
  options: Options,
  project: PluginProject,
) => Plugin | Promise<Plugin>;

/**
 * Gives a plugin its types; returns it as it is. A plugin module exports the plugin, or the function that makes it, as
 * its default, and `comex.config.json` names the module.
 *
 * @param plugin The plugin, or a function of its options that makes one.
 *
 * @example
 * ```ts
 * // plugins/slow.ts
 * // comex.config.json: { "plugins": [{ "use": "./plugins/slow.ts", "seconds": 60 }] }
 * import { definePlugin } from 'comex';
 *
 * export default definePlugin((options: { seconds?: number }) => ({
 *   afterRun(run, outcome) {
 *     if (outcome.durationMs > (options.seconds ?? 10) * 1000) run.log(`slow: ${outcome.durationMs} ms`);
 *   },
 * }));
 * ```
 */
export function definePlugin<Options = Readonly<Record<string, unknown>>>(
  plugin: PluginFactory<Options>,
): PluginFactory<Options>;
export function definePlugin(plugin: Plugin): Plugin;
export function definePlugin(plugin: Plugin | PluginFactory): Plugin | PluginFactory {
  return plugin;
}
