import { encode } from '../codec/json.ts';
import { isPlainObject } from './data-tree.ts';

/** A column with few different values keeps each of them once. */
const MOST_VALUES = 256;
const MOST_KEYS = 16;

/**
 * One field of many runs as JSON: `{"v": values}` when all have it, `{"r": rows, "v": values}` when few have it,
 * `{"d": values, "i": which}` when few values come again and again; -1 is a run without. Objects of the same keys are a
 * column for each key, `{"k": keys, "c": columns, "a": rows without}`: that is read in half the time.
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
  const keys = keysOfAll(rows.map((row) => values[row]));
  if (keys !== undefined) return ofObjects(values, keys);
  if (rows.length === values.length) return `{"v":${textOf(values)}}`;
  const absent = [...values.keys()].filter((row) => values[row] === undefined);
  return `{"a":[${absent.join(',')}],"v":${textOf(Array.from(values, (value) => value ?? null))}}`;
}

/** The keys of objects that can be columns: in the order of which each object has its own; undefined where there is none. */
function keysOfAll(values: readonly unknown[]): readonly string[] | undefined {
  const keys: string[] = [];
  for (const value of values) {
    if (!isPlainObject(value)) return undefined;
    let last = -1;
    for (const key of Object.keys(value)) {
      let at = keys.indexOf(key);
      if (at < 0) {
        // A column for each key serves records, not dictionaries.
        if (keys.length === MOST_KEYS || key.startsWith('$') || key === '__proto__') return undefined;
        at = last + 1;
        keys.splice(at, 0, key);
      }
      if (at <= last) return undefined;
      last = at;
    }
  }
  return keys;
}

function ofObjects(values: readonly unknown[], keys: readonly string[]): string {
  const absent: number[] = [];
  for (let row = 0; row < values.length; row++) if (values[row] === undefined) absent.push(row);
  const columns = keys.map((key) =>
    encodeColumn(Array.from(values, (value) => (value as Record<string, unknown> | undefined)?.[key])),
  );
  return `{"k":${JSON.stringify(keys)},"c":[${columns.join(',')}],"a":[${absent.join(',')}]}`;
}

/** What gives the value of each row, undefined where a run has none. @throws when it is no column */
export function readColumn(column: unknown): (row: number) => unknown {
  const { v, r, d, i, a, k, c } = column as Readonly<Record<string, readonly unknown[] | undefined>>;
  if (k !== undefined && c !== undefined) return readObjects(k as string[], c.map(readColumn), new Set(a));
  if (d !== undefined && i !== undefined) return (row) => d[i[row] as number];
  if (v === undefined) throw new Error('It holds no values.');
  if (r !== undefined) {
    const byRow = new Map(r.map((row, index) => [row as number, v[index]]));
    return (row) => byRow.get(row);
  }
  const absent = new Set(a);
  return absent.size === 0 ? (row) => v[row] : (row) => (absent.has(row) ? undefined : v[row]);
}

function readObjects(
  keys: readonly string[],
  columns: ReadonlyArray<(row: number) => unknown>,
  absent: ReadonlySet<unknown>,
): (row: number) => unknown {
  return (row) => {
    if (absent.has(row)) return undefined;
    const object: Record<string, unknown> = {};
    for (let at = 0; at < keys.length; at++) {
      const value = columns[at]!(row);
      if (value !== undefined) object[keys[at]!] = value;
    }
    return object;
  };
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
