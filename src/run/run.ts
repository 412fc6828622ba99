import type { WrittenStatus } from '../archive/layout.ts';
import { isComexError } from '../errors.ts';
import type { Resolved } from '../experiment/define.ts';
import { type LoadWay, release } from '../experiment/instance.ts';
import { concludeAtExit, concludeAtSignal } from './at-exit.ts';
import { Attempt, type AttemptOptions } from './attempt.ts';
import { Children, type RunChild } from './children.ts';
import { asRun, type RunContext, toTerminal } from './context.ts';
import { type Ending, Endings } from './ending.ts';
import { type Epilogue, epilogue } from './epilogue.ts';
import { recordError } from './errors-record.ts';
import type { GitState } from './git.ts';
import { HookCalls } from './hook-calls.ts';
import { describeToPlugins, loadPlugins, pluginOutcome } from './plugin-facts.ts';
import type { PluginHost } from './plugins.ts';
import { harvestRulesOf, sightingsOf } from './preparation.ts';
import { onProcess } from './process-events.ts';
import { Programs } from './programs.ts';
import { uniform } from './random.ts';
import { storableResult } from './result.ts';
import { type End, evaluate, type Session } from './session.ts';
import type { Sightings } from './sightings.ts';
import { Watchdog } from './watchdog.ts';

/** How a run is to be carried out. */
export interface RunOptions extends AttemptOptions {
  /** Time limit in ms, and the text it was given as. */
  readonly timeout?: { readonly ms: number; readonly text: string };
  /** Whether the process exists for this run alone: its signals and its exit are the run's then. Default false. */
  readonly ownsProcess?: boolean;
  /** Where output is shown beside the log: `stdout` as it comes, `stderr` for all of it, or not at all. Default none. */
  readonly show?: 'stdout' | 'stderr' | undefined;
  /** Takes the output as well: of a child run, for its parent. */
  readonly relay?: (text: string) => void;
  /** Ends the run when it fires: its reason is an `Ending`. */
  readonly until?: AbortSignal;
  /** Runs another experiment as a child of this one. */
  readonly child?: RunChild;
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

/** Kept before any run patches it. */
const nativeRandom = Math.random;

/** Runs an experiment: makes its folder, evaluates its module, calls it, and keeps how it ended. */
export async function run(resolved: Resolved, options: RunOptions): Promise<RunOutcome> {
  const pluginLog: { line?: (text: string) => void } = {};
  const plugins = await loadPlugins(resolved, options, (text) => pluginLog.line?.(text));
  const { project } = resolved.definition;
  const harvest = await harvestRulesOf(project);
  const sightings = await sightingsOf(resolved, options);
  const attempt = new Attempt(resolved, { ...options, sightings });
  pluginLog.line = (text) => attempt.log.line(text);
  if (options.show !== undefined) attempt.files.onTrouble = (text) => toTerminal('stderr', `comex: ${text}\n`);
  const endings = new Endings();
  const programs = new Programs();
  const children = new Children();
  const context = createContext(attempt, endings, plugins, options, sightings);
  const session: Session = { hooks: new HookCalls(endings, (text) => attempt.log.line(text)), analyses: [], harvest };
  const ownsProcess = options.ownsProcess === true;
  options.onStart?.({
    id: attempt.id,
    path: attempt.path,
    namespace: attempt.namespace,
    resolved,
    seed: attempt.seed,
    tags: options.tags,
  });
  const watchdog = ownsProcess ? new Watchdog(attempt.path) : undefined;
  const offExit = onProcess('exit', (code) => {
    const end = concludeAtExit({ attempt, context, programs, endings, session, plugins, children }, code);
    watchdog?.end();
    if (end !== undefined) options.onExit?.(outcomeOf(attempt, end, { plots: 0 }));
  });
  if (ownsProcess)
    endings.onSignals((signal) =>
      concludeAtSignal({ attempt, context, programs, endings, session, plugins, children }, signal),
    );
  endings.onEmptyLoop(() => children.running > 0);
  if (options.timeout !== undefined) endings.limit(options.timeout.ms, options.timeout.text);
  const stopFollowing = follow(options.until, endings);
  try {
    sightings?.begin();
    return await asRun(context, ownsProcess, async () => {
      await plugins?.beforeRun(describeToPlugins(attempt, resolved, options));
      if (plugins?.tracks === true) attempt.tracker.onPoint = plugins.track.bind(plugins);
      const settled = await evaluate(
        { attempt, endings, programs, resolved, options, plugins, watchdog, children },
        session,
      );
      if (isComexError(settled.error) && settled.error.code === 'E_MIXIN') {
        // Nothing of the experiment has run: it is refused, as it is when a file is missing.
        attempt.abandon();
        throw settled.error;
      }
      const ended = await session.hooks.after(session.e, settled);
      // What is over needs no watch, and a thread that has only just begun is ended soonest at once.
      if (session.analyses.length === 0) watchdog?.end();
      const end = { ...ended, ...attempt.conclude(ended.status, storableResult(attempt, ended, options)) };
      await programs.end();
      if (end.error !== undefined) await plugins?.error(recordError(end.error));
      const after = await epilogue(attempt, endings, {
        analyses: end.status === 'done' ? epilogueOf(session, attempt, project.root) : [],
        plots: options.parent === undefined,
      });
      await plugins?.afterRun(pluginOutcome(attempt, end));
      attempt.close();
      const signal = endings.ending?.signal;
      return outcomeOf(attempt, signal === undefined ? end : { ...end, signal }, after);
    });
  } finally {
    stopFollowing();
    offExit();
    watchdog?.end();
    sightings?.end();
    endings.stop();
    release(attempt.scope);
  }
}

/** What comes after a run that is done: its analyses, then what is harvested, perhaps from what they wrote. */
export function epilogueOf(
  { analyses, harvest, e }: Omit<Session, 'hooks'>,
  attempt: Attempt,
  root: string,
): Array<() => unknown> {
  const all: Array<() => unknown> = analyses.map(
    ({ analyse }) =>
      () =>
        analyse(e),
  );
  if (harvest.length === 0) return all;
  const take = async (): Promise<void> => {
    const { harvestAtEnd } = await import('./harvest/at-end.ts');
    attempt.files.flush();
    await harvestAtEnd(attempt.path, root, harvest, (line) => attempt.log.line(line));
  };
  return [...all, take];
}

/** Ends the run with the one that it is a child of. */
function follow(until: AbortSignal | undefined, endings: Endings): () => void {
  if (until === undefined) return () => {};
  const end = (): void => endings.end(until.reason as Ending);
  if (until.aborted) end();
  else until.addEventListener('abort', end, { once: true });
  return () => until.removeEventListener('abort', end);
}

function createContext(
  attempt: Attempt,
  endings: Endings,
  plugins: PluginHost | undefined,
  options: RunOptions,
  sightings: Sightings | undefined,
): RunContext {
  const { show, relay } = options;
  const random = uniform(attempt.seed.value, 'Math.random');
  return {
    output: (stream, text) => {
      attempt.log.piece(stream, text);
      relay?.(text);
    },
    passOn: (stream) => (show === undefined ? undefined : show === 'stderr' ? 'stderr' : stream),
    mathRandom: plugins === undefined ? random : () => (plugins.isInside ? nativeRandom() : random()),
    get sightings() {
      return plugins?.isInside === true ? undefined : sightings;
    },
    uncaught: (error) => {
      if (plugins?.blames(error) === true) return;
      if (endings.ending !== undefined) attempt.log.line(`After the end: ${recordError(error).message}`);
      endings.end({ status: 'failed', error }, true);
    },
  };
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
