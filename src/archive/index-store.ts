import { readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../codec/atomic.ts';
import { makeFolders } from '../codec/folders.ts';
import { encodeSegment, type IndexRow, Segment } from './index-segment.ts';
import { HIDDEN_FOLDER } from './layout.ts';

/** Another version of comex has another ending. */
const ENDING = '.v1';
const MOST_ROWS = 4096;
const ABANDONED_MS = 3600_000;

/**
 * The files of an archive's index. They never change: what is new goes into a new file, and what is merged, too. So any
 * number of processes and machines may read and write at once; the worst is that a run is kept twice or not at all.
 */
export class IndexStore {
  readonly #results: string;
  /** Where it is written: in the archive, else in the user's cache folder. */
  #folder: string | undefined;

  constructor(results: string) {
    this.#results = results;
  }

  /** All files that are whole, the newest first. */
  open(): Segment[] {
    const segments: Segment[] = [];
    for (const folder of this.#folders()) {
      for (const name of namesIn(folder).filter((each) => each.endsWith(ENDING))) {
        try {
          segments.push(new Segment(join(folder, name)));
        } catch {
          // Damaged, or merged into another meanwhile: the runs are read anew.
          this.#removeDamaged(join(folder, name));
        }
      }
    }
    return segments.sort((a, b) => (nameOf(a.file) < nameOf(b.file) ? 1 : -1));
  }

  /** Writes rows as new files. Returns those, or undefined when nothing can be written. */
  write(rows: readonly IndexRow[]): Segment[] | undefined {
    const written: Segment[] = [];
    try {
      for (let at = 0; at < rows.length; at += MOST_ROWS) {
        written.push(new Segment(this.#place(encodeSegment(rows.slice(at, at + MOST_ROWS)))));
      }
      return written;
    } catch {
      return undefined;
    }
  }

  remove(segments: readonly Segment[]): void {
    for (const { file } of segments) quietly(() => rmSync(file, { force: true }));
    for (const folder of this.#folders()) clearAbandoned(folder);
  }

  #folders(): string[] {
    return [join(this.#results, HIDDEN_FOLDER, 'index'), cacheFolder(this.#results)];
  }

  #place(bytes: Buffer): string {
    const random = Math.random().toString(36).slice(2, 10);
    const name = `${Date.now().toString(36).padStart(9, '0')}-${process.pid}-${random}${ENDING}`;
    let failure: unknown;
    for (const folder of this.#folder === undefined ? this.#folders() : [this.#folder]) {
      try {
        makeFolders(folder);
        writeFileAtomic(join(folder, name), bytes);
        this.#folder = folder;
        return join(folder, name);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #removeDamaged(file: string): void {
    quietly(() => rmSync(file, { force: true }));
  }
}

/** Where the index of an archive is that nobody may write to. */
function cacheFolder(results: string): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  let real = results;
  try {
    real = realpathSync(results);
  } catch {
    // Then there is nothing to keep an index of.
  }
  return join(base, 'comex', `index-${hashOf(real, 0x811c9dc5)}${hashOf(real, 0x2545f491)}`);
}

/** FNV: loading a better one takes longer than listing a small archive, and the stamps tell rows of others apart. */
function hashOf(text: string, seed: number): string {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function nameOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}

/** Removes what processes left that died while they wrote. */
function clearAbandoned(folder: string): void {
  for (const name of namesIn(folder)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    quietly(() => {
      if (Date.now() - statSync(path).mtimeMs > ABANDONED_MS) rmSync(path, { force: true });
    });
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The index is there for speed only.
  }
}
