import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { ComexError } from '../errors.ts';
import type { GivenValue } from '../experiment/given.ts';
import { isSpecialName } from '../experiment/special.ts';

/**
 * What was given to a run, as values for another: given values, never the values in force, so that nothing derived is
 * derived twice; and its seed. What is given anew is left out: paths such as `EPOCHS`, or `MODEL.hidden` with what is
 * below it.
 */
export function valuesOfRun(selector: string, results: string, cwd: string, given: ReadonlySet<string>): GivenValue[] {
  const { meta } = loadRun(selectRun(selector, { results, cwd }));
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
  if (!given.has('__SEED__')) values.push({ path: '__SEED__', value: { value: meta.seed.value } });
  return values;
}
