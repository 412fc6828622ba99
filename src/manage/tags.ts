import type { NoteRecord } from '../archive/layout.ts';
import { loadRun } from '../archive/load.ts';
import { appendNote } from '../archive/notes.ts';
import { ComexError } from '../errors.ts';

/** Longer than any name; a tag is a word to find runs by. */
const LONGEST_TAG = 200;

/** The tags that a list such as `a,b` names. @throws ComexError `E_USAGE` for what cannot be a tag */
export function tagList(texts: readonly string[]): string[] {
  const tags = texts.flatMap((text) => text.split(',')).map((tag) => tag.trim());
  for (const tag of tags) {
    if (tag !== '' && tag.length <= LONGEST_TAG && !/\p{Cc}/u.test(tag)) continue;
    throw new ComexError(
      'E_USAGE',
      `Expected tags of 1 to ${LONGEST_TAG} characters without control characters, got ${JSON.stringify(tag.slice(0, 60))}.`,
    );
  }
  return [...new Set(tags)];
}

/**
 * Adds and removes tags of a run, also of one that is running; what others do at the same time stays.
 *
 * @returns the tags that it has now
 * @throws ComexError `E_STORAGE`, or what reading its metadata throws
 */
export function tagRun(
  folder: string,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): readonly string[] {
  const { add, remove } = change;
  const said = { ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) };
  appendNote(folder, { ...stamp('tag'), kind: 'tag', ...said });
  return loadRun(folder).tags;
}

/** Notes a text on a run; it takes the place of the note before, which stays in the file. @throws ComexError `E_STORAGE` */
export function noteRun(folder: string, text: string): void {
  appendNote(folder, { ...stamp('note'), kind: 'note', text });
}

/** Gives a run a title for people; its folder keeps its name. @throws ComexError `E_STORAGE` */
export function renameRun(folder: string, title: string): void {
  appendNote(folder, { ...stamp('rename'), kind: 'rename', title });
}

/** Who says something, and when. */
export function stamp(command: string): Pick<NoteRecord, 'at' | 'by'> {
  return { at: new Date().toISOString(), by: `comex ${command}` };
}
