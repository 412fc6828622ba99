import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { makeInnerFolder } from '../archive/inner-folder.ts';
import { CODE_FOLDER, PATCH_FILE, type SnapshotRecord } from '../archive/layout.ts';
import { snapshotHash } from '../archive/snapshot-hash.ts';
import { copyFileAtomic, writeFileAtomic } from '../codec/atomic.ts';
import { sha256 } from '../codec/hash.ts';
import type { Definition } from '../experiment/define.ts';
import type { ProjectFile } from '../experiment/load/closure.ts';
import { nearestPackage } from '../experiment/project.ts';
import { PROJECT_FILES } from './environment.ts';
import { namedFiles } from './named-files.ts';
import { isSecretFile } from './redact.ts';

/** Largest file that goes into a snapshot, in bytes. */
const FILE_LIMIT = 10 * 1024 * 1024;

/** Why an import is not kept whose file is known only when it runs. */
export const COMPUTED = 'computed import: known only when it runs';
/** Why a file is not kept that the code names, but does not import. */
export const NAMED = 'named in the code, not copied: e.input(path) keeps what a run reads';

/** Why a file of the given size in bytes cannot be kept, if so; its place is relative to the root. */
export function whyNotKept(place: string, bytes: number): string | undefined {
  if (place.startsWith('..') || isAbsolute(place)) return 'outside the project';
  if (isSecretFile(place)) return 'a file of secrets';
  return bytes > FILE_LIMIT ? `larger than ${FILE_LIMIT} bytes` : undefined;
}

/** The code of a run as it is copied into its folder: the bytes that run, in their places below `code/`. */
export class Snapshot {
  #folder: string;
  readonly #root: string;
  readonly #runFolder: string;
  /** The snapshot of the tree of runs, as long as nothing in it differs from what this run has. */
  #shared: Snapshot | undefined;
  /** SHA-256 of what stands below the folder, by place. */
  readonly #contents = new Map<string, string>();
  readonly #hashes = new Map<string, string>();
  readonly #skipped = new Map<string, string>();
  readonly #named = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #made = new Set<string>();

  /** @param tree That of the parent run: what it holds already is not copied again. */
  constructor(runFolder: string, root: string, tree?: Snapshot) {
    this.#runFolder = runFolder;
    this.#shared = tree?.tree;
    this.#folder = this.#shared === undefined ? join(runFolder, CODE_FOLDER) : this.#shared.#folder;
    this.#root = root;
  }

  /** The snapshot that holds the files: this one, or that of a run above. */
  get tree(): Snapshot {
    return this.#shared ?? this;
  }

  /** Writes the files of a definition and what its project needs to be installed again. */
  write(definition: Definition): void {
    if (this.#shared !== undefined && !this.#fits(definition, this.#shared)) {
      this.#shared = undefined;
      this.#folder = join(this.#runFolder, CODE_FOLDER);
    }
    for (const file of definition.closure.values()) this.add(file);
    const home = nearestPackage(dirname(definition.path)) ?? this.#root;
    for (const name of [...PROJECT_FILES, ...extendedConfigs(home)]) {
      const path = join(home, name);
      if (!existsSync(path)) continue;
      this.#kept.add(name);
      if (this.#shared !== undefined) continue;
      copyFileAtomic(path, this.#target(name));
      this.#contents.set(name, 'copied');
    }
  }

  /** Adds one file of the project with the bytes that were read from it. */
  add(file: ProjectFile): void {
    const place = relative(this.#root, file.path);
    const shown = place.split(sep).join('/');
    for (const path of namedFiles(file, this.#root)) this.#named.add(path);
    for (const line of file.computed) this.#skipped.set(`${shown}:${line}`, COMPUTED);
    const reason = whyNotKept(place, file.bytes.length);
    if (reason !== undefined) this.#skipped.set(shown, reason);
    else {
      this.#put(place, file.bytes);
      this.#kept.add(shown);
      this.#hashes.set(shown, sha256(file.bytes));
      this.#skipped.delete(shown);
    }
  }

  /**
   * Puts a file beside the code that is no part of its hash, such as an input; `original` is how code names it.
   * Returns its path in the run folder.
   */
  put(place: string, bytes: Uint8Array, original = place): string {
    this.#kept.add(original.split(sep).join('/'));
    const hash = sha256(bytes);
    // Code that runs, or what another run of the tree has read, stays what it is.
    const there = this.tree.#contents.get(place);
    const free =
      there === undefined || there === hash ? place : join('.inputs', `${hash.slice(0, 8)}-${basename(place)}`);
    this.#put(free, bytes);
    return `${this.#shownFolder}/${free.split(sep).join('/')}`;
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
    const skipped = new Map([...this.#skippedNames(), ...this.#skipped]);
    return {
      hash: snapshotHash(this.#hashes),
      ...(this.#shared === undefined ? {} : { folder: this.#shownFolder }),
      files,
      skipped: [...skipped].map(([path, reason]) => ({ path, reason })),
    };
  }

  /** Files that the code names and nothing kept; not the archive, nor folders of code. */
  #skippedNames(): [path: string, reason: string][] {
    const archive = relative(this.#root, this.#folder).split(sep)[0];
    const kept = [...this.#kept];
    return (
      [...this.#named]
        .filter((path) => path.split('/')[0] !== archive)
        // What a child run brought is there as well.
        .filter((path) => !this.tree.#contents.has(path))
        .filter((path) => !kept.some((file) => file === path || file.startsWith(`${path}/`)))
        .map((path) => [path, NAMED])
    );
  }

  /** Whether the tree's snapshot has no file that differs from one of the definition's. */
  #fits(definition: Definition, tree: Snapshot): boolean {
    return [...definition.closure.values()].every(({ path, bytes }) => {
      const there = tree.#contents.get(relative(this.#root, path));
      return there === undefined || there === sha256(bytes);
    });
  }

  get #shownFolder(): string {
    return relative(this.#runFolder, this.#folder).split(sep).join('/');
  }

  #put(place: string, bytes: Uint8Array): void {
    const { tree } = this;
    const hash = sha256(bytes);
    if (tree.#contents.get(place) === hash) return;
    writeFileAtomic(tree.#target(place), bytes);
    tree.#contents.set(place, hash);
  }

  #target(place: string): string {
    const target = join(this.#folder, place);
    const folder = dirname(target);
    if (!this.#made.has(folder)) {
      makeInnerFolder(folder, this.#runFolder);
      this.#made.add(folder);
    }
    return target;
  }
}

/** What the tsconfig of a project extends by relative paths inside of it, as paths below the project. */
function extendedConfigs(home: string): string[] {
  const found: string[] = [];
  const visit = (path: string): void => {
    if (!existsSync(path)) return;
    const [, extended = ''] = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(readFileSync(path, 'utf8')) ?? [];
    for (const [, target = ''] of extended.matchAll(/"(\.{1,2}\/[^"]*)"/g)) {
      const base = join(dirname(path), target);
      const file = existsSync(base) && target.endsWith('.json') ? base : `${base}.json`;
      const place = relative(home, file);
      if (place.startsWith('..') || isAbsolute(place) || found.includes(place)) continue;
      found.push(place);
      visit(file);
    }
  };
  visit(join(home, 'tsconfig.json'));
  return found;
}
