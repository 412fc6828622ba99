/** What `--ignore` leaves out of a comparison: names with `*` for anything but a slash, and `**` for anything. */
export class Ignored {
  readonly #patterns: ReadonlyArray<{ readonly text: string; readonly matches: RegExp }>;
  readonly #used = new Set<string>();

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((text) => ({ text, matches: patternOf(text) }));
  }

  /** Whether a name is left out, or something that it is below of. */
  has(name: string): boolean {
    const found = this.#patterns.find(({ matches }) => matches.test(name));
    if (found !== undefined) this.#used.add(found.text);
    return found !== undefined;
  }

  /** Patterns that left nothing out: a misspelt one must not pass for one that holds. */
  get unused(): string[] {
    return this.#patterns.map(({ text }) => text).filter((text) => !this.#used.has(text));
  }
}

function patternOf(text: string): RegExp {
  const source = text.replace(/\*+|[\\^$.+?()[\]{}|]/g, (found) => {
    if (!found.startsWith('*')) return `\\${found}`;
    return found.length > 1 ? '.*' : '[^/]*';
  });
  return new RegExp(`^${source}(?:/|$)`, 's');
}
