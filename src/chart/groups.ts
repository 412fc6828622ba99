import { encodeName } from '../codec/names.ts';

/** The most pictures that are drawn for one run. */
export const MAX_PICTURES = 24;
/** The most lines in one picture. */
export const MAX_LINES = 12;

/** Series that are drawn into one picture. */
export interface ChartGroup {
  /** A safe file name such as `loss.png`, different for every group. */
  readonly file: string;
  readonly names: readonly string[];
}

/**
 * Which series go into which picture: each into its own, or, when these were more than 24 pictures, those with the
 * same prefix before their last `/` together (`loss/train` and `loss/val` into `loss`), at most 12 in a picture.
 *
 * @param names - the names of the series; repeated ones count once
 * @returns at most 24 groups, in the order of `names`, and the names that found no place in them
 *
 * @example
 * ```ts
 * import { chartGroups } from 'comex/chart';
 *
 * const { groups, left } = chartGroups(['loss', 'accuracy']);
 * console.log(groups[0]?.names, left); // [ 'loss' ] []
 * ```
 */
export function chartGroups(names: readonly string[]): {
  readonly groups: readonly ChartGroup[];
  readonly left: readonly string[];
} {
  const distinct = [...new Set(names)];
  const titled =
    distinct.length <= MAX_PICTURES ? distinct.map((name) => ({ title: name, names: [name] })) : byPrefix(distinct);
  const taken = new Set<string>();
  return {
    groups: titled.slice(0, MAX_PICTURES).map((group) => ({ file: freeFile(group.title, taken), names: group.names })),
    left: titled.slice(MAX_PICTURES).flatMap((group) => group.names),
  };
}

interface TitledGroup {
  readonly title: string;
  readonly names: readonly string[];
}

function byPrefix(names: readonly string[]): readonly TitledGroup[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const slash = name.lastIndexOf('/');
    const prefix = slash > 0 ? name.slice(0, slash) : name;
    const members = groups.get(prefix);
    if (members) members.push(name);
    else groups.set(prefix, [name]);
  }
  return [...groups].flatMap(([prefix, members]) => portions(prefix, members));
}

function portions(prefix: string, names: readonly string[]): readonly TitledGroup[] {
  if (names.length === 1) return [{ title: names[0]!, names }];
  const parts: TitledGroup[] = [];
  for (let start = 0; start < names.length; start += MAX_LINES) {
    const part = start / MAX_LINES + 1;
    parts.push({ title: part === 1 ? prefix : `${prefix} (${part})`, names: names.slice(start, start + MAX_LINES) });
  }
  return parts;
}

/** Titles can coincide (`loss (2)` may also be a series), file names must not. */
function freeFile(title: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const file = `${encodeName(number === 1 ? title : `${title} (${number})`)}.png`;
    if (taken.has(file)) continue;
    taken.add(file);
    return file;
  }
}
