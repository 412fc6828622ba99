import { existsSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { encode } from '../codec/json.ts';
import { type SegmentUse, segmentsToMerge, usedRows } from './index-merge.ts';
import type { IndexRow, Segment, Stamp } from './index-segment.ts';
import { IndexedSource } from './index-source.ts';
import { IndexStore } from './index-store.ts';
import { ATTEMPTS_FOLDER, META_FILE } from './layout.ts';
import { loadRun } from './load.ts';
import { machineIdentity } from './process.ts';
import { type RunSummary, readSummary, Summary } from './summary.ts';
import { summaryFields } from './summary-source.ts';
import { walkRuns } from './walk.ts';

/** The summaries of all runs of an archive. */
export interface OpenIndex {
  /** Sorted by path. */
  readonly runs: readonly RunSummary[];
  readonly broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
  /** Keeps what was read anew for the next time. Never throws. */
  save(): void;
}

interface IndexOptions {
  /** Also the runs inside of runs. */
  readonly children: boolean;
  /**
   * Metadata that changed so lately, in ms, are not kept: they might change again without their times' telling. Default
   * 2000, for file systems with coarse times, and clocks that differ a little.
   */
  readonly settledMs?: number;
}

/** Of fewer runs no index is begun: reading them takes no longer. */
const FEWEST = 64;
/** What is read anew is written in portions, to hold no more of it. */
const PORTION = 4096;
/** A run with more metadata than this is read anew each time. */
const MOST_BYTES = 512 * 1024;
const SETTLED_MS = 2000;
/** Kept of a killed run: host, pid namespace and modification time of its claims, for which that is so. */
const KILLED = 'killed';

/** Whether a folder was moved away or deleted between the look that found it and the one that read it. */
function isGone(folder: string): boolean {
  return !existsSync(folder);
}

/** Reads every run, without an index. */
export function readSummaries(results: string, options: IndexOptions): Omit<OpenIndex, 'save'> {
  const runs: RunSummary[] = [];
  const broken: { path: string; reason: string }[] = [];
  for (const entry of walkRuns(results, options)) {
    try {
      if (entry.kind === 'broken') throw new Error(entry.reason);
      runs.push(readSummary(entry.path, entry.child));
    } catch (error) {
      if (!isGone(entry.path)) broken.push({ path: entry.path, reason: (error as Error).message });
    }
  }
  return { runs, broken };
}

/**
 * Reads the runs of which the index does not know the present state: each run's metadata is looked at, and read only
 * when it changed. A run that may still change without that - one that runs, or is stalled - is always read. So the answer
 * is that of `readSummaries`. The index is begun when there are many runs, and made anew where it is damaged or stale.
 */
export function openIndex(results: string, options: IndexOptions): OpenIndex {
  return new Reading(results, options);
}

class Reading implements OpenIndex {
  readonly runs: RunSummary[] = [];
  readonly broken: { path: string; reason: string }[] = [];
  readonly #results: string;
  readonly #options: IndexOptions;
  readonly #store: IndexStore;
  readonly #uses: SegmentUse[];
  /** By path below the archive, the places of rows in `#uses`, the newest first. */
  readonly #places = new Map<string, Place | Place[]>();
  #self: ReturnType<typeof machineIdentity> | undefined;
  /** What is to be written. */
  readonly #fresh = new Map<IndexedSource, Pick<IndexRow, 'path' | 'stamp'>>();
  #lastFound: { readonly folder: string; readonly places: Place | Place[]; readonly stamp: Stamp } | undefined;

  constructor(results: string, options: IndexOptions) {
    this.#results = resolve(results);
    this.#options = options;
    this.#store = new IndexStore(this.#results);
    this.#uses = this.#store.open().map((segment) => ({ segment, used: new Uint8Array(segment.rows) }));
    for (const [index, { segment }] of this.#uses.entries()) this.#remember(segment, index);
    for (const entry of walkRuns(this.#results, options, (folder) => this.#isKnown(folder))) {
      if (entry.kind === 'broken') {
        if (!isGone(entry.path)) this.broken.push({ path: entry.path, reason: entry.reason });
      } else this.#take(entry.path, entry.child);
    }
  }

  save(): void {
    try {
      if (this.#uses.length === 0 && this.#fresh.size < FEWEST) return;
      this.#write();
      this.#merge();
    } catch {
      // The index is there for speed only.
    }
  }

  #remember({ paths }: Segment, index: number): void {
    paths.forEach((path, row) => {
      const place = index * ROWS + row;
      const others = this.#places.get(path);
      if (others === undefined) this.#places.set(path, place);
      else this.#places.set(path, typeof others === 'number' ? [others, place] : [...others, place]);
    });
  }

  #isKnown(folder: string): boolean {
    const places = this.#places.get(this.#below(folder));
    const stamp = places === undefined ? undefined : stampOf(folder);
    if (places === undefined || stamp === undefined) return false;
    this.#lastFound = { folder, places, stamp };
    return true;
  }

  #take(folder: string, child: boolean): void {
    const found = this.#lastFound?.folder === folder ? this.#lastFound : undefined;
    const kept = found === undefined ? undefined : this.#kept(folder, found.places, found.stamp, child);
    try {
      this.runs.push(kept ?? this.#readAnew(folder, found?.stamp ?? stampOf(folder), child));
    } catch (error) {
      if (!isGone(folder)) this.broken.push({ path: folder, reason: (error as Error).message });
    }
  }

  /** The summary in the index, when it is that of the present state. */
  #kept(folder: string, places: Place | Place[], stamp: Stamp, child: boolean): RunSummary | undefined {
    for (const place of typeof places === 'number' ? [places] : places) {
      const { segment, used } = this.#uses[Math.floor(place / ROWS)]!;
      const row = place % ROWS;
      if (!segment.hasStamp(row, stamp)) continue;
      const source = new IndexedSource(folder, child, this).refer(segment, row);
      if (!this.#isStillSo(folder, source)) continue;
      used[row] = 1;
      return new Summary(folder, source);
    }
    return undefined;
  }

  /** A killed run may be taken up again, and is killed for this machine only. */
  #isStillSo(folder: string, source: IndexedSource): boolean {
    const killed = source.get(KILLED);
    return killed === undefined || encode(killed) === encode(this.#killedAs(folder));
  }

  #killedAs(folder: string): unknown {
    this.#self ??= machineIdentity();
    const claims = statSync(`${folder}${sep}${ATTEMPTS_FOLDER}`, { throwIfNoEntry: false });
    return [this.#self.host, this.#self.pidNamespace, claims?.mtimeMs ?? null];
  }

  #readAnew(folder: string, stamp: Stamp | undefined, child: boolean): RunSummary {
    const claims = this.#killedAs(folder);
    const run = loadRun(folder);
    const fields = summaryFields(run, child);
    const isKilled = run.original.status === 'running' && run.status === 'killed';
    if (isKilled) fields[KILLED] = claims;
    const isFinal = isKilled || run.original.status !== 'running';
    const { settledMs = SETTLED_MS } = this.#options;
    const isSettled = stamp !== undefined && Math.abs(Date.now() - Math.max(stamp[0], stamp[1])) > settledMs;
    const source = new IndexedSource(folder, child, this).own(fields);
    if (isFinal && isSettled && stamp[2] <= MOST_BYTES) this.#fresh.set(source, { path: this.#below(folder), stamp });
    if (this.#fresh.size >= PORTION) this.#write();
    return new Summary(folder, source);
  }

  /** Fields of a row were worked out: it is written anew with them. */
  changed(source: IndexedSource): void {
    const { origin } = source;
    if (origin === undefined) return;
    const { segment, row } = origin;
    for (const use of this.#uses) if (use.segment === segment) use.used[row] = 0;
    this.#fresh.set(source, { path: segment.paths[row]!, stamp: segment.stamp(row) });
  }

  /** Moves what is new into the index. */
  #write(): void {
    const sources = [...this.#fresh.keys()];
    const rows = [...this.#fresh].map(([source, row]): IndexRow => ({ ...row, fields: source.fields() }));
    this.#fresh.clear();
    if (rows.length === 0) return;
    let at = 0;
    for (const segment of this.#store.write(rows) ?? []) {
      for (let row = 0; row < segment.rows; row++) sources[at++]!.refer(segment, row);
      this.#uses.push({ segment, used: new Uint8Array(segment.rows).fill(1) });
    }
  }

  #merge(): void {
    for (const use of this.#uses) this.#keepUnseen(use);
    const merged = segmentsToMerge(this.#uses);
    if (merged.length === 0) return;
    const rows = usedRows(merged);
    if (rows.length === 0 || this.#store.write(rows) !== undefined) {
      this.#store.remove(merged.map(({ segment }) => segment));
    }
  }

  /** Runs inside of runs were not looked for: their rows may be of use. */
  #keepUnseen({ segment, used }: SegmentUse): void {
    if (this.#options.children) return;
    for (let row = 0; row < segment.rows; row++)
      if (used[row] === 0 && segment.get(row, 'child') === true) used[row] = 1;
  }

  /** A path below the archive. */
  #below(folder: string): string {
    return folder.slice(this.#results.length + 1);
  }
}

type Place = number;
/** More than any file of the index has. */
const ROWS = 2 ** 20;

function stampOf(folder: string): Stamp | undefined {
  try {
    const stats = statSync(`${folder}${sep}${META_FILE}`, { throwIfNoEntry: false });
    return stats === undefined ? undefined : [stats.mtimeMs, stats.ctimeMs, stats.size];
  } catch {
    // Whoever reads it says why it cannot be.
    return undefined;
  }
}
