import { cellText } from './cells.ts';

/** A number in a table for people: rounded to significant digits when that is wanted, whole numbers in full. */
export function numberDigits(value: number, digits: number | undefined): string {
  if (digits === undefined || !Number.isFinite(value) || Number.isInteger(value)) return cellText(value);
  return cellText(Number(value.toPrecision(digits)));
}
