import { setField } from './own-field.ts';
import { typedFromBase64 } from './typed.ts';

type Fields = Record<string, unknown>;

/**
 * The value of a text that `encode` wrote, or of any other JSON. Objects are ordinary ones, also those with a key such
 * as `__proto__`, which is then an own field.
 *
 * @throws SyntaxError when the text is no JSON, and nothing else
 *
 * @example
 * ```ts
 * decode('{"loss":{"$number":"NaN"}}'); // { loss: NaN }
 * ```
 */
export function decode(text: string): unknown {
  try {
    const tree: unknown = JSON.parse(text);
    return text.includes('"$') ? revive(tree) : tree;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    throw new SyntaxError(`JSON that is nested too deeply or too large: ${String(error)}`, { cause: error });
  }
}

/** Replaces tags in a tree that JSON.parse has just made and nobody else holds: so in place. */
function revive(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (!Array.isArray(node)) return reviveObject(node as Fields);
  for (let i = 0; i < node.length; i++) {
    const item: unknown = node[i];
    if (typeof item === 'object' && item !== null) node[i] = revive(item);
  }
  return node;
}

function reviveObject(node: Fields): unknown {
  const keys = Object.keys(node);
  let escaped = false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const item = node[key];
    // An own `__proto__` field is set like any other: it exists, so no setter is asked.
    if (typeof item === 'object' && item !== null) node[key] = revive(item);
    if (key.startsWith('$$')) escaped = true;
  }
  if (escaped) return unescaped(node, keys);
  const tag = keys[0];
  return tag?.startsWith('$') === true && keys.length <= 2 ? untagged(node, tag, keys.length) : node;
}

/** The value of a tag, or the node itself when it is no tag of this version. Its content is revived already. */
function untagged(node: Fields, tag: string, count: number): unknown {
  const content = node[tag];
  if (count === 2) return tag === '$typed' ? typed(node, content) : node;
  switch (tag) {
    case '$number':
      return number(content) ?? node;
    case '$bigint':
      return typeof content === 'string' && /^-?\d+$/.test(content) ? BigInt(content) : node;
    case '$date':
      return date(content) ?? node;
    case '$map':
      return Array.isArray(content) && content.every(isEntry) ? new Map(content) : node;
    case '$set':
      return Array.isArray(content) ? new Set(content) : node;
    case '$undefined':
      return content === true ? undefined : node;
    case '$error':
      return typeof content === 'object' && content !== null ? content : node;
    default:
      return node;
  }
}

function number(content: unknown): number | undefined {
  switch (content) {
    case 'NaN':
      return Number.NaN;
    case 'Infinity':
      return Number.POSITIVE_INFINITY;
    case '-Infinity':
      return Number.NEGATIVE_INFINITY;
    case '-0':
      return -0;
    default:
      return undefined;
  }
}

function date(content: unknown): Date | undefined {
  if (content === null) return new Date(Number.NaN);
  const parsed = typeof content === 'string' ? new Date(content) : undefined;
  return parsed === undefined || Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

function typed(node: Fields, name: unknown): unknown {
  const { data } = node;
  return (typeof name === 'string' && typeof data === 'string' ? typedFromBase64(name, data) : undefined) ?? node;
}

function isEntry(item: unknown): item is [unknown, unknown] {
  return Array.isArray(item) && item.length === 2;
}

function unescaped(node: Fields, keys: readonly string[]): Fields {
  const result: Fields = {};
  for (const key of keys) {
    setField(result, key.startsWith('$$') ? key.slice(1) : key, node[key]);
  }
  return result;
}
