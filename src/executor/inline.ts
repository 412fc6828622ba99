import { dirname } from 'node:path';
import { type LoadedRun, loadRun } from '../archive/load.ts';
import { define, resolveParameters, withNote } from '../experiment/define.ts';
import type { GivenValue } from '../experiment/given.ts';
import { includedBy } from '../experiment/include.ts';
import { findModule, resultsFolder } from '../experiment/project.ts';
import { askGit } from '../run/git.ts';
import { run } from '../run/run.ts';
import { childRunner } from './children.ts';

/** How `runExperiment` runs an experiment. */
export interface RunExperimentOptions {
  /** Values by name, or by dotted path of a field: `{ EPOCHS: 3, 'MODEL.hidden': 64 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The archive. Default: that of the module's project. */
  readonly results?: string;
  readonly tags?: readonly string[];
  readonly note?: string;
  /** Time limit in ms. Default none. */
  readonly timeoutMs?: number;
  /** Show the output on the terminal as well. Default false. */
  readonly show?: boolean;
}

/**
 * Runs an experiment in this process and returns its run, however it ended: look at `status` and `error`. Several may
 * go on at once; they share nothing but installed packages.
 *
 * @param file Path of the module (relative to the working directory), or a name below `experiments/`.
 * @throws ComexError when the file, its source or a parameter is wrong: nothing was run then.
 *
 * @example
 * ```ts
 * import { runExperiment } from 'comex';
 *
 * const run = await runExperiment('experiments/quickstart.ts', { parameters: { __TESTING__: true } });
 * console.log(run.status, run.series('loss')?.values.at(-1));
 * ```
 */
export async function runExperiment(file: string, options: RunExperimentOptions = {}): Promise<LoadedRun> {
  const cwd = process.cwd();
  const path = findModule(file, cwd);
  const git = askGit(dirname(path));
  const values = Object.entries(options.parameters ?? {}).map(
    ([name, value]): GivenValue => ({ path: name, value: { value } }),
  );
  const definition = await define(path, cwd, includedBy(values));
  const resolved = resolveParameters(definition, values);
  const outcome = await run(resolved, {
    results: resultsFolder(definition.project, options.results, cwd),
    argv: [],
    cwd,
    tags: [...new Set([...definition.tags, ...(options.tags ?? [])])],
    ...withNote(options.note, definition),
    ...(options.timeoutMs === undefined ? {} : { timeout: { ms: options.timeoutMs, text: `${options.timeoutMs} ms` } }),
    show: options.show === true ? 'stdout' : undefined,
    git,
    child: childRunner(cwd),
  });
  return loadRun(outcome.path);
}
