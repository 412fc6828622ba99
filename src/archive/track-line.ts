import { decode } from '../codec/json.ts';

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const PLUS = 43;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const LARGE_E = 69;
const BACKSLASH = 92;
const CLOSE = 93;
const SMALL_E = 101;
/** Powers of ten up to this one are exact, as whole numbers up to 2^53 are: so their quotient is rounded only once. */
const EXACT_POWER = 22;
const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** What a line of a track segment turned out to be. `skipped` belongs to a series that nobody asked for. */
export type LineKind = 'point' | 'object' | 'skipped' | 'unknown' | 'damaged';

/**
 * Reads lines of a track segment one after the other, into fields of its own: making an object for each of a million
 * points costs more than reading them. Lines such as `["loss",3,12.5,0.25]` are read by hand, three times as fast as by
 * JSON.parse and with equal results; everything else is left to the codec.
 */
export class TrackLineParser {
  readonly #only: string | undefined;
  readonly #names = new Map<string, string>();
  #at = 0;

  name = '';
  step = 0;
  time = 0;
  value: unknown;
  axes: Readonly<Record<string, number>> | undefined;
  /** After `object`: what the line holds. */
  object: unknown;

  /** @param only the one series to read, all of them when it is left out */
  constructor(only?: string) {
    this.#only = only;
  }

  parse(line: string): LineKind {
    const nameEnd = this.#plainNameEnd(line);
    const other = nameEnd > 0 && this.#only !== undefined && !this.#isOnly(line, nameEnd);
    if (other && line.charCodeAt(nameEnd + 1) === COMMA) return 'skipped';
    return nameEnd > 0 && this.#parsePlain(line, nameEnd) ? 'point' : this.#parseAny(line);
  }

  /** The series that a damaged line belongs to, where that much of it is whole. */
  damagedName(line: string): string | undefined {
    const end = this.#plainNameEnd(line);
    return end > 0 && line.charCodeAt(end + 1) === COMMA ? line.slice(2, end) : undefined;
  }

  /** Index of the quote behind a name that needs no unescaping, or -1. */
  #plainNameEnd(line: string): number {
    if (!line.startsWith('["')) return -1;
    if (line.charCodeAt(2 + this.name.length) === QUOTE && line.startsWith(this.name, 2)) return 2 + this.name.length;
    for (let at = 2; at < line.length; at++) {
      const code = line.charCodeAt(at);
      if (code === QUOTE) return at;
      if (code === BACKSLASH || code < 32) return -1;
    }
    return -1;
  }

  #isOnly(line: string, end: number): boolean {
    const only = this.#only as string;
    return end - 2 === only.length && line.startsWith(only, 2);
  }

  #parsePlain(line: string, nameEnd: number): boolean {
    this.#at = nameEnd + 1;
    const step = this.#numberAfterComma(line);
    const time = this.#numberAfterComma(line);
    const value = this.#numberAfterComma(line);
    // One NaN among them says that something was no plain number.
    if (Number.isNaN(step + time) || Number.isNaN(value)) return false;
    if (line.charCodeAt(this.#at) !== CLOSE || this.#at + 1 !== line.length) return false;
    if (nameEnd !== 2 + this.name.length || !line.startsWith(this.name, 2))
      this.name = this.#shared(line.slice(2, nameEnd));
    this.step = step;
    this.time = time;
    this.value = value;
    this.axes = undefined;
    return true;
  }

  /** The number behind a comma, or NaN where there is something else. */
  #numberAfterComma(line: string): number {
    if (line.charCodeAt(this.#at) !== COMMA) return Number.NaN;
    const from = this.#at + 1;
    let at = from;
    let code = line.charCodeAt(at);
    const negative = code === MINUS;
    if (negative) code = line.charCodeAt(++at);
    const first = at;
    let mantissa = 0;
    for (; code >= ZERO && code <= NINE; code = line.charCodeAt(++at)) mantissa = mantissa * 10 + (code - ZERO);
    const whole = at - first;
    if (whole === 0 || (whole > 1 && line.charCodeAt(first) === ZERO)) return Number.NaN;
    let scale = 0;
    if (code === DOT) {
      const point = at;
      code = line.charCodeAt(++at);
      for (; code >= ZERO && code <= NINE; code = line.charCodeAt(++at)) mantissa = mantissa * 10 + (code - ZERO);
      scale = at - point - 1;
      if (scale === 0) return Number.NaN;
    }
    if (code === SMALL_E || code === LARGE_E) {
      at = exponentEnd(line, at);
      if (at < 0) return Number.NaN;
      this.#at = at;
      return Number(line.slice(from, at));
    }
    this.#at = at;
    if (mantissa > Number.MAX_SAFE_INTEGER || scale > EXACT_POWER) return Number(line.slice(from, at));
    const size = scale === 0 ? mantissa : mantissa / (POWERS[scale] as number);
    return negative ? -size : size;
  }

  #parseAny(line: string): LineKind {
    let record: unknown;
    try {
      record = decode(line);
    } catch {
      return 'damaged';
    }
    if (!Array.isArray(record)) {
      this.object = record;
      return 'object';
    }
    const [name, step, time, value, axes] = record as unknown[];
    const isPoint = typeof name === 'string' && typeof step === 'number' && typeof time === 'number';
    if (!isPoint || record.length < 4) return 'unknown';
    if (this.#only !== undefined && name !== this.#only) return 'skipped';
    this.name = this.#shared(name);
    this.step = step;
    this.time = time;
    this.value = value;
    this.axes = typeof axes === 'object' && axes !== null ? (axes as Record<string, number>) : undefined;
    return 'point';
  }

  /** One copy of each name: a piece cut out of a line would keep the whole chunk of the file in memory. */
  #shared(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const own = JSON.parse(JSON.stringify(name)) as string;
    this.#names.set(own, own);
    return own;
  }
}

function exponentEnd(line: string, from: number): number {
  let at = from + 1;
  const sign = line.charCodeAt(at);
  if (sign === PLUS || sign === MINUS) at++;
  const first = at;
  while (line.charCodeAt(at) >= ZERO && line.charCodeAt(at) <= NINE) at++;
  return at === first ? -1 : at;
}
