import { ComexError, didYouMean } from '../errors.ts';
import { END_STATUSES } from './layout.ts';

/** What a run's status may be, as whoever reads it says. */
const STATUSES: readonly string[] = ['queued', 'running', ...END_STATUSES, 'killed', 'stalled', 'lost'];
/** What other programs, and people who come from them, call them. */
const WORDS: Readonly<Record<string, string>> = {
  completed: 'done',
  complete: 'done',
  finished: 'done',
  success: 'done',
  succeeded: 'done',
  ok: 'done',
  error: 'failed',
  errored: 'failed',
  failure: 'failed',
  crashed: 'failed',
  submitted: 'queued',
  pending: 'queued',
  active: 'running',
  canceled: 'cancelled',
  aborted: 'interrupted',
};
/** Those that queries take. */
const ALIASES = ['completed', 'submitted'];

/** Of these, none counts in a success rate: they may still be done, or were given up for what others promised. */
const UNCOUNTED: ReadonlySet<string> = new Set(['queued', 'running', 'stalled', 'pruned']);

/** Whether a run of that status counts as an attempt that came to an end, done or failed. */
export function isCounted(status: string): boolean {
  return !UNCOUNTED.has(status);
}

/** Whether a word is the name of a status, or another name of one. */
export function isStatus(word: string): boolean {
  return STATUSES.includes(word) || ALIASES.includes(word);
}

/** The status that a word of another program means, whatever its case; undefined for one that means none. */
export function statusMeant(word: string): string | undefined {
  const lower = word.toLowerCase();
  if (STATUSES.includes(lower)) return lower;
  return Object.hasOwn(WORDS, lower) ? WORDS[lower] : undefined;
}

/**
 * The status that a word means.
 *
 * @param place what is put behind the message, such as the query with a mark
 * @throws ComexError `E_QUERY` for a word that is none, naming all
 */
export function statusOfWord(word: string, place = ''): string {
  const meant = statusMeant(word);
  if (meant !== undefined && isStatus(word)) return meant;
  const hint = meant === undefined ? didYouMean(word, [...STATUSES, ...ALIASES]) : ` Did you mean "${meant}"?`;
  throw new ComexError('E_QUERY', `Expected a status, got "${word}".${hint} There are ${STATUSES.join(', ')}.${place}`);
}
