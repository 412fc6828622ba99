import { setField } from './fields.ts';

/** What Python's json module writes beyond JSON, and whole numbers that a double cannot hold. */
const SUSPECT = /NaN|Infinity|\d{16}/;
const TOKEN = /["NI]|\d{16,}/g;

/**
 * The value of a text that Python's json module wrote. It writes NaN, Infinity and -Infinity as bare words, and whole
 * numbers of any length: those that no number can hold become a bigint.
 *
 * @throws SyntaxError when it is not that
 */
export function parsePythonJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  const mark = freeMark(text);
  const replaced = withoutWords(text, mark);
  const tree: unknown = JSON.parse(replaced);
  return replaced.includes(mark) ? restored(tree, mark) : tree;
}

/** A beginning of texts that no text of the file has. */
function freeMark(text: string): string {
  for (let number = 0; ; number++) {
    const mark = `@${number}@`;
    if (!text.includes(mark)) return mark;
  }
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
      const written = text.slice(from, at + found.length);
      if (isWhole && BigInt(written) !== BigInt(Number(written)))
        replace(from, at + found.length, `"${mark}${written}"`);
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

/** Puts the numbers back into a tree that JSON.parse has just made and nobody else holds: so in place. */
function restored(node: unknown, mark: string): unknown {
  if (typeof node === 'string') {
    const written = node.startsWith(mark) ? node.slice(mark.length) : '';
    if (written === 'NaN') return Number.NaN;
    return /^-?\d+$/.test(written) ? BigInt(written) : node;
  }
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) {
    for (let i = 0; i < node.length; i++) node[i] = restored(node[i], mark);
    return node;
  }
  const fields = node as Record<string, unknown>;
  for (const key of Object.keys(fields)) setField(fields, key, restored(fields[key], mark));
  return fields;
}
