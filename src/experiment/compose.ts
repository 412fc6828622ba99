import { ComexError, kindOf } from '../errors.ts';

/** What `inherit`, `replace`, `append` and `prepend` leave for the runner to see. */
export type Marker =
  | { readonly kind: 'inherit'; readonly transform?: (parent: never) => unknown }
  | { readonly kind: 'replace' | 'append' | 'prepend'; readonly value: unknown }
  | { readonly kind: 'point' };

/** On the values themselves, and by a common symbol: a process may hold two copies of comex. */
const MARK = Symbol.for('comex.marker');

/** The marker that a value is, or undefined for any other value. */
export function markerOf(value: unknown): Marker | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as { [MARK]?: Marker })[MARK];
}

/** A value that is a marker. */
export function marked(marker: Marker): object {
  return Object.defineProperty({}, MARK, { value: marker });
}

/** Refuses what is no function, at the call that was wrong. */
export function expectFunction(value: unknown, what: string): void {
  if (typeof value === 'function') return;
  throw new ComexError('E_EXPERIMENT', `Expected ${what} to be given a function, got ${kindOf(value)}.`);
}
