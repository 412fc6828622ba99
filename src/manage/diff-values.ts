import { isPlainObject } from '../archive/data-tree.ts';
import { canonical } from '../codec/json.ts';

/** What a run does not have. Not undefined, which is a value. */
export const ABSENT: unique symbol = Symbol('absent');

/** One thing that is not the same in all runs. */
export interface ValueDifference {
  /** Such as `MODEL.width`, `results/accuracy` or `loss/val:min`. */
  readonly name: string;
  /** One for each run, `ABSENT` where it has none. */
  readonly values: readonly unknown[];
  /** Of two finite numbers: by which part of the first the second is larger; none from 0, and none of seeds. */
  readonly relative?: number;
}

/** Objects within objects beyond this are compared as wholes. */
const DEPTH = 24;

/**
 * The leaves in which records differ, one record from each run. Objects are gone through field by field, all else is one
 * leaf. Exactly: NaN equals NaN, 0 is not -0, and 1 is not '1'.
 *
 * @param separator between the names of fields
 */
export function differences(
  records: ReadonlyArray<Readonly<Record<string, unknown>>>,
  separator: string,
): ValueDifference[] {
  const found: ValueDifference[] = [];
  for (const [name, values] of columns(records)) visit(name, values, separator, 1, found);
  return found;
}

/** By key, what each of the objects has under it. */
function columns(objects: readonly unknown[]): Array<[key: string, values: unknown[]]> {
  const keys = new Set(objects.flatMap((object) => (object === ABSENT ? [] : Object.keys(object as object))));
  return [...keys].map((key) => [
    key,
    objects.map((object) =>
      object !== ABSENT && Object.hasOwn(object as object, key) ? (object as Record<string, unknown>)[key] : ABSENT,
    ),
  ]);
}

/** Whether all values are the same. */
export function allSame(values: readonly unknown[]): boolean {
  return values.every((value) => isSame(value, values[0]));
}

function visit(
  name: string,
  values: readonly unknown[],
  separator: string,
  depth: number,
  out: ValueDifference[],
): void {
  const present = values.filter((value) => value !== ABSENT);
  if (depth < DEPTH && present.length > 0 && present.every(isBranch)) {
    const fields = columns(values);
    for (const [key, below] of fields) visit(`${name}${separator}${key}`, below, separator, depth + 1, out);
    // An empty object is not the same as none.
    if (fields.length > 0) return;
  }
  if (allSame(values)) return;
  const relative = isLabel(name) ? undefined : relativeDifference(values);
  out.push({ name, values, ...(relative === undefined ? {} : { relative }) });
}

/** An object with fields; one that stands for something else, as the source of a function, is a leaf. */
function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length !== 1 || !keys[0]!.startsWith('$');
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonical(a) === canonical(b);
}

/** Whether a name is that of a seed or an id, whose numbers are neither large nor small. */
function isLabel(name: string): boolean {
  const word = name.slice(name.search(/[^./:]*$/)).replace(/_+$/, '');
  return /(?:^|_)(?:seed|id)$/i.test(word) || /[a-z\d](?:Seed|Id|ID)$/.test(word);
}

function relativeDifference(values: readonly unknown[]): number | undefined {
  const [a, b] = values;
  if (values.length !== 2 || typeof a !== 'number' || typeof b !== 'number' || a === 0) return undefined;
  const relative = (b - a) / Math.abs(a);
  return Number.isFinite(relative) ? relative : undefined;
}
