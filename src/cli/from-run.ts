import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { ComexError } from '../errors.ts';
import type { GivenValue } from '../experiment/given.ts';
import { isSpecialName } from '../experiment/special.ts';

/**
 * What was given to a run, as values for another: given values, never the values in force, so that nothing derived is
 * derived twice; and its seed. Names in `except` are given anew.
 */
export function valuesOfRun(
  selector: string,
  results: string,
  cwd: string,
  except: ReadonlySet<string | undefined>,
): GivenValue[] {
  const { meta } = loadRun(selectRun(selector, { results, cwd }));
  const values: GivenValue[] = [];
  for (const [name, record] of Object.entries(meta.parameters)) {
    const steersFolder = isSpecialName(name) && name !== '__TESTING__' && name !== '__NAMESPACE__';
    if (except.has(name) || steersFolder) continue;
    if (record.redacted === true && (record.given !== undefined || record.givenFields !== undefined)) {
      throw new ComexError(
        'E_PARAMETER_MISSING',
        `${name} of that run is a secret and was not kept. Give it again: --${name}=…`,
      );
    }
    if (record.given !== undefined) values.push({ path: name, value: { value: record.given } });
    for (const [field, value] of Object.entries(record.givenFields ?? {}))
      values.push({ path: `${name}.${field}`, value: { value } });
  }
  if (!except.has('__SEED__')) values.push({ path: '__SEED__', value: { value: meta.seed.value } });
  return values;
}
