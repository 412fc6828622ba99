/** Numbers on the axes of a chart. */

/** From here on (and below its inverse) the labels of an axis are written with an exponent. */
const LARGE = 1e9;
const SMALL = 1e-3;

/**
 * The label of one tick among its equally spaced fellows: as many decimals as the spacing needs, none of the noise of
 * binary fractions, `1,000,000` and `2e-5` for large and small ones.
 */
export function linearLabel(value: number, ticks: readonly number[]): string {
  const spacing = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : Math.abs(value);
  if (spacing === 0 || Math.abs(value) < spacing * 1e-6) return '0';
  const largest = Math.max(...ticks.map(Math.abs), Math.abs(value));
  const decimals = decimalsOf(spacing);
  if (largest < SMALL || largest >= LARGE) return exponentLabel(value, decimals);
  const shown = Math.min(15, decimals);
  return value.toLocaleString('en', { minimumFractionDigits: shown, maximumFractionDigits: shown });
}

/** The label of a power of ten: `0.001`, `10,000`, `1e-7`. */
export function powerLabel(value: number): string {
  if (value < 1e-4 || value >= 1e7) return exponentLabel(value, 0);
  return value.toLocaleString('en', { maximumFractionDigits: 4 });
}

/** A tick of a logarithmic axis; the powers of ten are major, what is between them has no label. */
export interface LogTick {
  readonly value: number;
  readonly major: boolean;
}

/** Powers of ten from `min` to `max` (both above 0), at most about ten, with their 2, 3 ... 9 between when there is room. */
export function logTicks(min: number, max: number): LogTick[] {
  const low = Math.floor(Math.log10(min));
  const high = Math.ceil(Math.log10(max));
  const stride = Math.ceil((high - low) / 10);
  const ticks: LogTick[] = [];
  for (let exponent = low; exponent <= high; exponent++) {
    for (let digit = 1; digit <= (high - low <= 6 ? 9 : 1); digit++) {
      const value = Number(`${digit}e${exponent}`);
      // A hair of tolerance: the scale's ends went through floating-point arithmetic.
      if (value < min * 0.999999 || value > max * 1.000001) continue;
      const major = digit === 1 && exponent % stride === 0;
      if (major || stride === 1) ticks.push({ value, major });
    }
  }
  return ticks;
}

/** The largest of 1, 2, 5 x 10^n that is not above `value` (> 0). */
export function niceBelow(value: number): number {
  const exponent = Math.floor(Math.log10(value));
  const digit = [5, 2, 1].find((d) => Number(`${d}e${exponent}`) <= value);
  return digit === undefined ? value : Number(`${digit}e${exponent}`) || value;
}

/** The smallest of 1, 2, 5, 10 x 10^n that is not below `value` (> 0). */
export function niceAbove(value: number): number {
  const exponent = Math.floor(Math.log10(value));
  const nice = [1, 2, 5, 10].map((d) => Number(`${d}e${exponent}`)).find((candidate) => candidate >= value);
  return nice !== undefined && Number.isFinite(nice) ? nice : value;
}

/** How many decimals write `spacing` exactly, give or take binary noise: 0.25 -> 2, 5 -> 0. */
function decimalsOf(spacing: number): number {
  if (!Number.isFinite(spacing)) return 0;
  const exponent = Math.floor(Math.log10(spacing) + 1e-9);
  let extra = 0;
  // At most two more digits: the spacings of ticks are round numbers.
  while (extra < 2 && !isNearlyWhole(spacing / 10 ** (exponent - extra))) extra++;
  return Math.max(0, extra - exponent);
}

function isNearlyWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-3;
}

/** `1.5e-5`: the value to `decimals` decimals of its plain form. */
function exponentLabel(value: number, decimals: number): string {
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const digits = Math.min(6, Math.max(0, decimals + exponent));
  return value
    .toExponential(digits)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}
