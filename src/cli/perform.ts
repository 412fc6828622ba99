import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ErrorRecord } from '../archive/layout.ts';
import { refuseUnusableTags } from '../archive/tag-text.ts';
import { encode } from '../codec/json.ts';
import { childRunner } from '../executor/children.ts';
import { define, type Resolved, resolveParameters, withNote } from '../experiment/define.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { recordError } from '../run/errors-record.ts';
import type { GitState } from '../run/git.ts';
import { type RunOutcome, run } from '../run/run.ts';
import { givenValues, type ParameterWord } from './arguments.ts';
import { parseDuration } from './duration.ts';
import { exitStatus, harmlessLines } from './errors.ts';
import { includedWords, type RunCommandOptions } from './run.ts';
import { pathText } from './run-facts.ts';
import { screenOf } from './screen.ts';

interface Work {
  readonly path: string;
  readonly cwd: string;
  /** The whole command line. */
  readonly words: readonly string[];
  readonly parameters: readonly ParameterWord[];
  readonly options: RunCommandOptions;
  readonly git: Promise<GitState | undefined> | undefined;
}

/** Does what `comex run FILE` was asked for: help, a dry run, or the run. */
export async function perform(work: Work): Promise<void> {
  const { path, cwd, options } = work;
  const former =
    options.from === undefined
      ? undefined
      : await (await import('./from-run.ts')).readRun(
          options.from,
          resultsFolder(findProject(cwd, cwd), options.results, cwd),
          cwd,
        );
  const named = includedWords(work.parameters);
  const include =
    named.length > 0 || former === undefined ? named : former.included(findProject(dirname(path), cwd).root);
  const definition = await define(path, cwd, include);
  const screen = screenOf(process.stdout);
  if (options.help) {
    const { parameterHelp } = await import('./parameter-help.ts');
    process.stdout.write(`${parameterHelp(definition, screen)}\n`);
    return;
  }
  const results = resultsFolder(definition.project, options.results, cwd);
  const own = givenValues(work.parameters, definition.declared);
  const values = former === undefined ? own : [...former.values(new Set(own.map((value) => value.path))), ...own];
  const resolved = resolveParameters(definition, values);
  const tags = [...new Set([...definition.tags, ...tagsOf(options)])];
  if (options.dryRun) return await dryRun(resolved, results, options.json);
  const timeout =
    options.timeout === undefined
      ? undefined
      : { ms: parseDuration(options.timeout, '--timeout'), text: options.timeout };
  const panels = options.quiet || options.json ? undefined : await import('./run-panels.ts');
  const report = reporter(work, panels);
  const outcome = await run(resolved, {
    results,
    cwd,
    argv: work.words,
    tags,
    ...withNote(options.note, definition),
    ...(timeout === undefined ? {} : { timeout }),
    ...(work.git === undefined ? {} : { git: work.git }),
    child: childRunner(cwd),
    ownsProcess: true,
    show: options.quiet ? undefined : options.json ? 'stderr' : 'stdout',
    onExit: (outcome) => {
      report(outcome);
      if (outcome.status === 'interrupted' || outcome.status === 'timeout') process.exitCode = exitStatus(outcome);
      if (options.json) reserveStdout();
    },
    ...(panels === undefined
      ? {}
      : { onStart: (started) => process.stdout.write(panels.startLines(started, cwd, screenOf(process.stdout))) }),
  });
  report(outcome);
  process.exitCode = exitStatus(outcome);
  // What the experiment left running (a server, a timer) must not keep an ended run's process alive.
  await drained();
  if (options.json) reserveStdout();
  process.exit();
}

/** From here on, what the experiment's exit handlers print is no part of the one JSON object. */
function reserveStdout(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}

async function dryRun(resolved: Resolved, results: string, json: boolean): Promise<void> {
  const { dryRunJson, dryRunText } = await import('./dry-run.ts');
  const { plannedFolder } = await import('../archive/folder.ts');
  const special = (name: string): unknown => resolved.known.get(name)?.value?.value;
  const folder = plannedFolder({
    results,
    namespace: (special('__NAMESPACE__') as string | null) ?? resolved.definition.namespace,
    prefix: special('__PREFIX__') as string,
    debug: special('__DEBUG__') as boolean,
    now: new Date(),
  });
  process.stdout.write(
    `${json ? dryRunJson(resolved, folder) : dryRunText(resolved, folder, screenOf(process.stdout))}\n`,
  );
}

function tagsOf(options: RunCommandOptions): string[] {
  const listed = (options.tags ?? '').split(',').map((tag) => tag.trim());
  const tags = [...(options.tag ?? []), ...listed].filter((tag) => tag !== '');
  refuseUnusableTags(tags);
  return tags;
}

/** What says how a run ended; at once, because the process may be about to exit. */
function reporter({ cwd, options }: Work, panels: typeof import('./run-panels.ts') | undefined) {
  return (outcome: RunOutcome): void => {
    const shown = outcome.error ?? outcome.afterError;
    if (shown !== undefined) process.stderr.write(errorText(shown, outcome.path, cwd));
    if (options.json) {
      const { id, path, status, durationMs } = outcome;
      const error = shown === undefined ? {} : { error: recordError(shown) };
      process.stdout.write(`${encode({ id, path, status, durationMs, ...storable(outcome.result), ...error })}\n`);
    }
    // Taken away meanwhile, it has nothing more to show.
    if (panels !== undefined && existsSync(outcome.path))
      process.stdout.write(panels.endLines(outcome, cwd, screenOf(process.stdout)));
  };
}

function storable(result: unknown): { result?: unknown } {
  if (result === undefined) return {};
  try {
    encode({ result });
    return { result };
  } catch {
    return {}; // the log says that the result was not kept
  }
}

/** An error of the user's code with its stack; an error of comex's own by its sentence, and the line that met it. */
function errorText(error: unknown, path: string, cwd: string): string {
  const record = recordError(error);
  const where = record.stack === undefined ? undefined : /^\s+at .*$/m.exec(record.stack)?.[0];
  const isPlain = where === undefined || record.code === 'E_MIXIN';
  const own = `comex: ${record.message} (${record.code})${isPlain ? '' : `\n${where}`}`;
  const text = record.name === 'ComexError' ? own : (record.stack ?? `${record.name}: ${record.message}`);
  const kept = existsSync(path) ? `The run is kept in ${pathText(path, cwd)}\n` : '';
  return `${harmlessLines(text)}\n${causeText(record.cause)}${kept}`;
}

function causeText(cause: ErrorRecord | undefined): string {
  return cause === undefined
    ? ''
    : `caused by ${harmlessLines(`${cause.name}: ${cause.message}`)}\n${causeText(cause.cause)}`;
}

/** Resolves when what was written to the standard streams has left the process. */
async function drained(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed)
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}
