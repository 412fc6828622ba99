import { inspect } from 'node:util';
import { isPlainObject } from '../archive/data-tree.ts';
import { encode } from '../codec/json.ts';
import { countText, numberText } from './quantity.ts';
import { harmlessJson } from './screen.ts';

/** Enough of a text for any screen; more is not worth the time. */
const LONGEST = 400;
const PLAIN_TEXT = /^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/;
/** Below this, an object is shown as a value and not as further rows. */
const DEPTH = 6;

/** A value from a run folder on one line, exact where it is short; it still has to be made harmless. */
export function valueText(value: unknown): string {
  // What nearly all values are; a long list of runs shows very many.
  if (typeof value === 'boolean' || (typeof value === 'number' && value !== 0)) return String(value);
  if (typeof value === 'string' && value.length < LONGEST && PLAIN_TEXT.test(value)) return `'${value}'`;
  if (isPlainObject(value)) {
    // Function parameters are kept as their source, and what has no form on disk as its text.
    const only = Object.keys(value).length === 1 ? (value.$function ?? value.$text) : undefined;
    if (typeof only === 'string') return only.slice(0, LONGEST).replace(/\s+/g, ' ');
  }
  const text = inspect(value, {
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    depth: 3,
    maxArrayLength: 20,
    maxStringLength: LONGEST,
  });
  return text.slice(0, LONGEST);
}

/** A value in full on one line, for programs: numbers as they are, all else as JSON. */
export function exactText(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return harmlessJson(encode(value));
}

/** A value in a few words: numbers rounded, also those within. */
export function shortText(value: unknown): string {
  return typeof value === 'number' ? numberText(value) : valueText(rounded(value, DEPTH));
}

function rounded(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number(numberText(value));
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.slice(0, LONGEST).map((item) => rounded(item, depth - 1));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item, depth - 1)]));
}

/** A field that should be a text, of metadata that anybody may have written. */
export function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : valueText(value);
}

/** One leaf of a data tree: its path, and what is there in a few words. */
export interface DataRow {
  readonly path: string;
  readonly text: string;
}

/**
 * The leaves of a data tree in the order in which they came. Numbers are rounded, long lists are counted.
 *
 * @param limit how many are wanted at most
 * @returns `more`: how many there are beyond these
 */
export function dataRows(
  data: Readonly<Record<string, unknown>>,
  limit: number,
): { readonly rows: readonly DataRow[]; readonly more: number } {
  const rows: DataRow[] = [];
  let more = 0;
  const visit = (value: unknown, path: string, depth: number): void => {
    if (isPlainObject(value) && depth < DEPTH && Object.keys(value).length > 0) {
      for (const [key, item] of Object.entries(value)) visit(item, path === '' ? key : `${path}/${key}`, depth + 1);
    } else if (rows.length < limit) rows.push({ path, text: datumText(value) });
    else more += 1;
  };
  for (const [key, value] of Object.entries(data)) visit(value, key, 1);
  return { rows, more };
}

function datumText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value) && (value.length > 6 || value.some((item) => typeof item === 'object' && item !== null))) {
    return countText(value.length, 'item');
  }
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}, ${countText((value as Uint8Array).length ?? value.byteLength, 'number')}`;
  if (value instanceof Map || value instanceof Set)
    return `${value.constructor.name}, ${countText(value.size, 'item')}`;
  return valueText(value);
}
