import { ComexError, didYouMean } from '../../errors.ts';
import type { ParameterType } from '../definition.ts';
import { fieldNames, membersOf, type ObjectType, objectBranches } from './branches.ts';
import { typeText } from './type-text.ts';

/** The error for a field that a type does not have. */
export function noField(type: ParameterType, segment: string, place: string): ComexError {
  if (membersOf(type).every(({ kind }) => !['object', 'record', 'array', 'tuple'].includes(kind))) {
    const message = `Expected ${place} to be given whole, as ${typeText(type)} has no fields, got "${place}.${segment}".`;
    return new ComexError('E_PARAMETER_NAME', message);
  }
  const known = fieldNames(objectBranches(type));
  const near = didYouMean(segment, known);
  const list = near === '' && known.length > 0 ? ` It has: ${known.join(', ')}.` : near;
  const problem = `Expected a field of ${place} (${typeText(type)}), got "${place}.${segment}".${list}`;
  return new ComexError('E_PARAMETER_NAME', problem);
}

/** The error for a field that only another branch has than the one that the value's discriminants name. */
export function wrongBranch(
  branches: readonly ObjectType[],
  tags: readonly string[],
  value: object,
  segment: string,
  place: string,
): ComexError {
  const branch = tags.map((tag) => `${tag}: ${typeText({ kind: 'literal', value: value[tag as never] })}`).join(', ');
  const names = fieldNames(branches).filter((name) => !tags.includes(name));
  const has = names.length === 0 ? 'It has no other fields.' : `It has: ${names.join(', ')}.`;
  const message = `Expected a field of ${place} with { ${branch} }, got "${place}.${segment}", which belongs to another branch. ${has}`;
  return new ComexError('E_PARAMETER_NAME', message);
}

/**
 * The error for an `inherit` of a field that the parent's value does not have.
 *
 * @param siblings Fields that it has in its place.
 */
export function nothingToInherit(place: string, siblings: readonly string[]): ComexError {
  const near = didYouMean(place.slice(place.lastIndexOf('.') + 1), siblings);
  const list = near === '' && siblings.length > 0 ? ` It has: ${siblings.join(', ')}.` : near;
  const message = `Expected the parent's value to have the field that ${place} inherits, found none.${list}`;
  return new ComexError('E_PARAMETER_NAME', message);
}
