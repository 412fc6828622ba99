import { ComexError, didYouMean } from '../../errors.ts';
import { type Folded, statisticOf } from './fold.ts';
import { compare } from './statistics.ts';

/** What is the best in a column. */
export interface WantedBest {
  readonly direction: 'max' | 'min';
  /** Name or head of the column. */
  readonly name: string;
}

export type Mark = 'best' | 'tie' | undefined;

/** Which groups are the best of a column. */
export interface Judged {
  /** Index of the column. */
  readonly column: number;
  /** In the order of the groups. */
  readonly marks: readonly Mark[];
}

/**
 * Reads `max:results/accuracy,min:loss/val:min`.
 *
 * @throws ComexError `E_USAGE`
 */
export function wantedBest(names: readonly string[]): WantedBest[] {
  return names.map((text) => {
    const [, direction, name] = /^(max|min):(.+)$/s.exec(text) ?? [];
    if (direction !== undefined) return { direction: direction as WantedBest['direction'], name: name! };
    throw new ComexError('E_USAGE', `Expected --best to be max:NAME or min:NAME, got "${text}".`);
  });
}

/**
 * Marks the group with the best mean of a column where it can be told from every other; else it and all groups that are
 * not told from it are ties, those without repeats among them. Nothing is marked where no test is possible.
 *
 * @param alpha how probable it may be, two-sided, that one of the differences of a column is told by chance
 * @returns `notes`: sentences about what is not marked, and why
 * @throws ComexError `E_USAGE` for a column that is not there, or holds no numbers
 */
export function judgeBest(
  folded: Folded,
  wanted: readonly WantedBest[],
  alpha: number,
): { readonly judged: readonly Judged[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const judged = wanted.map((best) => {
    const column = columnOf(folded, best.name);
    const { head } = folded.columns[column]!.field;
    const marks = marksOf(folded, column, best.direction, alpha);
    if (typeof marks !== 'string') {
      const ties = marks.filter((mark) => mark === 'tie').length;
      if (ties > 0) notes.push(`${head}: no group is marked as the best; ${ties} are not told apart (alpha ${alpha}).`);
      return { column, marks };
    }
    notes.push(`${head}: nothing is marked, since ${marks}.`);
    return { column, marks: folded.groups.map(() => undefined) };
  });
  return { judged, notes };
}

/** The marks, or why there are none. */
function marksOf(folded: Folded, column: number, direction: 'max' | 'min', alpha: number): Mark[] | string {
  const sign = direction === 'max' ? -1 : 1;
  const ranked = folded.groups
    .map((group, index) => ({ index, mean: statisticOf(group, column).mean, samples: group.samples[column]! }))
    .filter(({ samples }) => samples.length > 0)
    .sort((a, b) => sign * (a.mean - b.mean));
  const [best, ...others] = ranked;
  if (best === undefined || others.length === 0) return 'there is nothing to compare';
  if (best.samples.length < 2 || others.every(({ samples }) => samples.length < 2)) {
    return 'of one run nobody can tell how far its repeats lie apart';
  }
  const marks: Mark[] = folded.groups.map(() => undefined);
  const told = toldApart(
    others.map(({ samples }) => compare(best.samples, samples)?.p),
    alpha,
  );
  const ties = others.filter((_, index) => !told[index]);
  if (ties.length === 0) marks[best.index] = 'best';
  else for (const { index } of [best, ...ties]) marks[index] = 'tie';
  return marks;
}

/**
 * Which differences are told, by the method of Holm (1979): the smallest of m probabilities has to be below alpha / m, the
 * next below alpha / (m - 1), and so on up to the first that is not.
 *
 * @param probabilities undefined where there is no test: it is never told, and counts for nothing
 */
function toldApart(probabilities: ReadonlyArray<number | undefined>, alpha: number): boolean[] {
  const order = probabilities.flatMap((p, index) => (p === undefined ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const first = order.findIndex(({ p }, rank) => !(p * (order.length - rank) < alpha));
  const told = new Set((first < 0 ? order : order.slice(0, first)).map(({ index }) => index));
  return probabilities.map((_, index) => told.has(index));
}

function columnOf({ columns }: Folded, name: string): number {
  const index = columns.findIndex(({ field }) => field.name === name || field.head === name);
  if (index >= 0 && columns[index]!.kind === 'numbers') return index;
  const numbers = columns.filter(({ kind }) => kind === 'numbers');
  const hint = didYouMean(
    name,
    numbers.flatMap(({ field }) => [field.name, field.head]),
  );
  const known =
    hint === '' && numbers.length > 0 ? ` There are ${numbers.map(({ field }) => field.head).join(', ')}.` : '';
  throw new ComexError('E_USAGE', `Expected --best to name a column of numbers, got "${name}".${hint}${known}`);
}
