import JSON5 from 'json5';
import { ComexError, didYouMean } from '../../errors.ts';
import type { ParameterType } from '../definition.ts';
import { membersOf } from './branches.ts';
import { checkValue } from './check.ts';
import { coerceValue } from './coerce.ts';
import { parseDate } from './date-text.ts';
import { parseBigInt, parseNumber } from './number-text.ts';
import { typeText } from './type-text.ts';

interface Converted {
  readonly value: unknown;
}

/**
 * The value that a text means for a parameter of a type. In a union, literals come first, then null and undefined,
 * numbers, booleans, dates, arrays and objects (as JSON5), and text last.
 *
 * @param option How the person named the parameter, for messages: `--LEARNING_RATE`.
 * @throws ComexError `E_PARAMETER_TYPE` when the text is no such value.
 *
 * @example
 * ```ts
 * convertText('1e-3', { kind: 'number' }, '--LEARNING_RATE'); // 0.001
 * ```
 */
export function convertText(text: string, type: ParameterType, option: string): unknown {
  const members = [...membersOf(type)].sort((a, b) => rank(a) - rank(b));
  for (const member of members) {
    const converted = convertSimple(text, member);
    if (converted !== undefined) return converted.value;
  }
  const structured = members.filter(isStructure);
  if (structured.length > 0) {
    const parsed = parseJson5(text);
    if (parsed === undefined) throw mismatch(text, type, option);
    const value = coerceValue(parsed.value, type);
    const problem = checkValue(value, type);
    if (problem === undefined) return value;
    throw new ComexError('E_PARAMETER_TYPE', `Expected ${option} to be ${expected(type)}: ${problem}.`);
  }
  throw mismatch(text, type, option);
}

/** The order in which the members of a union are tried. */
function rank(type: ParameterType): number {
  const order = ['literal', 'null', 'undefined', 'number', 'bigint', 'boolean', 'date', 'array', 'any', 'string'];
  if (isStructure(type)) return order.indexOf('array');
  return order.indexOf(type.kind === 'opaque' || type.kind === 'function' ? 'any' : type.kind);
}

function isStructure(type: ParameterType): boolean {
  return type.kind === 'array' || type.kind === 'tuple' || type.kind === 'object' || type.kind === 'record';
}

function convertSimple(text: string, type: ParameterType): Converted | undefined {
  switch (type.kind) {
    case 'literal':
      return literalMatches(text, type.value) ? { value: type.value } : undefined;
    case 'null':
      return text === 'null' ? { value: null } : undefined;
    case 'undefined':
      return text === 'undefined' ? { value: undefined } : undefined;
    case 'number':
      return found(parseNumber(text));
    case 'bigint':
      return found(parseBigInt(text));
    case 'boolean':
      return found(parseBoolean(text));
    case 'date':
      return found(parseDate(text));
    case 'string':
      return { value: text };
    case 'any':
    case 'opaque':
      return parseJson5(text) ?? { value: text };
    case 'function':
    case 'union':
      return undefined;
    default: {
      // A structure that the text fits; otherwise the caller tells what is wrong with it.
      const parsed = parseJson5(text);
      if (parsed === undefined) return undefined;
      const value = coerceValue(parsed.value, type);
      return checkValue(value, type) === undefined ? { value } : undefined;
    }
  }
}

function literalMatches(text: string, value: string | number | boolean | bigint): boolean {
  switch (typeof value) {
    case 'string':
      return text === value;
    case 'number':
      return parseNumber(text) === value;
    case 'bigint':
      return parseBigInt(text) === value;
    default:
      return parseBoolean(text) === value;
  }
}

function parseBoolean(text: string): boolean | undefined {
  const lower = text.trim().toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

function parseJson5(text: string): Converted | undefined {
  try {
    return { value: JSON5.parse(text) };
  } catch {
    return undefined;
  }
}

function found(value: unknown): Converted | undefined {
  return value === undefined ? undefined : { value };
}

function mismatch(text: string, type: ParameterType, option: string): ComexError {
  const got = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  if (type.kind === 'function') {
    const advice = 'set it in the module, or give it in code';
    return new ComexError(
      'E_PARAMETER_TYPE',
      `Expected no text for ${option}, which is a function, got ${got}; ${advice}.`,
    );
  }
  const choices = membersOf(type).flatMap((member) => (member.kind === 'literal' ? [String(member.value)] : []));
  const near = didYouMean(text, choices);
  return new ComexError('E_PARAMETER_TYPE', `Expected ${option} to be ${expected(type)}, got ${got}.${near}`);
}

function expected(type: ParameterType): string {
  const members = membersOf(type);
  if (members.length > 1) return `${members.every(({ kind }) => kind === 'literal') ? 'one of ' : ''}${list(members)}`;
  switch (type.kind) {
    case 'number':
    case 'string':
      return `a ${type.kind}`;
    case 'boolean':
      return 'true or false';
    case 'bigint':
      return 'a bigint such as 10n';
    case 'date':
      return 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z';
    case 'array':
    case 'tuple':
      return `an array (${typeText(type)}) such as ${type.kind === 'array' ? arrayExample(type.element) : '[1, 2]'}`;
    case 'object':
    case 'record':
      return `an object (${typeText(type)})`;
    default:
      return typeText(type);
  }
}

function arrayExample(element: ParameterType): string {
  return element.kind === 'string' ? '["a", "b"]' : element.kind === 'boolean' ? '[true, false]' : '[1, 2]';
}

function list(members: readonly ParameterType[]): string {
  const texts = members.map(typeText);
  const isChoice = members.every(({ kind }) => kind === 'literal');
  return isChoice ? texts.join(', ') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}
