import { ComexError } from '../errors.ts';
import type { GivenValue } from './given.ts';
import { checkValue } from './source/check.ts';
import { convertText } from './source/convert.ts';
import { SPECIAL_PARAMETERS } from './special.ts';

/**
 * The mixins that `__INCLUDE__` names: they have to be read before the parameters are known.
 *
 * @throws ComexError `E_PARAMETER_TYPE`
 */
export function includedBy(values: readonly GivenValue[]): string[] {
  const found = values.findLast(({ path }) => path === '__INCLUDE__');
  return found === undefined ? [] : includeList('text' in found.value ? textList(found.value.text) : found.value.value);
}

/** The paths in a value of `__INCLUDE__`: none, one, several between commas, or a list. */
export function includeList(value: unknown): string[] {
  const problem = checkValue(value, SPECIAL_PARAMETERS['__INCLUDE__']!.type);
  if (problem !== undefined) throw new ComexError('E_PARAMETER_TYPE', `Wrong value for __INCLUDE__: ${problem}.`);
  const texts = typeof value === 'string' ? value.split(',') : ((value as readonly string[] | null) ?? []);
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

function textList(text: string): unknown {
  return convertText(text, SPECIAL_PARAMETERS['__INCLUDE__']!.type, '--__INCLUDE__');
}
