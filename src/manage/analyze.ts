import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { ComexError } from '../errors.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import type { AnalysisOutcome, CodeChoice } from '../run/archived-types.ts';

export type { AnalysisOutcome } from '../run/archived-types.ts';

const CHOICES: readonly CodeChoice[] = ['snapshot', 'today'];

/** How `analyzeRun` calls the analyses of a run. */
export interface AnalyzeRunOptions {
  /** Names of the analyses to call: `analysis`, or keys of `analyses`. Default: all. */
  readonly only?: readonly string[];
  /** Whose code: that of the run, from its snapshot, or the module of the project as it is today. Default `snapshot`. */
  readonly code?: 'snapshot' | 'today';
  /** The archive. Default: that of the project of the working directory. */
  readonly results?: string;
  /** Show what the analyses log and print on the terminal: no file keeps it. Default true. */
  readonly show?: boolean;
}

/**
 * Calls the analyses of a run that is over, in order, without running the experiment: they read its data and series, and
 * the parameters that it ended with. What they commit goes into the run folder, in place of files of the same name;
 * nothing else in it changes. Returns how each of them ended: one that throws does not keep the others from being called.
 *
 * @param run the path of a run folder, an id or its beginning, the name of an experiment (its latest run), or `latest`
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`; `E_RUN_BUSY` for a run that goes on; `E_USAGE` for a name
 * that no analysis has; `E_FILE`, `E_EXPERIMENT` and others when the code is not there or cannot be evaluated
 *
 * @example
 * ```ts
 * import { analyzeRun } from 'comex';
 *
 * const analyses = await analyzeRun('latest', { code: 'snapshot' });
 * for (const { name, ok, error } of analyses) console.log(name, ok ? 'done' : error);
 * ```
 */
export async function analyzeRun(run: string, options: AnalyzeRunOptions = {}): Promise<AnalysisOutcome[]> {
  const cwd = process.cwd();
  const results = resultsFolder(findProject(cwd, cwd), options.results, cwd);
  const path = selectRun(run, { results, cwd });
  // A program that only runs experiments need not read it.
  const { analyse } = await import('../run/archived.ts');
  return await analyse(loadRun(path), {
    code: codeChoice(options.code),
    only: options.only ?? [],
    cwd,
    show: options.show === false ? undefined : 'stdout',
    ownsProcess: false,
  });
}

/** @throws ComexError `E_USAGE` */
export function codeChoice(given: string | undefined): CodeChoice {
  const choice = CHOICES.find((each) => each === (given ?? 'snapshot'));
  if (choice !== undefined) return choice;
  throw new ComexError('E_USAGE', `Expected the code to be ${CHOICES.join(' or ')}, got ${JSON.stringify(given)}.`);
}
