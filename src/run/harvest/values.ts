import { exactWhole } from '../../codec/loose-json.ts';
import { momentMs } from '../../codec/moment.ts';
import { HarvestProblem, quoted, shownValue } from './problem.ts';
import type { CheckedRule, HarvestType } from './rules.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+$/;
const WORD = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;
const TRUE: ReadonlySet<string> = new Set(['true', 'True', 'TRUE']);
const FALSE: ReadonlySet<string> = new Set(['false', 'False', 'FALSE']);
/** Longer texts belong in files. */
const LONGEST_TEXT = 64 * 1024;

/** The takes that count with numbers whatever the text looks like. */
export function needsNumbers({ take }: Pick<CheckedRule, 'take'>): boolean {
  return ['mean', 'median', 'min', 'max', 'sum', 'sd'].includes(take);
}

/**
 * The value that a text means: of the rule's type, else a number where it counts with numbers, else what it looks like.
 *
 * @throws HarvestProblem when it is no such value
 */
export function valueOfText(text: string, rule: Pick<CheckedRule, 'take' | 'type' | 'decimal'>): unknown {
  const { decimal } = rule;
  const type = rule.type ?? (needsNumbers(rule) ? 'number' : undefined);
  const value = type === undefined ? guessed(text, decimal) : READERS[type](text, decimal);
  if (value === undefined)
    throw new HarvestProblem(`Expected ${EXPECTED[type!]}, got ${quoted(text)}.${hint(text, type!, decimal)}`);
  if (typeof value === 'string' && value.length > LONGEST_TEXT) {
    throw new HarvestProblem(`Expected a value of at most ${LONGEST_TEXT} characters, got ${value.length}.`);
  }
  return value;
}

/** The same for a value of a JSON file, which has a type of its own. @throws HarvestProblem */
export function valueOfJson(value: unknown, rule: Pick<CheckedRule, 'take' | 'type' | 'decimal'>): unknown {
  const { type } = rule;
  if (type === undefined && !needsNumbers(rule)) return value;
  if (typeof value === 'string' && type !== undefined) return valueOfText(value, rule);
  const wanted = type ?? 'number';
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  const fits =
    wanted === 'boolean' ? typeof value === 'boolean' : wanted === 'integer' ? isWhole : typeof value === wanted;
  if (fits) return value;
  // What has more digits than a double is rounded; what is larger than any double is none.
  if (wanted === 'number' && typeof value === 'bigint' && Number.isFinite(Number(value))) return Number(value);
  if (wanted === 'string' && (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'))
    return String(value);
  const isText = typeof value === 'string';
  const advice = isText ? ' Say "type": "number" to read texts as numbers.' : '';
  const got = isText ? `the text ${quoted(value)}` : shownValue(value);
  throw new HarvestProblem(`Expected ${EXPECTED[wanted]}, got ${got}.${advice}`);
}

const EXPECTED: Readonly<Record<HarvestType, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  date: 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z',
};

const READERS: Readonly<Record<HarvestType, (text: string, decimal: '.' | ',') => unknown>> = {
  number: numberOf,
  integer: (text, decimal) => {
    if (WHOLE.test(text.trim()) && text.length <= LONGEST_TEXT) return exactWhole(text.trim());
    const value = numberOf(text, decimal);
    return Number.isSafeInteger(value) ? value : undefined;
  },
  string: (text) => text,
  boolean: (text) => (TRUE.has(text) || text === '1' ? true : FALSE.has(text) || text === '0' ? false : undefined),
  date: dateOf,
};

/** As Python, R and C write numbers; one that is too large for a double is none. */
function numberOf(text: string, decimal: '.' | ','): number | undefined {
  const trimmed = text.trim();
  const plain = decimal === '.' ? trimmed : trimmed.includes('.') ? '' : trimmed.replace(',', '.');
  if (DECIMAL.test(plain)) {
    const value = Number(plain);
    return Number.isFinite(value) ? value : undefined;
  }
  const word = WORD.exec(trimmed);
  if (word === null) return undefined;
  if (word[2] !== undefined) return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Without a zone it is UTC: a file means the same on every machine. */
function dateOf(text: string): Date | undefined {
  const trimmed = text.trim();
  const isDay = /^\d{4}-\d\d-\d\d$/.test(trimmed);
  const hasZone = /(?:[Zz]|[+-]\d\d:?\d\d)$/.test(trimmed.slice(10));
  const ms = momentMs(isDay ? `${trimmed}T00:00Z` : hasZone ? trimmed : `${trimmed}Z`);
  return ms === undefined ? undefined : new Date(ms);
}

/**
 * What a text looks like. A number only when nothing of it is lost: `007` stays a text, and a whole number that a double
 * does not hold exactly is a bigint.
 */
function guessed(text: string, decimal: '.' | ','): unknown {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  const trimmed = text.trim();
  if (/^[+-]?0\d/.test(trimmed)) return text;
  if (WHOLE.test(trimmed)) return trimmed.length > LONGEST_TEXT ? text : exactWhole(trimmed);
  return numberOf(text, decimal) ?? text;
}

function hint(text: string, type: HarvestType, decimal: '.' | ','): string {
  const isNumber = type === 'number' || type === 'integer';
  if (isNumber && decimal === '.' && numberOf(text, ',') !== undefined)
    return ' Say "decimal": "," for numbers such as 1,5.';
  if (isNumber && (TRUE.has(text) || FALSE.has(text))) return ' Say "type": "boolean" to count true as 1.';
  return '';
}

/**
 * Whether a cell has the value that a condition asks for: the same number however each is written, true or false in any
 * case, else the same text.
 */
export function isSameValue(cell: string, wanted: string | number | boolean, decimal: '.' | ','): boolean {
  const text = String(wanted);
  if (cell === text) return true;
  const [a, b] = [wholeOrNumber(cell, decimal), wholeOrNumber(text, '.') ?? wholeOrNumber(text, decimal)];
  // Not by ===: a bigint may be equal to a number.
  if (a !== undefined && b !== undefined) return (a <= b && a >= b) || (Number.isNaN(a) && Number.isNaN(b));
  return /^(?:true|false)$/i.test(text) && cell.toLowerCase() === text.toLowerCase();
}

function wholeOrNumber(text: string, decimal: '.' | ','): number | bigint | undefined {
  const trimmed = text.trim();
  return WHOLE.test(trimmed) && trimmed.length <= LONGEST_TEXT ? exactWhole(trimmed) : numberOf(trimmed, decimal);
}
