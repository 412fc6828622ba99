import { ComexError } from '../errors.ts';

const one = { type: 'string', requiresArg: true } as const;

/** The options of every command that takes several runs. */
export const selectionOptions = {
  status: { ...one, array: true, nargs: 1, describe: 'only runs with that status: done, failed, running, ...' },
  tag: { ...one, array: true, nargs: 1, describe: 'only runs with that tag; given again: with all of them' },
  namespace: { ...one, describe: 'only runs of that experiment, and of those below it' },
  job: { ...one, describe: 'only runs that this job of the cluster worked on' },
  since: { ...one, describe: 'only runs begun since: 1h30m, 2d, 1w or 2026-01-31' },
  sort: { ...one, describe: 'sort by a name, with - the largest first: -startedAt, loss/val:min' },
  limit: { ...one, coerce: wholeNumber('--limit'), describe: 'at most so many' },
  children: { type: 'boolean', describe: 'also the runs inside of runs' },
} as const;

/**
 * Reads the text behind an option as a count. The parser's own numbers are NaN for a word, and the word is gone.
 *
 * @throws ComexError `E_USAGE`
 */
export function wholeNumber(option: string, from: 0 | 1 = 1): (given: unknown) => number {
  return (given) => {
    if (typeof given === 'number') return given;
    if (typeof given === 'string' && /^\d{1,15}$/.test(given.trim()) && Number(given) >= from) return Number(given);
    const got = Array.isArray(given) ? given.map(String).join(' and ') : String(given);
    throw new ComexError('E_USAGE', `Expected ${option} to be a whole number from ${from} on, got "${got}".`);
  };
}

/** The words with `--sort -NAME` as one: the parser would take the name for options. */
export function withAttachedSort(words: readonly string[]): string[] {
  const attached: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const next = words[i + 1];
    if (words[i] === '--') return [...attached, ...words.slice(i)];
    if (words[i] === '--sort' && next !== undefined && /^-[^-]/.test(next)) attached.push(`--sort=${words[++i]}`);
    else attached.push(words[i]!);
  }
  return attached;
}
