import type { ParameterType } from '../definition.ts';

/** A type as TypeScript writes it, for people. */
export function typeText(type: ParameterType): string {
  switch (type.kind) {
    case 'date':
      return 'Date';
    case 'function':
      return 'Function';
    case 'literal':
      return typeof type.value === 'bigint' ? `${type.value}n` : JSON.stringify(type.value);
    case 'union':
      return type.members.map(typeText).join(' | ');
    case 'array': {
      const element = typeText(type.element);
      return needsParentheses(type.element, element) ? `(${element})[]` : `${element}[]`;
    }
    case 'tuple':
      return `[${type.elements.map(typeText).join(', ')}]`;
    case 'object': {
      const fields = Object.entries(type.fields).map(
        ([name, field]) => `${fieldName(name)}${field.optional ? '?' : ''}: ${typeText(field.type)}`,
      );
      return fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`;
    }
    case 'record':
      return `Record<string, ${typeText(type.value)}>`;
    case 'opaque':
      return type.text;
    default:
      return type.kind;
  }
}

function needsParentheses(type: ParameterType, text: string): boolean {
  return type.kind === 'union' || (type.kind === 'opaque' && /[\s|&?]/.test(text.replace(/<.*>/s, '')));
}

function fieldName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** The union of types: flat, without repetition, and without literals whose whole kind is in it. */
export function unionOf(types: readonly ParameterType[]): ParameterType {
  const flat = types.flatMap((type) => (type.kind === 'union' ? type.members : [type]));
  if (flat.some(({ kind }) => kind === 'any')) return { kind: 'any' };
  const kinds = new Set(flat.map(({ kind }) => kind));
  const both = [true, false].every((value) => flat.some((type) => type.kind === 'literal' && type.value === value));
  if (both) kinds.add('boolean');
  const members = new Map<string, ParameterType>();
  for (const type of flat) {
    const isBoolean = both && type.kind === 'literal' && typeof type.value === 'boolean';
    const member: ParameterType = isBoolean ? { kind: 'boolean' } : type;
    if (member.kind === 'literal' && kinds.has(typeof member.value as ParameterType['kind'])) continue;
    members.set(`${member.kind} ${typeText(member)}`, member);
  }
  const [only, ...more] = members.values();
  if (only === undefined) return { kind: 'any' };
  return more.length === 0 ? only : { kind: 'union', members: [...members.values()] };
}

/** A type without null and undefined, as `!` and `??` leave it. */
export function nonNullable(type: ParameterType): ParameterType {
  if (type.kind !== 'union') return type;
  const members = type.members.filter(({ kind }) => kind !== 'null' && kind !== 'undefined');
  return members.length === 0 ? type : unionOf(members);
}

/** A type with literals as their kinds: `"a"` becomes string. */
export function widened(type: ParameterType): ParameterType {
  switch (type.kind) {
    case 'literal':
      return { kind: typeof type.value as 'string' | 'number' | 'boolean' | 'bigint' };
    case 'union':
      return unionOf(type.members.map(widened));
    default:
      return type;
  }
}

/** Whether a type is too large to be of use: types that hold one another double in size at each step. */
export function isHuge(type: ParameterType): boolean {
  let left = 2000;
  const visit = (inner: ParameterType): void => {
    if (left-- <= 0) return;
    if (inner.kind === 'union') inner.members.forEach(visit);
    else if (inner.kind === 'tuple') inner.elements.forEach(visit);
    else if (inner.kind === 'array') visit(inner.element);
    else if (inner.kind === 'record') visit(inner.value);
    else if (inner.kind === 'object') for (const field of Object.values(inner.fields)) visit(field.type);
  };
  visit(type);
  return left <= 0;
}
