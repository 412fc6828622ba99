import { ComexError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a text such as `90s`, `20m`, `1h30m`, `2d`. */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)/g)];
  const whole = parts.map(([part]) => part).join('');
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
  if (parts.length > 0 && whole === text.replace(/\s+/g, '') && total > 0) return total;
  throw new ComexError('E_USAGE', `Expected ${option} to be a time such as 90s, 20m, 1h30m or 2d, got "${text}".`);
}
