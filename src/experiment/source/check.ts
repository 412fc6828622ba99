import { nearest } from '../../errors.ts';
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
import { typeText, unionOf } from './type-text.ts';

/**
 * What is wrong with a value: `expected number, got string "ten"`, with the path of the wrong field before it, such as
 * `layers[1].units: expected ...`. Undefined when the value fits the type.
 */
export function checkValue(value: unknown, type: ParameterType): string | undefined {
  return check(value, type, '');
}

function check(value: unknown, type: ParameterType, path: string): string | undefined {
  switch (type.kind) {
    case 'any':
    case 'opaque':
      return undefined;
    case 'union':
      return checkUnion(value, type.members, path);
    case 'array':
      if (!Array.isArray(value)) return wrong(value, type, path);
      return firstProblem(value, (item, i) => check(item, type.element, `${path}[${i}]`));
    case 'tuple':
      if (!Array.isArray(value)) return wrong(value, type, path);
      if (value.length !== type.elements.length) {
        return at(path, `expected ${type.elements.length} elements, got ${value.length}`);
      }
      return firstProblem(value, (item, i) => check(item, type.elements[i]!, `${path}[${i}]`));
    case 'object':
      return isObject(value) ? checkObject(value, type, path) : wrong(value, type, path);
    case 'record':
      if (!isObject(value)) return wrong(value, type, path);
      return firstProblem(Object.entries(value), ([key, inner]) => check(inner, type.value, below(path, key)));
    default:
      return fits(value, type) ? undefined : wrong(value, type, path);
  }
}

function fits(value: unknown, type: Exclude<ParameterType, { readonly kind: 'union' | 'array' | 'tuple' }>): boolean {
  switch (type.kind) {
    case 'null':
      return value === null;
    case 'date':
      return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
    case 'literal':
      return value === type.value;
    default:
      return typeof value === type.kind;
  }
}

function checkObject(value: object, type: ObjectType, path: string): string | undefined {
  const names = Object.keys(type.fields);
  for (const name of Object.keys(value)) {
    if (fieldOf(type, name) !== undefined) continue;
    return at(path, `unknown field "${name}"${hint(name, names) || `, expected ${clipped(typeText(type), 200)}`}`);
  }
  for (const [name, field] of Object.entries(type.fields)) {
    const inner = ownField(value, name);
    if (inner === undefined && (field.optional || membersOf(field.type).some(({ kind }) => kind === 'undefined')))
      continue;
    if (!Object.hasOwn(value, name)) return at(path, `missing field "${name}" of type ${typeText(field.type)}`);
    const problem = check(inner, field.type, below(path, name));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkUnion(value: unknown, members: readonly ParameterType[], path: string): string | undefined {
  if (members.some((member) => accepts(member, value))) return undefined;
  const whole: ParameterType = { kind: 'union', members };
  if (isObject(value)) return checkBranches(value, whole, path);
  if (Array.isArray(value)) {
    const [only, ...others] = members.filter(({ kind }) => kind === 'array' || kind === 'tuple');
    if (only !== undefined && others.length === 0) return check(value, only, path);
  }
  return wrong(value, whole, path);
}

/** Judges an object by the branch that its discriminant names. */
function checkBranches(value: object, type: ParameterType, path: string): string | undefined {
  const branches = objectBranches(type);
  const [only, ...others] = branches;
  if (only === undefined) {
    const record = membersOf(type).find(({ kind }) => kind === 'record');
    return record === undefined ? wrong(value, type, path) : check(value, record, path);
  }
  if (others.length === 0) return checkObject(value, only, path);
  const names = discriminants(branches);
  const selected = names.length === 0 ? [] : selectBranches(branches, value);
  if (selected.length === 1) return checkObject(value, selected[0]!, path);
  for (const name of names) {
    const choices = unionOf(branches.map((branch) => branch.fields[name]!.type));
    const own = ownField(value, name);
    if (!accepts(choices, own)) return wrong(own, choices, below(path, name));
  }
  // No discriminant: a field that no branch has is the likeliest mistake.
  const known = fieldNames(branches);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  return unknown === undefined
    ? wrong(value, type, path)
    : at(path, `unknown field "${unknown}"${hint(unknown, known) || `, expected ${clipped(typeText(type), 200)}`}`);
}

function accepts(type: ParameterType, value: unknown): boolean {
  return check(value, type, '') === undefined;
}

function wrong(value: unknown, type: ParameterType, path: string): string {
  const members = membersOf(type);
  const expected = clipped(typeText(type), 200);
  if (!members.every(({ kind }) => kind === 'literal') || members.length === 1) {
    return at(path, `expected ${expected}, got ${shown(value)}`);
  }
  const choices = members.map((member) => String((member as { value?: unknown }).value));
  const near = typeof value === 'string' ? hint(value, choices) : '';
  return at(path, `expected one of ${members.map(typeText).join(', ')}, got ${shown(value)}${near}`);
}

function hint(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

function ownField(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name as never] : undefined;
}

function firstProblem<T>(items: readonly T[], problem: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = problem(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function at(path: string, problem: string): string {
  return path === '' ? problem : `${path}: ${problem}`;
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is object {
  // Not a Map, a Date or a typed array: their contents are no fields.
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

/** A value for a message: its kind, and itself when it is short. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(clipped(value, 60))}`;
    case 'bigint':
      return `bigint ${clipped(`${value}`, 60)}n`;
    case 'number':
    case 'boolean':
      return `${typeof value} ${Object.is(value, -0) ? '-0' : value}`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return isObject(value) ? 'an object' : `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
    default:
      return typeof value;
  }
}

function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
