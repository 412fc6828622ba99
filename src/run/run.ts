import { relative } from 'node:path';
import type { WrittenStatus } from '../archive/layout.ts';
import { encode } from '../codec/json.ts';
import type { Resolved } from '../experiment/define.ts';
import { type Instance, instantiate, type LoadWay, mainOf, release } from '../experiment/instance.ts';
import { readProjectFile } from '../experiment/load/closure.ts';
import { Attempt, type AttemptOptions } from './attempt.ts';
import { asRun, leave, type RunContext, toTerminal } from './context.ts';
import { type Ending, Endings } from './ending.ts';
import { type Epilogue, epilogue, nextTurn } from './epilogue.ts';
import { recordError } from './errors-record.ts';
import type { Experiment } from './experiment.ts';
import type { GitState } from './git.ts';
import { createExperiment } from './members.ts';
import { onProcess } from './process-events.ts';
import { Programs } from './programs.ts';
import { uniform } from './random.ts';
import { startWatchdog } from './watchdog.ts';

/** How a run is to be carried out. */
export interface RunOptions extends AttemptOptions {
  /** Time limit in ms, and the text it was given as. */
  readonly timeout?: { readonly ms: number; readonly text: string };
  /** Whether the process exists for this run alone: its signals and its exit are the run's then. Default false. */
  readonly ownsProcess?: boolean;
  /** Where output is shown beside the log: `stdout` as it comes, `stderr` for all of it, or not at all. Default none. */
  readonly show?: 'stdout' | 'stderr' | undefined;
  /** What git says; asked for by the caller, who may have begun long before. */
  readonly git?: Promise<GitState | undefined>;
  readonly onStart?: (run: StartedRun) => void;
  /** Called at the exit of the process when the run has ended by it, for what is to be said about that. */
  readonly onExit?: (outcome: RunOutcome) => void;
  readonly way?: LoadWay;
}

/** A run whose folder exists, before its module is evaluated. */
export interface StartedRun {
  readonly id: string;
  readonly path: string;
  readonly namespace: string;
  readonly resolved: Resolved;
  readonly seed: { readonly value: number | string; readonly drawn: boolean };
  readonly tags: readonly string[];
}

/** How a run ended. */
export interface RunOutcome {
  readonly id: string;
  readonly path: string;
  readonly status: WrittenStatus;
  readonly durationMs: number;
  readonly result?: unknown;
  /** What ended the run, as it was thrown. */
  readonly error?: unknown;
  /** The signal that interrupted it. */
  readonly signal?: NodeJS.Signals;
  /** What went wrong after the run had come to its end: an analysis, a plot. */
  readonly afterError?: unknown;
  /** How many pictures of series were drawn. */
  readonly plots: number;
}

type End = Ending & { readonly result?: unknown };

/** Runs an experiment: makes its folder, evaluates its module, calls it, and keeps how it ended. */
export async function run(resolved: Resolved, options: RunOptions): Promise<RunOutcome> {
  const attempt = new Attempt(resolved, options);
  if (options.show !== undefined) attempt.files.onTrouble = (text) => toTerminal('stderr', `comex: ${text}\n`);
  const endings = new Endings();
  const programs = new Programs();
  const context = createContext(attempt, endings, options);
  const ownsProcess = options.ownsProcess === true;
  options.onStart?.({
    id: attempt.id,
    path: attempt.path,
    namespace: attempt.namespace,
    resolved,
    seed: attempt.seed,
    tags: options.tags,
  });
  const offExit = onProcess('exit', (code) => {
    const end = concludeAtExit(attempt, context, programs, code, endings.ending);
    if (end !== undefined) options.onExit?.(outcomeOf(attempt, end, { plots: 0 }));
  });
  if (ownsProcess) endings.onSignals((signal) => concludeAtSignal(attempt, context, programs, signal));
  const stopWatchdog = ownsProcess ? startWatchdog(attempt.path) : undefined;
  endings.onEmptyLoop();
  if (options.timeout !== undefined) endings.limit(options.timeout.ms, options.timeout.text);
  try {
    return await asRun(context, ownsProcess, async () => {
      const session = await evaluate(attempt, endings, programs, resolved, options);
      const ended = await session.end;
      const end = { ...ended, ...attempt.conclude(ended.status, storableResult(attempt, ended, options.show)) };
      await programs.end();
      const analysis = session.instance?.exports['analysis'];
      const analyses = end.status === 'done' && typeof analysis === 'function';
      const after = await epilogue(attempt, endings, analyses ? () => analysis(session.e) : undefined);
      attempt.close();
      const signal = endings.ending?.signal;
      return outcomeOf(attempt, signal === undefined ? end : { ...end, signal }, after);
    });
  } finally {
    offExit();
    stopWatchdog?.();
    endings.stop();
    release(attempt.scope);
  }
}

/** A module that was asked to run, and the promise of how that ends. */
interface Session {
  readonly end: Promise<End>;
  instance?: Instance;
  e?: Experiment;
}

