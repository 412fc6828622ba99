import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { ComexError, didYouMean } from '../errors.ts';
import { namesOf } from './query-names.ts';
import { mixNumbers } from './query-numbers.ts';
import { refusalOfPattern } from './query-pattern.ts';
import { withFractions } from './query-source.ts';
import type { RunSummary } from './summary.ts';
import { SUMMARY_NAMES, unknownName } from './summary-fields.ts';

/** A question that every run answers with yes or no, in the Common Expression Language. */
export interface Query {
  readonly text: string;
  /** What it asks for: fields of the summary, and parameters. */
  readonly names: ReadonlySet<string>;
  /** Of `series`, `parameters` and parameters that are trees, the keys that it asks for literally. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Whether a run answers yes. One that lacks a name does not, also under negation; nor does one with a value of a kind
   * that cannot be compared so.
   *
   * @throws ComexError `E_QUERY` when the answer is neither yes nor no
   */
  matches(run: RunSummary): boolean;
}

const MAX_LENGTH = 10_000;
/** A reserved word of the language, and a field of every run. Its stand-in is as long, so that columns stay right. */
const NAMESPACE = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<![\w.])namespace(?!\w)/g;
const STAND_IN = 'namespacE';
const TIMESTAMP = 'google.protobuf.Timestamp';

let environment: Environment | undefined;

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
  const source = text.replace(NAMESPACE, (whole, literal) => (literal === undefined ? STAND_IN : whole));
  environment ??= makeEnvironment();
  const env = environment;
  const { text: fractional, placeOf } = withFractions(source);
  const evaluate = attempt(text, placeOf, () => env.parse(fractional));
  const { valid, error } = evaluate.check();
  if (!valid) throw queryError(text, error, placeOf);
  const { names, keys, required, patterns } = namesOf(evaluate.ast, (name) => env.hasVariable(name));
  for (const { node, text: pattern } of patterns) {
    const refusal = refusalOfPattern(pattern);
    if (refusal !== undefined) throw new ComexError('E_QUERY', `${refusal}${pointer(text, placed(node, placeOf))}`);
  }
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
      return isYes(text, evaluate, context);
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
    if (!runs.some((run) => run.parameter(name) !== undefined)) throw unknownName(name, runs);
  }
  for (const [name, keys] of runs.length === 0 ? [] : query.keys) {
    if (name !== 'series' && name !== 'parameters' && Object.hasOwn(SUMMARY_NAMES, name)) continue;
    for (const key of keys) refuseUnknownKey(name, key, runs);
  }
}

/** A misspelt series or field would match nothing, and nobody would know. */
function refuseUnknownKey(name: string, key: string, runs: readonly RunSummary[]): void {
  const has = (run: RunSummary): boolean => {
    if (name === 'series') return run.seriesSummary(key) !== undefined;
    if (name === 'parameters') return run.parameter(key) !== undefined;
    const value = run.parameter(name);
    return value !== undefined && (typeof value !== 'object' || value === null || Object.hasOwn(value, key));
  };
  if (runs.some(has)) return;
  const known = new Set<string>();
  for (const run of runs) {
    const value =
      name === 'series' ? run.seriesNames : name === 'parameters' ? run.parameterNames : run.parameter(name);
    for (const each of Array.isArray(value) ? (value as string[]) : Object.keys(value ?? {})) known.add(each);
  }
  const what = name === 'series' ? 'a series' : name === 'parameters' ? 'a parameter' : `a field of ${name}`;
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

function placed(node: Pick<ASTNode, 'range'>, placeOf: (offset: number) => number): { range: { start: number } } {
  return { range: { start: placeOf(node.range.start) } };
}

function queryError(text: string, error: unknown, placeOf: (offset: number) => number): ComexError {
  const told = error as {
    summary?: string;
    message: string;
    range?: { start: number; end: number };
  };
  const { summary, message } = told;
  const range = told.range === undefined ? undefined : { start: placeOf(told.range.start) };
  const reason = (summary ?? message).split('\n')[0]!.replaceAll(STAND_IN, 'namespace').replace(/\.$/, '');
  const hint = hintFor(text, range?.start ?? text.length);
  return new ComexError(
    'E_QUERY',
    `The query cannot be understood: ${lowerFirst(reason)}.${hint}${pointer(text, { range })}`,
    {
      cause: error,
    },
  );
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

/** What people write who know other languages. */
function hintFor(text: string, at: number): string {
  const rest = text.slice(at);
  const around = text.slice(Math.max(0, at - 3), at + 4);
  if (/^=(?!=)/.test(rest) || /===/.test(around)) return ' Equal is "==".';
  if (/\b(?:and|or|not)\b/i.test(text.slice(Math.max(0, at - 2), at + 5)))
    return ' And, or and not are "&&", "||" and "!".';
  if (/^[.]\d/.test(rest)) return ' Numbers begin with a digit: 0.5.';
  return '';
}

/** Two lines: the query, and a mark below the place; of a long query the part around it. */
function pointer(text: string, { range }: { range?: Pick<ASTNode['range'], 'start'> | undefined }): string {
  if (range === undefined) return '';
  const start = Math.max(0, range.start - 50);
  const line = text.slice(start, start + 100).replace(/[^\x20-\x7e]/g, ' ');
  return `\n  ${line}\n  ${' '.repeat(range.start - start)}^`;
}

/** Numbers of one kind, as in a run's parameters; moments that compare with texts. */
function makeEnvironment(): Environment {
  const env = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 100 },
  });
  mixNumbers(env);
  for (const [operator, holds] of Object.entries(ORDER)) {
    env.registerOperator(`${TIMESTAMP} ${operator} string: bool`, (a: Date, b: string) =>
      holds(a.getTime(), momentMs(b)),
    );
    env.registerOperator(`string ${operator} ${TIMESTAMP}: bool`, (a: string, b: Date) =>
      holds(momentMs(a), b.getTime()),
    );
  }
  env.registerOperator(`${TIMESTAMP} == string: bool`, (a: Date, b: string) => a.getTime() === momentMs(b));
  return env;
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Milliseconds since the epoch of an ISO 8601 text; a date alone begins with its local midnight. */
export function momentMs(text: string): number {
  return Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
}
