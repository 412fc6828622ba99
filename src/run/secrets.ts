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
}
