import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryOwner } from '../codec/atomic.ts';
import { attemptNumbers, readAttempt } from './attempts.ts';
import { holderOf } from './holder.ts';
import { RUNS_FOLDER } from './layout.ts';

/**
 * Removes the files that dead attempts of a run had not yet given their names: for the attempt that holds the claim now,
 * before it writes. Those of an attempt that may be alive stay, and so do those of child runs. Never throws.
 */
export function clearTemporaries(runFolder: string): void {
  try {
    const dead = deadOwners(runFolder);
    if (dead.size > 0) clear(runFolder, dead);
  } catch {
    // They take some room, and nobody reads them.
  }
}

/** The processes of the attempts before the latest, which is the caller's, that never write here again. */
function deadOwners(runFolder: string): ReadonlySet<number> {
  const dead = new Set<number>();
  for (const attempt of attemptNumbers(runFolder).slice(0, -1)) {
    const evidence = readAttempt(runFolder, attempt);
    const status = evidence === undefined ? undefined : holderOf(evidence)?.status;
    if (status !== undefined && status !== 'running' && status !== 'stalled') dead.add(evidence!.record!.pid);
  }
  return dead;
}

function clear(folder: string, dead: ReadonlySet<number>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== RUNS_FOLDER) clear(path, dead);
    const owner = entry.isFile() ? temporaryOwner(entry.name) : undefined;
    if (owner !== undefined && dead.has(owner)) rmSync(path, { force: true });
  }
}
