import { ComexError } from '../../errors.ts';

/** Why a rule gave no value. */
export class HarvestProblem extends ComexError {
  /** What is not there: files, or a value in them. Undefined when something is wrong. */
  readonly missing: 'files' | 'value' | undefined;
  /** Where in the file it is. */
  readonly line: number | undefined;

  constructor(
    message: string,
    more: { readonly missing?: 'files' | 'value'; readonly line?: number | undefined } = {},
  ) {
    super('E_HARVEST', message);
    this.missing = more.missing;
    this.line = more.line;
  }
}

/** A text from a file, short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

/** Any value from a file, short enough for a message. */
export function shownValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return shortened(String(value));
  if (typeof value === 'string') return quoted(value);
  return quoted(
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value),
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
