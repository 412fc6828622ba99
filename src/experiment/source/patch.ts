import { ComexError } from '../../errors.ts';
import { markerOf } from '../compose.ts';
import type { ParameterType } from '../definition.ts';
import {
  discriminants,
  fieldNames,
  fieldOf,
  membersOf,
  type ObjectType,
  objectBranches,
  selectBranches,
} from './branches.ts';
import { shown } from './check.ts';
import { noField, nothingToInherit, wrongBranch } from './field-errors.ts';
import { unionOf } from './type-text.ts';

/** What is given for a field: a value, values of fields below it, or both (the latter on top). */
interface Change {
  given: { readonly value: unknown } | undefined;
  readonly below: Map<string, Change>;
}

/** What a field holds, if it is there. */
type Slot = { readonly value: unknown } | undefined;

/** What becomes of a field. */
type FieldChange = (own: Slot, type: ParameterType, place: string) => unknown;

/**
 * A value with some of its fields replaced; the value itself stays as it is.
 *
 * A field that tells the branches of a union apart takes the value to its branch: fields that only the branch before
 * it has are dropped.
 *
 * @param fields Values by dotted path below the parameter (`layers.0.units`), in the order given: a later one wins.
 * @param name Name of the parameter, for messages.
 * @throws ComexError `E_PARAMETER_NAME` for a field that the type does not have, with the nearest one;
 * `E_PARAMETER_TYPE` for a field of what has no fields.
 *
 * @example
 * ```ts
 * const type = { kind: 'record', value: { kind: 'number' } } as const;
 * patchValue({ a: 1, b: 2 }, new Map([['b', 3]]), type, 'MODEL'); // { a: 1, b: 3 }
 * ```
 */
export function patchValue(
  base: unknown,
  fields: Iterable<readonly [path: string, value: unknown]>,
  type: ParameterType,
  name: string,
): unknown {
  const root: Change = { given: undefined, below: new Map() };
  for (const [path, value] of fields) {
    let change = root;
    for (const segment of segmentsOf(path, name)) {
      const next = change.below.get(segment) ?? { given: undefined, below: new Map<string, Change>() };
      change.below.set(segment, next);
      change = next;
    }
    change.given = { value };
    change.below.clear();
  }
  return applied(root, base, type, name);
}

/**
 * A value of a child on top of its parent's: the fields of a plain object are set one by one, at any depth; anything
 * else, such as an array, takes the place of the whole value. As in `patchValue`, a field that tells the branches of a
 * union apart takes the value to its branch. Neither value is changed.
 *
 * `replace(x)` in a field sets all of it; `inherit()` takes the base's field, `inherit(fn)` what `fn` makes of it.
 *
 * @param name Name of the parameter, for messages.
 * @throws ComexError `E_PARAMETER_NAME` for a field that the type does not have or that belongs to another branch, and
 * for an `inherit` of a field that the base does not have.
 *
 * @example
 * ```ts
 * const type = { kind: 'record', value: { kind: 'number' } } as const;
 * mergeValue({ a: 1, b: 2 }, { b: 3 }, type, 'MODEL'); // { a: 1, b: 3 }
 * ```
 */
export function mergeValue(base: unknown, over: unknown, type: ParameterType, name: string): unknown {
  return merged(base === undefined ? undefined : { value: base }, over, type, name, []);
}

/**
 * A value without markers in the fields of its plain objects, where there is no parent; itself when there are none.
 *
 * @throws ComexError `E_PARAMETER_NAME` for an `inherit`.
 */
export function resolvedMarkers(value: unknown, place: string, seen = new Map<object, unknown>()): unknown {
  const marker = markerOf(value);
  if (marker?.kind === 'replace') return resolvedMarkers(marker.value, place, seen);
  if (marker?.kind === 'inherit') throw nothingToInherit(place, []);
  if (marker !== undefined || !isPlainObject(value)) return value;
  if (seen.has(value)) return seen.get(value);
  // While it is being looked through, for an object that holds itself.
  seen.set(value, value);
  let copy: object | undefined;
  for (const [key, inner] of Object.entries(value)) {
    const resolved = resolvedMarkers(inner, `${place}.${key}`, seen);
    if (resolved === inner) continue;
    copy ??= { ...value };
    define(copy, key, resolved);
  }
  seen.set(value, copy ?? value);
  return copy ?? value;
}

/**
 * The type of a field of a type, over all branches of a union; opaque where the type does not tell.
 *
 * @param path Dotted path below the parameter; empty for the type itself.
 * @param name Name of the parameter, for messages.
 * @throws ComexError `E_PARAMETER_NAME` for a field that the type does not have, with the nearest one.
 */
export function typeAt(type: ParameterType, path: string, name: string): ParameterType {
  let current = type;
  let place = name;
  for (const segment of path === '' ? [] : segmentsOf(path, name)) {
    current = fieldType(current, segment, place);
    place = `${place}.${segment}`;
  }
  return current;
}

function segmentsOf(path: string, name: string): string[] {
  const segments = path.split('.');
  if (!segments.includes('')) return segments;
  throw new ComexError('E_PARAMETER_NAME', `Expected a field of ${name} such as ${name}.field, got "${name}.${path}".`);
}

