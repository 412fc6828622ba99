import { existsSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { readTree } from '../../archive/children.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { ComexError } from '../../errors.ts';
import { findProject } from '../../experiment/project.ts';
import type { CodeChoice } from '../../run/archived-types.ts';
import { isSecretName, REDACTED } from '../../run/redact.ts';
import { type Comparison, compareTrees } from './compare.ts';
import { buildEnvironment, type Environment } from './environment.ts';
import { refuseEmptySecrets } from './given-environment.ts';
import { Ignored } from './ignored.ts';
import type { InputChoice } from './inputs.ts';
import { keepReproduction } from './keep.ts';
import { partsOf } from './places.ts';
import type { ReproductionPrograms } from './programs.ts';
import { refuseIrreproducible } from './refuse.ts';
import { rerun } from './rerun.ts';
import { openOriginal } from './source.ts';
import { makeTemporary } from './temporary.ts';
import type { Difference } from './types.ts';

export { ReproductionPrograms } from './programs.ts';
export type { Compared, Difference, Finding } from './types.ts';

export interface ReproduceRequest {
  /** A run, as `comex show` takes it, or a file that `comex compress` made. */
  readonly run: string;
  /** The archive. */
  readonly results: string;
  readonly cwd: string;
  /** Parameters that are given anew, by path, with their texts. */
  readonly given: ReadonlyArray<{ readonly path: string; readonly text: string }>;
  readonly code: CodeChoice;
  readonly inputs: InputChoice;
  readonly install: boolean;
  readonly keep: boolean;
  readonly ignore: readonly string[];
}

/** Who is told what on the way. */
export interface ReproduceListener {
  /** Before it is run: where its packages come from, and what is not as it was. */
  readonly onReady: (ready: Ready) => void;
  /** What the run prints. */
  readonly onOutput: (text: string) => void;
}

export interface Ready {
  readonly run: LoadedRun;
  /** The project whose packages are used. */
  readonly project: string | undefined;
  readonly installed: boolean;
  readonly differences: readonly Difference[];
}

export interface Reproduction extends Ready, Comparison {
  readonly identical: boolean;
  /** The run that was made; its folder is gone, unless it was kept. */
  readonly reproduction: Pick<LoadedRun, 'id' | 'status' | 'durationMs'>;
  /** Where it is kept. */
  readonly kept: string | undefined;
  /** Patterns of `--ignore` that left nothing out. */
  readonly unused: readonly string[];
}

/**
 * Runs a run again in an environment of its own, built from its snapshot, and compares what it kept. Nothing is written
 * outside of a temporary folder, which is removed; with `keep` the run that was made is moved into the archive. Code that
 * writes into `node_modules` or to absolute paths is not kept from it.
 *
 * @param programs takes the signals of this process
 * @throws ComexError as `refuseIrreproducible`, `buildEnvironment` and `rerun` do
 */
export async function reproduce(
  request: ReproduceRequest,
  programs: ReproductionPrograms,
  listener: ReproduceListener,
): Promise<Reproduction> {
  const { cwd, code } = request;
  const temporary = makeTemporary();
  programs.guard(temporary.path);
  try {
    const run = await openOriginal(request.run, request, temporary.path);
    const given = new Set(request.given.map(({ path }) => path));
    refuseIrreproducible(run, given, code);
    if (code === 'snapshot') await refuseEmptySecrets(run, given);
    const tree = readTree(run.path);
    const roots = [...new Set([run.original.root, findProject(cwd, cwd).root])].filter(isFolder);
    const environment = await buildEnvironment(tree, temporary.path, { ...request, roots }, programs);
    const differences = [...environment.differences, ...givenDifferences(run, request.given)];
    const ready: Ready = { run, project: environment.project, installed: request.install, differences };
    listener.onReady(ready);
    const words = request.given.map(({ path, text }) => `--${path}=${text}`);
    const again = await rerun(run, temporary.path, environment, words, programs, listener.onOutput);
    const made = again.run;
    refuseEnded(made);
    const ignored = new Ignored([...request.ignore, ...volatileOf(run)]);
    const comparison = compareTrees(tree, readTree(made.path), {
      ignored,
      places: placesOf(run, environment),
      base: environment.base,
      plugins: environment.plugins,
      given,
    });
    const { id, status, durationMs } = made;
    const kept = request.keep
      ? keepReproduction(run, again, { base: environment.base, code }, request.results)
      : undefined;
    return {
      ...ready,
      ...comparison,
      identical: comparison.findings.length === 0,
      reproduction: { id, status, durationMs },
      kept,
      unused: ignored.unused.filter((pattern) => request.ignore.includes(pattern)),
    };
  } finally {
    temporary.remove();
  }
}

/** What the experiment itself says differs each time. Anybody may have written the metadata. */
function volatileOf({ original }: LoadedRun): readonly string[] {
  const names: unknown = original.volatile;
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

/** A reproduction that was killed says nothing of the run. */
function refuseEnded({ status, evidence }: LoadedRun): void {
  if (['done', 'failed', 'timeout'].includes(status)) return;
  throw new ComexError('E_EXEC', `Expected the reproduction to come to its own end, but it is ${status}: ${evidence}.`);
}

function givenDifferences({ original }: LoadedRun, given: ReproduceRequest['given']): Difference[] {
  return given.map(({ path, text }) => {
    const record = original.parameters[path.split('.')[0]!];
    const isSecret = record?.redacted === true || record?.default === REDACTED || path.split('.').some(isSecretName);
    if (isSecret) return { part: 'parameters', name: path, note: 'a secret, given again' };
    const field = path.includes('.')
      ? {}
      : { recorded: inspect(record?.value, { compact: true, breakLength: Number.POSITIVE_INFINITY }) };
    return { part: 'parameters', name: path, ...field, now: text, note: 'given anew' };
  });
}

/** What paths of the run are in the reproduction. */
function placesOf({ original: { root } }: LoadedRun, environment: Environment): (readonly [string, string])[] {
  return partsOf(root).length === 0 ? [] : [[root, environment.root]];
}

function isFolder(path: string): boolean {
  return path !== '' && existsSync(path) && statSync(path).isDirectory();
}
