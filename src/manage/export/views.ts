import type { SummaryFilter } from '../../archive/summaries.ts';
import { ComexError, didYouMean, kindOf } from '../../errors.ts';
import { SPREADS } from './measured.ts';

/** What an export can be told beside its file; a view is such a set under a name. */
export interface ExportOptions extends SummaryFilter {
  readonly columns?: string | undefined;
  readonly series?: string | undefined;
  readonly tables?: string | undefined;
  readonly foldBy?: string | undefined;
  readonly spread?: string | undefined;
  readonly best?: string | undefined;
  readonly alpha?: number | undefined;
  readonly digits?: number | undefined;
  readonly locale?: string | undefined;
  readonly bom?: boolean | undefined;
}

type Key = keyof ExportOptions;
type Kind = 'text' | 'texts' | 'list' | 'number' | 'flag';

/** Of which kind each is: `list` a text with commas or a list of such texts, `texts` a text or several. */
const KINDS: Readonly<Record<Key, Kind>> = {
  columns: 'list',
  query: 'text',
  status: 'texts',
  tag: 'texts',
  namespace: 'text',
  job: 'text',
  since: 'text',
  sort: 'list',
  limit: 'number',
  children: 'flag',
  series: 'list',
  tables: 'list',
  foldBy: 'list',
  spread: 'text',
  best: 'list',
  alpha: 'number',
  digits: 'number',
  locale: 'text',
  bom: 'flag',
};

export const OPTION_KEYS = Object.keys(KINDS) as readonly Key[];

/**
 * The view of that name in `comex.config.json`.
 *
 * @param views what the configuration says of views
 * @throws ComexError `E_FILE` with the nearest name, or what is wrong with it
 */
export function viewOf(views: unknown, name: string): ExportOptions {
  const all = views === undefined ? {} : objectOf(views, '"views"');
  if (!Object.hasOwn(all, name)) {
    const names = Object.keys(all);
    const known =
      names.length === 0 ? ' It has none yet; --save-view NAME makes one.' : ` There are ${names.join(', ')}.`;
    const hint = didYouMean(name, names) || known;
    throw new ComexError('E_FILE', `Expected --view to name a view of comex.config.json, got "${name}".${hint}`);
  }
  const where = `the view "${name}"`;
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(objectOf(all[name], where))) {
    if (!Object.hasOwn(KINDS, key)) {
      const hint = didYouMean(key, OPTION_KEYS) || ` It may have ${OPTION_KEYS.join(', ')}.`;
      throw new ComexError('E_FILE', `Expected ${where} to have fields that comex knows, got "${key}".${hint}`);
    }
    options[key] = checked(value, KINDS[key as Key], `"${key}" of ${where}`);
  }
  return options as ExportOptions;
}

/**
 * An option that was given on the command line: of a list all that was given, of any other the one value.
 *
 * @throws ComexError `E_USAGE` for several values of what has one
 */
export function givenOption(key: Key, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  if (value.length === 0) return undefined;
  return KINDS[key] === 'list' ? value.join(',') : value;
}

/**
 * Checks what the values of options mean, wherever they come from.
 *
 * @throws ComexError `E_USAGE`
 */
export function checkOptions({ spread, alpha, digits, limit }: ExportOptions): void {
  if (spread !== undefined && !(SPREADS as readonly string[]).includes(spread)) {
    const hint = didYouMean(spread, SPREADS);
    throw new ComexError('E_USAGE', `Expected --spread to be one of ${SPREADS.join(', ')}, got "${spread}".${hint}`);
  }
  if (alpha !== undefined && !(alpha > 0 && alpha < 1)) {
    throw new ComexError('E_USAGE', `Expected --alpha to be between 0 and 1, such as 0.05, got ${alpha}.`);
  }
  if (digits !== undefined && !(Number.isInteger(digits) && digits >= 1 && digits <= 17)) {
    throw new ComexError('E_USAGE', `Expected --digits to be a whole number from 1 to 17, got ${digits}.`);
  }
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new ComexError('E_USAGE', `Expected --limit to be a whole number from 1 on, got ${limit}.`);
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ComexError('E_FILE', `Expected ${what} in comex.config.json to be an object, got ${kindOf(value)}.`);
}

function checked(value: unknown, kind: Kind, what: string): unknown {
  const texts =
    Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as string[]) : undefined;
  switch (kind) {
    case 'text':
      if (typeof value === 'string') return value;
      throw wrong(what, 'a text', value);
    case 'texts':
      if (typeof value === 'string') return [value];
      if (texts !== undefined) return texts;
      throw wrong(what, 'a text or a list of texts', value);
    case 'list':
      if (typeof value === 'string') return value;
      if (texts !== undefined) return texts.join(',');
      throw wrong(what, 'a text or a list of texts', value);
    case 'number':
      if (typeof value === 'number') return value;
      throw wrong(what, 'a number', value);
    default:
      if (typeof value === 'boolean') return value;
      throw wrong(what, 'true or false', value);
  }
}

function wrong(what: string, expected: string, value: unknown): ComexError {
  return new ComexError('E_FILE', `Expected ${what} in comex.config.json to be ${expected}, got ${kindOf(value)}.`);
}
