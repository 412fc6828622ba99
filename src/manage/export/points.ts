import { scanSeries } from '../../archive/series.ts';
import { nameMatcher } from '../../archive/series-names.ts';
import type { RunSummary } from '../../archive/summary.ts';
import { isSafeRelativePath } from '../../codec/names.ts';
import { ComexError, didYouMean } from '../../errors.ts';
import type { RowSource } from './row-source.ts';

/** Heads of what a point has beside its axes. */
export const POINT_HEADS = ['series', 'step', 'time', 'value'] as const;

/** The points of the series that patterns name, a row for each. */
export function pointSource(patterns: readonly string[]): RowSource {
  const isWanted = nameMatcher(patterns);
  return {
    heads: POINT_HEADS,
    openHead: (axis) => `axes.${axis}`,
    scan: (folder, take) => {
      const known = new Map<string, boolean>();
      scanSeries(folder, (name, { step, time, value, axes }) => {
        let wanted = known.get(name);
        if (wanted === undefined) {
          wanted = isWanted(name);
          known.set(name, wanted);
        }
        if (wanted) take([name, step, time, storedValue(value)], axes);
      });
    },
  };
}

/**
 * Makes sure that some run has a series for each pattern.
 *
 * @throws ComexError `E_QUERY` with the nearest name
 */
export function requireSeries(patterns: readonly string[], all: readonly RunSummary[]): void {
  requireNames(patterns, new Set(all.flatMap(({ seriesNames }) => seriesNames)), 'series', all.length);
}

/** @throws ComexError `E_QUERY` for a pattern that fits no name */
export function requireNames(
  patterns: readonly string[],
  names: ReadonlySet<string>,
  what: 'series' | 'table',
  runs: number,
): void {
  for (const pattern of runs === 0 ? [] : patterns) {
    const fits = nameMatcher([pattern]);
    if ([...names].some(fits)) continue;
    const hint =
      didYouMean(pattern, names) || (names.size === 0 ? '' : ` There are ${[...names].sort().slice(0, 8).join(', ')}.`);
    throw new ComexError('E_QUERY', `Expected a ${what} that some run has, but none has "${pattern}".${hint}`);
  }
}

/** An image is shown by its path in the run folder. */
function storedValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const image = (value as { readonly $image?: unknown }).$image;
  if (typeof image !== 'string') return value;
  return isSafeRelativePath(image) ? image : undefined;
}
