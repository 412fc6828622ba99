import type { ParameterType } from '../definition.ts';
import { fieldOf, membersOf, objectBranches, selectBranches } from './branches.ts';
import { checkValue } from './check.ts';
import { parseDate } from './date-text.ts';
import { parseBigInt } from './number-text.ts';

/**
 * A value out of JSON or YAML as its type has it: dates from ISO text, bigints from integers and from text such as
 * `"10n"`. Everything else stays as it is; what does not fit is for `checkValue` to tell.
 */
export function coerceValue(value: unknown, type: ParameterType): unknown {
  if (checkValue(value, type) === undefined) return value;
  for (const member of membersOf(type)) {
    const coerced = coerceMember(value, member);
    if (checkValue(coerced, member) === undefined) return coerced;
  }
  // Not right, but as far as it goes: the message then speaks of the field that is wrong.
  const branches = objectBranches(type);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const branch = isObject ? (selectBranches(branches, value)[0] ?? branches[0]) : undefined;
  if (branch !== undefined) return coerceMember(value, branch);
  const array = membersOf(type).find(({ kind }) => kind === 'array' || kind === 'tuple');
  return array === undefined ? value : coerceMember(value, array);
}

function coerceMember(value: unknown, type: ParameterType): unknown {
  switch (type.kind) {
    case 'date':
      return typeof value === 'string' ? (parseDate(value) ?? value) : value;
    case 'bigint':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
      return typeof value === 'string' ? (parseBigInt(value) ?? value) : value;
    case 'array':
      return Array.isArray(value) ? value.map((item) => coerceValue(item, type.element)) : value;
    case 'tuple':
      if (!Array.isArray(value)) return value;
      return value.map((item, i) => (i < type.elements.length ? coerceValue(item, type.elements[i]!) : item));
    case 'record':
      return mapped(value, (_, inner) => coerceValue(inner, type.value));
    case 'object':
      return mapped(value, (name, inner) => {
        const field = fieldOf(type, name);
        return field === undefined ? inner : coerceValue(inner, field.type);
      });
    default:
      return value;
  }
}

function mapped(value: unknown, change: (name: string, inner: unknown) => unknown): unknown {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(name, inner)]));
}
