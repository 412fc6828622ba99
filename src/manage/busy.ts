import { join } from 'node:path';
import { latestAttempt } from '../archive/attempts.ts';
import { holderOf } from '../archive/holder.ts';
import { RUNS_FOLDER } from '../archive/layout.ts';
import { type Judgement, statusOf } from '../archive/liveness.ts';
import { readMeta } from '../archive/read-meta.ts';
import { walkRuns } from '../archive/walk.ts';

/** A run that has written its end lets go of its folder soon after. */
const PATIENCE_MS = 3000;
const LOOK_MS = 20;

/** In these, a process writes into the folder, will, or may for all that can be told from here. */
const BUSY: ReadonlySet<string> = new Set(['running', 'queued', 'stalled', 'lost']);

/** As `whyBusy`, but gives a run that is over some time to finish its analyses and pictures. Blocks meanwhile. */
export function whyStillBusy(folder: string): string | undefined {
  const end = Date.now() + PATIENCE_MS;
  const lock = new Int32Array(new SharedArrayBuffer(4));
  let busy = whyBusy(folder);
  while (busy !== undefined && Date.now() < end && isOver(folder)) {
    Atomics.wait(lock, 0, 0, LOOK_MS);
    busy = whyBusy(folder);
  }
  // It may have let go of the folder between the two looks.
  return busy === undefined ? undefined : whyBusy(folder);
}

/** Whether a run has written its end, and its process is there still. */
function isOver(folder: string): boolean {
  try {
    const { status } = readMeta(folder);
    return status !== 'running' && status !== 'queued' && judgement(folder)?.status === 'running';
  } catch {
    return false;
  }
}

/**
 * Why a run folder must not be moved: a process may still write into it, or into that of a run inside of it. Undefined
 * when none will; also when the metadata cannot be read and nobody alive has a claim on it.
 */
export function whyBusy(folder: string): string | undefined {
  const own = judgement(folder);
  if (own !== undefined && BUSY.has(own.status)) return `it is ${own.status}: ${own.evidence}`;
  for (const { path } of walkRuns(join(folder, RUNS_FOLDER), { children: true })) {
    const child = judgement(path);
    if (child !== undefined && BUSY.has(child.status)) {
      return `the run ${path.slice(folder.length + 1)} inside of it is ${child.status}: ${child.evidence}`;
    }
  }
  return undefined;
}

function judgement(folder: string): Judgement | undefined {
  const latest = latestAttempt(folder);
  const held = latest === undefined ? undefined : holderOf(latest);
  if (held !== undefined) return held;
  try {
    return statusOf(folder, readMeta(folder));
  } catch {
    return undefined;
  }
}
