import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  ANALYSIS_FILE,
  ATTEMPTS_FOLDER,
  CHECKPOINTS_FOLDER,
  CODE_FOLDER,
  ENVIRONMENT_FILE,
  HIDDEN_FOLDER,
  MEDIA_FOLDER,
  OWN_PREFIX,
  PLOTS_FOLDER,
  RUNS_FOLDER,
  TABLES_FOLDER,
} from '../archive/layout.ts';
import { TRASH_PREFIX, walkRuns } from '../archive/walk.ts';
import { storageError } from '../codec/storage.ts';
import { isGone, pathInside, walkTree } from './folder-tree.ts';

/** What something takes of a disk. */
export interface Usage {
  /** Of whole blocks, as the disk gives them out. */
  readonly bytes: number;
  /** Files, folders and links. */
  readonly inodes: number;
}

/** What an archive takes, by the groups that were asked for, the largest first. */
export interface DiskUsage extends Usage {
  readonly namespaces: ReadonlyArray<Usage & { readonly name: string }>;
  readonly kinds: ReadonlyArray<Usage & { readonly name: string }>;
  /** By the path of the run folder. */
  readonly runs: ReadonlyArray<Usage & { readonly name: string }>;
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

const BLOCK = 512;

const FOLDER_KINDS: Readonly<Record<string, string>> = {
  [ATTEMPTS_FOLDER]: 'metadata',
  [CHECKPOINTS_FOLDER]: 'checkpoints',
  [CODE_FOLDER]: 'code',
  [HIDDEN_FOLDER]: 'metadata',
  [MEDIA_FOLDER]: 'media',
  [PLOTS_FOLDER]: 'plots',
  [RUNS_FOLDER]: 'child runs',
  [TABLES_FOLDER]: 'tables',
};

/**
 * What is on the disk, by namespace, by kind of file and by run. Links are not followed, and a file with several names
 * counts once.
 *
 * @param results absolute path of the archive
 * @param folders run folders that alone are measured; without them, the whole archive with its trash and its index
 */
export function measureDisk(results: string, folders?: readonly string[]): DiskUsage {
  const tally = new Tally(results);
  if (folders === undefined) {
    const runs = new Set<string>();
    for (const entry of walkRuns(results)) runs.add(entry.path);
    tally.addArchive(runs);
  } else for (const folder of outermost(folders)) tally.addRun(folder);
  return tally.result();
}

/** What one folder takes. */
export function measureFolder(folder: string): Usage {
  const counter = new Counter();
  let total: Usage = { bytes: 0, inodes: 0 };
  for (const { path } of walkTree(folder, '', () => {})) total = sum(total, counter.take(path));
  return total;
}

/** Those of the folders that are in no other of them. */
export function outermost(folders: readonly string[]): string[] {
  const all = new Set(folders);
  const isInner = (path: string): boolean => {
    for (let up = dirname(path); up !== dirname(up); up = dirname(up)) if (all.has(up)) return true;
    return false;
  };
  return [...all].filter((path) => !isInner(path));
}

/** Asks the disk about files, each once. */
class Counter {
  readonly #seen = new Set<string>();

  take(path: string): Usage {
    try {
      const stats = lstatSync(path);
      const { blocks, size, dev, ino } = stats;
      if (stats.nlink > 1 && !stats.isDirectory()) {
        const inode = `${dev}:${ino}`;
        if (this.#seen.has(inode)) return { bytes: 0, inodes: 0 };
        this.#seen.add(inode);
      }
      return { bytes: blocks === undefined ? size : blocks * BLOCK, inodes: 1 };
    } catch (error) {
      if (isGone(error)) return { bytes: 0, inodes: 0 };
      throw error;
    }
  }
}

class Tally {
  readonly #results: string;
  readonly #counter = new Counter();
  readonly #namespaces = new Map<string, Usage>();
  readonly #kinds = new Map<string, Usage>();
  readonly #runs = new Map<string, Usage>();
  readonly #broken: { path: string; reason: string }[] = [];
  #total: Usage = { bytes: 0, inodes: 0 };

