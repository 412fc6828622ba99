import { numberDigits } from './number-digits.ts';

/** How far the values of repeats lie apart. */
export const SPREADS = ['sd', 'sem', 'ci95', 'minmax'] as const;
export type SpreadKind = (typeof SPREADS)[number];

/** What is known of a column in one group of repeats, as a cell of a table for people. */
export class Measured {
  readonly mean: number;
  /** Half a width, or both ends; undefined of one value. */
  readonly spread: number | readonly [number, number] | undefined;
  /** Whether it is the best of its column, or not told from the best. */
  readonly mark: 'best' | 'tie' | undefined;
  /** The letter of a footnote. */
  readonly note: string | undefined;

  constructor(mean: number, spread: Measured['spread'], mark: Measured['mark'], note?: string) {
    this.mean = mean;
    this.spread = spread;
    this.mark = mark;
    this.note = note;
  }
}

/** A measured value in parts that a format puts together. */
export interface MeasuredText {
  readonly mean: string;
  /** Behind a plus-minus sign. */
  readonly spread?: string;
  /** The smallest and the largest. */
  readonly ends?: readonly [string, string];
  /** All of it times this power of ten. */
  readonly exponent?: number;
}

/**
 * Rounds a measured value by its spread: that to one significant digit, or two when the first is a 1, and the mean to as
 * many decimals; never before the decimal point. Without a spread the mean has four significant digits, and where all
 * values are equal, or it is whole, the shortest that tell it.
 *
 * @param digits significant digits of the spread, or of the mean where there is none
 */
export function measuredText({ mean, spread }: Measured, digits?: number): MeasuredText {
  const ends = typeof spread === 'object' ? spread : undefined;
  const width = typeof spread === 'number' ? spread : ends === undefined ? 0 : (ends[1] - ends[0]) / 2;
  const size = Math.max(Math.abs(mean), width);
  if (!Number.isFinite(size)) {
    return { mean: String(mean), ...(typeof spread === 'number' ? { spread: String(spread) } : {}) };
  }
  // Nothing to round by.
  if (width === 0 && (spread !== undefined || Number.isInteger(mean))) {
    const text = mean === 0 ? '0' : numberDigits(mean, digits).replace('e+', 'e');
    return {
      mean: text,
      ...(typeof spread === 'number' ? { spread: '0' } : {}),
      ...(ends === undefined ? {} : { ends: [text, text] as const }),
    };
  }
  const scaled = size !== 0 && (size < 1e-3 || size >= 1e7);
  const exponent = scaled ? exponentOf(size) : 0;
  const decimals = decimalsFor(size, width, digits) + exponent;
  const text = (value: number): string => fixed(value, exponent, Math.min(100, Math.max(0, decimals)));
  return {
    mean: text(mean),
    ...(typeof spread === 'number' ? { spread: text(spread) } : {}),
    ...(ends === undefined ? {} : { ends: [text(ends[0]), text(ends[1])] as const }),
    ...(exponent === 0 ? {} : { exponent }),
  };
}

function fixed(value: number, exponent: number, decimals: number): string {
  // Shifted in the text: a division would round once more.
  const [mantissa, power = '0'] = String(value).split('e');
  const text = Number(`${mantissa}e${Number(power) - exponent}`).toFixed(decimals);
  return /^-0(?:\.0+)?$/.test(text) ? text.slice(1) : text;
}

function decimalsFor(size: number, width: number, digits: number | undefined): number {
  if (width === 0) return (digits ?? 4) - 1 - exponentOf(size);
  // 0.00996 counts as 0.010.
  const [mantissa = '', exponent] = width.toExponential(1).split('e');
  return (digits ?? (mantissa.startsWith('1') ? 2 : 1)) - 1 - Number(exponent);
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}
