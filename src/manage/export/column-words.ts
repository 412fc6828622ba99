import { ComexError } from '../../errors.ts';

/** A column as somebody wants it. */
export interface WantedColumn {
  /** What it shows. */
  readonly name: string;
  /** What stands above it; the name when nothing was said. */
  readonly head: string;
}

/**
 * Reads a list such as `PDM=results/pdm,LR=LEARNING_RATE,"a=b, c"=duration`: names with commas between them, each with
 * `HEAD=` before it or not. In double quotes commas and equals signs mean themselves, and `""` is a quote.
 *
 * @param option what the list was given to, for an error
 * @throws ComexError `E_USAGE`
 */
export function wantedColumns(list: string, option: string): WantedColumn[] {
  return items(list, option).map((parts) => {
    if (parts.length > 2) throw malformed(list, option, 'two equals signs in one column');
    const [first = '', second] = parts;
    const [head, name] = second === undefined ? [first, first] : [first, second];
    if (name === '') throw malformed(list, option, `no name behind "${head}="`);
    if (head === '') throw malformed(list, option, `nothing before "=${name}"`);
    return { head, name };
  });
}

/**
 * Reads a list of names; in double quotes commas mean themselves, also behind what a name may begin with: `-"a, b"`,
 * `max:"a, b"`.
 *
 * @throws ComexError `E_USAGE`
 */
export function wantedNames(list: string, option: string): string[] {
  return items(list, option).map((parts) => parts.join('='));
}

function items(list: string, option: string): string[][] {
  const found = splitList(list, option).filter((item) => item.length > 0);
  if (found.length === 0) throw malformed(list, option, 'no name in it');
  return found;
}

/** By commas, and each item by equals signs. An item of nothing has no parts. */
function splitList(list: string, option: string): string[][] {
  const items: string[][] = [[]];
  let at = 0;
  let needsPart = false;
  while (at <= list.length) {
    const { part, end } = nextPart(list, at, option);
    const stop = list[end];
    if (part !== undefined || needsPart || stop === '=') items.at(-1)!.push(part ?? '');
    needsPart = stop === '=';
    if (stop === ',') items.push([]);
    at = end + 1;
  }
  return items;
}

/** Up to the comma or equals sign, or the end; undefined where there is only space. */
function nextPart(list: string, from: number, option: string): { readonly part?: string; readonly end: number } {
  const rest = /^\s*(?:((?:[-+]|max:|min:)?)"((?:[^"]|"")*)"\s*|([^",=][^,=]*|))/.exec(list.slice(from))!;
  const [matched, before = '', quoted, plain = ''] = rest;
  const end = from + matched.length;
  const stop = list[end];
  if (stop !== undefined && stop !== ',' && stop !== '=') {
    throw malformed(list, option, stop === '"' ? 'a quote that does not end' : `"${stop}" behind a quote`);
  }
  if (quoted !== undefined) return { part: before + quoted.replaceAll('""', '"'), end };
  const part = plain.trim();
  return part === '' ? { end } : { part, end };
}

function malformed(list: string, option: string, what: string): ComexError {
  const form = 'Write NAME or HEAD=NAME with commas between them; what has a comma or = in it goes in double quotes';
  return new ComexError('E_USAGE', `Cannot read ${option} "${list}": ${what}. ${form}.`);
}
