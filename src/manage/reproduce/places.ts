import { join } from 'node:path';

/**
 * Where an absolute path of the run's machine lies in the temporary folder: the same path below it, so that relative
 * paths lead from one place to the other as they did there. Steps upwards in a path of foreign metadata are left out.
 */
export function mirrored(base: string, path: string): string {
  return join(base, ...partsOf(path));
}

/** The names that a path goes through, without a drive. */
export function partsOf(path: string): string[] {
  return path
    .split(/[\\/]+/)
    .map((part) => part.replace(/:$/, ''))
    .filter((part) => part !== '' && part !== '.' && part !== '..');
}

/** One text in the run stands for another one in the reproduction. */
export type Pair = readonly [original: string, reproduction: string];

/** Tells whether texts of a run and of its reproduction say the same, but for folders and ids. */
export class Translator {
  readonly #pairs: ReadonlyMap<string, string>;
  readonly #pattern: RegExp | undefined;
  readonly #base: string;

  /** @param base what stands for the root of the file system in the reproduction */
  constructor(pairs: readonly Pair[], base: string) {
    this.#base = base;
    const bare = pairs.map(([from, to]): Pair => [from, this.bare(to)]);
    // A root such as "/" is in every path.
    this.#pairs = new Map(bare.filter(([from, to]) => from.length > 3 && from !== to));
    const longestFirst = [...this.#pairs.keys()].sort((a, b) => b.length - a.length);
    this.#pattern =
      longestFirst.length === 0
        ? undefined
        : new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  }

  /** A text of the run with the folders and ids of the reproduction. */
  text(original: string): string {
    return this.#pattern === undefined
      ? original
      : original.replace(this.#pattern, (found) => this.#pairs.get(found) ?? found);
  }

  /** A text of the reproduction without the temporary folder in front of its paths. */
  bare(reproduction: string): string {
    return reproduction.replaceAll(this.#base, '');
  }

  /** Whether a text says the same in both. */
  same(original: string, reproduction: string): boolean {
    return original === reproduction || this.text(original) === this.bare(reproduction);
  }
}
