import { isPlainObject } from '../../archive/data-tree.ts';
import { canonical } from '../../codec/json.ts';
import type { Translator } from './places.ts';
import type { Finding } from './types.ts';

/** What two values are compared with. */
export interface ValueScope {
  readonly part: Finding['part'];
  readonly translator: Translator;
  /** Whether what is under a name is left out. */
  readonly ignored: (name: string) => boolean;
  readonly found: (finding: Finding) => void;
}

/** Beyond this depth, values are compared as wholes. */
const DEPTH = 100;
const ONLY_THEN = 'only in the original';
const ONLY_NOW = 'only in the reproduction';

/** Sums up in what many numbers differ. */
export class Spread {
  differing = 0;
  first: number | string | undefined;
  #absolute: number | undefined;
  #relative: number | undefined = 0;

  /** Two values that differ. */
  add(where: number | string, original: unknown, reproduction: unknown): void {
    this.differing += 1;
    this.first ??= where;
    const areNumbers = typeof original === 'number' && typeof reproduction === 'number';
    const absolute = areNumbers ? Math.abs(reproduction - original) : Number.NaN;
    const relative = areNumbers ? absolute / Math.abs(original) : Number.NaN;
    if (Number.isFinite(absolute)) this.#absolute = Math.max(absolute, this.#absolute ?? 0);
    // Where one of them has none, the largest of the others says nothing.
    if (!Number.isFinite(relative)) this.#relative = undefined;
    else if (this.#relative !== undefined) this.#relative = Math.max(relative, this.#relative);
  }

  get record(): Pick<Finding, 'differing' | 'first' | 'maxAbsolute' | 'maxRelative'> {
    return {
      differing: this.differing,
      ...(this.first === undefined ? {} : { first: this.first }),
      ...(this.#absolute === undefined ? {} : { maxAbsolute: this.#absolute }),
      ...(this.#absolute === undefined || this.#relative === undefined ? {} : { maxRelative: this.#relative }),
    };
  }
}

/** Compares two values: fields of objects one by one, lists by what differs in them. Returns how many were compared. */
export function compareValues(name: string, original: unknown, reproduction: unknown, scope: ValueScope): number {
  if (name !== '' && scope.ignored(name)) return 0;
  if (isBranch(original) && isBranch(reproduction)) {
    const { before, after } = fieldsOf(original, reproduction, scope.translator);
    let count = 0;
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const path = name === '' ? key : `${name}/${key}`;
      if (!before.has(key)) onlyOne(path, after.get(key), ONLY_NOW, scope);
      else if (!after.has(key)) onlyOne(path, before.get(key), ONLY_THEN, scope);
      else count += compareValues(path, before.get(key), after.get(key), scope);
    }
    return count;
  }
  const items = [listOf(original), listOf(reproduction)] as const;
  if (items[0] !== undefined && items[1] !== undefined && sameKind(original, reproduction)) {
    compareLists(name, items[0], items[1], scope);
  } else if (!isSame(original, reproduction, scope.translator)) {
    const spread = new Spread();
    spread.add('', original, reproduction);
    const { maxAbsolute, maxRelative } = spread.record;
    scope.found({
      part: scope.part,
      name,
      original,
      reproduction,
      ...(maxAbsolute === undefined ? {} : { maxAbsolute }),
      ...(maxRelative === undefined ? {} : { maxRelative }),
    });
  }
  return 1;
}

function onlyOne(name: string, value: unknown, note: string, scope: ValueScope): void {
  if (scope.ignored(name)) return;
  const side = note === ONLY_THEN ? { original: value } : { reproduction: value };
  scope.found({ part: scope.part, name, ...side, note });
}

type List = ArrayLike<unknown>;

function compareLists(name: string, original: List, reproduction: List, scope: ValueScope): void {
  const spread = new Spread();
  const both = Math.min(original.length, reproduction.length);
  let leaves = 0;
  for (let i = 0; i < both; i++) leaves += addItem(`${i}`, original[i], reproduction[i], scope, spread, 1);
  const more = Math.abs(original.length - reproduction.length);
  if (spread.differing === 0 && more === 0) return;
  const note = more === 0 ? {} : { note: `${original.length} -> ${reproduction.length} items` };
  const record = spread.record;
  const first = record.first ?? both;
  scope.found({
    part: scope.part,
    name,
    ...record,
    differing: record.differing! + more,
    of: leaves + more,
    unit: 'item',
    first: typeof first === 'string' && /^\d+$/.test(first) ? Number(first) : first,
    ...note,
  });
}

/** Goes down into lists and objects of lists. Returns how many leaves there are. */
function addItem(
  where: string,
  original: unknown,
  reproduction: unknown,
  scope: ValueScope,
  spread: Spread,
  depth: number,
): number {
  const lists = [listOf(original), listOf(reproduction)] as const;
  if (depth < DEPTH && lists[0] !== undefined && lists[0].length === lists[1]?.length) {
    let leaves = 0;
    for (let i = 0; i < lists[0].length; i++) {
      leaves += addItem(`${where}/${i}`, lists[0][i], lists[1][i], scope, spread, depth + 1);
    }
    return leaves;
  }
  if (depth < DEPTH && isBranch(original) && isBranch(reproduction)) {
    const { before, after } = fieldsOf(original, reproduction, scope.translator);
    let leaves = 0;
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const isBoth = before.has(key) && after.has(key);
      const path = `${where}/${key}`;
      if (isBoth) leaves += addItem(path, before.get(key), after.get(key), scope, spread, depth + 1);
      else spread.add(path, before.get(key), after.get(key));
    }
    return Math.max(1, leaves);
  }
  if (!isSame(original, reproduction, scope.translator)) spread.add(where, original, reproduction);
  return 1;
}

/** NaN is NaN, 0 is not -0; texts may name the places of their runs. */
export function isSame(original: unknown, reproduction: unknown, translator: Translator): boolean {
  if (Object.is(original, reproduction)) return true;
  if (typeof original === 'string' && typeof reproduction === 'string') return translator.same(original, reproduction);
  if (typeof original !== 'object' || typeof reproduction !== 'object') return false;
  if (original === null || reproduction === null) return false;
  return translator.same(canonical(original), canonical(reproduction));
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of both by what they are called in both: a name, too, may be a folder or an id. */
function fieldsOf(original: Fields, reproduction: Fields, translator: Translator) {
  const named = (fields: Fields, rename: (key: string) => string): Map<string, unknown> =>
    new Map(Object.entries(fields).map(([key, value]) => [rename(key), value]));
  return {
    before: named(original, (key) => translator.text(key)),
    after: named(reproduction, (key) => translator.bare(key)),
  };
}

/** An object with fields, and not one that stands for something else, as the source of a function. */
function isBranch(value: unknown): value is Fields {
  if (!isPlainObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length !== 1 || !keys[0]!.startsWith('$');
}

function listOf(value: unknown): List | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? (value as unknown as List) : undefined;
}

function sameKind(original: unknown, reproduction: unknown): boolean {
  return Object(original).constructor === Object(reproduction).constructor;
}
