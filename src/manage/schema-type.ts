import type { ParameterType } from '../experiment/definition.ts';
import { discriminants, fieldOf, membersOf, type ObjectType, objectBranches } from '../experiment/source/branches.ts';
import { unionOf } from '../experiment/source/type-text.ts';

/** A JSON schema, or a part of one. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

type LiteralType = Extract<ParameterType, { readonly kind: 'literal' }>;

/** A text with an environment variable in it, which may become a value of any type. */
const VARIABLE: Schema = { $ref: '#/$defs/variable' };
const INTEGER_TEXT = '^[+-]?(0|[1-9][0-9_]*|0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+)n?$';
const DATE_TEXT = '^\\d{4}-\\d\\d(-\\d\\d)?(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)?)?$';

/** What `VARIABLE` refers to, for `$defs` of the whole schema. */
export const VARIABLE_SCHEMA: Schema = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as a YAML experiment has it
  description: 'A text with an environment variable: ${NAME}, or ${NAME:-default}.',
  type: 'string',
  pattern: '\\$\\{[A-Za-z_]\\w*(:-[^}]*)?\\}',
};

/**
 * The schema of the values that a YAML experiment may give for a type. Objects outside of lists give fields, of which
 * none has to be there; inside of lists all of them are set.
 */
export function typeSchema(type: ParameterType, isWhole = false): Schema {
  const schemas = schemasOf(type, isWhole);
  if (schemas.length === 0) return false;
  const takesText = schemas.some((schema) => typeof schema === 'object' && (isAny(schema) || isText(schema)));
  const all = takesText ? schemas : [...schemas, VARIABLE];
  return all.length === 1 ? all[0]! : { anyOf: all };
}

function isAny(schema: object): boolean {
  return Object.keys(schema).length === 0;
}

function isText(schema: { readonly [keyword: string]: unknown }): boolean {
  return schema['type'] === 'string' && Object.keys(schema).length === 1;
}

/** One for each alternative; none for what YAML cannot say. */
function schemasOf(type: ParameterType, isWhole: boolean): Schema[] {
  const members = membersOf(type);
  const literals = members.filter((member): member is LiteralType => member.kind === 'literal');
  const branches = objectBranches(type);
  const rest = members.filter(({ kind }) => kind !== 'literal' && kind !== 'object');
  return [
    ...literalSchemas(literals),
    ...(branches.length === 0 ? [] : [branchesSchema(branches, isWhole)]),
    ...rest.flatMap((member) => simpleSchemas(member, isWhole)),
  ];
}

function literalSchemas(literals: readonly LiteralType[]): Schema[] {
  const values = literals.flatMap(({ value }): unknown[] => {
    if (typeof value !== 'bigint') return [value];
    // Not every reader of JSON takes an integer beyond 2^53 as it is.
    return [...(isSafe(value) ? [Number(value)] : []), `${value}`, `${value}n`];
  });
  return values.length === 0 ? [] : [{ enum: values }];
}

export function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value));
}

function simpleSchemas(type: ParameterType, isWhole: boolean): Schema[] {
  switch (type.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'null':
      return [{ type: type.kind }];
    case 'bigint':
      return [{ type: 'integer' }, { type: 'string', pattern: INTEGER_TEXT }];
    case 'date':
      return [{ type: 'string', pattern: DATE_TEXT }];
    case 'array':
      return [{ type: 'array', items: typeSchema(type.element, true) }];
    case 'tuple': {
      const count = type.elements.length;
      const elements = type.elements.map((element) => typeSchema(element, true));
      // Without "items": readers of older drafts would hold it against each element.
      return [{ type: 'array', prefixItems: elements, minItems: count, maxItems: count }];
    }
    case 'record':
      return [{ type: 'object', additionalProperties: typeSchema(type.value, isWhole) }];
    case 'any':
    case 'opaque':
      return [{}];
    default:
      return [];
  }
}

function branchesSchema(branches: readonly ObjectType[], isWhole: boolean): Schema {
  const [only, ...others] = branches;
  if (others.length === 0) return objectSchema(only!, isWhole);
  const tag = discriminants(branches).find((name) => tellsApart(name, branches));
  if (tag === undefined) return { anyOf: branches.map((branch) => objectSchema(branch, isWhole)) };
  const open = isWhole ? [] : [merged(branches, tag)];
  const isGiven = branches.map((branch) => {
    const schema = objectSchema(branch, isWhole) as { properties: Record<string, Schema>; required?: string[] };
    const choice = literalSchemas(literalsOf(branch, tag))[0]!;
    const required = [...new Set([...(schema.required ?? []), tag])];
    return { ...schema, properties: { ...schema.properties, [tag]: choice }, required };
  });
  const byVariable = isWhole ? [{ ...(merged(branches, tag) as object), required: [tag] }] : [];
  return { oneOf: [...isGiven, ...open, ...byVariable] };
}

/** Whether no two branches have a value of the field in common. */
function tellsApart(name: string, branches: readonly ObjectType[]): boolean {
  const values = branches.flatMap((branch) => [...new Set(literalsOf(branch, name).map(({ value }) => value))]);
  return new Set(values).size === values.length && branches.every((branch) => fieldOf(branch, name)?.optional !== true);
}

function literalsOf(branch: ObjectType, name: string): LiteralType[] {
  return membersOf(fieldOf(branch, name)!.type).filter((member): member is LiteralType => member.kind === 'literal');
}

/** Fields of any branch, where the file itself does not tell which: its parent does, or an environment variable. */
function merged(branches: readonly ObjectType[], tag: string): Schema {
  const names = new Set(branches.flatMap((branch) => Object.keys(branch.fields)));
  const properties = [...names].map((name): [string, Schema] => {
    const types = branches.flatMap((branch) => fieldOf(branch, name)?.type ?? []);
    return [name, name === tag ? VARIABLE : typeSchema(unionOf(types))];
  });
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

function objectSchema({ fields }: ObjectType, isWhole: boolean): Schema {
  const entries = Object.entries(fields);
  const required = entries.flatMap(([name, { type, optional }]) => {
    const mayMiss = optional || membersOf(type).some(({ kind }) => kind === 'undefined');
    return isWhole && !mayMiss ? [name] : [];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, { type }]) => [name, typeSchema(type, isWhole)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
