import { dirname } from 'node:path';
import { refuseUnsafePath } from '../codec/names.ts';
import { ComexError, didYouMean, kindOf } from '../errors.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { callersOf } from '../run/children.ts';
import { currentRun } from '../run/context.ts';
import type { AnyParameters } from '../run/experiment.ts';
import { askGit } from '../run/git.ts';
import type { OpenRun } from '../run/opened-types.ts';
import { childRunner } from './children.ts';

/** How `openRun` opens a run. */
export interface OpenRunOptions<Parameters = AnyParameters> {
  /** What the run is one of, with slashes: `old/eval`. Its folder lies below that. */
  readonly name: string;
  /** Values by UPPERCASE names; `__DEBUG__`, `__PREFIX__`, `__SEED__`, `__TESTING__` as in an experiment. Default none. */
  readonly parameters?: Parameters;
  /** The archive. Default: that of the script's project. */
  readonly results?: string;
  readonly tags?: readonly string[];
  readonly note?: string;
  readonly description?: string;
  /** Seed of `e.random` and `Math.random`. Default: drawn, and recorded. */
  readonly seed?: number | string;
  /** Whether the log of the run takes what the process prints while it is open. Default true. */
  readonly capture?: boolean;
}

const OPTIONS: Readonly<Record<string, readonly [what: string, fits: (value: unknown) => boolean]>> = {
  name: ['a text such as "old/eval"', (value) => typeof value === 'string' && value !== ''],
  parameters: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
  results: ['the path of a folder', (value) => typeof value === 'string' && value !== ''],
  tags: ['a list of texts', (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string')],
  note: ['a text', (value) => typeof value === 'string'],
  description: ['a text', (value) => typeof value === 'string'],
  seed: ['a number or a text', (value) => typeof value === 'number' || typeof value === 'string'],
  capture: ['true or false', (value) => typeof value === 'boolean'],
};

/**
 * Opens a run for a script that is no experiment module, and gives its `e`: the members of an experiment's, and `close`,
 * `fail` and `result`. The script runs as it always did; only what it says to `e` is added. Without `close`, the run is
 * done when the process ends with exit code 0, failed with another one or an error that nobody caught, and interrupted by
 * a signal. Several runs may be open at once.
 *
 * @throws ComexError `E_USAGE` for wrong options, or inside of an experiment, which has an `e`; `E_PARAMETER_NAME`;
 * `E_NAME` for a name that is no path of folders; `E_FILE`, `E_PLUGIN`, `E_STORAGE` when the run cannot be begun
 *
 * @example
 * ```ts
 * import { openRun } from 'comex';
 *
 * const e = await openRun({ name: 'old/evaluate', parameters: { THRESHOLD: 0.5 } });
 * for (const score of [0.2, 0.7, 0.9]) e.track('score', score);
 * e['results/accepted'] = 2;
 * await e.close();
 * console.log(e.THRESHOLD, e['results/accepted']); // 0.5 2
 * ```
 */
export async function openRun<const P extends Readonly<Record<string, unknown>> = AnyParameters>(
  options: OpenRunOptions<P>,
): Promise<OpenRun<P>> {
  const callers = callersOf(openRun);
  refuseOptions(options);
  if (currentRun() !== undefined) {
    throw new ComexError(
      'E_USAGE',
      'Expected openRun(…) to be called by a script, but an experiment calls it, which has a run. Use its e, or e.run(…).',
    );
  }
  // Experiments have the package in memory as well, and never open a run so.
  const [{ openScriptRun }, { commandOf, findScript, resolveScript }] = await Promise.all([
    import('../run/opened-begin.ts'),
    import('../run/script.ts'),
  ]);
  const cwd = process.cwd();
  const script = findScript(callers);
  const folder = script === undefined ? cwd : dirname(script);
  const git = askGit(folder);
  const project = findProject(folder, cwd);
  const tags = [...new Set([...(project.config.tags ?? []), ...(options.tags ?? [])])];
  const resolved = resolveScript(
    script,
    { project, namespace: options.name, description: options.description, tags, parameters: parametersOf(options) },
    cwd,
  );
  const e = await openScriptRun(resolved, {
    results: resultsFolder(project, options.results, cwd),
    argv: commandOf(script, cwd),
    cwd,
    tags,
    ...(options.note === undefined ? {} : { note: options.note }),
    opened: true,
    capture: options.capture ?? true,
    child: childRunner(cwd),
    git,
  });
  return e as unknown as OpenRun<P>;
}

function parametersOf({
  parameters,
  seed,
}: OpenRunOptions<Readonly<Record<string, unknown>>>): Record<string, unknown> {
  if (seed === undefined) return { ...parameters };
  if (parameters !== undefined && '__SEED__' in parameters) {
    throw new ComexError('E_USAGE', 'Expected one seed, got "seed" and the parameter __SEED__. Leave one of them out.');
  }
  return { ...parameters, __SEED__: seed };
}

/** A misspelt option would be another run than was meant. */
function refuseOptions(options: OpenRunOptions<Readonly<Record<string, unknown>>>): void {
  if (typeof options !== 'object' || options === null) {
    throw new ComexError('E_USAGE', `Expected openRun({ name, parameters }), got ${kindOf(options)}.`);
  }
  const names = Object.keys(OPTIONS);
  for (const name of Object.keys(options)) {
    if (OPTIONS[name] !== undefined) continue;
    const near = didYouMean(name, names);
    throw new ComexError(
      'E_USAGE',
      `Expected an option of openRun, got "${name}".${near === '' ? ` There are: ${names.join(', ')}.` : near}`,
    );
  }
  for (const [name, [what, fits]] of Object.entries(OPTIONS)) {
    const value = (options as unknown as Readonly<Record<string, unknown>>)[name];
    if ((value === undefined && name !== 'name') || fits(value)) continue;
    throw new ComexError('E_USAGE', `Expected "${name}" of openRun to be ${what}, got ${shown(value)}.`);
  }
  refuseUnsafePath(options.name, 'the name of the run');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : kindOf(value);
}
