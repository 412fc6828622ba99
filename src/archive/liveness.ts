import { latestAttempt } from './attempts.ts';
import type { AdoptedRecord, AttemptRecord, RunMeta, Status } from './layout.ts';
import { countOomKills, memoryReason, readMemory } from './memory.ts';
import { machineIdentity, type ProcessFacts, type ProcessIdentity, probeProcess } from './process.ts';
import { readMeta } from './read-meta.ts';

export { type ProcessFacts, processIdentity } from './process.ts';

/** Without a sign of life for this long, a run that cannot be looked at from here is stalled. */
const HEARTBEAT_LIMIT_MS = 2 * 60_000;
/** A run has this long to claim its first attempt. */
const CLAIM_LIMIT_MS = 10_000;
/** Clocks are set while machines run: a process that seems this much younger than its claim is another one. */
const CLOCK_MARGIN_MS = 60_000;

/** A status, and the sentence that says how it is known. */
export interface Judgement {
  readonly status: Status;
  readonly evidence: string;
}

/** What is judged. */
type JudgedMeta = Pick<RunMeta, 'status' | 'startedAt' | 'adopted'>;

/** Where the judging happens, and how to ask that machine about a pid. */
export type Observer = Pick<ProcessIdentity, 'host' | 'bootId' | 'pidNamespace'> & {
  readonly probe: (pid: number) => ProcessFacts;
};

/**
 * The status of a run from evidence alone. Only a run that says `running` is doubted; a run that cannot be looked at
 * from here, on another host or in another container, is never called killed.
 *
 * @param attempt the latest claim; undefined when there is none that can be read
 * @param heartbeatMs the claim's modification time, in milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function judge(
  meta: JudgedMeta,
  attempt: AttemptRecord | undefined,
  heartbeatMs: number | undefined,
  now: number,
  self: Observer,
): Judgement {
  if (meta.status !== 'running') return written(meta);
  if (meta.adopted !== undefined) return judgeAdopted(meta.adopted);
  if (attempt === undefined) return judgeUnclaimed(heartbeatMs ?? Date.parse(meta.startedAt), now);
  if (attempt.outcome !== undefined) {
    return { status: attempt.outcome.status, evidence: `attempt ${attempt.attempt} wrote it when it ended` };
  }
  if (attempt.copied !== undefined) {
    return {
      status: 'killed',
      evidence: `copied while it ran, at ${attempt.copied}`,
    };
  }
  if (attempt.host !== self.host) {
    return judgeHeartbeat(heartbeatMs, now, `on ${attempt.host}`);
  }
  if (known(attempt.bootId) && known(self.bootId) && attempt.bootId !== self.bootId) {
    return { status: 'killed', evidence: `the machine ${self.host} was restarted since` };
  }
  if ((attempt.pidNamespace ?? null) !== self.pidNamespace) {
    return judgeHeartbeat(heartbeatMs, now, `in another container on ${attempt.host}`);
  }
  return judgeProcess(attempt, self.probe(attempt.pid));
}

/** Whether the process of an attempt is alive on this machine; false wherever that cannot be told. */
export function isAlive(attempt: AttemptRecord): boolean {
  const { outcome: _, ...claim } = attempt;
  const self = { ...machineIdentity(), probe: probeProcess };
  if (attempt.host !== self.host || (attempt.pidNamespace ?? null) !== self.pidNamespace) return false;
  return (
    judge({ status: 'running', startedAt: attempt.startedAt }, claim, undefined, Date.now(), self).status === 'running'
  );
}

/** No process of comex ever had it, and who adopts a run makes sure that its own is gone. */
function judgeAdopted({ evidence }: AdoptedRecord): Judgement {
  const known = typeof evidence === 'string' ? evidence : 'its program wrote no end';
  return { status: 'killed', evidence: `adopted: ${known}` };
}

function written(meta: Pick<RunMeta, 'status'>): Judgement {
  return { status: meta.status, evidence: 'the run wrote it' };
}

function judgeProcess(attempt: AttemptRecord, facts: ProcessFacts): Judgement {
  const process = `process ${attempt.pid}`;
  if (!facts.alive) return { status: 'killed', evidence: `${process} is gone` };
  if (isAnother(attempt, facts)) return { status: 'killed', evidence: `${process} is another one by now` };
  switch (facts.state) {
    case 'Z':
    case 'X':
    case 'x':
      return { status: 'killed', evidence: `${process} is dead, and its parent has not noticed yet` };
    case 'T':
    case 't':
      return { status: 'running', evidence: `${process} is stopped` };
    default:
      return { status: 'running', evidence: `${process} is alive` };
  }
}

function isAnother(attempt: AttemptRecord, facts: ProcessFacts & { readonly alive: true }): boolean {
  if (known(attempt.processStart) && facts.start !== undefined) return attempt.processStart !== facts.start;
  return facts.startedMs !== undefined && facts.startedMs > Date.parse(attempt.startedAt) + CLOCK_MARGIN_MS;
}

function judgeHeartbeat(heartbeatMs: number | undefined, now: number, where: string): Judgement {
  if (heartbeatMs === undefined) return { status: 'stalled', evidence: `it runs ${where}, and has no heartbeat` };
  const age = now - heartbeatMs;
  return age > HEARTBEAT_LIMIT_MS
    ? { status: 'stalled', evidence: `it ran ${where}, and its last heartbeat was ${spoken(age)} ago` }
    : { status: 'running', evidence: `it runs ${where}, and its last heartbeat was ${spoken(age)} ago` };
}

function judgeUnclaimed(sinceMs: number, now: number): Judgement {
  return now - sinceMs < CLAIM_LIMIT_MS
    ? { status: 'running', evidence: 'it has only just begun' }
    : { status: 'stalled', evidence: 'no process has a readable claim on it' };
}

function known(value: string | null | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function spoken(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** A run's metadata together with its status; both belong to the same moment. */
export interface JudgedRun extends Judgement {
  readonly meta: RunMeta;
}

/**
 * Reads the metadata of a run and tells its status.
 *
 * @throws ComexError as `readMeta` does
 */
export function readJudged(folder: string): JudgedRun {
  const meta = readMeta(folder);
  const judged = judgeFolder(folder, meta);
  if (judged.status === 'running' || meta.status !== 'running') return { meta, ...judged };
  // The run may have written its end between the two looks, and a dead process writes no more.
  const later = readMeta(folder);
  return { meta: later, ...judgeFolder(folder, later) };
}

/**
 * The status of a run whose metadata has been read, by what its folder and this machine tell. Nothing is changed.
 *
 * @param folder path of the run folder
 */
export function statusOf(folder: string, meta: JudgedMeta): Judgement {
  const judged = judgeFolder(folder, meta);
  if (judged.status === 'running' || meta.status !== 'running') return judged;
  try {
    return judgeFolder(folder, readMeta(folder));
  } catch {
    return judged;
  }
}

function judgeFolder(folder: string, meta: JudgedMeta): Judgement {
  if (meta.status !== 'running') return written(meta);
  const latest = latestAttempt(folder);
  const self = { ...machineIdentity(), probe: probeProcess };
  const judged = judge(meta, latest?.record, latest?.heartbeatMs, Date.now(), self);
  if (judged.status !== 'killed' || latest?.record?.bootId !== self.bootId) return judged;
  const memory = latest.record.copied === undefined ? readMemory(folder, latest.attempt) : undefined;
  const reason = memory === undefined ? undefined : memoryReason(memory, countOomKills());
  return reason === undefined ? judged : { ...judged, evidence: `${judged.evidence}: ${reason}` };
}
