const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** As errors say what a time span looks like. */
export const TIME_SPANS = '90s, 20m, 1h30m, 2d or 1w';

/** Milliseconds of a text such as `90s`, `20m`, `1h30m`, `2d`; undefined for any other, and for no time at all. */
export function durationMs(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)/g)];
  const whole = parts.map(([part]) => part.replace(/\s+/g, '')).join('');
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
  return parts.length > 0 && whole === text.replace(/\s+/g, '') && total > 0 ? total : undefined;
}
