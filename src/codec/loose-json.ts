import { randomUUID } from 'node:crypto';
import { setField } from './own-field.ts';

/** What other programs write beyond JSON, and whole numbers that a double may not hold. */
const SUSPECT = /NaN|Infinity|\d{16}/;
const TOKEN = /["NI]|\d{16,}/g;

/** Why a text is not read, and where. */
export class LooseJsonError extends SyntaxError {
  /** From 1 on; undefined when it is not known. */
  readonly line: number | undefined;

  /** Whether the text is right as far as it goes. */
  readonly isCut: boolean;

  constructor(message: string, line: number | undefined, isCut: boolean) {
    super(message);
    this.line = line;
    this.isCut = isCut;
  }
}

/**
 * The value of JSON as other programs write it. Python writes NaN, Infinity and -Infinity as bare words, and whole numbers
 * of any length: those that a double does not hold exactly become a bigint.
 *
 * @throws LooseJsonError when it is not that
 */
export function parseLooseJson(text: string): unknown {
  // A text of the file cannot begin with what nobody knew when it was written.
  const mark = `@${randomUUID()}@`;
  const replaced = SUSPECT.test(text) ? withoutWords(text, mark) : text;
  try {
    const tree: unknown = JSON.parse(replaced);
    return replaced === text ? tree : restored(tree, mark);
  } catch (error) {
    const { message } = error as Error;
    const at = /position (\d+)/.exec(message)?.[1];
    const line = at === undefined ? undefined : replaced.slice(0, Number(at)).split('\n').length;
    const isCut = /^Unexpected end|^Unterminated string/.test(message) || Number(at) >= replaced.trimEnd().length;
    throw new LooseJsonError(message.replaceAll(mark, ''), line, isCut);
  }
}

/** A whole number as it is written, with or without a sign: a number where that is exact, else a bigint. */
export function exactWhole(written: string): number | bigint {
  const value = Number(written);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(written.replace(/^\+/, ''));
  return Number.isFinite(value) && BigInt(value) === exact ? value : exact;
}

/** The text with JSON in the place of what JSON does not have; what stands in quotes is passed over. */
function withoutWords(text: string, mark: string): string {
  const parts: string[] = [];
  let done = 0;
  const replace = (from: number, to: number, by: string): void => {
    // No name of a field: those have quotes.
    if (/^\s*:/.test(text.slice(to, to + 20))) return;
    parts.push(text.slice(done, from), by);
    done = to;
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const at = match.index;
    const [found] = match;
    if (found === '"') TOKEN.lastIndex = endOfText(text, at);
    else if (found === 'N' && text.startsWith('NaN', at)) replace(at, at + 3, `"${mark}NaN"`);
    // No double is as large, so that JSON reads it as Infinity, also with a minus before it.
    else if (found === 'I' && text.startsWith('Infinity', at)) replace(at, at + 8, '1e999');
    else if (/\d/.test(found)) {
      const from = text[at - 1] === '-' ? at - 1 : at;
      const isWhole = !/[\d.eE+]/.test(text[from - 1] ?? '') && !/[.eE]/.test(text[at + found.length] ?? '');
      // JSON has no zeros in front.
      if (!isWhole || found.startsWith('0')) continue;
      const written = text.slice(from, at + found.length);
      if (typeof exactWhole(written) === 'bigint') replace(from, at + found.length, `"${mark}${written}"`);
    }
  }
  parts.push(text.slice(done));
  return parts.join('');
}

/** Behind the quote that ends the text that begins at an index. */
function endOfText(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Puts the numbers back into a tree that JSON.parse has just made and nobody else holds: so in place, however deep. */
function restored(tree: unknown, mark: string): unknown {
  const root = [tree];
  const open: object[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const fields = node as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      if (typeof value === 'object' && value !== null) open.push(value);
      else if (typeof value === 'string' && value.startsWith(mark)) setField(fields, key, number(value, mark.length));
    }
  }
  return root[0];
}

function number(text: string, from: number): number | bigint {
  const written = text.slice(from);
  return written === 'NaN' ? Number.NaN : BigInt(written);
}
