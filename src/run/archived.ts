import { refuseAdopted } from '../archive/adopted.ts';
import { latestAttempt } from '../archive/attempts.ts';
import { holderOf } from '../archive/holder.ts';
import type { LoadedRun } from '../archive/load.ts';
import { ComexError, didYouMean, isComexError } from '../errors.ts';
import { registerHooks } from '../experiment/hooks.ts';
import { type Instance, instantiate, release } from '../experiment/instance.ts';
import { type ArchivedCode, readArchivedCode } from './archived-code.ts';
import { ArchivedPrograms } from './archived-exec.ts';
import { createArchivedExperiment } from './archived-members.ts';
import { archivedParameters } from './archived-parameters.ts';
import type { AnalysisOutcome, CodeChoice } from './archived-types.ts';
import { type Analysis, analysesOf } from './composition.ts';
import { asRun, type RunContext, toTerminal } from './context.ts';
import { Endings } from './ending.ts';
import { nextTurn } from './epilogue.ts';
import { recordError } from './errors-record.ts';
import type { Experiment } from './experiment.ts';
import { Pending } from './pending.ts';
import { uniform } from './random.ts';

export interface AnalyseOptions {
  readonly code: CodeChoice;
  /** Names of the analyses; all of them when none is given. */
  readonly only: readonly string[];
  readonly cwd: string;
  /** Where the output goes: `stdout` as it comes, `stderr` for all of it, or nowhere. */
  readonly show: 'stdout' | 'stderr' | undefined;
  /** Whether the process exists for this alone. */
  readonly ownsProcess: boolean;
}

/**
 * Calls the analyses of a run that is over, in their order: its modules are evaluated with the parameters that it ended
 * with, the main function is not called. One that fails does not keep the others from being called. What they commit
 * goes into the run folder; nothing else in it changes.
 *
 * @throws ComexError `E_RUN_BUSY`; `E_USAGE` for a name that no analysis has; and for code that is missing, wrong or adopted
 */
export async function analyse(run: LoadedRun, options: AnalyseOptions): Promise<AnalysisOutcome[]> {
  refuseAdopted(run.meta, 'comex cannot call its code. Read it in a script of your own, with loadRun');
  refuseBusy(run);
  const { code, cwd, show, ownsProcess } = options;
  const archived = await readArchivedCode(run, code, cwd);
  try {
    const random = uniform(run.meta.seed?.value ?? run.id, 'Math.random');
    const work = new Work();
    const context: RunContext = {
      output: () => {},
      passOn: (stream) => (show === undefined ? undefined : show === 'stderr' ? 'stderr' : stream),
      mathRandom: random,
      uncaught: (error) => work.fail(error),
    };
    return await asRun(context, ownsProcess, () => analyseEvaluated(run, archived, options, work));
  } finally {
    archived.release();
  }
}

async function analyseEvaluated(
  run: LoadedRun,
  archived: ArchivedCode,
  { only, show }: AnalyseOptions,
  work: Work,
): Promise<AnalysisOutcome[]> {
  const { definition, root } = archived;
  const parameters = archivedParameters(definition, run.meta);
  const say = (text: string): void => {
    if (show !== undefined) toTerminal(show, `${text}\n`);
  };
  const programs = new ArchivedPrograms(show, () => work.signal(false));
  try {
    for (const warning of parameters.warnings) say(`Warning: ${warning}`);
    const loading = async (): Promise<Instance> => await instantiate(definition, parameters.scope, () => {});
    const instance = await work.settle(loading).catch((error: unknown) => {
      throw loadError(error, archived);
    });
    const chosen = choose(analysesOf(instance), only);
    const e = createArchivedExperiment({
      run,
      definition,
      parameters,
      hooks: registerHooks(instance),
      root,
      pending: work.pending,
      show,
      say,
      signal: () => work.signal(true),
      exec: programs.exec,
    });
    const outcomes: AnalysisOutcome[] = [];
    for (const analysis of chosen) outcomes.push(await outcomeOf(analysis, e, work));
    return outcomes;
  } finally {
    await programs.end();
    release(parameters.scope);
  }
}

async function outcomeOf({ name, analyse: call }: Analysis, e: Experiment, work: Work): Promise<AnalysisOutcome> {
  try {
    await work.settle(async () => call(e));
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, error };
  }
}

/** One piece of work after the other, each of which may also fail by an error that nobody caught, or never settle. */
class Work {
  readonly pending = new Pending();
  #endings = new Endings();

  fail(error: unknown): void {
    this.#endings.end({ status: 'failed', error }, true);
  }

  /** @param forUser Whether code of the experiment asks: it is then given time to heed it. */
  signal(forUser: boolean): AbortSignal {
    return forUser ? this.#endings.signal : this.#endings.ownSignal;
  }

  async settle<T>(work: () => Promise<T>): Promise<T> {
    const endings = new Endings();
    this.#endings = endings;
    endings.onEmptyLoop(() => false);
    const whole = async (): Promise<T> => {
      const result = await work();
      await this.pending.settle();
      await nextTurn();
      return result;
    };
    try {
      return await Promise.race([whole(), endings.now.then(({ error }) => Promise.reject(error))]);
    } finally {
      endings.stop();
    }
  }
}

/** A run that has begun its end may still analyse, and write its data. */
function refuseBusy({ id, path, status, evidence }: LoadedRun): void {
  const refuse = (why: string): ComexError =>
    new ComexError('E_RUN_BUSY', `Expected a run that is over, but ${id} is not: ${why}. Wait for its end.`);
  if (status === 'running') throw refuse(evidence);
  if (status === 'queued') throw refuse('it has not begun yet');
  const latest = latestAttempt(path);
  const holder = latest === undefined ? undefined : holderOf(latest);
  if (holder?.status === 'running') throw refuse(holder.evidence);
}

function choose(all: readonly Analysis[], only: readonly string[]): readonly Analysis[] {
  const names = [...new Set(all.map(({ name }) => name))];
  const unknown = only.find((name) => !names.includes(name));
  if (unknown === undefined) return only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
  const known = names.length === 0 ? ' It has none.' : ` It has: ${names.join(', ')}.`;
  throw new ComexError(
    'E_USAGE',
    `Expected an analysis of the experiment, got "${unknown}".${didYouMean(unknown, names)}${known}`,
  );
}

/** Code that cannot be evaluated any more is no fault of comex: one sentence says which. */
function loadError(error: unknown, { packagesFrom }: ArchivedCode): ComexError {
  if (isComexError(error)) return error;
  const { message, stack, code } = recordError(error);
  const name = code === 'ERR_MODULE_NOT_FOUND' ? /^Cannot find package '([^']+)'/.exec(message)?.[1] : undefined;
  if (name !== undefined) {
    return new ComexError(
      'E_EXPERIMENT',
      `The code of the run needs the package "${name}", which is not installed in ${packagesFrom}. Install it there, or run the command in a project that has it.`,
      { cause: error },
    );
  }
  const place = stack === undefined ? undefined : /^\s+at .*$/m.exec(stack)?.[0];
  const where = place === undefined ? '' : `\n${place}`;
  return new ComexError('E_EXPERIMENT', `The code of the run cannot be evaluated: ${message}${where}`, {
    cause: error,
  });
}