async function evaluate(
  attempt: Attempt,
  endings: Endings,
  programs: Programs,
  resolved: Resolved,
  options: RunOptions,
): Promise<Session> {
  const { definition } = resolved;
  const session: { -readonly [K in keyof Session]: Session[K] } = {
    end: Promise.resolve({ status: 'done', error: undefined }),
  };
  const work = async (): Promise<unknown> => {
    const late = (path: string): void => attempt.snapshot.add(readProjectFile(path, definition.tsconfigs));
    const loading = instantiate(definition, attempt.scope, late, options.way);
    loading.catch(() => {}); // looked at below, after git
    attempt.setGit(await options.git);
    session.instance = await loading;
    attempt.loader = session.instance.way;
    const main = mainOf(session.instance, relative(options.cwd, definition.path));
    session.e = createExperiment({
      attempt,
      endings,
      programs,
      instance: session.instance,
      resolved,
      show: options.show,
    });
    attempt.updateMeta();
    await test(attempt, session.instance, session.e);
    const result = await main(session.e);
    await attempt.pending.settle();
    await nextTurn();
    return result;
  };
  const settled = work().then(
    (result): End => ({ status: 'done', error: undefined, result }),
    (error: unknown): End => ({ status: 'failed', error: error ?? new Error(`Thrown value: ${String(error)}`) }),
  );
  const judged = settled.then((end) => overruled(end, endings.ending));
  session.end = Promise.race([judged, endings.now.then((ending): End => ending)]);
  return session;
}

/** A run that was told to end has ended for that reason, whatever its main function did about it. */
function overruled(end: End, ending: Ending | undefined): End {
  return ending === undefined ? end : { ...ending, ...('result' in end ? { result: end.result } : {}) };
}

async function test(attempt: Attempt, instance: Instance, e: Experiment): Promise<void> {
  if (attempt.scope.get('__TESTING__') !== true) return;
  const testing = instance.exports['testing'];
  if (typeof testing !== 'function') {
    attempt.log.line('__TESTING__ is set, but the module exports no function testing(e): it runs as always.');
    return;
  }
  attempt.testing = true;
  try {
    await testing(e);
  } finally {
    attempt.testing = false;
  }
}

function createContext(attempt: Attempt, endings: Endings, options: RunOptions): RunContext {
  const { show } = options;
  return {
    output: (stream, text) => attempt.log.piece(stream, text),
    passOn: (stream) => (show === undefined ? undefined : show === 'stderr' ? 'stderr' : stream),
    mathRandom: uniform(attempt.seed.value, 'Math.random'),
    uncaught: (error) => {
      if (endings.ending !== undefined) attempt.log.line(`After the end: ${recordError(error).message}`);
      endings.end({ status: 'failed', error }, true);
    },
  };
}

/** The result, unless it has no form on disk: then the log says so, and the run has none. */
function storableResult(attempt: Attempt, end: End, show: RunOptions['show']): { result?: unknown; error?: unknown } {
  const error = end.error === undefined ? {} : { error: end.error };
  if (end.result === undefined) return error;
  const problem = unstorable(end.result);
  if (problem === undefined) return { ...error, result: end.result };
  attempt.log.line(`The result was not kept. ${problem}`);
  if (show !== undefined) toTerminal('stderr', `comex: the result was not kept. ${problem}\n`);
  return error;
}

function unstorable(result: unknown): string | undefined {
  try {
    encode({ result }, 'the run'); // as the metadata hold it, a level deeper
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function outcomeOf(attempt: Attempt, end: End, after: Epilogue): RunOutcome {
  const afterError = after.error ?? (end.error === undefined ? attempt.problem : undefined);
  return {
    id: attempt.id,
    path: attempt.path,
    status: end.status,
    durationMs: attempt.durationMs,
    ...(end.result === undefined ? {} : { result: end.result }),
    ...(end.error === undefined ? {} : { error: end.error }),
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    ...(afterError === undefined ? {} : { afterError }),
    plots: after.plots,
  };
}

/** The process exits while the run goes on: code of the run called `process.exit`. Says how the run ended by that. */
function concludeAtExit(
  attempt: Attempt,
  context: RunContext,
  programs: Programs,
  code: number,
  ending: Ending | undefined,
): End | undefined {
  programs.kill();
  const error = Object.assign(new Error(`The process was ended by process.exit(${code}) inside the run.`), {
    code: 'E_EXIT',
  });
  const exited: End = code === 0 ? { status: 'done', error: undefined } : { status: 'failed', error };
  const end = overruled(exited, ending);
  const ends = !attempt.concluded;
  const ended = { ...end, ...attempt.conclude(end.status, end) };
  attempt.close();
  leave(context);
  if (!ends) return undefined;
  if (ended.status === 'failed' && code === 0) process.exitCode = 1;
  return ended;
}

/** A second signal came before the run had ended after the first. */
function concludeAtSignal(attempt: Attempt, context: RunContext, programs: Programs, signal: NodeJS.Signals): void {
  programs.kill();
  const error = new Error(`The run was interrupted twice, by ${signal}.`);
  attempt.conclude('interrupted', { error: Object.assign(error, { code: 'E_INTERRUPTED' }) });
  attempt.close();
  leave(context);
}
