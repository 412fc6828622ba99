import type { ChartConfiguration } from '../chart/configuration.ts';
import { ComexError, kindOf } from '../errors.ts';

/** Whether a value is the configuration of a chart. */
export function isChart(value: unknown): value is ChartConfiguration {
  return typeof value === 'object' && value !== null && 'type' in value && 'data' in value;
}

/** A value as a series holds it. @throws ComexError `E_TRACK` */
export function trackable(name: string, value: unknown): number | string | Uint8Array {
  if (typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return exactNumber(name, value);
  throw new ComexError(
    'E_TRACK',
    `Expected "${name}" to be a number, a text, the bytes of a picture or a chart, got ${kindOf(value)}.${hint(value)}`,
  );
}

function exactNumber(name: string, value: bigint): number {
  const number = Number(value);
  if (BigInt(number) === value) return number;
  throw new ComexError(
    'E_TRACK',
    `Expected "${name}" to be a number that a double holds exactly, got ${value}n. Convert it with Number().`,
  );
}

function hint(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? " Store it with e['a/b'] = … or e.record(…), or track its numbers one by one."
    : '';
}
