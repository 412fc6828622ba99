import type { AnyParameters, Experiment } from './experiment.ts';

/** How a run that a script has opened is closed. */
export interface CloseOptions {
  /** What it has failed with; without it the run is done. */
  readonly error?: unknown;
  /** What came of it, as the main function of an experiment returns it. */
  readonly result?: unknown;
}

/**
 * The `e` that `openRun` gives to a script: that of an experiment, and what ends the run. Hooks are registered by nobody:
 * `applyHook` gives its fallback.
 */
export type OpenRun<Parameters = AnyParameters> = Experiment<Parameters> & OpenRunMembers;

interface OpenRunMembers extends AsyncDisposable {
  /** What came of the run: kept when it ends. */
  // biome-ignore lint/suspicious/noExplicitAny: may be of any type, and its reader knows which
  result: any;
  /**
   * Ends the run: `done`, or `failed` with an error. Waits for charts and child runs that go on, and draws the series.
   * From then on the run can only be read. A second call changes nothing.
   *
   * @throws ComexError `E_STORAGE` when the disk refuses what the run has recorded
   */
  close(options?: CloseOptions): Promise<void>;
  /** The same as `close({ error })`: the run has failed. */
  fail(error: unknown): Promise<void>;
}
