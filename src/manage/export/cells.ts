import { isPlainObject } from '../../archive/data-tree.ts';
import { encode } from '../../codec/json.ts';

/**
 * A value in the text of a cell: numbers in full, moments in ISO 8601, lists of plain texts with commas, everything else
 * that is nested as JSON. Nothing and null are an empty text.
 */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value === undefined || value === null ? '' : objectText(value);
  }
}

function objectText(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (isPlainTexts(value)) return value.join(', ');
  if (isPlainObject(value)) {
    // Function parameters are kept as their source, and what has no form on disk as its text.
    const only = Object.keys(value).length === 1 ? (value.$function ?? value.$text) : undefined;
    if (typeof only === 'string') return only;
  }
  return encode(value);
}

/** Texts that stay apart when commas stand between them, such as tags. */
function isPlainTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && /^[^\s,"[{][^,]*$/.test(item));
}