/** The type of one field; what no member of the type has is refused. */
function fieldType(type: ParameterType, segment: string, place: string): ParameterType {
  const types: ParameterType[] = [];
  const isIndex = /^(0|[1-9]\d*)$/.test(segment);
  for (const member of membersOf(type)) {
    if (member.kind === 'object') {
      const field = fieldOf(member, segment);
      if (field !== undefined) types.push(field.optional ? unionOf([field.type, { kind: 'undefined' }]) : field.type);
    } else if (member.kind === 'record') types.push(member.value);
    else if (member.kind === 'array' && isIndex) types.push(member.element);
    else if (member.kind === 'tuple' && isIndex && Number(segment) < member.elements.length) {
      types.push(member.elements[Number(segment)]!);
    } else if (member.kind === 'any') types.push({ kind: 'any' });
    else if (member.kind === 'opaque')
      types.push({ kind: 'opaque', text: `${member.text}[${JSON.stringify(segment)}]` });
  }
  if (types.length === 0) throw noField(type, segment, place);
  return unionOf(types);
}

/** @param siblings Fields beside this one, for messages. */
function merged(own: Slot, over: unknown, type: ParameterType, place: string, siblings: readonly string[]): unknown {
  const marker = markerOf(over);
  if (marker?.kind === 'inherit') {
    if (own === undefined) throw nothingToInherit(place, siblings);
    return marker.transform === undefined ? own.value : marker.transform(own.value as never);
  }
  if (marker !== undefined || !isPlainObject(over) || !isPlainObject(own?.value)) return resolvedMarkers(over, place);
  const names = Object.keys(own.value);
  const changes = new Map<string, FieldChange>();
  for (const [name, value] of Object.entries(over)) {
    changes.set(name, (inner, innerType, at) => merged(inner, value, innerType, at, names));
  }
  return patchedObject(changes, own.value, type, place);
}

function applied(change: Change, base: unknown, type: ParameterType, place: string): unknown {
  const start = change.given === undefined ? base : change.given.value;
  if (change.below.size === 0) return start;
  if (Array.isArray(start) || (isNothing(start) && isArrayType(type))) {
    return patchedArray(change, Array.isArray(start) ? start : [], type, place);
  }
  if (!isNothing(start) && !isPlainObject(start)) {
    const [first] = change.below.keys();
    const message = `Expected ${place} to have fields, as "${place}.${first}" was given, but it is ${shown(start)}.`;
    throw new ComexError('E_PARAMETER_TYPE', message);
  }
  const changes = new Map<string, FieldChange>();
  for (const [segment, inner] of change.below) {
    changes.set(segment, (own, innerType, at) => applied(inner, own?.value, innerType, at));
  }
  return patchedObject(changes, start ?? {}, type, place);
}

function patchedArray(change: Change, base: readonly unknown[], type: ParameterType, place: string): unknown[] {
  const copy = [...base];
  for (const [segment, inner] of change.below) {
    const innerType = fieldType(type, segment, place);
    const index = /^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : Number.NaN;
    if (!(index <= copy.length)) {
      const message = `Expected an index of ${place} up to ${copy.length} (one past its end), got "${place}.${segment}".`;
      throw new ComexError('E_PARAMETER_NAME', message);
    }
    copy[index] = applied(inner, copy[index], innerType, `${place}.${segment}`);
  }
  return copy;
}

function patchedObject(
  changes: ReadonlyMap<string, FieldChange>,
  base: object,
  type: ParameterType,
  place: string,
): object {
  const copy: Record<string, unknown> = { ...base };
  const branches = objectBranches(type);
  const tags = discriminants(branches);
  const before = tags.length === 0 ? [] : selectBranches(branches, copy);
  for (const tag of tags) {
    const change = changes.get(tag);
    if (change !== undefined) define(copy, tag, change(slotOf(copy, tag), { kind: 'any' }, `${place}.${tag}`));
  }
  const selected = tags.length === 0 ? branches : selectBranches(branches, copy);
  const current = selected.length === 0 ? branches : selected;
  if (selected.length > 0 && selected[0] !== before[0]) {
    const known = fieldNames(branches);
    const kept = fieldNames(current);
    for (const name of Object.keys(copy)) if (known.includes(name) && !kept.includes(name)) delete copy[name];
  }
  const others = membersOf(type).filter(({ kind }) => kind !== 'object');
  const currentType = branches.length === 0 ? type : unionOf([...current, ...others]);
  for (const [segment, change] of changes) {
    if (tags.includes(segment)) continue;
    const isOfOther = fieldOfBranches(branches, segment) && !fieldOfBranches(current, segment);
    if (isOfOther && others.every(({ kind }) => kind === 'null' || kind === 'undefined')) {
      throw wrongBranch(current, tags, copy, segment, place);
    }
    const innerType = fieldType(currentType, segment, place);
    define(copy, segment, change(slotOf(copy, segment), innerType, `${place}.${segment}`));
  }
  return copy;
}

function fieldOfBranches(branches: readonly ObjectType[], name: string): boolean {
  return branches.some((branch) => fieldOf(branch, name) !== undefined);
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isArrayType(type: ParameterType): boolean {
  const members = membersOf(type).filter(({ kind }) => kind !== 'null' && kind !== 'undefined');
  return members.length > 0 && members.every(({ kind }) => kind === 'array' || kind === 'tuple');
}

/** Whether a value is an object without a class of its own. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A plain object of another realm has no Object.prototype of ours, but one whose prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function slotOf(value: object, name: string): Slot {
  return Object.hasOwn(value, name) ? { value: value[name as never] } : undefined;
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
