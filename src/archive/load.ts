import { resolve } from 'node:path';
import { listArtifacts } from './artifacts.ts';
import { type DataTree, replayData, withHarvested } from './data.ts';
import type {
  ArtifactRecord,
  ErrorRecord,
  HarvestedValue,
  ReferenceRecord,
  RunMeta,
  SeriesSummary,
  Status,
} from './layout.ts';
import { readJudged } from './liveness.ts';
import { readLog } from './log.ts';
import { harvestedIn, readNotes, withNotes } from './notes.ts';
import { readSeries, type Series, SeriesReader, summarise } from './series.ts';
import { aliveFor } from './sign-of-life.ts';
import { readTable, tableNames } from './tables.ts';

/**
 * A run read back from its folder, whether it is done, failed, killed or still running. Only the metadata is read at
 * first, the rest when it is asked for; nothing of the run is executed. What is read stays as it was then.
 *
 * Every member throws a ComexError `E_STORAGE` when the file it needs cannot be read.
 */
export interface LoadedRun {
  /** 8 letters and digits. */
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  /** Name of the run folder when the run began. */
  readonly name: string;
  /** With forward slashes, such as `vision/digits`. */
  readonly namespace: string;
  /** What the run wrote last, or `killed` or `stalled` where it can write no more. */
  readonly status: Status;
  /** How the status is known, such as `process 1234 is gone`. */
  readonly evidence: string;
  readonly startedAt: Date;
  /** Undefined while it runs, and when it was killed. */
  readonly endedAt: Date | undefined;
  /**
   * Milliseconds; up to now while it runs, up to the last sign of life when it was killed. Undefined while it is queued,
   * and of a copy of a killed run that has kept no such sign.
   */
  readonly durationMs: number | undefined;
  /** The metadata, with tags, notes, names and edits that came later. */
  readonly meta: RunMeta;
  /** The metadata as the run wrote them. */
  readonly original: RunMeta;
  /** The values in force, by name; a secret is undefined. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly description: string | undefined;
  /** What the main function returned. */
  readonly result: unknown;
  /** What ended the run, when it did not end well. */
  readonly error: ErrorRecord | undefined;
  /** Everything that was stored as `e['a/b'] = v`, and over it what was harvested, as one object of objects. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What was taken later from files of other programs, by the path of the datum. Has no prototype. */
  readonly harvested: Readonly<Record<string, HarvestedValue>>;
  /** Files outside of the folder that the run registered. */
  readonly references: readonly ReferenceRecord[];
  /** The names of the tracked series. */
  readonly seriesNames: readonly string[];
  /** Counts, extremes and last values, by the name of the series. Has no prototype. */
  readonly seriesSummary: Readonly<Record<string, SeriesSummary>>;
  readonly tableNames: readonly string[];
  /** The user's files in the run folder, sorted by path. */
  readonly artifacts: readonly ArtifactRecord[];
  /** The datum at a path such as `results/accuracy`, else the values of the series of that name, else undefined. */
  get(path: string): unknown;
  /** All tracked series by name. */
  series(): ReadonlyMap<string, Series>;
  /** One tracked series; undefined when nothing was tracked under that name. */
  series(name: string): Series | undefined;
  /** The rows of a table; none when there is no such table. */
  table(name: string): unknown[];
  /** The log of all attempts. */
  log(): string;
}

/**
 * Opens a run folder.
 *
 * @param folder path of the run folder; `selectRun` finds it by id or name
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_FORMAT` or `E_STORAGE` when its metadata cannot be read
 *
 * @example
 * ```ts
 * import { loadRun } from 'comex/archive';
 *
 * const run = loadRun('results/digits/2026-01-31__12-00-00__k3v9x2ab');
 * console.log(run.status, run.parameters.LEARNING_RATE, run.get('results/accuracy'));
 * const loss = run.series('loss/train');
 * if (loss !== undefined) console.log(loss.count, loss.values.at(-1));
 * ```
 */
export function loadRun(folder: string): LoadedRun {
  return new RunFolder(resolve(folder));
}

