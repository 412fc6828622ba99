import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeColumn, readColumn } from '../../src/archive/index-column.ts';
import { decode } from '../../src/codec/json.ts';

function roundTrip(values: readonly unknown[]): unknown[] {
  const read = readColumn(decode(encodeColumn(values)));
  return Array.from(values, (_, row) => read(row));
}

/** Of more different values than a column keeps once each. */
function many<T>(make: (row: number) => T): T[] {
  return Array.from({ length: 400 }, (_, row) => make(row));
}

describe('a column of the index', () => {
  it('gives back what was put in, for values of any kind and runs that lack them', () => {
    const value = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.record({ count: fc.nat(), last: fc.double(), min: fc.double() }, { requiredKeys: ['count'] }),
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.array(fc.double()),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        expect(roundTrip(values)).toEqual(values);
      }),
    );
  });

  it('keeps objects of the same keys as a column for each key, in their order', () => {
    const rows = many((row) =>
      row % 7 === 0
        ? undefined
        : { count: row, last: row / 3, ...(row % 2 === 0 ? { min: -row } : {}), kind: 'number' },
    );
    expect(encodeColumn(rows).startsWith('{"k":["count","last","min","kind"],')).toBe(true);
    const read = roundTrip(rows);
    expect(read).toEqual(rows);
    expect(read.map((row) => Object.keys(row ?? {}))).toEqual(rows.map((row) => Object.keys(row ?? {})));
  });

  it.each([
    ['with the same keys in another order', many((row) => (row % 2 === 0 ? { a: row, b: 1 } : { b: 1, a: row }))],
    ['with keys that mean something to the codec', many((row) => ({ $number: `${row}` }))],
    ['with a key such as __proto__', many((row) => JSON.parse(`{"__proto__":${row}}`))],
    ['of very many keys', many((row) => ({ [`key${row}`]: row }))],
    ['that hold NaN and infinities', many((row) => ({ count: row, last: row % 3 === 0 ? Number.NaN : -Infinity }))],
    ['some of which are null', many((row) => (row % 5 === 0 ? null : { count: row }))],
  ])('gives back objects %s', (_, rows: readonly unknown[]) => {
    const read = roundTrip(rows);
    expect(read).toEqual(rows);
    expect(read.map((row) => Object.keys(row ?? {}))).toEqual(rows.map((row) => Object.keys(row ?? {})));
  });
});
