import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CODE_FOLDER, PATCH_FILE, type SnapshotRecord } from '../archive/layout.ts';
import { copyFileAtomic, writeFileAtomic } from '../codec/atomic.ts';
import { storageError } from '../codec/storage.ts';
import type { Definition } from '../experiment/define.ts';
import type { ProjectFile } from '../experiment/load/closure.ts';
import { nearestPackage } from '../experiment/project.ts';
import { LOCK_FILES } from './environment.ts';
import { namedFiles } from './named-files.ts';
import { isSecretFile } from './redact.ts';

/** Largest file that goes into a snapshot, in bytes. */
const FILE_LIMIT = 10 * 1024 * 1024;
const PROJECT_FILES = ['package.json', ...LOCK_FILES, 'tsconfig.json', 'comex.config.json', 'jsconfig.json'];

/** The code of a run as it is copied into its folder: the bytes that run, in their places below `code/`. */
export class Snapshot {
  readonly #folder: string;
  readonly #root: string;
  readonly #hashes = new Map<string, string>();
  readonly #skipped = new Map<string, string>();
  readonly #named = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #made = new Set<string>();

  constructor(runFolder: string, root: string) {
    this.#folder = join(runFolder, CODE_FOLDER);
    this.#root = root;
  }

  /** Writes the files of a definition and what its project needs to be installed again. */
  write(definition: Definition): void {
    for (const file of definition.closure.values()) this.add(file);
    const home = nearestPackage(dirname(definition.path)) ?? this.#root;
    for (const name of PROJECT_FILES) {
      const path = join(home, name);
      if (!existsSync(path)) continue;
      const target = this.#target(name);
      this.#kept.add(name);
      copyFileAtomic(path, target);
    }
  }

  /** Adds one file of the project with the bytes that were read from it. */
  add(file: ProjectFile): void {
    const place = relative(this.#root, file.path);
    const shown = place.split(sep).join('/');
    for (const path of namedFiles(file, this.#root)) this.#named.add(path);
    for (const line of file.computed) this.#skipped.set(`${shown}:${line}`, 'computed import: known only when it runs');
    if (place.startsWith('..') || isAbsolute(place)) this.#skipped.set(shown, 'outside the project');
    else if (isSecretFile(place)) this.#skipped.set(shown, 'a file of secrets');
    else if (file.bytes.length > FILE_LIMIT) this.#skipped.set(shown, `larger than ${FILE_LIMIT} bytes`);
    else {
      this.#put(place, file.bytes);
      this.#kept.add(shown);
      this.#hashes.set(shown, createHash('sha256').update(file.bytes).digest('hex'));
      this.#skipped.delete(shown);
    }
  }

  /**
   * Puts a file beside the code that is no part of its hash, such as an input; `original` is how code names it.
   * Returns its path in the run folder.
   */
  put(place: string, bytes: Uint8Array, original = place): string {
    this.#kept.add(original.split(sep).join('/'));
    this.#put(place, bytes);
    return `${CODE_FOLDER}/${place.split(sep).join('/')}`;
  }

  /** Keeps a patch, a byte a letter. */
  patch(text: string): string {
    return this.put(PATCH_FILE, Buffer.from(text, 'latin1'));
  }

  skip(path: string, reason: string): void {
    this.#skipped.set(path, reason);
  }

  record(): SnapshotRecord {
    const files = [...this.#hashes.keys()].sort();
    const hash = createHash('sha256');
    for (const file of files) hash.update(`${file}\0${this.#hashes.get(file)}\n`);
    const skipped = new Map([...this.#skippedNames(), ...this.#skipped]);
    return {
      hash: hash.digest('hex'),
      files,
      skipped: [...skipped].map(([path, reason]) => ({ path, reason })),
    };
  }

  /** Files that the code names and nothing kept; not the archive, nor folders of code. */
  #skippedNames(): [path: string, reason: string][] {
    const archive = relative(this.#root, this.#folder).split(sep)[0];
    const kept = [...this.#kept];
    return [...this.#named]
      .filter((path) => path.split('/')[0] !== archive)
      .filter((path) => !kept.some((file) => file === path || file.startsWith(`${path}/`)))
      .map((path) => [path, 'named in the code, not copied: e.input(path) keeps what a run reads']);
  }

  #put(place: string, bytes: Uint8Array): void {
    writeFileAtomic(this.#target(place), bytes);
  }

  #target(place: string): string {
    const target = join(this.#folder, place);
    const folder = dirname(target);
    if (!this.#made.has(folder)) {
      try {
        mkdirSync(folder, { recursive: true });
      } catch (cause) {
        throw storageError(cause, 'create', folder);
      }
      this.#made.add(folder);
    }
    return target;
  }
}
