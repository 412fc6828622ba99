import { readMeta } from './read-meta.ts';
import { type WalkOptions, walkRuns } from './walk.ts';

/** What an archive holds. */
export interface ScannedRuns {
  readonly runs: ReadonlyArray<{ readonly path: string; readonly id: string }>;
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

/**
 * Finds the run folders below a results folder, at any depth. One that cannot be read does not keep the others from
 * being found: it is named with the reason.
 *
 * @param options `children`: also the runs inside of runs
 *
 * @example
 * ```ts
 * import { scanRuns } from 'comex/archive';
 *
 * const { runs, broken } = scanRuns('results');
 * console.log(`${runs.length} runs`);
 * for (const { path, reason } of broken) console.warn(`${path}: ${reason}`);
 * ```
 */
export function scanRuns(resultsDir: string, options: WalkOptions = {}): ScannedRuns {
  const runs: { path: string; id: string }[] = [];
  const broken: { path: string; reason: string }[] = [];
  for (const entry of walkRuns(resultsDir, options)) {
    if (entry.kind === 'broken') {
      broken.push({ path: entry.path, reason: entry.reason });
      continue;
    }
    try {
      runs.push({ path: entry.path, id: readMeta(entry.path).id });
    } catch (error) {
      broken.push({ path: entry.path, reason: (error as Error).message });
    }
  }
  return { runs, broken };
}
