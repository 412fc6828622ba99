import type { ASTNode } from '@marcbachmann/cel-js';
import { ComexError, didYouMean } from '../errors.ts';
import { pointer, queryError } from './query-error.ts';
import { queryLanguage } from './query-language.ts';
import { checkLiterals, replaced } from './query-literals.ts';
import { namesOf } from './query-names.ts';
import { refusalOfPattern } from './query-pattern.ts';
import { presenceContext, presenceReplacements } from './query-presence.ts';
import { checkSeries } from './query-series.ts';
import { STAND_IN, withFractions, withStandIn } from './query-source.ts';
import { unknownInQuery } from './query-unknown.ts';
import type { RunSummary } from './summary.ts';
import { SUMMARY_NAMES, unknownField } from './summary-fields.ts';

/** A question that every run answers with yes or no, in the Common Expression Language. */
export interface Query {
  readonly text: string;
  /** What it asks for: fields of the summary, and parameters. */
  readonly names: ReadonlySet<string>;
  /** Of `series`, `parameters` and parameters that are trees, the keys that it asks for literally. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Whether a run answers yes. One that lacks a name does not, also under negation, unless the name is compared with null;
   * nor does one with a value of a kind that cannot be compared so.
   *
   * @throws ComexError `E_QUERY` when the answer is neither yes nor no
   */
  matches(run: RunSummary): boolean;
}

const MAX_LENGTH = 10_000;

/**
 * Reads a query such as `status == "done" && LEARNING_RATE < 0.01 && "ablation" in tags`. Nothing of it is executed as
 * code.
 *
 * Names are parameters, and the fields of a run's summary: `id`, `namespace`, `status`, `startedAt`, `duration` in
 * seconds, `tags`, `note`, `result`, `series`, `git`, `error` and more.
 *
 * @throws ComexError `E_QUERY`, showing the place
 */
export function parseQuery(text: string): Query {
  if (text.length > MAX_LENGTH) {
    const message = `Expected a query of at most ${MAX_LENGTH} characters, got ${text.length}. Ask for less at once.`;
    throw new ComexError('E_QUERY', message);
  }
  if (text.trim() === '') {
    throw new ComexError(
      'E_QUERY',
      'Expected a query such as \'status == "done"\', got an empty text. Leave it out for all runs.',
    );
  }
  const env = queryLanguage();
  const { text: source, placeOf } = withFractions(withStandIn(text));
  const understood = attempt(text, placeOf, () => env.parse(source));
  const { valid, error } = understood.check();
  if (!valid) throw queryError(text, error, placeOf);
  const isConstant = (name: string): boolean => env.hasVariable(name);
  const { names, keys, required, presences, patterns } = namesOf(understood.ast, isConstant, realName);
  const shown = (node: ASTNode): string => pointer(text, placeOf(node.range.start));
  for (const { node, text: pattern } of patterns) {
    const refusal = refusalOfPattern(pattern);
    if (refusal !== undefined) throw new ComexError('E_QUERY', `${refusal}${shown(node)}`);
  }
  checkSeries(understood.ast, shown);
  const meant = [...checkLiterals(understood.ast, shown), ...presenceReplacements(presences)];
  const evaluate = meant.length === 0 ? understood : env.parse(replaced(source, meant));
  const readers = [...names].map((name): [string, (run: RunSummary) => unknown] => [
    name,
    reader(name, keys.get(name)),
  ]);
  return {
    text,
    names: new Set([...names].map(realName)),
    keys,
    matches(run) {
      const context: Record<string, unknown> = Object.create(null);
      for (const [name, read] of readers) {
        const value = read(run);
        if (value === undefined && required.has(name)) return false;
        context[name] = value;
      }
      return isYes(text, evaluate, Object.assign(context, presenceContext(presences, run)));
    },
  };
}

/**
 * Refuses a query with a name that no run has.
 *
 * @param runs all runs of the archive; where there is none, every name is possible
 * @throws ComexError `E_QUERY` with the nearest name
 */
