import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { latestAttempt } from '../archive/attempts.ts';
import { holderOf } from '../archive/holder.ts';
import { META_FILE } from '../archive/layout.ts';
import { type Judgement, readJudged } from '../archive/liveness.ts';
import { LogReader } from '../archive/log-reader.ts';

const POLL_MS = 150;
/** Between two looks at whether the run goes on. */
const LOOK_MS = 450;

/** What there is to tell of a log. */
export type LogEvent =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** The status changed, or is known for the first time. */
  | ({ readonly kind: 'status' } & Judgement)
  /** The run folder is not there any more. */
  | { readonly kind: 'gone' };

export interface FollowOptions {
  /** Begin so many lines before the end; all of it when left out. */
  readonly last?: number | undefined;
  /** Go on until the run has ended. */
  readonly follow: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The log of a run, as it is or as it grows. Following ends when no process will write into the folder any more: after
 * the end that a run writes come its analyses. One that may be alive elsewhere is waited for.
 *
 * @throws ComexError `E_STORAGE` when the log cannot be read; as `readMeta` does, when the run cannot at first
 */
export async function* followLog(
  folder: string,
  { last, follow, signal }: FollowOptions,
): AsyncGenerator<LogEvent, void, undefined> {
  let judged: Judgement = readJudged(folder);
  yield { kind: 'status', status: judged.status, evidence: judged.evidence };
  const reader = new LogReader(folder, last);
  let lookedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    let isOver = !follow;
    const now = performance.now();
    if (follow && now - lookedAt >= LOOK_MS) {
      lookedAt = now;
      const looked = look(folder, judged);
      if (looked === undefined) return yield { kind: 'gone' };
      if (looked.status !== judged.status) {
        yield { kind: 'status', status: looked.status, evidence: looked.evidence };
      }
      judged = looked;
      // Looked at before the last reading: what a run wrote before its end is read after it.
      isOver = looked.isOver;
    }
    try {
      for (let lines = reader.read(); lines !== undefined; lines = reader.read()) {
        yield { kind: 'lines', lines };
        if (signal?.aborted) return;
      }
    } catch (error) {
      if (existsSync(join(folder, META_FILE))) throw error;
      return yield { kind: 'gone' };
    }
    if (isOver) break;
    await wait(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    if (signal?.aborted) return;
  }
  const rest = reader.rest();
  if (rest !== undefined) yield { kind: 'lines', lines: [rest] };
}

/** Undefined when the folder is gone. */
function look(folder: string, before: Judgement): (Judgement & { readonly isOver: boolean }) | undefined {
  try {
    const { status, evidence } = readJudged(folder);
    return { status, evidence, isOver: hasEnded(folder, status) };
  } catch {
    // A file that cannot be read for a moment, on a network for instance, is no end.
    return existsSync(join(folder, META_FILE)) ? { ...before, isOver: false } : undefined;
  }
}

function hasEnded(folder: string, status: Judgement['status']): boolean {
  if (status === 'running' || status === 'queued' || status === 'stalled') return false;
  const latest = latestAttempt(folder);
  const holder = latest === undefined ? undefined : holderOf(latest);
  return holder?.status !== 'running';
}
