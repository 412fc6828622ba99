import type { ParameterType } from '../definition.ts';

export type ObjectType = Extract<ParameterType, { readonly kind: 'object' }>;

/** The members of a union; the type itself when it is none. */
export function membersOf(type: ParameterType): readonly ParameterType[] {
  return type.kind === 'union' ? type.members : [type];
}

/** The object types that a value may have. */
export function objectBranches(type: ParameterType): ObjectType[] {
  return membersOf(type).filter((member): member is ObjectType => member.kind === 'object');
}

/** Fields that tell the branches of a union apart: a literal, or a choice of literals, in every branch. */
export function discriminants(branches: readonly ObjectType[]): string[] {
  const [first, ...others] = branches;
  if (first === undefined || others.length === 0) return [];
  return Object.keys(first.fields).filter((name) =>
    branches.every((branch) => {
      const field = fieldOf(branch, name);
      return field !== undefined && membersOf(field.type).every(({ kind }) => kind === 'literal');
    }),
  );
}

/** The branches whose discriminants an object has; none when it has those of no branch. */
export function selectBranches(branches: readonly ObjectType[], value: object): ObjectType[] {
  const names = discriminants(branches);
  return branches.filter((branch) =>
    names.every((name) => {
      const own: unknown = Object.hasOwn(value, name) ? value[name as never] : undefined;
      const field = fieldOf(branch, name);
      if (field === undefined) return false;
      if (own === undefined && field.optional) return true;
      return membersOf(field.type).some((member) => member.kind === 'literal' && member.value === own);
    }),
  );
}

export function fieldOf(type: ObjectType, name: string): ObjectType['fields'][string] | undefined {
  return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** Names of the fields of any of the branches. */
export function fieldNames(branches: readonly ObjectType[]): string[] {
  return [...new Set(branches.flatMap((branch) => Object.keys(branch.fields)))];
}