export function checkNames(query: Query, runs: readonly RunSummary[]): void {
  for (const name of query.names) {
    if (Object.hasOwn(SUMMARY_NAMES, name) || runs.length === 0) continue;
    if (!runs.some((run) => run.parameter(name) !== undefined)) throw unknownInQuery(query.text, name, runs);
  }
  for (const [name, keys] of query.keys) {
    for (const key of keys) {
      const wrong = unknownField(name, key);
      if (wrong !== undefined) throw wrong;
    }
    if (runs.length === 0) continue;
    if (!Object.hasOwn(MAPS, name) && Object.hasOwn(SUMMARY_NAMES, name)) continue;
    for (const key of keys) refuseUnknownKey(name, key, runs);
  }
}

/** What every run has by names that are its own. */
const MAPS: Readonly<Record<string, { readonly what: string; keys(run: RunSummary): readonly string[] }>> = {
  series: { what: 'a series', keys: (run) => run.seriesNames },
  parameters: { what: 'a parameter', keys: (run) => run.parameterNames },
  harvested: { what: 'a harvested value', keys: (run) => Object.keys(run.harvested) },
  data: { what: 'a datum', keys: (run) => run.dataPaths },
};

/** A misspelt series or field would match nothing, and nobody would know. */
function refuseUnknownKey(name: string, key: string, runs: readonly RunSummary[]): void {
  const has = (run: RunSummary): boolean => {
    if (name === 'series') return run.seriesSummary(key) !== undefined;
    if (name === 'parameters') return run.parameter(key) !== undefined;
    if (name === 'harvested') return key in run.harvested;
    if (name === 'data') return run.datum(key) !== undefined;
    const value = run.parameter(name);
    return value !== undefined && (typeof value !== 'object' || value === null || Object.hasOwn(value, key));
  };
  if (runs.some(has)) return;
  const known = new Set<string>();
  for (const run of runs) {
    const value = MAPS[name]?.keys(run) ?? run.parameter(name);
    for (const each of Array.isArray(value) ? (value as string[]) : Object.keys(value ?? {})) known.add(each);
  }
  const what = MAPS[name]?.what ?? `a field of ${name}`;
  throw new ComexError(
    'E_QUERY',
    `Expected ${what} that some run has, but none has "${key}".${didYouMean(key, known)}`,
  );
}

function realName(name: string): string {
  return name === STAND_IN ? 'namespace' : name;
}

/** Reads what a name stands for; of a map of which only some keys are asked for, only these. */
function reader(queryName: string, keys: ReadonlySet<string> | undefined): (run: RunSummary) => unknown {
  const name = realName(queryName);
  if (keys !== undefined && name === 'series') return (run) => picked(keys, (key) => run.seriesSummary(key));
  if (keys !== undefined && name === 'data') return (run) => picked(keys, (key) => run.datum(key));
  if (keys !== undefined && name === 'parameters')
    return (run) => picked(keys, (key) => queryValue(run.parameter(key)));
  const field = Object.hasOwn(SUMMARY_NAMES, name) ? SUMMARY_NAMES[name]! : (run: RunSummary) => run.parameter(name);
  return (run) => queryValue(field(run));
}

function picked(keys: ReadonlySet<string>, read: (key: string) => unknown): Record<string, unknown> {
  const all: Record<string, unknown> = Object.create(null);
  for (const key of keys) {
    const value = read(key);
    if (value !== undefined) all[key] = value;
  }
  return all;
}

/** A typed array is a list like any other. */
function queryValue(value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? [...(value as Uint8Array)] : value;
}

function isYes(
  text: string,
  evaluate: (context: Record<string, unknown>) => unknown,
  context: Record<string, unknown>,
) {
  // An archive of many kinds of runs makes very many errors, whose stacks nobody sees.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let answer: unknown;
  try {
    answer = evaluate(context);
  } catch {
    return false;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  if (typeof answer === 'boolean') return answer;
  const advice = `Compare it, as in ${JSON.stringify(`${text.slice(0, 40)} == ...`)}.`;
  throw new ComexError('E_QUERY', `Expected a query that is true or false of a run, but ${text} is neither. ${advice}`);
}

function attempt<T>(text: string, placeOf: (offset: number) => number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw queryError(text, error, placeOf);
  }
}
