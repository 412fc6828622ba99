import { ComexError } from '../../errors.ts';
import { shown } from '../source/check.ts';
import { clipped, MAX_DEPTH, MAX_LENGTH } from './limits.ts';

/** What a YAML experiment is to say. */
export interface ConfigContent {
  readonly extend: string;
  readonly name?: string;
  readonly description?: string;
  readonly namespace?: string;
  readonly tags?: readonly string[];
  readonly include?: readonly string[];
  readonly note?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What is said about a parameter in a comment above it. */
export interface ConfigComment {
  readonly doc?: string;
  readonly type?: string;
}

/** A text that needs no quotes wherever it stands, by the rules of YAML 1.1 and 1.2. */
const PLAIN = /^(?:[A-Za-z_]|\.{1,2}\/)[\w./@+-]*(?: [\w./@+-]+)*$/;
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Lines that a block keeps as they are. */
const BLOCK = /^[^\s\p{C}\u2028\u2029][^\p{C}\u2028\u2029]*(?:\n(?:[^\p{C}\u2028\u2029]*[^\s\p{C}])?)*$/u;
const WIDTH = 100;
/** YAML gives up on longer keys. */
const MAX_KEY = 1000;

/**
 * The text of a YAML experiment. `readConfig` reads the same back, whatever is in the environment; dates become texts,
 * and bigints below 2^53 numbers, which `configValue` turns back by the types of the parameters.
 *
 * @param comments By parameter.
 * @throws ComexError `E_CONFIG` for a value that YAML cannot hold, naming it, and for more than YAML experiments may be.
 *
 * @example
 * ```ts
 * writeConfig({ extend: './digits.ts', parameters: { EPOCHS: 2 } }, { EPOCHS: { doc: 'Passes.', type: 'number' } });
 * // extend: ./digits.ts
 * // parameters:
 * //   # Passes.
 * //   # Type: number
 * //   EPOCHS: 2
 * ```
 */
export function writeConfig(content: ConfigContent, comments: Readonly<Record<string, ConfigComment>> = {}): string {
  const { extend, name, description, namespace, tags = [], include = [], note, parameters } = content;
  const lines = [entry('extend', quoted(extend), '')];
  for (const [key, text] of Object.entries({ name, description, namespace })) {
    if (text !== undefined) lines.push(entry(key, scalar(text, '', key), ''));
  }
  if (tags.length > 0) lines.push(entry('tags', rendered(tags, '', 'tags', 0), ''));
  if (include.length === 1) lines.push(entry('include', quoted(include[0]!), ''));
  else if (include.length > 1)
    lines.push(entry('include', `\n${include.map((path) => `  - ${quoted(path)}`).join('\n')}`, ''));
  if (note !== undefined) lines.push(entry('note', scalar(note, '', 'note'), ''));
  const names = Object.keys(parameters);
  lines.push(names.length === 0 ? 'parameters: {}' : 'parameters:');
  for (const parameter of names) {
    const comment = Object.hasOwn(comments, parameter) ? comments[parameter]! : {};
    lines.push(...commentLines(comment), entry(parameter, rendered(parameters[parameter], '  ', parameter, 0), '  '));
  }
  const text = `${lines.join('\n')}\n`;
  if (text.length <= MAX_LENGTH) return text;
  const advice = 'Put large data in a file of its own, and give its path.';
  throw new ComexError(
    'E_CONFIG',
    `Expected a YAML experiment of at most ${MAX_LENGTH} characters, got ${text.length}. ${advice}`,
  );
}

function commentLines({ doc, type }: ConfigComment): string[] {
  const text = [doc?.trim() ?? '', type === undefined ? '' : `Type: ${type}`].filter((part) => part !== '').join('\n');
  if (text === '') return [];
  return text.split(/[\r\n\u0085\u2028\u2029]+/).map((line) => `  # ${line.replace(/\p{Cc}/gu, ' ').trim()}`.trimEnd());
}

/** A key with its value, which begins on the same line or, after a line break, below it. */
function entry(key: string, value: string, indent: string): string {
  const isPlain = /^[A-Za-z_][\w.-]*$/.test(key) && !RESERVED.test(key);
  const text = isPlain ? key : quoted(key);
  const isLong = text.length > MAX_KEY;
  return `${indent}${isLong ? '? ' : ''}${text}${isLong ? `\n${indent}` : ''}:${value.startsWith('\n') ? '' : ' '}${value}`;
}

/** A value behind a key at an indentation: on the line, or as a block that begins with a line break. */
function rendered(value: unknown, indent: string, path: string, depth: number): string {
  // Two levels are the experiment and its parameters.
  if (depth > MAX_DEPTH - 3) throw refused(path, `at most ${MAX_DEPTH - 3} levels of nesting`, 'more');
  if (Array.isArray(value)) return list(value, indent, path, depth);
  if (typeof value !== 'object' || value === null || value instanceof Date) return scalar(value, indent, path);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refused(path, 'plain data', shown(value));
  const below = `${indent}  `;
  const lines = Object.entries(value).map(([key, inner]) =>
    entry(key, rendered(inner, below, `${path}.${key}`, depth + 1), below),
  );
  return lines.length === 0 ? '{}' : `\n${lines.join('\n')}`;
}

function list(value: readonly unknown[], indent: string, path: string, depth: number): string {
  const below = `${indent}  `;
  const items = Array.from(value, (item, i) => rendered(item, below, `${path}[${i}]`, depth + 1));
  const line = `[${items.join(', ')}]`;
  if (line.length <= WIDTH && !line.includes('\n')) return line;
  // A block begins on the line of its dash.
  return `\n${items.map((item) => `${below}- ${item.startsWith('\n') ? item.slice(below.length + 3) : item}`).join('\n')}`;
}

function scalar(value: unknown, indent: string, path: string): string {
  switch (typeof value) {
    case 'string': {
      const text = value.replaceAll('$', '$$$$');
      return text.includes('\n') && BLOCK.test(text) && !/\s$/.test(text)
        ? `|-\n${text.replace(/^(?=.)/gm, `${indent}  `)}`
        : quoted(text);
    }
    case 'number':
      return number(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      if (value instanceof Date && !Number.isNaN(value.getTime())) return quoted(value.toISOString());
      throw refused(path, 'plain data', shown(value));
    default:
      throw refused(path, 'plain data', shown(value));
  }
}

function number(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
  if (Object.is(value, -0)) return '-0';
  // As an integer, it would be read as a bigint.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

function quoted(text: string): string {
  if (PLAIN.test(text) && !RESERVED.test(text) && text.length <= WIDTH) return text;
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function refused(path: string, expected: string, got: string): ComexError {
  return new ComexError('E_CONFIG', `Expected ${clipped(path)} to be ${expected}, as YAML holds no other, got ${got}.`);
}
