import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ENVIRONMENT_FILE, RUNS_FOLDER } from '../archive/layout.ts';
import { readMeta } from '../archive/read-meta.ts';
import { ComexError } from '../errors.ts';
import { type BundledRun, besidesOf } from './bundle-format.ts';
import { outermost } from './disk.ts';
import { pathInside } from './folder-tree.ts';

/** What the file says of a run. @throws ComexError `E_USAGE` for one outside of the archive */
export function bundled(folder: string, results: string): BundledRun {
  const path = pathInside(folder, results);
  if (path === undefined) {
    throw new ComexError('E_USAGE', `Expected runs of ${results}, got ${folder}. Name its own archive with --results.`);
  }
  const { id, namespace, snapshot } = readMeta(folder);
  const environment = environmentAbove(folder, results);
  const run = { id, namespace, path, ...(environment === undefined ? {} : { environment }) };
  if (typeof snapshot?.folder !== 'string') return run;
  const code = pathInside(resolve(folder, snapshot.folder), results);
  const isOwn = code === undefined || code.startsWith(`${path}/`) || !existsSync(join(results, code));
  return isOwn ? run : { ...run, code };
}

/** The description of the environment that a run inside of a run shares with it. */
function environmentAbove(folder: string, results: string): string | undefined {
  for (let at = folder; basename(dirname(at)) === RUNS_FOLDER; ) {
    if (existsSync(join(at, ENVIRONMENT_FILE))) return undefined;
    at = dirname(dirname(at));
    if (existsSync(join(at, ENVIRONMENT_FILE))) return pathInside(join(at, ENVIRONMENT_FILE), results);
  }
  return undefined;
}

/** The folders to write: none twice, and none that another holds. */
export function contents(runs: readonly BundledRun[]): string[] {
  const all = runs.flatMap((run) => [run.path, ...besidesOf(run)]);
  return outermost(all.map((path) => join('/', path))).map((path) => path.slice(1).replaceAll('\\', '/'));
}
