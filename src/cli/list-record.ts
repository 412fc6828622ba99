import type { RunSummary } from '../archive/summary.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isComexDefault } from './recorded-parameters.ts';
import type { RunRecord, SeriesRecord } from './run-record.ts';

/** A run as `comex list --json` gives it: what later was said of it, and how it ended, where there is any. */
interface ListedRecord extends RunRecord {
  readonly title?: string;
  readonly note?: string;
  readonly parent?: string;
  readonly result?: unknown;
  readonly error?: RunSummary['error'];
  readonly harvested?: Readonly<Record<string, unknown>>;
}

export function listedRecord(run: RunSummary): ListedRecord {
  const { title, note, parent, result, error, harvested } = run;
  return {
    id: run.id,
    path: run.path,
    namespace: run.namespace,
    name: run.name,
    status: run.status,
    startedAt: run.startedAt,
    endedAt: run.endedAt ?? null,
    durationMs: run.durationMs === undefined ? null : Math.round(run.durationMs * 1000) / 1000,
    parameters: parametersOf(run),
    tags: run.tags,
    series: seriesOf(run),
    ...(title === undefined ? {} : { title }),
    ...(note === undefined ? {} : { note }),
    ...(parent === undefined ? {} : { parent }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    ...(Object.keys(harvested).length === 0 ? {} : { harvested }),
  };
}

/** The names of the parameters that people want to see: special ones only where they differ from comex's default. */
export function shownParameterNames(run: RunSummary): string[] {
  return run.parameterNames.filter((name) => !isSpecialName(name) || !isComexDefault(name, run.parameter(name)));
}

/** By name: the value in force, null for a secret; not there while it is not known. */
function parametersOf(run: RunSummary): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.create(null);
  for (const name of shownParameterNames(run)) {
    const value = run.secrets.includes(name) ? null : run.parameter(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function seriesOf({ series }: RunSummary): Readonly<Record<string, SeriesRecord>> {
  const records: Record<string, SeriesRecord> = Object.create(null);
  for (const [name, { count, last, min, max }] of Object.entries(series)) {
    records[name] = { count, last: last ?? null, min: min ?? null, max: max ?? null };
  }
  return records;
}
