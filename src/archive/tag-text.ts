import { ComexError } from '../errors.ts';

/** Longer than any name; a tag is a word to find runs by. */
const LONGEST_TAG = 200;

/** Refuses what cannot be a tag: a terminal would obey it, or nobody could name it. @throws ComexError `E_USAGE` */
export function refuseUnusableTags(tags: readonly string[]): void {
  const wrong = tags.find((tag) => tag === '' || tag.length > LONGEST_TAG || /\p{Cc}/u.test(tag));
  if (wrong === undefined) return;
  const shown = JSON.stringify(wrong.length > 60 ? `${wrong.slice(0, 60)}...` : wrong);
  throw new ComexError(
    'E_USAGE',
    `Expected tags of 1 to ${LONGEST_TAG} characters without control characters, got ${shown}.`,
  );
}
