import type { TSType } from 'oxc-parser';
import type { ObjectField, ParameterType } from '../definition.ts';
import { nonNullable } from './type-text.ts';

/** A type of TypeScript's own library; undefined when it is unknown or tells nothing about values. */
export function utilityType(
  name: string,
  args: readonly TSType[],
  read: (node: TSType) => ParameterType,
): ParameterType | undefined {
  const [first, second] = args;
  if (args.length === 0) {
    if (name === 'Date') return { kind: 'date' };
    return name === 'Function' ? { kind: 'function' } : undefined;
  }
  if (args.length === 1) {
    const type = read(first!);
    switch (name) {
      case 'Array':
      case 'ReadonlyArray':
        return { kind: 'array', element: type };
      case 'Readonly':
        return type.kind === 'opaque' ? undefined : type;
      case 'NonNullable':
        return type.kind === 'opaque' ? undefined : nonNullable(type);
      case 'Partial':
        return mapFields(type, (field) => ({ ...field, optional: true }));
      case 'Required':
        return mapFields(type, (field) => ({ ...field, optional: false }));
      default:
        return undefined;
    }
  }
  if (args.length !== 2) return undefined;
  if (name === 'Record') return recordType(read(first!), read(second!));
  if (name !== 'Pick' && name !== 'Omit') return undefined;
  const keys = literalKeys(read(second!));
  const type = read(first!);
  if (keys === undefined || type.kind !== 'object') return undefined;
  const kept = Object.entries(type.fields).filter(([field]) => keys.has(field) === (name === 'Pick'));
  return { kind: 'object', fields: Object.fromEntries(kept) };
}

function recordType(key: ParameterType, value: ParameterType): ParameterType | undefined {
  if (key.kind === 'string' || key.kind === 'number') return { kind: 'record', value };
  const keys = literalKeys(key);
  if (keys === undefined) return undefined;
  return {
    kind: 'object',
    fields: Object.fromEntries([...keys].map((field) => [field, { type: value, optional: false }])),
  };
}

function literalKeys(type: ParameterType): Set<string> | undefined {
  const members = type.kind === 'union' ? type.members : [type];
  const keys = new Set<string>();
  for (const member of members) {
    if (member.kind !== 'literal') return undefined;
    keys.add(String(member.value));
  }
  return keys;
}

function mapFields(type: ParameterType, change: (field: ObjectField) => ObjectField): ParameterType | undefined {
  if (type.kind === 'array' || type.kind === 'record') return type;
  if (type.kind !== 'object') return undefined;
  const fields = Object.entries(type.fields).map(([name, field]) => [name, change(field)] as const);
  return { kind: 'object', fields: Object.fromEntries(fields) };
}