  constructor(results: string) {
    this.#results = results;
  }

  addRun(folder: string): void {
    const namespace = namespaceOf(folder, this.#results);
    this.#walk(folder, ({ name, path }) => {
      this.#add(path, namespace, kindInRun(name), folder);
    });
  }

  /** Everything below the archive's folder; what a run folder holds counts for it. */
  addArchive(runs: ReadonlySet<string>): void {
    let run: string | undefined;
    this.#walk(this.#results, ({ name, path, kind }) => {
      if (run !== undefined && !path.startsWith(join(run, '/'))) run = undefined;
      if (run === undefined && kind === 'folder' && runs.has(path)) run = path;
      if (run !== undefined)
        this.#add(path, namespaceOf(run, this.#results), kindInRun(path.slice(run.length + 1)), run);
      else this.#add(path, ...outside(name));
    });
    for (const path of runs) if (!this.#runs.has(path)) this.addRun(path);
  }

  result(): DiskUsage {
    return {
      ...this.#total,
      namespaces: sorted(this.#namespaces),
      kinds: sorted(this.#kinds),
      runs: sorted(this.#runs),
      broken: this.#broken,
    };
  }

  #walk(root: string, visit: (entry: { name: string; path: string; kind: string }) => void): void {
    const onBroken = (path: string, error: unknown): void => {
      this.#broken.push({ path, reason: storageError(error, 'read', path).message });
    };
    for (const entry of walkTree(root, '', onBroken)) visit(entry);
  }

  #add(path: string, namespace: string, kind: string, run?: string): void {
    const usage = this.#counter.take(path);
    if (usage.inodes === 0) return;
    this.#total = sum(this.#total, usage);
    add(this.#namespaces, namespace, usage);
    add(this.#kinds, kind, usage);
    if (run !== undefined) add(this.#runs, run, usage);
  }
}

/** The kind of a file by its path in a run folder. */
function kindInRun(name: string): string {
  const [top = ''] = name.split('/');
  if (top !== name || FOLDER_KINDS[name] !== undefined) return FOLDER_KINDS[top] ?? 'artifacts';
  if (name === ENVIRONMENT_FILE) return 'environment';
  const [, what] = /^experiment_(log|track|data)\b/.exec(name) ?? [];
  if (what !== undefined) return what === 'track' ? 'series' : what;
  return name === '' || name === ANALYSIS_FILE || name.startsWith(OWN_PREFIX) || name.startsWith('.')
    ? 'metadata'
    : 'artifacts';
}

/** Namespace and kind of what belongs to no run. */
function outside(name: string): [namespace: string, kind: string] {
  const parts = name.split('/');
  if (parts.some((part) => part.startsWith(TRASH_PREFIX))) return ['(trash)', 'trash'];
  if (parts.includes(HIDDEN_FOLDER)) return ['(index)', 'index'];
  return ['(other)', 'other'];
}

function namespaceOf(run: string, results: string): string {
  const inside = pathInside(run, results);
  if (inside === undefined) return basename(dirname(run));
  const own = inside.split('/').slice(0, -1).join('/');
  return own === '' ? '(no namespace)' : own;
}

function add(map: Map<string, Usage>, name: string, usage: Usage): void {
  map.set(name, sum(map.get(name) ?? { bytes: 0, inodes: 0 }, usage));
}

function sum(a: Usage, b: Usage): Usage {
  return { bytes: a.bytes + b.bytes, inodes: a.inodes + b.inodes };
}

function sorted(map: ReadonlyMap<string, Usage>): Array<Usage & { name: string }> {
  const all = [...map].map(([name, usage]) => ({ name, ...usage }));
  return all.sort((a, b) => b.bytes - a.bytes || b.inodes - a.inodes || (a.name < b.name ? -1 : 1));
}
