import { ComexError, isComexError } from '../errors.ts';
import { isPlainNumber, type Style, Tagger } from './tagger.ts';

const PLAIN: Style = { functions: false, canonical: false };
const WITH_FUNCTIONS: Style = { functions: true, canonical: false };
const CANONICAL: Style = { functions: false, canonical: true };

/** From here on the escapes of a text may exceed the longest string of the engine, which needs a clear error. */
const LONG_TEXT = 1_000_000;

/**
 * A value as one line of JSON, with tags for what JSON lacks.
 *
 * Plain objects, arrays and instances of classes (their own enumerable fields, or what `toJSON()` gives) are stored.
 *
 * @param where what the value is called in an error, such as `results/x`
 * @throws ComexError `E_DATA` naming the path of a function, symbol, cycle, RegExp, Promise or weak collection
 *
 * @example
 * ```ts
 * encode({ loss: Number.NaN, seen: new Set([1]) }); // {"loss":{"$number":"NaN"},"seen":{"$set":[1]}}
 * ```
 */
export function encode(value: unknown, where = 'value'): string {
  if (isPlainNumber(value)) return String(value);
  if (typeof value === 'string' && value.length < LONG_TEXT) return JSON.stringify(value);
  return write(value, where, PLAIN);
}

/** Like `encode`, indented by two spaces. */
export function encodePretty(value: unknown, where = 'value'): string {
  return write(value, where, PLAIN, 2);
}

/** Like `encode`, with functions as `{"$function": source text}`: for parameters. */
export function encodeWithFunctions(value: unknown, where = 'value'): string {
  return write(value, where, WITH_FUNCTIONS);
}

/**
 * The one text of a value, for hashing: the order of keys, Map entries and Set items does not show, nor do the bits of a
 * NaN in a typed array. 0 and -0 differ, as do a missing and an undefined field.
 */
export function canonical(value: unknown, where = 'value'): string {
  return write(value, where, CANONICAL);
}

function write(value: unknown, where: string, style: Style, indent?: number): string {
  try {
    return JSON.stringify(new Tagger(where, style).tag(value), null, indent);
  } catch (error) {
    if (isComexError(error)) throw error;
    // A getter or toJSON of the user, the engine's longest string, or a stack that was nearly full before.
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    throw new ComexError('E_DATA', `Cannot store ${where}: ${reason}.`, { cause: error });
  }
}
