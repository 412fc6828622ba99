import { encode } from '../codec/json.ts';

/** A column with few different values keeps each of them once. */
const MOST_VALUES = 256;

/**
 * One field of many runs as JSON: `{"v": values}` when all have it, `{"r": rows, "v": values}` when few have it,
 * `{"d": values, "i": which}` when few values come again and again; -1 is a run without.
 *
 * @param values by row, undefined where a run has none
 */
export function encodeColumn(values: readonly unknown[]): string {
  const different = new Map<unknown, number>();
  const rows: number[] = [];
  let isFew = true;
  // Not forEach: it passes over the holes.
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === undefined) continue;
    rows.push(row);
    if (!isFew) continue;
    const key = keyOf(value);
    if (!different.has(key)) different.set(key, different.size);
    if (different.size > MOST_VALUES || (different.size > 16 && different.size * 4 > values.length)) isFew = false;
  }
  if (rows.length * 3 < values.length) return `{"r":[${rows.join(',')}],"v":${textOf(rows.map((row) => values[row]))}}`;
  if (isFew) {
    const firsts: unknown[] = [];
    const which = Array.from(values, (value) => {
      const at = value === undefined ? -1 : different.get(keyOf(value))!;
      if (at >= 0) firsts[at] ??= value;
      return at;
    });
    return `{"d":${textOf(firsts)},"i":[${which.join(',')}]}`;
  }
  if (rows.length === values.length) return `{"v":${textOf(values)}}`;
  const absent = [...values.keys()].filter((row) => values[row] === undefined);
  return `{"a":[${absent.join(',')}],"v":${textOf(Array.from(values, (value) => value ?? null))}}`;
}

/** What gives the value of each row, undefined where a run has none. @throws when it is no column */
export function readColumn(column: unknown): (row: number) => unknown {
  const { v, r, d, i, a } = column as Readonly<Record<string, readonly unknown[] | undefined>>;
  if (d !== undefined && i !== undefined) return (row) => d[i[row] as number];
  if (v === undefined) throw new Error('It holds no values.');
  if (r !== undefined) {
    const byRow = new Map(r.map((row, index) => [row as number, v[index]]));
    return (row) => byRow.get(row);
  }
  const absent = new Set(a);
  return absent.size === 0 ? (row) => v[row] : (row) => (absent.has(row) ? undefined : v[row]);
}

/** The same for equal values, and for no others. */
function keyOf(value: unknown): unknown {
  const isItself =
    typeof value === 'string' ? !value.startsWith('\0') : typeof value === 'boolean' || isPlainNumber(value);
  return isItself ? value : `\0${encode(value)}`;
}

function textOf(values: readonly unknown[]): string {
  const isPlain = values.every(
    (value) => typeof value === 'string' || typeof value === 'boolean' || isPlainNumber(value),
  );
  return isPlain ? JSON.stringify(values) : `[${values.map((value) => encode(value)).join(',')}]`;
}

function isPlainNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0);
}
