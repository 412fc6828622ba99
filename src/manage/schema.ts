import { basename, relative, sep } from 'node:path';
import type { Definition } from '../experiment/define.ts';
import type { ParameterType, StaticValue } from '../experiment/definition.ts';
import { knownValues } from '../experiment/known.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { fieldNames, membersOf, objectBranches } from '../experiment/source/branches.ts';
import { checkValue } from '../experiment/source/check.ts';
import { typeAt } from '../experiment/source/patch.ts';
import { isSecret } from '../run/parameters-record.ts';
import { isSafe, type Schema, typeSchema, VARIABLE_SCHEMA } from './schema-type.ts';

/** Levels of dotted keys that are spelt out. */
const MAX_DEPTH = 8;

/**
 * A JSON schema (draft 2020-12) for the YAML experiments that extend a definition: its parameters with their types,
 * docs and defaults, and the other keys.
 *
 * @param cwd The title names the file relative to it.
 *
 * @example
 * ```ts
 * const schema = configSchema(await define('/project/experiments/digits.ts', '/project'), '/project');
 * ```
 */
export function configSchema(definition: Definition, cwd: string): Schema {
  const file = relative(cwd, definition.path).split(sep).join('/');
  const known = knownValues(definition.chain, definition.declared, new Map());
  const parameters = [...definition.declared.values()];
  const fields = parameters.flatMap(({ name, type }) => dottedSchemas(name, type));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `YAML experiments that extend ${file}`,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    type: 'object',
    properties: {
      extend: {
        description: 'The experiment that this one varies: a path relative to this file.',
        type: 'string',
        minLength: 1,
        examples: [`./${basename(definition.path)}`],
      },
      name: { description: 'The last part of the namespace, instead of the name of this file.', ...TEXT },
      description: { description: 'What it is, instead of the description of the experiment.', ...TEXT },
      namespace: { description: 'Folder of its runs below results/.', ...TEXT },
      include: { description: 'Mixins: a path relative to this file, or a list of them.', ...TEXTS },
      tags: { description: 'Tags of its runs: a list, or a text with commas.', ...TEXTS },
      note: { description: 'A note on its runs.', ...TEXT },
      parameters: {
        description: 'Values of parameters; a mapping sets the fields that it names, !replace all of them.',
        type: ['object', 'null'],
        properties: Object.fromEntries(
          parameters.map((parameter) => [parameter.name, parameterSchema(parameter, known.get(parameter.name))]),
        ),
        ...(fields.length === 0 ? {} : { patternProperties: Object.fromEntries(fields) }),
        additionalProperties: false,
      },
    },
    required: ['extend'],
    additionalProperties: false,
    $defs: { variable: VARIABLE_SCHEMA },
  };
}

const TEXT = { type: 'string' };
const TEXTS = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'null' }] };

function parameterSchema(parameter: Parameter, known: StaticValue | undefined): Schema {
  const { doc, type, typeText, tags, uses, defaultText } = parameter;
  const schema = typeSchema(type);
  const isComputed = uses.length > 0 && defaultText !== undefined && !isSecret(parameter);
  const remarks = [
    doc ?? typeText,
    tags['unit'] === undefined || tags['unit'] === '' ? '' : `Unit: ${tags['unit']}.`,
    isComputed ? `Default: ${defaultText}` : '',
    schema === false ? 'A YAML experiment cannot set it.' : '',
  ];
  const value = isComputed || isSecret(parameter) || known?.known !== true ? undefined : jsonOf(known.value);
  return {
    description: remarks.filter((text) => text !== '').join('\n\n'),
    ...(schema === false ? { not: {} } : (schema as object)),
    ...(value === undefined || checkValue(known?.known === true ? known.value : undefined, type) !== undefined
      ? {}
      : { default: value }),
  };
}

/** A value as YAML would give it; undefined for what JSON cannot hold. */
function jsonOf(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : `${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map(jsonOf);
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, jsonOf(inner)]);
  return entries.some(([, inner]) => inner === undefined) ? undefined : Object.fromEntries(entries);
}

/** Schemas of the keys that name a field of a parameter, such as `MODEL.hidden`; by pattern, so that they stay apart. */
function dottedSchemas(name: string, type: ParameterType): [pattern: string, schema: Schema][] {
  const found: [string, Schema][] = [];
  const visit = (pattern: string, inner: ParameterType, depth: number): void => {
    if (depth > MAX_DEPTH || membersOf(inner).some(({ kind }) => kind === 'any' || kind === 'opaque')) {
      found.push([`${pattern}\\..+$`, {}]);
      return;
    }
    for (const field of fieldNames(objectBranches(inner))) {
      if (field === '' || field.includes('.')) continue;
      const below = `${pattern}\\.${field.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`;
      const of = typeAt(inner, field, name);
      found.push([`${below}$`, typeSchema(of)]);
      visit(below, of, depth + 1);
    }
    const record = membersOf(inner).find((member) => member.kind === 'record');
    if (record?.kind !== 'record') return;
    const below = `${pattern}\\.[^.]+`;
    found.push([`${below}$`, typeSchema(record.value)]);
    visit(below, record.value, depth + 1);
  };
  visit(`^${name}`, type, 0);
  return found;
}
