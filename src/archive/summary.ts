import { dataScalars } from './data-scalars.ts';
import type { SeriesSummary, Status } from './layout.ts';
import { loadRun } from './load.ts';
import type { RunSummary } from './run-summary.ts';
import {
  DATUM,
  PARAMETER,
  SERIES,
  type SummarySource,
  seriesFields,
  sourceOf,
  summaryFields,
} from './summary-source.ts';

export type { RunSummary };

/** The summary of a run folder, read anew. @throws ComexError as `loadRun` does */
export function readSummary(path: string, child: boolean): RunSummary {
  return new Summary(path, sourceOf(summaryFields(loadRun(path), child)));
}

/** A summary over its source. */
export class Summary implements RunSummary {
  readonly path: string;
  readonly #source: SummarySource;
  #startedMs: number | undefined;
  /** Of a run whose data may still change: these are not kept. */
  #passing: Readonly<Record<string, unknown>> | undefined;

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

  get dataPaths(): readonly string[] {
    this.#readData();
    if (this.#passing !== undefined) return Object.keys(this.#passing);
    return (this.#source.get('dataPaths') as readonly string[] | undefined) ?? [];
  }

  get data(): Readonly<Record<string, unknown>> {
    this.#readData();
    return this.#passing ?? this.#collected(this.dataPaths, DATUM);
  }

  datum(path: string): unknown {
    this.#readData();
    return this.#passing === undefined ? this.#source.get(`${DATUM}${path}`) : this.#passing[path];
  }

  #collected(names: readonly string[], prefix: string): Record<string, unknown> {
    const all: Record<string, unknown> = Object.create(null);
    for (const name of names) {
      const value = this.#source.get(`${prefix}${name}`);
      if (value !== undefined) all[name] = value;
    }
    return all;
  }

  /** The data are read when somebody asks for them: most lists do not. */
  #readData(): void {
    if (this.#passing !== undefined || this.#source.get('dataPaths') !== undefined) return;
    const { values, isFinal } = dataScalars(this.path, this);
    if (!isFinal) {
      this.#passing = values;
      return;
    }
    const fields: Record<string, unknown> = { dataPaths: Object.keys(values) };
    for (const path of Object.keys(values)) fields[`${DATUM}${path}`] = values[path];
    this.#source.add?.(fields);
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
