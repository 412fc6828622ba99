import { ComexError } from '../errors.ts';
import { STAND_IN } from './query-source.ts';
import { SUMMARY_NAMES } from './summary-fields.ts';

/** The error for what the language does not understand, with the place and what to write instead. */
export function queryError(text: string, error: unknown, placeOf: (offset: number) => number): ComexError {
  const told = error as {
    summary?: string;
    message: string;
    range?: { start: number; end: number };
  };
  const { summary, message } = told;
  const place = told.range === undefined ? undefined : placeOf(told.range.start);
  const reason = (summary ?? message).split('\n')[0]!.replaceAll(STAND_IN, 'namespace').replace(/\.$/, '');
  const hint = hintFor(text, place ?? text.length, reason);
  return new ComexError(
    'E_QUERY',
    `The query cannot be understood: ${lowerFirst(reason)}.${hint}${pointer(text, place)}`,
    {
      cause: error,
    },
  );
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

/** What people write who know other languages. */
function hintFor(text: string, at: number, reason: string): string {
  const rest = text.slice(at);
  const around = text.slice(Math.max(0, at - 3), at + 4);
  if (/^=(?!=)/.test(rest) || /===/.test(around)) return ' Equal is "==".';
  if (/\b(?:and|or|not)\b/i.test(text.slice(Math.max(0, at - 2), at + 5)))
    return ' And, or and not are "&&", "||" and "!".';
  if (reason.startsWith('has()')) return presenceHint(rest);
  if (/^[.]\d/.test(rest)) return ' Numbers begin with a digit: 0.5.';
  return '';
}

/** How to ask whether there is such a thing. */
function presenceHint(rest: string): string {
  const name = /^["']?([\p{L}_][\p{L}\d_]*)/u.exec(rest)?.[1] ?? 'SIZE';
  if (Object.hasOwn(SUMMARY_NAMES, name)) return ` Whether a run has a ${name}: ${name} != null.`;
  return ` It asks for a field. Whether a run has a parameter: has(parameters.${name}).`;
}

/** Two lines: the query, and a mark below the place; of a long query the part around it. Nothing without a place. */
export function pointer(text: string, place: number | undefined): string {
  if (place === undefined) return '';
  const start = Math.max(0, place - 50);
  const line = text.slice(start, start + 100).replace(/[^\x20-\x7e]/g, ' ');
  return `\n  ${line}\n  ${' '.repeat(place - start)}^`;
}
