import { resolve } from 'node:path';
import { refuseAdopted } from '../archive/adopted.ts';
import type { RunMeta } from '../archive/layout.ts';
import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { ComexError } from '../errors.ts';
import type { GivenValue } from '../experiment/given.ts';
import { isSpecialName } from '../experiment/special.ts';
import { refuseOpened } from '../run/opened-refusal.ts';

/** What one run tells another that is to repeat it. */
export interface FormerRun {
  /**
   * What was given to it: given values, never the values in force, so that nothing derived is derived twice; and its
   * seed. What is given anew is left out: paths such as `EPOCHS`, or `MODEL.hidden` with what is below it.
   */
  values(given: ReadonlySet<string>): GivenValue[];
  /** The mixins that were included from outside, as absolute paths below the root of a project. */
  included(root: string): string[];
}

/** Reads what was given to a run. */
export function readRun(selector: string, results: string, cwd: string): FormerRun {
  const { meta } = loadRun(selectRun(selector, { results, cwd }));
  refuseAdopted(meta, 'what was given to it is not known. Give the values themselves, as --NAME value');
  refuseOpened(meta, 'which takes no parameters from a command line');
  return {
    values: (given) => valuesOf(meta, given),
    included: (root) => (meta.included ?? []).map((path) => resolve(root, path)),
  };
}

function valuesOf(meta: RunMeta, given: ReadonlySet<string>): GivenValue[] {
  const values: GivenValue[] = [];
  for (const [name, record] of Object.entries(meta.parameters)) {
    const steersFolder = isSpecialName(name) && name !== '__TESTING__' && name !== '__NAMESPACE__';
    if (given.has(name) || steersFolder) continue;
    if (record.redacted === true && (record.given !== undefined || record.givenFields !== undefined)) {
      throw new ComexError(
        'E_PARAMETER_MISSING',
        `${name} of that run is a secret and was not kept. Give it again: --${name}=…`,
      );
    }
    if (record.given !== undefined) values.push({ path: name, value: { value: record.given } });
    for (const [field, value] of Object.entries(record.givenFields ?? {})) {
      const path = `${name}.${field}`;
      if (![...given].some((anew) => path === anew || path.startsWith(`${anew}.`)))
        values.push({ path, value: { value } });
    }
  }
  if (!given.has('__SEED__') && meta.seed !== undefined)
    values.push({ path: '__SEED__', value: { value: meta.seed.value } });
  return values;
}
