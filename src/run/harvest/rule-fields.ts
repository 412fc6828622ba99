import { ComexError, didYouMean, kindOf } from '../../errors.ts';
import type { RuleOrigin } from './rules.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Where rules stand, for what is said of them. */
export interface RulePlace {
  readonly origin: RuleOrigin;
  /** Names a rule, or a field of one: `comex.config.json "harvest.results/pdm.take"`. */
  at(path: string, field?: string): string;
}

/** Words of other programs, near to none in their letters. */
const MEANT: Readonly<Record<string, string>> = {
  avg: 'mean',
  average: 'mean',
  std: 'sd',
  stdev: 'sd',
  total: 'sum',
  all: 'list',
  len: 'count',
  int: 'integer',
  float: 'number',
  str: 'string',
  text: 'string',
  utf8: 'utf-8',
  'utf-16': 'utf-16le',
  utf16: 'utf-16le',
  'latin-1': 'latin1',
  'iso-8859-1': 'latin1',
  cp1252: 'latin1',
};

/** The fields of a rule that are of one simple kind each. All throw ComexError `E_HARVEST`, naming the place. */
export class RuleFields {
  readonly #path: string;
  readonly #rule: Fields;
  readonly #place: RulePlace;

  constructor(path: string, rule: Fields, place: RulePlace) {
    this.#path = path;
    this.#rule = rule;
    this.#place = place;
  }

  at(field?: string): string {
    return this.#place.at(this.#path, field);
  }

  patterns(kind: string): readonly string[] {
    const value = this.#rule[kind];
    if (value === undefined) return [];
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isPatterns =
      all.length > 0 && all.every((each) => typeof each === 'string' && each !== '' && !each.includes('\0'));
    if (isPatterns) return all as readonly string[];
    throw wrong(this.at(kind), 'a pattern of files, or a list of them', shown(value));
  }

  delimiter(): string | undefined {
    const delimiter = this.text('delimiter');
    if (delimiter === undefined || (delimiter.length === 1 && !/["\r\n]/.test(delimiter))) return delimiter;
    if (delimiter === '\\t' || delimiter === 'tab') return '\t';
    throw wrong(this.at('delimiter'), 'one character, such as ";" or "\\t"', JSON.stringify(delimiter));
  }

  text(field: string): string | undefined {
    const value = this.#rule[field];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw wrong(this.at(field), 'a text', shown(value));
  }

  flag(field: string): boolean | undefined {
    const value = this.#rule[field];
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrong(this.at(field), 'true or false', shown(value));
  }

  oneOf(field: string, choices: readonly string[]): string | undefined {
    const value = this.#rule[field];
    if (value === undefined || (typeof value === 'string' && choices.includes(value))) return value;
    const meant = typeof value === 'string' && Object.hasOwn(MEANT, value) ? MEANT[value]! : undefined;
    const hint =
      meant !== undefined && choices.includes(meant)
        ? ` Did you mean "${meant}"?`
        : typeof value === 'string'
          ? didYouMean(value, choices)
          : '';
    throw wrong(this.at(field), `one of ${choices.map((each) => JSON.stringify(each)).join(', ')}`, shown(value), hint);
  }
}

/** The error for what stands at a place. */
export function wrong(place: string, expected: string, got: string, hint = ''): ComexError {
  return new ComexError('E_HARVEST', `${place}: Expected ${expected}, got ${got}.${hint}`);
}

/** A value of a rule, short enough for a message. */
export function shown(value: unknown): string {
  return typeof value === 'object' || value === undefined ? kindOf(value) : JSON.stringify(value)?.slice(0, 60);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
