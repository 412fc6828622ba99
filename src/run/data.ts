import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DataTree } from '../archive/data.ts';
import { DATA_FILE, DATA_JOURNAL_FILE } from '../archive/layout.ts';
import { AppendLog } from '../codec/append.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { decode, encode, encodePretty } from '../codec/json.ts';

/** Encoded values from this length on are remembered, so that one that grew is journalled by what was added. */
const GROWING = 256;

/** The data of a run: a tree in memory, and a journal on disk that holds each value before `set` returns. */
export class RunData {
  readonly #folder: string;
  readonly #tree = new DataTree();
  readonly #private = new Map<string, unknown>();
  readonly #texts = new Map<string, string>();
  #journal: AppendLog | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isEmpty(): boolean {
    return this.#tree.keys().length === 0;
  }

  /** Stores a value by value. A path that begins with `_` stays in memory, as it is. */
  set(path: string, value: unknown): void {
    if (path.startsWith('_')) {
      this.#private.set(path, value);
      return;
    }
    const text = encode(value, path);
    this.#tree.set(path, typeof value === 'object' && value !== null ? decode(text) : value);
    const tail = grown(this.#texts.get(path), text);
    this.#forgetBelow(path);
    const line =
      tail === undefined ? `[${JSON.stringify(path)},${text}]` : `[${JSON.stringify(path)},${tail},"append"]`;
    if (text.length >= GROWING) this.#texts.set(path, text);
    else this.#texts.delete(path);
    this.#journal ??= new AppendLog(join(this.#folder, DATA_JOURNAL_FILE));
    this.#journal.write(line);
  }

  /** What stood below a path is replaced with it: later values there are no continuation of it. */
  #forgetBelow(path: string): void {
    for (const known of this.#texts.keys()) if (known.startsWith(`${path}/`)) this.#texts.delete(known);
  }

  has(path: string): boolean {
    return path.startsWith('_') ? this.#private.has(path) : this.#tree.has(path);
  }

  get(path: string): unknown {
    return path.startsWith('_') ? this.#private.get(path) : this.#tree.get(path);
  }

  keys(): readonly string[] {
    return [...this.#tree.keys(), ...this.#private.keys()];
  }

  flush(): void {
    this.#journal?.flush();
  }

  sync(): void {
    this.#journal?.sync();
  }

  /** Writes the whole tree, and folds the journal in. */
  finish(): void {
    if (this.#journal === undefined) return;
    this.#journal.close();
    this.#journal = undefined;
    this.#texts.clear();
    writeFileAtomic(join(this.#folder, DATA_FILE), `${encodePretty(this.#tree.toValue(), 'data')}\n`, { sync: true });
    const journal = join(this.#folder, DATA_JOURNAL_FILE);
    if (existsSync(journal)) unlinkSync(journal);
  }
}

/** What was added to an encoded array or text, in its own brackets; undefined when it is not the old one with more. */
export function grown(before: string | undefined, now: string): string | undefined {
  if (before === undefined || now.length <= before.length || before.length < GROWING) return undefined;
  const open = before[0]!;
  if (open !== now[0] || (open !== '[' && open !== '"') || !now.startsWith(before.slice(0, -1))) return undefined;
  if (open === '"') return `"${now.slice(before.length - 1)}`;
  return now[before.length - 1] === ',' ? `[${now.slice(before.length)}` : undefined;
}
