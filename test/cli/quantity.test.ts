import { describe, expect, it } from 'vitest';
import { agoText, bytesText, countText, durationText, momentText, numberText } from '../../src/cli/quantity.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('durationText', () => {
  it.each([
    [0, '0 ms'],
    [85.4, '85 ms'],
    [999.6, '1.0 s'],
    [1234, '1.2 s'],
    [9960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [HOUR - 600, '59 min 59 s'],
    [HOUR - 400, '1 h 00 min'],
    [2 * HOUR + 10 * MINUTE, '2 h 10 min'],
    [DAY, '1 d 0 h'],
    [3 * DAY + 4 * HOUR, '3 d 4 h'],
    [-5, '0 ms'],
    [Number.NaN, '?'],
  ])('gives %d ms as %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1234, '1.2 kB'],
    [34_000_000, '34 MB'],
    [999_600, '1.0 MB'],
    [5e15, '5000 TB'],
  ])('gives %d as %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});

describe('numberText', () => {
  it.each([
    [3, '3'],
    [-0, '-0'],
    [1680, '1680'],
    [0.0123456, '0.01235'],
    [2.5, '2.5'],
    [12345.678, '12346'],
    [1.2346e-7, '1.235e-7'],
    [2e-9, '2e-9'],
    [-1e300, '-1e+300'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('gives %d as %s', (value, text) => expect(numberText(value)).toBe(text));
});

describe('countText', () => {
  it('has the plural and groups of three digits', () => {
    expect(countText(1, 'row')).toBe('1 row');
    expect(countText(0, 'row')).toBe('0 rows');
    expect(countText(1_234_567, 'row')).toBe('1,234,567 rows');
  });
});

describe('agoText', () => {
  it('is relative for a week, then a date', () => {
    const moment = new Date(2026, 0, 31, 12, 0, 5);
    const atAge = (ms: number): string => agoText(moment, moment.getTime() + ms);
    expect(atAge(10)).toBe('now');
    expect(atAge(40_000)).toBe('40 s ago');
    expect(atAge(3 * MINUTE)).toBe('3 min ago');
    expect(atAge(5 * HOUR)).toBe('5 h ago');
    expect(atAge(2 * DAY)).toBe('2 d ago');
    expect(atAge(8 * DAY)).toBe('2026-01-31');
    expect(atAge(-HOUR)).toBe('2026-01-31');
    expect(momentText(moment)).toBe('2026-01-31 12:00:05');
  });
});
