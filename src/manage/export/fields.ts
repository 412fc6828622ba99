import { isPlainObject } from '../../archive/data-tree.ts';
import { loadRun } from '../../archive/load.ts';
import type { RunSummary } from '../../archive/summary.ts';
import { SERIES_STATISTICS, SUMMARY_NAMES, summaryField, unknownName } from '../../archive/summary-fields.ts';
import { ComexError, didYouMean, isComexError } from '../../errors.ts';
import type { WantedColumn } from './column-words.ts';

/** A run that is exported; its data are read when a column asks for them. */
export class ExportedRun {
  readonly summary: RunSummary;
  #data: Readonly<Record<string, unknown>> | undefined;

  constructor(summary: RunSummary) {
    this.summary = summary;
  }

  /** @throws ComexError as `loadRun` does */
  get data(): Readonly<Record<string, unknown>> {
    this.#data ??= loadRun(this.summary.path).data;
    return this.#data;
  }
}

/** What a column shows of a run. */
export interface ExportField extends WantedColumn {
  /** `parameter` is what was asked of the run, `measure` what came out of it, `fact` all else. */
  readonly kind: 'parameter' | 'measure' | 'fact';
  readonly get: (run: ExportedRun) => unknown;
  /** Moments of it are the run's own. */
  readonly isoMoments: boolean;
  /** A path of the run's data: whether any run has it is known when they have been read. */
  readonly path?: string;
}

const DATA = 'data.';
const MEASURES: ReadonlySet<string> = new Set(['duration', 'durationMs', 'result', 'series', 'harvested']);

/**
 * The field that a name means: a field of the run, a parameter or a field of one, a statistic of a series, or, at last, a
 * path of the data and the last value of a series. `data.PATH` means the data alone.
 *
 * @param all the runs that know the names
 * @throws ComexError `E_QUERY` for a name that no run has
 */
export function exportField({ name, head }: WantedColumn, all: readonly RunSummary[]): ExportField {
  const root = name.split('.', 1)[0]!;
  const field = { name, head, isoMoments: false };
  if (name === 'name') return { ...field, kind: 'fact', get: ({ summary }) => summary.title ?? summary.name };
  if (name === 'duration') return { ...field, kind: 'measure', get: ({ summary }) => seconds(summary.durationMs) };
  if (name.startsWith(DATA)) return dataField(field, name.slice(DATA.length));
  if (Object.hasOwn(SUMMARY_NAMES, root)) {
    const { get } = summaryField(name, all);
    const kind = MEASURES.has(root) ? 'measure' : root === 'parameters' ? 'parameter' : 'fact';
    return { ...field, kind, isoMoments: true, get: ({ summary }) => get(summary) };
  }
  if (all.some(({ parameterNames }) => parameterNames.includes(name) || parameterNames.includes(root))) {
    const { get } = summaryField(name, all);
    return { ...field, kind: 'parameter', get: ({ summary }) => get(summary) };
  }
  const inSummary = fieldInSummary(name, all);
  if (inSummary !== undefined && isStatistic(name)) {
    return { ...field, kind: 'measure', get: ({ summary }) => inSummary(summary) };
  }
  const inData = dataField(field, name);
  if (inSummary === undefined) return inData;
  return { ...field, kind: 'measure', get: (run) => inData.get(run) ?? inSummary(run.summary) };
}

/** To the microsecond: what is behind it is only the rounding of a division. */
function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 1000) / 1e6;
}

function isStatistic(name: string): boolean {
  return (SERIES_STATISTICS as readonly string[]).includes(/:(\w+)$/.exec(name)?.[1] ?? '');
}

function fieldInSummary(name: string, all: readonly RunSummary[]): ((run: RunSummary) => unknown) | undefined {
  try {
    return summaryField(name, all).get;
  } catch (error) {
    if (isComexError(error)) return undefined;
    throw error;
  }
}

function dataField(field: WantedColumn & { readonly isoMoments: boolean }, path: string): ExportField {
  const keys = path.split('/');
  return { ...field, kind: 'measure', path, get: ({ data }) => valueAt(data, keys) };
}

function valueAt(data: unknown, keys: readonly string[]): unknown {
  let found = data;
  for (const key of keys) {
    if (Array.isArray(found) && /^\d+$/.test(key)) found = found[Number(key)];
    else if (isPlainObject(found) && Object.hasOwn(found, key)) found = found[key];
    else return undefined;
  }
  return found;
}

/** Leaves of data that are looked at to find a name that was meant. */
const NAMED_LEAVES = 5000;

/**
 * Makes sure that some run has the path that a field asks for, when none of the exported ones does.
 *
 * @throws ComexError `E_QUERY` with the nearest name
 */
export function requireSome(
  { name, path }: ExportField,
  exported: ReadonlySet<string>,
  all: readonly RunSummary[],
): void {
  const names = new Set<string>();
  for (const summary of all) {
    let data: Readonly<Record<string, unknown>>;
    try {
      data = loadRun(summary.path).data;
    } catch (error) {
      if (isComexError(error)) continue;
      throw error;
    }
    if (!exported.has(summary.path) && valueAt(data, path!.split('/')) !== undefined) return;
    eachLeaf(data, (leaf) => names.size < NAMED_LEAVES && names.add(name.startsWith(DATA) ? `${DATA}${leaf}` : leaf));
  }
  const hint = didYouMean(name, names);
  if (hint === '') throw unknownName(name, all);
  throw new ComexError('E_QUERY', `Expected a name that some run has, but none has "${name}".${hint}`);
}

/** Gives what stands at the ends of a tree of data, with its path. */
export function eachLeaf(
  data: Readonly<Record<string, unknown>>,
  take: (path: string, value: unknown) => void,
  above = '',
): void {
  for (const [key, value] of Object.entries(data)) {
    const path = above === '' ? key : `${above}/${key}`;
    if (isPlainObject(value)) eachLeaf(value, take, path);
    else take(path, value);
  }
}
