import { ComexError, didYouMean } from '../errors.ts';
import { END_STATUSES } from './layout.ts';

/** What a run's status may be, as whoever reads it says. */
const STATUSES: readonly string[] = ['queued', 'running', ...END_STATUSES, 'killed', 'stalled', 'lost'];
/** What others call them. */
const ALIASES: Readonly<Record<string, string>> = { completed: 'done', submitted: 'queued' };

/** The words that people coming from elsewhere use, and that are near no status in their letters. */
const MEANT: Readonly<Record<string, string>> = {
  finished: 'done',
  success: 'done',
  succeeded: 'done',
  ok: 'done',
  error: 'failed',
  errored: 'failed',
  failure: 'failed',
  crashed: 'failed',
  pending: 'queued',
  active: 'running',
  canceled: 'cancelled',
  aborted: 'interrupted',
};

/** Whether a word is the name of a status, or another name of one. */
export function isStatus(word: string): boolean {
  return STATUSES.includes(word) || Object.hasOwn(ALIASES, word);
}

/**
 * The status that a word means.
 *
 * @param place what is put behind the message, such as the query with a mark
 * @throws ComexError `E_QUERY` for a word that is none, naming all
 */
export function statusOfWord(word: string, place = ''): string {
  const status = Object.hasOwn(ALIASES, word) ? ALIASES[word]! : word;
  if (STATUSES.includes(status)) return status;
  const meant = MEANT[word.toLowerCase()];
  const hint =
    meant === undefined ? didYouMean(word, [...STATUSES, ...Object.keys(ALIASES)]) : ` Did you mean "${meant}"?`;
  throw new ComexError('E_QUERY', `Expected a status, got "${word}".${hint} There are ${STATUSES.join(', ')}.${place}`);
}
