import type { ParameterType } from '../experiment/definition.ts';
import { membersOf } from '../experiment/source/branches.ts';

/** Some value of a type, to be replaced by people; undefined for a type that does not tell its values. */
export function sampleOf(type: ParameterType): { readonly value: unknown } | undefined {
  switch (type.kind) {
    case 'number':
      return { value: 0 };
    case 'string':
      return { value: '' };
    case 'boolean':
      return { value: false };
    case 'bigint':
      return { value: 0n };
    case 'null':
      return { value: null };
    case 'undefined':
      return { value: undefined };
    case 'date':
      return { value: new Date(0) };
    case 'literal':
      return { value: type.value };
    case 'array':
      return { value: [] };
    case 'record':
      return { value: {} };
    case 'union':
      return sampleOf(membersOf(type)[0]!);
    case 'tuple': {
      const items = type.elements.map(sampleOf);
      return items.includes(undefined) ? undefined : { value: items.map((item) => item!.value) };
    }
    case 'object': {
      const fields = Object.entries(type.fields).filter(([, { optional }]) => !optional);
      const values = fields.map(([name, field]) => [name, sampleOf(field.type)] as const);
      if (values.some(([, value]) => value === undefined)) return undefined;
      return { value: Object.fromEntries(values.map(([name, value]) => [name, value!.value])) };
    }
    default:
      return undefined;
  }
}
