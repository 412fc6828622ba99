import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { storageError } from '../codec/storage.ts';
import { RUNS_FOLDER } from './layout.ts';
import { type LoadedRun, loadRun } from './load.ts';

/** A run with the runs below it. */
export interface RunTree {
  readonly run: LoadedRun;
  /** In the order in which they began. */
  readonly children: readonly RunTree[];
  /** Child runs that cannot be read. */
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

/**
 * Reads a run and all runs below it.
 *
 * @throws ComexError as `loadRun` does, for the run itself; a child that cannot be read is named in `broken`
 *
 * @example
 * ```ts
 * import { readTree, type RunTree } from 'comex/archive';
 *
 * const count = ({ children }: RunTree): number => children.reduce((sum, child) => sum + count(child), 1);
 * console.log(`${count(readTree('results/digits/2026-01-31__12-00-00__k3v9x2ab'))} runs`);
 * ```
 */
export function readTree(folder: string): RunTree {
  return treeOf(loadRun(folder));
}

function treeOf(run: LoadedRun): RunTree {
  const children: RunTree[] = [];
  const broken: { path: string; reason: string }[] = [];
  for (const path of childFolders(run.path)) {
    try {
      children.push(treeOf(loadRun(path)));
    } catch (error) {
      broken.push({ path, reason: (error as Error).message });
    }
  }
  const begun = ({ run: { startedAt, id } }: RunTree): [number, string] => [startedAt.getTime(), id];
  children.sort((a, b) => {
    const [time, id] = begun(a);
    const [otherTime, otherId] = begun(b);
    return time - otherTime || (id < otherId ? -1 : 1);
  });
  return { run, children, broken };
}

/** The folders of the runs directly below a run. */
function childFolders(run: string): string[] {
  const folder = join(run, RUNS_FOLDER);
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw storageError(error, 'read', folder);
  }
}
