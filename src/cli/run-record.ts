import type { SeriesSummary } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isComexDefault } from './recorded-parameters.ts';

/** A run as `comex list --json` gives it. */
export interface RunRecord {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: string;
  /** Null while it runs, and when it was killed. */
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  /** By name: the value in force, null for a secret; not there while it is not known. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly series: Readonly<Record<string, SeriesRecord>>;
}

export interface SeriesRecord {
  readonly count: number;
  /** Null when the last point is no number. */
  readonly last: unknown;
  /** Null when there is no number. */
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * What `--json` says of a run.
 *
 * @throws ComexError `E_STORAGE` when a file of the run cannot be read
 */
export function runRecord(run: LoadedRun): RunRecord {
  const series: Record<string, SeriesRecord> = Object.create(null);
  for (const [name, summary] of Object.entries(seriesSummaries(run))) series[name] = seriesRecord(summary);
  return {
    id: run.id,
    path: run.path,
    namespace: run.namespace,
    name: run.name,
    status: run.status,
    startedAt: run.meta.startedAt,
    endedAt: run.meta.endedAt ?? null,
    durationMs: run.durationMs === undefined ? null : Math.round(run.durationMs * 1000) / 1000,
    parameters: parameterValues(run),
    tags: run.tags,
    series,
  };
}

/** The parameters that are known, without secrets; special ones only where they differ from comex's default. */
export function parameterValues(run: LoadedRun): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, record] of Object.entries(run.meta.parameters)) {
    if (isSpecialName(name) && isComexDefault(name, record.value)) continue;
    if (record.redacted === true) values[name] = null;
    else if (Object.hasOwn(record, 'value')) values[name] = record.value;
  }
  return values;
}

/** The summaries of the series, but for what is none: anybody may have written the metadata. */
export function seriesSummaries(run: LoadedRun): Readonly<Record<string, SeriesSummary>> {
  const all: Record<string, SeriesSummary> = Object.create(null);
  for (const [name, summary] of Object.entries(run.seriesSummary)) {
    if (typeof summary === 'object' && summary !== null) all[name] = summary;
  }
  return all;
}

function seriesRecord({ count, last, min, max }: SeriesSummary): SeriesRecord {
  return { count, last: last ?? null, min: min ?? null, max: max ?? null };
}
