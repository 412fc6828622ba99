import type { LoadedRun } from './load.ts';

/** Where a summary's fields come from: made from the metadata just now, or kept. */
export interface SummarySource {
  /** By the names that `summaryFields` gives; undefined when the run has no such field. */
  get(field: string): unknown;
  /** Takes fields that were worked out later. */
  add?(fields: Readonly<Record<string, unknown>>): void;
  /** Makes ready for the reading of all fields. */
  prefetch?(): void;
}

/** Names of stored fields: `p:` before a parameter, `s:` before a series, `d:` before a datum. */
export const PARAMETER = 'p:';
export const SERIES = 's:';
export const DATUM = 'd:';

/** Takes fields as they are, and those that are worked out later into them. */
export function sourceOf(fields: Record<string, unknown>): SummarySource {
  return {
    get: (field) => fields[field],
    add: (more) => Object.assign(fields, more),
  };
}

/** The fields of a summary by name, without a prototype and without undefined ones. */
export function summaryFields(run: LoadedRun, child: boolean): Record<string, unknown> {
  const { meta, error } = run;
  const names = Object.keys(meta.parameters);
  const fields: Record<string, unknown> = Object.create(null);
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) fields[name] = value;
  };
  set('id', run.id);
  set('namespace', run.namespace);
  set('name', run.name);
  set('title', meta.title);
  set('module', meta.module);
  set('child', child);
  set('parent', meta.parent?.id);
  set('status', run.status);
  set('startedAt', run.startedAt.toISOString());
  set('endedAt', meta.endedAt);
  set('durationMs', run.durationMs);
  set('tags', run.tags);
  set('note', meta.note);
  set('description', meta.description);
  set('parameterNames', names);
  const secrets = names.filter((name) => meta.parameters[name]?.redacted === true);
  if (secrets.length > 0) set('secrets', secrets);
  for (const name of names) if (!secrets.includes(name)) set(`${PARAMETER}${name}`, meta.parameters[name]?.value);
  set('result', run.result);
  if (meta.git !== undefined) {
    const { commit, branch, dirty } = meta.git;
    set('git', { commit: commit ?? null, branch: branch ?? null, dirty: dirty === true });
  }
  if (error !== undefined) {
    const { name, message, code } = error;
    set('error', { name, message: firstLine(message), ...(code === undefined ? {} : { code }) });
  }
  set('seed', meta.seed?.value);
  set('uid', meta.uid);
  set('debug', meta.debug);
  set('testing', meta.testing);
  set('harvested', meta.harvested);
  // Of a run that wrote no end they are worked out from its files, when somebody asks.
  if (run.endedAt !== undefined && meta.series !== undefined) Object.assign(fields, seriesFields(run));
  return fields;
}

function firstLine(message: unknown): string {
  return typeof message === 'string' ? (message.trim().split('\n', 1)[0] ?? '').slice(0, 1000) : '';
}

/** The fields of the series: of a run that wrote no summary, worked out from its files. */
export function seriesFields(run: LoadedRun): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  const names: string[] = [];
  // Anybody may have written the metadata.
  for (const [name, summary] of Object.entries(run.seriesSummary)) {
    if (typeof summary !== 'object' || summary === null) continue;
    names.push(name);
    fields[`${SERIES}${name}`] = summary;
  }
  fields.seriesNames = names;
  return fields;
}
