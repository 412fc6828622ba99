import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { isNarrowing } from '../archive/summaries.ts';
import { isComexError } from '../errors.ts';
import type { LookScope } from './look-scope.ts';
import type { SelectionOptions } from './selection.ts';

/** Runs come first, series behind them. */
export interface PlotWords {
  readonly runs: readonly string[];
  readonly series: readonly string[];
}

const QUERY = /[\s"'()<>=!&|]/;

/**
 * Which words name runs, and which series. The first that is no run, or is a series of the runs before it, and all behind
 * it are series; so are all behind a query.
 *
 * @param series names that were given as an option: then all words are runs
 * @throws ComexError `E_RUN_NOT_FOUND` when the first word is no run, `E_RUN_AMBIGUOUS`
 */
export function splitWords(
  words: readonly string[],
  series: readonly string[],
  filter: SelectionOptions,
  { results, cwd }: LookScope,
): PlotWords {
  if (series.length > 0) return { runs: words, series };
  const runs: string[] = [];
  const known = new Set<string>();
  for (const [index, word] of words.entries()) {
    const left = { runs, series: words.slice(index) };
    const someRun = runs.length > 0 || isNarrowing(filter);
    if (someRun && (known.has(word) || (word.includes('*') && !QUERY.test(word)))) return left;
    if (QUERY.test(word)) return { runs: [...runs, word], series: words.slice(index + 1) };
    try {
      const path = selectRun(word, { results, cwd });
      runs.push(path);
      for (const name of seriesOf(path)) known.add(name);
    } catch (error) {
      if (someRun && isComexError(error) && error.code === 'E_RUN_NOT_FOUND') return left;
      throw error;
    }
  }
  return { runs, series: [] };
}

function seriesOf(path: string): readonly string[] {
  try {
    return loadRun(path).seriesNames;
  } catch {
    // What keeps it from being read is said where it is drawn.
    return [];
  }
}
