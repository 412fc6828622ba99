import type { ParameterType } from '../experiment/definition.ts';
import { membersOf } from '../experiment/source/branches.ts';
import { typeText } from '../experiment/source/type-text.ts';

const WIDTH = 120;
/** Beyond this, a list or an object gets lines of its own. */
const LINE = 90;

/** A JSDoc comment that says a text, whatever is in the text. */
export function docComment(text: string, indent = ''): string {
  const safe = clean(text)
    .replaceAll('*/', '*\\/')
    // Not a tag.
    .replace(/(?<=^|\s)@(?=[A-Za-z])/g, '\\@');
  const [first = '', ...more] = safe.split('\n').flatMap((line) => wrapped(line, WIDTH - 3 - indent.length));
  if (more.length === 0 && first.length + indent.length + 7 <= WIDTH) return `${indent}/** ${first} */`;
  const lines = [first, ...more].map((line) => `${indent} * ${line}`.trimEnd());
  return [`${indent}/**`, ...lines, `${indent} */`].join('\n');
}

/** The lines of a text with a comment sign before each. */
export function commented(text: string, sign = '//'): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `${sign} ${line}`.trimEnd())
    .join('\n');
}

/** A text on one line. */
export function flat(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim();
}

/** Without what is no text, and with `\n` as the only line break. */
function clean(text: string): string {
  return text
    .replace(/\r\n|[\r\u0085\u2028\u2029]/g, '\n')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line.trimEnd()];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
}

/** A text as TypeScript writes it, in single quotes; what cannot be seen is escaped. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  const visible = inner.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, unit) => {
      return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
  return `'${visible}'`;
}

/** A type as TypeScript writes it; undefined when it says less than the annotation that it was read from. */
export function annotation(type: ParameterType): string | undefined {
  return isTold(type) ? typeText(type).replace(/"((?:[^"\\']|\\[^"])*)"/g, "'$1'") : undefined;
}

function isTold(type: ParameterType): boolean {
  switch (type.kind) {
    case 'opaque':
    case 'function':
    case 'any':
      return false;
    case 'union':
      return type.members.every(isTold);
    case 'array':
      return isTold(type.element);
    case 'tuple':
      return type.elements.every(isTold);
    case 'record':
      return isTold(type.value);
    case 'object':
      return Object.values(type.fields).every((field) => isTold(field.type));
    default:
      return true;
  }
}

/**
 * A value as TypeScript writes it; undefined for what has no literal, such as a function. Lists get a type where the
 * compiler would infer another one.
 *
 * @param type What the value has to fit.
 * @param typed Whether that type stands beside the literal already.
 */
export function literal(value: unknown, type: ParameterType, typed: boolean, indent = ''): string | undefined {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return 'null';
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? undefined : `new Date(${quoted(value.toISOString())})`;
  }
  if (Array.isArray(value)) return listLiteral(value, type, typed, indent);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const entries = Object.entries(value).map(([key, inner]) => {
    const text = literal(inner, fieldType(type, key), typed, `${indent}  `);
    return text === undefined ? undefined : `${keyText(key)}: ${text}`;
  });
  return joined('{', entries, '}', indent);
}

function listLiteral(value: readonly unknown[], type: ParameterType, typed: boolean, indent: string) {
  const lists = membersOf(type).filter(({ kind }) => kind === 'array' || kind === 'tuple');
  const own: ParameterType = lists.length === 0 ? { kind: 'any' } : (lists[0] as ParameterType);
  const isPlain = own.kind === 'array' && SIMPLE.has(own.element.kind) && value.length > 0;
  const name = typed || isPlain ? undefined : annotation(own);
  const items = value.map((item, i) =>
    literal(item, fieldType(own, String(i)), typed || name !== undefined, `${indent}  `),
  );
  const text = joined('[', items, ']', indent);
  return text === undefined || name === undefined ? text : `${text} as ${name}`;
}

/** Types that the compiler infers from a literal as they are. */
export const SIMPLE: ReadonlySet<string> = new Set(['number', 'string', 'boolean', 'bigint', 'date']);

function joined(open: string, items: ReadonlyArray<string | undefined>, close: string, indent: string) {
  if (items.includes(undefined)) return undefined;
  if (items.length === 0) return open + close;
  const space = open === '{' ? ' ' : '';
  const line = `${open}${space}${items.join(', ')}${space}${close}`;
  if (line.length + indent.length <= LINE && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join('')}${indent}${close}`;
}

function keyText(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : quoted(key);
}

function fieldType(type: ParameterType, key: string): ParameterType {
  for (const member of membersOf(type)) {
    if (member.kind === 'object' && Object.hasOwn(member.fields, key)) return member.fields[key]!.type;
    if (member.kind === 'record') return member.value;
    if (member.kind === 'array') return member.element;
    if (member.kind === 'tuple') return member.elements[Number(key)] ?? { kind: 'any' };
  }
  return { kind: 'any' };
}
