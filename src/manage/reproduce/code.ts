import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { RunTree } from '../../archive/children.ts';
import { CODE_FOLDER, PATCH_FILE } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { snapshotHash } from '../../archive/snapshot-hash.ts';
import { sha256OfFile } from '../../codec/hash.ts';
import { ComexError } from '../../errors.ts';
import { define } from '../../experiment/define.ts';
import { LOCK_FILES, PROJECT_FILES } from '../../run/environment.ts';
import { diffCode } from '../diff-code.ts';
import { walkTree } from '../folder-tree.ts';
import type { Difference } from './types.ts';

/** Inputs whose place was taken lie there. */
const INPUTS_FOLDER = '.inputs/';
/** Files that are named one by one. */
const SHOWN = 3;
/** Clocks of disks are not those of machines. */
const CLOCK_MS = 5;

/** Files by their absolute path on the machine of the run. */
export type CodeFiles = Map<string, Buffer>;

/** The folder of a run's snapshot: its own, or that of a run above; undefined when its metadata name another. */
export function codeFolder({ path, original: { snapshot } }: LoadedRun): string | undefined {
  const folder = snapshot?.folder ?? CODE_FOLDER;
  return new RegExp(`^(?:\\.\\./)*${CODE_FOLDER}$`).test(folder) ? resolve(path, folder) : undefined;
}

/** What the snapshot of a run holds, inputs and all: the runs inside of it have theirs there, too. */
export function snapshotFiles(run: LoadedRun, root: string): CodeFiles {
  const files: CodeFiles = new Map();
  const folder = codeFolder(run);
  if (folder === undefined || !existsSync(folder)) return files;
  for (const { path, name, kind } of walkTree(folder)) {
    if (kind !== 'file' || name === PATCH_FILE || name.startsWith(INPUTS_FOLDER)) continue;
    files.set(join(root, ...name.split('/')), readFileSync(path));
  }
  return files;
}

/** Says when the files of a snapshot are not those that the run wrote. */
export function snapshotDifference(run: LoadedRun): Difference | undefined {
  const { files = [], hash } = run.original.snapshot;
  const folder = codeFolder(run)!;
  const now = snapshotHash(new Map(files.map((file) => [file, sha256OfFile(join(folder, file))])));
  if (now === hash) return undefined;
  const end = run.endedAt?.getTime() ?? run.startedAt.getTime();
  const later = files.filter((file) => statSync(join(folder, file)).mtimeMs > end + CLOCK_MS);
  // A copy of a run may have the time of the copy in all of its files.
  const isTold = later.length > 0 && (later.length < files.length || files.length === 1);
  const which = !isTold ? '' : `, ${namesText(later)} since its end`;
  const note = `the snapshot was changed after the run${which}: what is run is not what it ran`;
  return { part: 'code', name: CODE_FOLDER, recorded: shortHash(hash), now: shortHash(now), note };
}

/** Says which files of a project are not those of the snapshot, which is run all the same. */
export function projectDifference(
  tree: RunTree,
  kept: CodeFiles,
  { root, home, base }: { readonly root: string; readonly home: string; readonly base: string },
): Difference | undefined {
  const inputs = inputPaths(tree, root);
  const changed = [...kept].flatMap(([path, bytes]) => {
    const place = relative(root, path);
    const today = resolve(home, place);
    const isCompared = !inputs.has(path) && !(LOCK_FILES as readonly string[]).includes(place);
    if (!isCompared || place.startsWith('..') || !path.startsWith(base)) return [];
    return existsSync(today) && readFileSync(today).equals(bytes) ? [] : [place.split(sep).join('/')];
  });
  if (changed.length === 0) return undefined;
  const count = changed.length === 1 ? '1 file' : `${changed.length} files`;
  const have = changed.length === 1 ? 'has' : 'have';
  const note = `${count} of the project ${have} changed since (${namesText(changed)}); the snapshot's code is run`;
  return { part: 'code', name: 'project', note };
}

function namesText(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more <= 0 ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${more} more`;
}

/**
 * The code of an experiment as it is in a project now: what it reads before it runs, and what the snapshot of the run
 * holds beside that, of runs inside of it.
 *
 * @throws ComexError as `define` does, `E_FILE` when the module is not there
 */
export async function todaysFiles(tree: RunTree, root: string, cwd: string): Promise<CodeFiles> {
  const { run } = tree;
  const { original: meta } = run;
  if (!existsSync(join(root, meta.module))) {
    throw new ComexError(
      'E_FILE',
      `Expected today's module of the run at ${join(root, meta.module)}, found none. Leave --code today out to run its snapshot.`,
    );
  }
  const include = (meta.included ?? []).map((mixin) => resolve(root, mixin));
  const { closure } = await define(join(root, meta.module), cwd, include);
  const files: CodeFiles = new Map([...closure.values()].map(({ path, bytes }) => [path, bytes]));
  const inputs = inputPaths(tree, root);
  for (const path of [...snapshotFiles(run, root).keys(), ...PROJECT_FILES.map((name) => join(root, name))]) {
    if (!files.has(path) && !inputs.has(path) && existsSync(path)) files.set(path, readFileSync(path));
  }
  return files;
}

/** The files of the code that are not as they were, with how many lines. */
export function codeDifferences(before: CodeFiles, after: CodeFiles, tree: RunTree, root: string): Difference[] {
  const inputs = inputPaths(tree, root);
  const place = (path: string): string => relative(root, path).split(sep).join('/');
  const only = (files: CodeFiles): Map<string, Buffer> =>
    new Map(
      [...files]
        .filter(([path]) => !inputs.has(path) && !(LOCK_FILES as readonly string[]).includes(place(path)))
        .map(([path, bytes]) => [place(path), bytes]),
    );
  return diffCode(only(before), only(after)).map(({ path, from, change, added, removed, summary }) => {
    const lines = summary ?? `+${added} -${removed}`;
    const note = change === 'renamed' ? `renamed from ${from}, ${lines}` : `${change}, ${lines}`;
    return { part: 'code', name: path, note };
  });
}

/** What a run has read, and the runs inside of it: no code, though it lies beside it. */
function inputPaths({ run, children }: RunTree, root: string): Set<string> {
  const own = run.original.inputs.map(({ path }) => resolve(root, String(path)));
  return new Set([...own, ...children.flatMap((child) => [...inputPaths(child, root)])]);
}

export function shortHash(hash: string): string {
  return typeof hash === 'string' ? hash.slice(0, 12) : 'none';
}
