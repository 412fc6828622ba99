import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readAttempt } from '../archive/attempts.ts';
import { holderOf } from '../archive/holder.ts';
import { ATTEMPTS_FOLDER, META_FILE } from '../archive/layout.ts';
import { encodePretty } from '../codec/json.ts';

const CLAIM = /^(\d+)\.json$/;

/**
 * The claim of a process that may still write into the run folder, as a copy of the folder has it: it says since when
 * nothing is written into that copy. Undefined for any other file, which is copied as it is.
 *
 * @param path of any file
 */
export function copiedClaim(path: string, now: Date): string | undefined {
  const [, attempt] = CLAIM.exec(basename(path)) ?? [];
  const folder = dirname(dirname(path));
  if (attempt === undefined || basename(dirname(path)) !== ATTEMPTS_FOLDER) return undefined;
  const claim = existsSync(join(folder, META_FILE)) ? readAttempt(folder, Number(attempt)) : undefined;
  if (claim?.record === undefined) return undefined;
  const { status } = holderOf(claim) ?? {};
  if (status !== 'running' && status !== 'stalled') return undefined;
  return `${encodePretty({ ...claim.record, copied: now.toISOString() })}\n`;
}
