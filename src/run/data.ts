import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataTree } from '../archive/data.ts';
import { DATA_FILE, DATA_JOURNAL_FILE } from '../archive/layout.ts';
import type { AppendLog } from '../codec/append.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { decode, encode, encodePretty } from '../codec/json.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';

/** Encoded values from this length on are remembered, so that one that grew is journalled by what was added. */
const GROWING = 256;

/** The data of a run: a tree in memory, and a journal on disk that holds each value before `set` returns. */
export class RunData {
  readonly #folder: string;
  readonly #open: (path: string) => AppendLog;
  readonly #tree = new DataTree();
  readonly #private = new Map<string, unknown>();
  readonly #texts = new Map<string, string>();
  #journal: AppendLog | undefined;

  constructor(folder: string, open: (path: string) => AppendLog) {
    this.#folder = folder;
    this.#open = open;
  }

  get isEmpty(): boolean {
    return this.#tree.keys().length === 0;
  }

  /**
   * Stores a value by value. A path that begins with `_` stays in memory, as it is.
   *
   * @throws ComexError `E_DATA`; `E_STORAGE` when the disk refuses: then nothing was stored
   */
  set(path: string, value: unknown): void {
    refuseNoPath(path);
    if (path.startsWith('_')) {
      this.#private.set(path, value);
      return;
    }
    const text = encode(value, path);
    this.#tree.check(path);
    const tail = grown(this.#texts.get(path), text);
    const line =
      tail === undefined ? `[${JSON.stringify(path)},${text}]` : `[${JSON.stringify(path)},${tail},"append"]`;
    this.#journal ??= this.#open(join(this.#folder, DATA_JOURNAL_FILE));
    this.#journal.write(line);
    // Only what the disk has taken counts: the next value may be journalled as its continuation.
    this.#forgetAround(path);
    if (text.length >= GROWING) this.#texts.set(path, text);
    else this.#texts.delete(path);
    if (tail !== undefined) this.#tree.append(path, decode(tail));
    else this.#tree.set(path, typeof value === 'object' && value !== null ? decode(text) : value);
  }

  /** What stood below a path is replaced with it, and what holds it has changed: no later value continues either. */
  #forgetAround(path: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      this.#texts.delete(path.slice(0, end));
    }
    if (this.#tree.keys(path).length === 0) return;
    for (const known of this.#texts.keys()) if (known.startsWith(`${path}/`)) this.#texts.delete(known);
  }

  has(path: string): boolean {
    refuseNoPath(path);
    if (path.startsWith('_')) return this.#private.has(path);
    return !path.split('/').includes('') && this.#tree.has(path); // a series may have such a path
  }

  get(path: string): unknown {
    return path.startsWith('_') ? this.#private.get(path) : this.#tree.get(path);
  }

  keys(): readonly string[] {
    return [...this.#tree.keys(), ...this.#private.keys()];
  }

  /**
   * Writes the whole tree, and folds the closed journal in. Until the tree is on disk, the journal has everything.
   *
   * @throws ComexError `E_STORAGE`
   */
  finish(): void {
    if (this.#journal === undefined) return;
    this.#journal = undefined;
    this.#texts.clear();
    writeFileAtomic(join(this.#folder, DATA_FILE), `${encodePretty(this.#tree.toValue(), 'data')}\n`, { sync: true });
    const journal = join(this.#folder, DATA_JOURNAL_FILE);
    try {
      rmSync(journal, { force: true });
    } catch (cause) {
      throw storageError(cause, 'remove', journal);
    }
  }
}

function refuseNoPath(path: unknown): void {
  if (typeof path === 'string') return;
  throw new ComexError('E_DATA', `Expected the path of a datum to be a text, got ${typeof path}.`);
}

/**
 * What was added to an encoded array, text or object, in its own brackets; undefined when it is not the old one with
 * more behind it. An object that stands for something else, such as a Map, never is.
 */
function grown(before: string | undefined, now: string): string | undefined {
  if (before === undefined || now.length <= before.length || before.length < GROWING) return undefined;
  const open = before[0]!;
  if (!'["{'.includes(open) || !now.startsWith(before.slice(0, -1))) return undefined;
  if (open === '"') return `"${now.slice(before.length - 1)}`;
  return now[before.length - 1] === ',' ? open + now.slice(before.length) : undefined;
}
