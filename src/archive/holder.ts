import type { AttemptEvidence } from './attempts.ts';
import { isAlive, type Judgement, judge } from './liveness.ts';
import { machineIdentity, probeProcess } from './process.ts';

/**
 * Whether the process of an attempt may still write into its run folder, whatever it has written about its end: after
 * that come analyses, pictures and the folded journal. `running` while it may, `stalled` where that cannot be told from
 * here, and something else when it never will again. Undefined when the attempt has no readable claim.
 */
export function holderOf({ record, heartbeatMs }: AttemptEvidence): Judgement | undefined {
  if (record === undefined) return undefined;
  const { outcome, ...claim } = record;
  if (outcome?.closed === true) return { status: outcome.status, evidence: 'it has let go of the folder' };
  if (outcome !== undefined && isAlive(record)) {
    return { status: 'running', evidence: 'its process has not let go of the folder yet' };
  }
  const self = { ...machineIdentity(), probe: probeProcess };
  return judge({ status: 'running', startedAt: claim.startedAt }, claim, heartbeatMs, Date.now(), self);
}
