import { durationMs, TIME_SPANS } from '../codec/duration.ts';
import { ComexError } from '../errors.ts';

/** Milliseconds of the text behind an option. @throws ComexError `E_USAGE` */
export function parseDuration(text: string, option: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new ComexError('E_USAGE', `Expected ${option} to be a time such as ${TIME_SPANS}, got "${text}".`);
}
