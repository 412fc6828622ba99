import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../codec/json.ts';
import { readJsonLines } from '../codec/lines.ts';
import { storageError } from '../codec/storage.ts';
import {
  type HarvestedValue,
  META_FILE,
  NOTES_FILE,
  type NoteRecord,
  type ParameterRecord,
  type RunMeta,
} from './layout.ts';

/** What was said of a run, in the order in which it was said; nothing where nothing was. Damaged lines are left out. */
export function readNotes(folder: string): NoteRecord[] {
  const notes: NoteRecord[] = [];
  readJsonLines(join(folder, NOTES_FILE), (value) => {
    if (isNote(value)) notes.push(value);
  });
  return notes;
}

/** An edit that gives something another name: what is kept of it - type, doc, source - goes with it. */
export type MoveNote = Extract<NoteRecord, { readonly kind: 'edit' }> & { readonly movedFrom: string };

/**
 * Adds to what is said of a run. Many processes may do so at once: what one call says is one write, and a torn line
 * before it is sealed.
 *
 * @param notes said together: readers find all of them, or, after a crash, the first of them
 * @throws ComexError `E_STORAGE`
 */
export function appendNote(folder: string, ...notes: ReadonlyArray<NoteRecord | MoveNote>): void {
  const path = join(folder, NOTES_FILE);
  try {
    const file = openSync(path, 'a+');
    try {
      const { size } = fstatSync(file);
      const last = Buffer.alloc(1);
      const torn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
      const lines = Buffer.from(`${torn ? '\n' : ''}${notes.map((note) => `${encode(note)}\n`).join('')}`);
      if (writeSync(file, lines) < lines.length) throw new Error('The line was written in part.');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw storageError(cause, 'write', path);
  }
  touch(join(folder, META_FILE));
}

/** What keeps a summary of the run looks at one file only. Microseconds, so that no two notes have the same time. */
function touch(path: string): void {
  const now = (performance.timeOrigin + performance.now()) / 1000;
  try {
    utimesSync(path, now, now);
  } catch {
    touchAsGuest(path);
  }
}

/** Of somebody else's file the time can be set only by writing it: here to the size that it has. */
function touchAsGuest(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      ftruncateSync(file, fstatSync(file).size);
    } finally {
      closeSync(file);
    }
  } catch {
    // The run was moved meanwhile, or may only be noted upon: the note is there, and that counts.
  }
}

/**
 * The metadata with what was said of the run later; the metadata themselves when nothing was.
 *
 * @param harvested what `harvestedIn` finds in the notes
 */
export function withNotes(
  meta: RunMeta,
  notes: readonly NoteRecord[],
  harvested: Readonly<Record<string, HarvestedValue>>,
): RunMeta {
  if (notes.length === 0) return meta;
  let changed: RunMeta = meta;
  for (const note of notes) changed = withNote(changed, note);
  const values = Object.entries(harvested).map(([path, { value }]) => [path, value]);
  return values.length === 0 ? changed : { ...changed, harvested: Object.fromEntries(values) };
}

function withNote(meta: RunMeta, note: NoteRecord): RunMeta {
  switch (note.kind) {
    case 'tag': {
      const removed = new Set(note.remove ?? []);
      return { ...meta, tags: [...new Set([...meta.tags.filter((tag) => !removed.has(tag)), ...(note.add ?? [])])] };
    }
    case 'note':
      return edited(meta, 'note', note.text, note.text !== '');
    case 'rename':
      return edited(meta, 'title', note.title, note.title !== '');
    case 'edit':
      return edited(movedTo(meta, note), note.path, note.to, 'to' in note);
    default:
      return meta;
  }
}

/** What was harvested and not taken away again, by the path of the datum, the latest of each. Has no prototype. */
export function harvestedIn(notes: readonly NoteRecord[]): Readonly<Record<string, HarvestedValue>> {
  const all: Record<string, HarvestedValue> = Object.create(null);
  for (const note of notes) {
    if (note.kind !== 'harvest') continue;
    const { at, by, values, source, remove } = note;
    for (const path of remove ?? []) delete all[path];
    for (const [path, value] of Object.entries(values)) {
      all[path] = { value, at, by, source: isObject(source) && Object.hasOwn(source, path) ? source[path] : undefined };
    }
  }
  return all;
}

/** With the record of the parameter that an edit gives another name, under that name too. */
function movedTo(meta: RunMeta, note: { readonly path: string; readonly movedFrom?: unknown }): RunMeta {
  const { path, movedFrom } = note;
  if (typeof movedFrom !== 'string' || !movedFrom.startsWith(PARAMETERS) || !path.startsWith(PARAMETERS)) return meta;
  const record = meta.parameters[movedFrom.slice(PARAMETERS.length)];
  if (record === undefined) return meta;
  return { ...meta, parameters: { ...meta.parameters, [path.slice(PARAMETERS.length)]: record } };
}

const PARAMETERS = 'parameters.';

/** `parameters.NAME` means the value in force; any other path a field of the metadata. */
function edited(meta: RunMeta, path: string, value: unknown, isSet: boolean): RunMeta {
  const [first = '', ...rest] = path.split('.');
  if (first === 'parameters' && rest.length > 0) {
    const name = rest.join('.');
    const { [name]: before, ...others } = meta.parameters;
    if (!isSet) return { ...meta, parameters: others };
    const record: ParameterRecord = before === undefined ? { source: 'given', value } : { ...before, value };
    return { ...meta, parameters: { ...others, [name]: record } };
  }
  return setAt(meta as unknown as Record<string, unknown>, [first, ...rest], value, isSet) as unknown as RunMeta;
}

function setAt(object: Record<string, unknown>, [key = '', ...rest]: string[], value: unknown, isSet: boolean): object {
  const { [key]: inner, ...others } = object;
  if (rest.length === 0) return isSet ? { ...object, [key]: value } : others;
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  return { ...object, [key]: setAt(next, rest, value, isSet) };
}

const KINDS: ReadonlySet<unknown> = new Set(['tag', 'note', 'rename', 'edit', 'harvest']);

function isNote(value: unknown): value is NoteRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, add, remove, text, title, path, values } = value as Record<string, unknown>;
  if (!KINDS.has(kind)) return false;
  const isTexts = (list: unknown): boolean =>
    list === undefined || (Array.isArray(list) && list.every((item) => typeof item === 'string'));
  if (kind === 'tag') return isTexts(add) && isTexts(remove);
  if (kind === 'note') return typeof text === 'string';
  if (kind === 'rename') return typeof title === 'string';
  if (kind === 'harvest') return isObject(values) && isTexts(remove);
  return typeof path === 'string' && path !== '';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
