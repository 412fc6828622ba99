import type { ParameterType } from '../definition.ts';
import { fieldOf, membersOf, type ObjectType } from './branches.ts';

export interface AssignableOptions {
  /** Whether an object may lack fields that are required, at any depth but in arrays: it sets fields of another. */
  readonly partial?: boolean;
}

/**
 * Whether values of one type may stand where another is declared, as far as the types tell. Lenient, because inferred
 * types are wide: what the source does not tell passes, a `string` passes for `'a' | 'b'` and an array for a tuple. The
 * value itself is checked later.
 */
export function assignable(from: ParameterType, to: ParameterType, options: AssignableOptions = {}): boolean {
  if (isOpen(from) || membersOf(to).some(isOpen)) return true;
  if (from.kind === 'union') return from.members.every((member) => assignable(member, to, options));
  return membersOf(to).some((member) => fits(from, member, options));
}

function fits(from: ParameterType, to: ParameterType, options: AssignableOptions): boolean {
  if (from.kind === 'literal' || to.kind === 'literal') {
    return from.kind === 'literal' && to.kind === 'literal'
      ? from.value === to.value
      : primitive(from) === primitive(to);
  }
  switch (to.kind) {
    case 'array':
      if (from.kind === 'tuple') return from.elements.every((element) => assignable(element, to.element));
      return from.kind === 'array' && assignable(from.element, to.element);
    case 'tuple':
      if (from.kind === 'array') return fitsElements(from.element, to.elements);
      if (from.kind !== 'tuple' || from.elements.length !== to.elements.length) return false;
      return from.elements.every((element, i) => assignable(element, to.elements[i]!));
    case 'record': {
      if (from.kind === 'record') return assignable(from.value, to.value, options);
      return from.kind === 'object' && fieldsOf(from).every(({ type }) => assignable(type, to.value, options));
    }
    case 'object':
      if (from.kind === 'record') return fieldsOf(to).every(({ type }) => assignable(from.value, type, options));
      return from.kind === 'object' && fitsFields(from, to, options);
    default:
      return from.kind === to.kind;
  }
}

/** `[1, 'a']` is inferred as an array of either. */
function fitsElements(element: ParameterType, elements: readonly ParameterType[]): boolean {
  return membersOf(element).every((member) => elements.some((to) => assignable(member, to)));
}

function fitsFields(from: ObjectType, to: ObjectType, options: AssignableOptions): boolean {
  for (const [name, { type, optional }] of Object.entries(from.fields)) {
    const field = fieldOf(to, name);
    if (field === undefined || !assignable(type, field.type, options)) return false;
    if (optional && !mayLack(field) && options.partial !== true) return false;
  }
  if (options.partial === true) return true;
  return Object.entries(to.fields).every(([name, field]) => fieldOf(from, name) !== undefined || mayLack(field));
}

function mayLack({ type, optional }: ObjectType['fields'][string]): boolean {
  return optional || membersOf(type).some(({ kind }) => kind === 'undefined');
}

function fieldsOf(type: ObjectType): ObjectType['fields'][string][] {
  return Object.values(type.fields);
}

function primitive(type: ParameterType): string {
  return type.kind === 'literal' ? typeof type.value : type.kind;
}

function isOpen(type: ParameterType): boolean {
  return type.kind === 'any' || type.kind === 'opaque';
}
