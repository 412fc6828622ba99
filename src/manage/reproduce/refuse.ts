import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuseAdopted } from '../../archive/adopted.ts';
import { META_FILE, type RunMeta } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { ComexError } from '../../errors.ts';
import { unknownParameter } from '../../experiment/given.ts';
import type { CodeChoice } from '../../run/archived-types.ts';
import { refuseOpened } from '../../run/opened-refusal.ts';
import { whyStillBusy } from '../busy.ts';
import { codeFolder } from './code.ts';

/** What came to these ends of itself would come to them again. */
const OWN_ENDS: readonly string[] = ['done', 'failed'];
const SHOWN = 3;
const DEPTH = 20;

/**
 * Refuses what cannot be reproduced, before anything is made.
 *
 * @param given names that are given anew, with the fields: `EPOCHS`, `MODEL.width`
 * @throws ComexError `E_RUN_BUSY`; `E_EXPERIMENT`, `E_RUN_FORMAT`, `E_FILE`, `E_USAGE` for a run that nothing can be made of again;
 * `E_PARAMETER_NAME` for a parameter that it does not have, `E_PARAMETER_MISSING` for a secret that it did not keep
 */
export function refuseIrreproducible(run: LoadedRun, given: ReadonlySet<string>, code: CodeChoice): void {
  const { id, path, status, evidence, original: meta } = run;
  refuseAdopted(meta, 'it has no code that could be run again. Repeat it with the program that made it');
  refuseOpened(meta, 'which comex cannot run');
  const busy = whyStillBusy(path);
  if (busy !== undefined) {
    throw new ComexError(
      'E_RUN_BUSY',
      `Expected a run that is over, but of ${id} it is said: ${busy}. Wait for its end.`,
    );
  }
  if (!OWN_ENDS.includes(status)) {
    const how = evidence === 'the run wrote it' ? status : `${status} (${evidence})`;
    throw new ComexError(
      'E_USAGE',
      `Expected a run that came to its own end, but ${id} is ${how}: how far it came is no matter of its code. Run it anew: comex run ${meta.module} --from ${id}.`,
    );
  }
  refuseMissingCode(run, code);
  if (code === 'snapshot') {
    for (const word of given) {
      const [name = ''] = word.split('.');
      if (!Object.hasOwn(meta.parameters, name)) throw unknownParameter(name, Object.keys(meta.parameters));
    }
  }
  refuseMissingSecrets(meta, given);
  refuseUnstorable(meta, given);
}

function refuseMissingCode(run: LoadedRun, code: CodeChoice): void {
  const { id, original: meta } = run;
  const folder = codeFolder(run);
  const files = filesOf(meta);
  const advice = code === 'today' ? '' : " Today's code is run with --code today.";
  if (meta.module === '' || typeof meta.seed?.value === 'undefined') {
    throw new ComexError(
      'E_RUN_FORMAT',
      `Expected ${join(run.path, META_FILE)} to name the module and the seed of the run.`,
    );
  }
  if (code === 'today') return;
  if (files.length === 0 || folder === undefined || !existsSync(folder)) {
    const child = meta.snapshot?.folder === undefined ? '' : ' A child run is copied with the run that it belongs to.';
    throw new ComexError('E_FILE', `Expected the run ${id} to hold its code, but it has no snapshot.${child}${advice}`);
  }
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return;
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
  throw new ComexError(
    'E_FILE',
    `Expected the snapshot of ${id} to hold its code, but ${missing.slice(0, SHOWN).join(', ')}${more} is missing in ${folder}.${advice}`,
  );
}

function refuseMissingSecrets({ parameters }: RunMeta, given: ReadonlySet<string>): void {
  const missing = Object.entries(parameters).flatMap(([name, record]) => {
    const wasGiven = record.given !== undefined || record.givenFields !== undefined;
    return record.redacted === true && wasGiven && !given.has(name) ? [name] : [];
  });
  if (missing.length === 0) return;
  const what =
    missing.length === 1
      ? `${missing[0]} of that run is a secret that was`
      : `${missing.join(', ')} of that run are secrets that were`;
  const again = missing.map((name) => `--${name}=...`).join(' ');
  throw new ComexError('E_PARAMETER_MISSING', `${what} given, and not kept. Give it again: ${again}`);
}

/** A function that code gave is kept as its text alone. */
function refuseUnstorable({ parameters }: RunMeta, given: ReadonlySet<string>): void {
  const lost = Object.entries(parameters).find(
    ([name, { given: whole, givenFields }]) => !given.has(name) && isLost([whole, givenFields], 0),
  );
  if (lost === undefined) return;
  throw new ComexError(
    'E_PARAMETER_MISSING',
    `${lost[0]} of that run was given as a function or another value that no file can hold. Give it again: --${lost[0]}=...`,
  );
}

function isLost(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > DEPTH) return false;
  if (Object.hasOwn(value, '$function') || Object.hasOwn(value, '$text')) return true;
  return Object.values(value).some((inner) => isLost(inner, depth + 1));
}

function filesOf({ snapshot }: RunMeta): readonly string[] {
  return Array.isArray(snapshot?.files) ? snapshot.files.filter((file) => typeof file === 'string') : [];
}
