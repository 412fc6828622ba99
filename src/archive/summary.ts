import type { ErrorRecord, GitRecord, SeriesSummary, Status } from './layout.ts';
import { loadRun } from './load.ts';
import { PARAMETER, SERIES, type SummarySource, seriesFields, sourceOf, summaryFields } from './summary-source.ts';

/**
 * What listing, selecting and sorting need of a run, cheap to hold for very many of them. It looks like plain data; what
 * is not needed of it is not read.
 */
export interface RunSummary {
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  /** With forward slashes, such as `vision/digits`. */
  readonly namespace: string;
  /** Name of the run folder when the run began. */
  readonly name: string;
  /** A name that people gave it later. */
  readonly title: string | undefined;
  readonly module: string;
  /** Whether it stands inside of another run's folder. */
  readonly child: boolean;
  /** Id of the run that it is a child of. */
  readonly parent: string | undefined;
  /** What the run wrote last, or `killed` or `stalled` where it can write no more. */
  readonly status: Status;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedAt: string | undefined;
  /** Up to now while it runs, up to the last sign of life when it was killed. Undefined while it is queued. */
  readonly durationMs: number | undefined;
  readonly tags: readonly string[];
  readonly note: string | undefined;
  readonly description: string | undefined;
  /** The values in force that are known, by name, without secrets. Has no prototype. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Names of all parameters, in the order of the metadata, with secrets and those that are not known. */
  readonly parameterNames: readonly string[];
  /** Names of the parameters that are secrets. */
  readonly secrets: readonly string[];
  /** What the main function returned; undefined when it has not, or nothing. */
  readonly result: unknown;
  /** By name. Has no prototype. */
  readonly series: Readonly<Record<string, SeriesSummary>>;
  readonly seriesNames: readonly string[];
  readonly git: Pick<GitRecord, 'commit' | 'branch' | 'dirty'> | undefined;
  /** The message is its first line. */
  readonly error: Pick<ErrorRecord, 'name' | 'message' | 'code'> | undefined;
  readonly seed: number | string | undefined;
  readonly uid: string;
  readonly debug: boolean;
  readonly testing: boolean;
  /** Jobs of a cluster that worked on it. */
  readonly jobs: readonly string[];
  /** Values that were taken later from files of other programs. Has no prototype. */
  readonly harvested: Readonly<Record<string, unknown>>;
  /** The value of one parameter, without reading the others; undefined for a secret and what is not known. */
  parameter(name: string): unknown;
  /** The summary of one series, without reading the others. */
  seriesSummary(name: string): SeriesSummary | undefined;
}

/** The summary of a run folder, read anew. @throws ComexError as `loadRun` does */
export function readSummary(path: string, child: boolean): RunSummary {
  return new Summary(path, sourceOf(summaryFields(loadRun(path), child)));
}

/** A summary over its source. */
export class Summary implements RunSummary {
  readonly path: string;
  readonly #source: SummarySource;
  #startedMs: number | undefined;

  constructor(path: string, source: SummarySource) {
    this.path = path;
    this.#source = source;
  }

  get id(): string {
    return this.#source.get('id') as string;
  }

  get namespace(): string {
    return this.#source.get('namespace') as string;
  }

  get name(): string {
    return this.#source.get('name') as string;
  }

  get title(): string | undefined {
    return this.#source.get('title') as string | undefined;
  }

  get module(): string {
    return this.#source.get('module') as string;
  }

  get child(): boolean {
    return this.#source.get('child') === true;
  }

  get parent(): string | undefined {
    return this.#source.get('parent') as string | undefined;
  }

  get status(): Status {
    return this.#source.get('status') as Status;
  }

  get startedAt(): string {
    return this.#source.get('startedAt') as string;
  }

  get startedMs(): number {
    this.#startedMs ??= Date.parse(this.startedAt);
    return this.#startedMs;
  }

  get endedAt(): string | undefined {
    return this.#source.get('endedAt') as string | undefined;
  }

  get durationMs(): number | undefined {
    return this.#source.get('durationMs') as number | undefined;
  }

  get tags(): readonly string[] {
    return (this.#source.get('tags') as readonly string[] | undefined) ?? [];
  }

  get note(): string | undefined {
    return this.#source.get('note') as string | undefined;
  }

  get description(): string | undefined {
    return this.#source.get('description') as string | undefined;
  }

  get parameters(): Readonly<Record<string, unknown>> {
    return this.#collected(this.parameterNames, PARAMETER);
  }

  get parameterNames(): readonly string[] {
    return (this.#source.get('parameterNames') as readonly string[] | undefined) ?? [];
  }

  get secrets(): readonly string[] {
    return (this.#source.get('secrets') as readonly string[] | undefined) ?? [];
  }

  get result(): unknown {
    return this.#source.get('result');
  }

  get series(): Readonly<Record<string, SeriesSummary>> {
    return this.#collected(this.seriesNames, SERIES) as Record<string, SeriesSummary>;
  }

  get seriesNames(): readonly string[] {
    if (this.#source.get('seriesNames') === undefined) this.#readSeries();
    return (this.#source.get('seriesNames') as readonly string[] | undefined) ?? [];
  }

  get git(): RunSummary['git'] {
    return this.#source.get('git') as RunSummary['git'];
  }

  get error(): RunSummary['error'] {
    return this.#source.get('error') as RunSummary['error'];
  }

  get seed(): number | string | undefined {
    return this.#source.get('seed') as number | string | undefined;
  }

  get uid(): string {
    return this.#source.get('uid') as string;
  }

  get debug(): boolean {
    return this.#source.get('debug') === true;
  }

  get testing(): boolean {
    return this.#source.get('testing') === true;
  }

  get jobs(): readonly string[] {
    return (this.#source.get('jobs') as readonly string[] | undefined) ?? [];
  }

  get harvested(): Readonly<Record<string, unknown>> {
    const values = this.#source.get('harvested') as Record<string, unknown> | undefined;
    return Object.assign(Object.create(null), values);
  }

  /** All of it will be asked for, and of few other runs. */
  prefetch(): void {
    this.#source.prefetch?.();
  }

  parameter(name: string): unknown {
    return this.#source.get(`${PARAMETER}${name}`);
  }

  seriesSummary(name: string): SeriesSummary | undefined {
    const known = this.#source.get(`${SERIES}${name}`);
    if (known === undefined && this.#source.get('seriesNames') === undefined) this.#readSeries();
    return this.#source.get(`${SERIES}${name}`) as SeriesSummary | undefined;
  }

  #collected(names: readonly string[], prefix: string): Record<string, unknown> {
    const all: Record<string, unknown> = Object.create(null);
    for (const name of names) {
      const value = this.#source.get(`${prefix}${name}`);
      if (value !== undefined) all[name] = value;
    }
    return all;
  }

  /** Of a run that wrote no summary; one whose files cannot be read has none. */
  #readSeries(): void {
    let fields: Record<string, unknown> = { seriesNames: [] };
    try {
      fields = seriesFields(loadRun(this.path));
    } catch {
      // What keeps it from being read is named where the archive is listed.
    }
    this.#source.add?.(fields);
  }
}
