import { ComexError, didYouMean } from '../errors.ts';
import { isPlainObject } from './data-tree.ts';
import type { RunSummary } from './summary.ts';

/** One thing that can be asked of every run: what is sorted by, shown as a column, or grouped by. */
export interface SummaryField {
  /** As it was asked for. */
  readonly name: string;
  /** Undefined where a run has no such thing. */
  readonly get: (run: RunSummary) => unknown;
}

/** What every query, column and sort key may name beside parameters. */
export const SUMMARY_NAMES: Readonly<Record<string, (run: RunSummary) => unknown>> = {
  id: (run) => run.id,
  path: (run) => run.path,
  namespace: (run) => run.namespace,
  name: (run) => run.name,
  title: (run) => run.title,
  module: (run) => run.module,
  child: (run) => run.child,
  parent: (run) => run.parent,
  status: (run) => run.status,
  startedAt: (run) => new Date(run.startedMs),
  endedAt: (run) => (run.endedAt === undefined ? undefined : new Date(run.endedAt)),
  durationMs: (run) => run.durationMs,
  duration: (run) => (run.durationMs === undefined ? undefined : run.durationMs / 1000),
  tags: (run) => run.tags,
  note: (run) => run.note,
  description: (run) => run.description,
  parameters: (run) => run.parameters,
  result: (run) => run.result,
  series: (run) => run.series,
  git: (run) => run.git,
  error: (run) => run.error,
  seed: (run) => run.seed,
  uid: (run) => run.uid,
  debug: (run) => run.debug,
  testing: (run) => run.testing,
  jobs: (run) => run.jobs,
  harvested: (run) => run.harvested,
  data: (run) => run.data,
};

/** Fields of which each run has all, some or none: to ask for one is no mistake where no run has it yet. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  git: ['commit', 'branch', 'dirty'],
  error: ['name', 'message', 'code'],
};

/** The error for a field that nothing of the name has; undefined for one that it has, and where that is not known. */
export function unknownField(root: string, key: string): ComexError | undefined {
  const fields = FIELDS[root];
  if (fields === undefined || fields.includes(key)) return undefined;
  const hint = didYouMean(key, fields) || ` There are ${fields.join(', ')}.`;
  return new ComexError('E_QUERY', `Expected a field of ${root}, got "${root}.${key}".${hint}`);
}

/** What `NAME:stat` may ask of a series. */
export const SERIES_STATISTICS = ['last', 'min', 'max', 'count', 'firstStep', 'lastStep'] as const;
type Statistic = (typeof SERIES_STATISTICS)[number];

/**
 * What a name means in an archive: a field of the summary (`duration`, `result.accuracy`, `git.branch`), a parameter or
 * a field of one (`LEARNING_RATE`, `MODEL.width`), a statistic of a series (`loss/val:min`), a harvested value
 * (`results/score`) or a field of one, a series' last value, or a number, text or boolean of the data.
 *
 * @param runs all runs of the archive
 * @throws ComexError `E_QUERY` when no run has it, with the nearest name
 */
export function summaryField(name: string, runs: readonly RunSummary[]): SummaryField {
  const [root = '', ...path] = name.split('.');
  if (Object.hasOwn(SUMMARY_NAMES, root)) {
    const get = SUMMARY_NAMES[root]!;
    const field = { name, get: (run: RunSummary) => below(get(run), path) };
    if (path.length === 0) return field;
    const wrong = unknownField(root, path[0]!);
    if (wrong !== undefined) throw wrong;
    return runs.length === 0 || Object.hasOwn(FIELDS, root) ? field : existing(field, runs);
  }
  for (const { has, get = has } of possible(name, root, path)) {
    if (runs.some((run) => has(run) !== undefined)) return { name, get };
  }
  if (runs.length === 0) return { name, get: () => undefined };
  throw unknownName(name, runs);
}

/** What a name may mean: it does when some run has it. */
interface Reading {
  readonly has: (run: RunSummary) => unknown;
  /** What is got then, where that is more. */
  readonly get?: (run: RunSummary) => unknown;
}

