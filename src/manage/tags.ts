import type { NoteRecord } from '../archive/layout.ts';
import { loadRun } from '../archive/load.ts';
import { appendNote } from '../archive/notes.ts';
import { refuseUnusableTags } from '../archive/tag-text.ts';

/** The tags that a list such as `a,b` names. @throws ComexError `E_USAGE` for what cannot be a tag */
export function tagList(texts: readonly string[]): string[] {
  const tags = parts(texts);
  refuseUnusableTags(tags);
  return [...new Set(tags)];
}

/** The tags that a list means to take away. Whatever is there can be: a text also means the tag that it is as a whole. */
export function removalList(texts: readonly string[]): string[] {
  return [...new Set([...parts(texts), ...texts])].filter((tag) => tag !== '');
}

function parts(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(',')).map((tag) => tag.trim());
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

/** Notes a text on a run; it takes the place of the note before, which stays in the file. An empty one takes that away. @throws ComexError `E_STORAGE` */
export function noteRun(folder: string, text: string): void {
  appendNote(folder, { ...stamp('note'), kind: 'note', text });
}

/** Gives a run a title for people; its folder keeps its name. An empty one takes it away. @throws ComexError `E_STORAGE` */
export function renameRun(folder: string, title: string): void {
  appendNote(folder, { ...stamp('rename'), kind: 'rename', title });
}

/** Who says something, and when. */
export function stamp(command: string): Pick<NoteRecord, 'at' | 'by'> {
  return { at: new Date().toISOString(), by: `comex ${command}` };
}