class RunFolder implements LoadedRun {
  readonly path: string;
  readonly original: RunMeta;
  readonly meta: RunMeta;
  readonly status: Status;
  readonly evidence: string;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly #single = new Map<string, Series | undefined>();
  #reader: SeriesReader | undefined;
  #tree: DataTree | undefined;
  readonly harvested: Readonly<Record<string, HarvestedValue>>;
  #data: Record<string, unknown> | undefined;
  #durationMs: number | undefined;

  constructor(path: string) {
    this.path = path;
    const { meta, status, evidence } = readJudged(path);
    this.original = meta;
    const notes = readNotes(path);
    this.harvested = harvestedIn(notes);
    this.meta = withNotes(meta, notes, this.harvested);
    this.status = status;
    this.evidence = evidence;
    this.startedAt = new Date(meta.startedAt);
    this.endedAt = meta.endedAt === undefined ? undefined : new Date(meta.endedAt);
  }

  get id(): string {
    return this.meta.id;
  }

  get name(): string {
    return this.meta.name;
  }

  get namespace(): string {
    return this.meta.namespace;
  }

  get tags(): readonly string[] {
    return this.meta.tags;
  }

  get description(): string | undefined {
    return this.meta.description;
  }

  get result(): unknown {
    return this.meta.result;
  }

  get error(): ErrorRecord | undefined {
    return this.meta.error;
  }

  get durationMs(): number | undefined {
    if (this.status === 'queued') return undefined;
    this.#durationMs ??= this.#hasEnded ? (this.meta.durationMs ?? this.#aliveFor()) : this.#aliveFor();
    return this.#durationMs;
  }

  get parameters(): Readonly<Record<string, unknown>> {
    const records = Object.entries(this.meta.parameters);
    return Object.fromEntries(records.map(([name, { redacted, value }]) => [name, redacted ? undefined : value]));
  }

  get data(): Readonly<Record<string, unknown>> {
    this.#data ??= this.#dataTree().toValue();
    return this.#data;
  }

  get references(): readonly ReferenceRecord[] {
    return this.meta.references ?? [];
  }

  get seriesNames(): readonly string[] {
    return this.#hasEnded && this.meta.series !== undefined ? Object.keys(this.meta.series) : this.#series().names();
  }

  get seriesSummary(): Readonly<Record<string, SeriesSummary>> {
    const all: Record<string, SeriesSummary> = Object.create(null);
    if (this.#hasEnded && this.meta.series !== undefined) return Object.assign(all, this.meta.series);
    for (const [name, series] of this.series()) all[name] = summarise(series);
    return all;
  }

  get tableNames(): readonly string[] {
    return tableNames(this.path);
  }

  get artifacts(): readonly ArtifactRecord[] {
    return listArtifacts(this.path);
  }

  get(path: string): unknown {
    const isDataPath = !path.split('/').includes('');
    if (isDataPath && this.#dataTree().has(path)) return this.#dataTree().get(path);
    const series = this.series(path);
    return series === undefined ? undefined : Array.from(series.points(), ({ value }) => value);
  }

  series(): ReadonlyMap<string, Series>;
  series(name: string): Series | undefined;
  series(name?: string): Series | undefined | ReadonlyMap<string, Series> {
    if (name === undefined) {
      const reader = this.#series();
      return new Map(reader.names().map((each) => [each, reader.get(each) as Series]));
    }
    if (this.#reader !== undefined) return this.#reader.get(name);
    if (!this.#single.has(name)) this.#single.set(name, readSeries(this.path, name));
    return this.#single.get(name);
  }

  table(name: string): unknown[] {
    return readTable(this.path, name);
  }

  log(): string {
    return readLog(this.path);
  }

  /** Whether the run wrote its end itself: then its summary is true, too. */
  get #hasEnded(): boolean {
    return this.meta.status !== 'running' && this.meta.status !== 'queued';
  }

  #series(): SeriesReader {
    this.#reader ??= new SeriesReader(this.path);
    return this.#reader;
  }

  #dataTree(): DataTree {
    this.#tree ??= withHarvested(replayData(this.path).tree, this.harvested);
    return this.#tree;
  }

  #aliveFor(): number | undefined {
    const started = this.startedAt.getTime();
    const end = this.status === 'running' ? Date.now() : this.endedAt?.getTime();
    return end === undefined ? aliveFor(this.path, started) : Math.max(0, end - started);
  }
}
