/** A query as the language is given it, and where its places are in what was written. */
export interface QuerySource {
  readonly text: string;
  /** The offset in what was written. */
  placeOf(offset: number): number;
}

/** Texts, divisions, and whole numbers that are a choice's answer. */
const PIECES = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/|(?<=[?:]\s*)(?<![\w.])\d{1,15}(?![\w.])/g;

/**
 * Makes `/` divide as it does on paper: the language divides whole numbers without their rest, and `RATE < 1/3` would be
 * true of nothing. The answers of `a ? b / 2 : 1` are numbers of one kind then, as it asks.
 */
export function withFractions(written: string): QuerySource {
  const changes: { readonly start: number; readonly length: number }[] = [];
  let added = 0;
  const text = written.replace(PIECES, (found, offset: number) => {
    const changed = found === '/' ? '*1.0/' : /^\d/.test(found) ? `${found}.0` : found;
    const length = changed.length - found.length;
    if (length > 0) changes.push({ start: offset + added, length });
    added += length;
    return changed;
  });
  return {
    text,
    placeOf(offset) {
      let place = offset;
      for (const { start, length } of changes) if (start < offset) place -= Math.min(length, offset - start);
      return place;
    },
  };
}

/** A reserved word of the language, and a field of every run. Its stand-in is as long, so that columns stay right. */
const NAMESPACE = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<![\w.])namespace(?!\w)/g;
export const STAND_IN = 'namespacE';

/** Makes `namespace` a name like any other. */
export function withStandIn(written: string): string {
  return written.replace(NAMESPACE, (whole, literal) => (literal === undefined ? STAND_IN : whole));
}
