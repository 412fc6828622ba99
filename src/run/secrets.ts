import { REDACTED } from './redact.ts';

/** A shorter text is found in too many others. */
const SHORTEST = 4;

/** The texts of a run that are shown nowhere. */
export class Secrets {
  readonly texts = new Set<string>();

  /** A text without the secrets that are known by now. */
  readonly scrub = (text: string): string => {
    let clean = text;
    for (const secret of this.texts)
      if (secret.length >= SHORTEST && clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  };

  /** A copy of a value of plain objects and arrays without the secrets in its texts. */
  clean(value: unknown): unknown {
    if (typeof value === 'string') return this.scrub(value);
    if (Array.isArray(value)) return value.map((item) => this.clean(item));
    if (typeof value !== 'object' || value === null) return value;
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.clean(inner)]));
  }
}