/** The readings of a name, the likeliest first. */
function possible(name: string, root: string, path: readonly string[]): Reading[] {
  const colon = name.lastIndexOf(':');
  const statistic = name.slice(colon + 1) as Statistic;
  const readings: Reading[] = [{ has: (run) => run.parameter(name) }];
  if (path.length > 0) readings.push({ has: (run) => below(run.parameter(root), path) });
  if (colon > 0 && SERIES_STATISTICS.includes(statistic)) {
    const series = name.slice(0, colon);
    readings.unshift({ has: (run) => run.seriesSummary(series)?.[statistic] });
  }
  // What was harvested of some runs may be data of others.
  readings.push({ has: (run) => run.harvested[name], get: (run) => run.harvested[name] ?? run.datum(name) });
  if (path.length > 0) readings.push({ has: (run) => below(run.harvested[root], path) });
  readings.push({ has: (run) => run.seriesSummary(name)?.last });
  // Last, since the data of all runs may have to be read.
  readings.push({ has: (run) => run.datum(name) });
  return readings;
}

function existing(field: SummaryField, runs: readonly RunSummary[]): SummaryField {
  if (runs.some((run) => field.get(run) !== undefined)) return field;
  const [root = '', ...path] = field.name.split('.');
  const keys = new Set<string>();
  for (const run of runs) {
    const value = below(SUMMARY_NAMES[root]!(run), path.slice(0, -1));
    if (isPlainObject(value))
      for (const key of Object.keys(value)) keys.add([root, ...path.slice(0, -1), key].join('.'));
  }
  const hint = didYouMean(field.name, keys);
  throw new ComexError('E_QUERY', `Expected a name that some run has, but none has "${field.name}".${hint}`);
}

/** The error for a name that no run of the archive has. */
export function unknownName(name: string, runs: readonly RunSummary[]): ComexError {
  const statistic = /:(\w*)$/.exec(name)?.[1];
  // Of names that are equally near, the first is told: one of the same kind.
  const names = new Set<string>(/^_*\p{Lu}/u.test(name) ? [] : Object.keys(SUMMARY_NAMES));
  for (const run of runs) {
    for (const parameter of run.parameterNames) if (!run.secrets.includes(parameter)) names.add(parameter);
    for (const series of run.seriesNames) names.add(statistic === undefined ? series : `${series}:${statistic}`);
    for (const path of Object.keys(run.harvested)) names.add(path);
    for (const path of run.dataPaths) names.add(path);
  }
  for (const field of Object.keys(SUMMARY_NAMES)) names.add(field);
  const wrongStatistic =
    statistic !== undefined && !SERIES_STATISTICS.includes(statistic as Statistic)
      ? ` Of a series there are ${SERIES_STATISTICS.join(', ')}.`
      : '';
  const hint = wrongStatistic || didYouMean(name, names);
  const isSecret = runs.some(({ secrets }) => secrets.includes(name)) ? ' It is a secret, and no run keeps it.' : '';
  return new ComexError('E_QUERY', `Expected a name that some run has, but none has "${name}".${isSecret || hint}`);
}

/** What stands at a path of keys in a value; undefined where nothing does. */
export function below(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (Array.isArray(found) && /^\d+$/.test(key)) found = found[Number(key)];
    else if (isPlainObject(found) && Object.hasOwn(found, key)) found = found[key];
    else if (found instanceof Map) found = found.get(key);
    else return undefined;
  }
  return found;
}

/**
 * The order of two values of any kind: numbers before texts before the rest; what is missing or NaN comes last in either
 * direction.
 *
 * @param direction 1 for the smallest first, -1 for the largest
 */
export function compareValues(a: unknown, b: unknown, direction: 1 | -1): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA - rankB;
  if (rankA === MISSING) return 0;
  const [x, y] = rankA === OTHER ? [objectText(a), objectText(b)] : [a as number, b as number];
  return x < y ? -direction : x > y ? direction : 0;
}

/** Objects have no order of their own: by what they hold. */
function objectText(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? '';
}

const MISSING = 9;
const OTHER = 3;

function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? MISSING : 0;
    case 'bigint':
    case 'boolean':
      return 0;
    case 'string':
      return 1;
    default:
      if (value === null || value === undefined) return MISSING;
      return value instanceof Date ? 2 : OTHER;
  }
}
