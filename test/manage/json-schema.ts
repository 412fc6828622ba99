/** A judge of JSON schemas (draft 2020-12) for the keywords that comex writes; any other keyword is an error. */
type Keywords = Readonly<Record<string, unknown>>;

/** Whether a value is valid by a schema. */
export function isValid(value: unknown, schema: unknown, root: unknown = schema): boolean {
  if (typeof schema === 'boolean') return schema;
  const keywords = schema as Keywords;
  return Object.keys(keywords).every((keyword) => holds(keyword, keywords, value, root));
}

const ANNOTATIONS = ['$schema', '$defs', 'title', 'description', 'default', 'examples'];

function holds(keyword: string, keywords: Keywords, value: unknown, root: unknown): boolean {
  const argument = keywords[keyword] as never;
  const valid = (schema: unknown, of: unknown = value): boolean => isValid(of, schema, root);
  const list = Array.isArray(value) ? value : undefined;
  const fields = typeof value === 'object' && value !== null && list === undefined ? Object.entries(value) : undefined;
  if (ANNOTATIONS.includes(keyword)) return true;
  switch (keyword) {
    case '$ref':
      return valid((root as { $defs: Keywords }).$defs[(argument as string).replace('#/$defs/', '')]);
    case 'type':
      return [argument].flat().some((type) => isOfType(value, type));
    case 'enum':
      return (argument as unknown[]).includes(value);
    case 'anyOf':
      return (argument as unknown[]).some((schema) => valid(schema));
    case 'oneOf':
      return (argument as unknown[]).filter((schema) => valid(schema)).length === 1;
    case 'not':
      return !valid(argument);
    case 'pattern':
      return typeof value !== 'string' || new RegExp(argument, 'u').test(value);
    case 'minLength':
      return typeof value !== 'string' || value.length >= argument;
    case 'items':
      return list === undefined || list.every((item) => valid(argument, item));
    case 'prefixItems':
      return (
        list === undefined || (argument as unknown[]).every((schema, i) => i >= list.length || valid(schema, list[i]))
      );
    case 'minItems':
      return list === undefined || list.length >= argument;
    case 'maxItems':
      return list === undefined || list.length <= argument;
    case 'required':
      return fields === undefined || (argument as string[]).every((name) => Object.hasOwn(value as object, name));
    case 'properties':
      return (
        fields === undefined ||
        fields.every(([name, inner]) => !Object.hasOwn(argument, name) || valid(argument[name], inner))
      );
    case 'patternProperties':
      return (
        fields === undefined ||
        fields.every(([name, inner]) => matching(argument, name).every((schema) => valid(schema, inner)))
      );
    case 'additionalProperties':
      return (
        fields === undefined ||
        fields.every(([name, inner]) => {
          const isNamed = Object.hasOwn((keywords['properties'] ?? {}) as object, name);
          return (
            isNamed ||
            matching((keywords['patternProperties'] ?? {}) as Keywords, name).length > 0 ||
            valid(argument, inner)
          );
        })
      );
    default:
      throw new Error(`The judge does not know the keyword "${keyword}".`);
  }
}

function matching(patterns: Keywords, name: string): unknown[] {
  return Object.entries(patterns).flatMap(([pattern, schema]) => (new RegExp(pattern, 'u').test(name) ? [schema] : []));
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
