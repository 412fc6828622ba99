/** What is made of the values that a rule finds; `only` expects exactly one. */
export type HarvestTake = (typeof TAKES)[number];
export const TAKES = ['only', 'first', 'last', 'list', 'count', 'mean', 'median', 'min', 'max', 'sum', 'sd'] as const;

/** How a text is read. */
export type HarvestType = (typeof TYPES)[number];
export const TYPES = ['number', 'integer', 'string', 'boolean', 'date'] as const;

export type HarvestEncoding = (typeof ENCODINGS)[number];
export const ENCODINGS = ['utf-8', 'utf-16le', 'latin1'] as const;

/** What every rule may say. */
interface RuleOptions {
  /** Where relative paths begin. Default `run`: the run folder, which they do not leave. */
  readonly in?: 'run' | 'project';
  /** Only for runs of that namespace, and of those below it. */
  readonly namespace?: string;
  /** Nothing is said when there is no such file, or no value in it. Default false. */
  readonly optional?: boolean;
  /** Whether it may stand in for a datum that the run stored itself. Default false. */
  readonly replace?: boolean;
}

/** What rules say that read values from files. */
interface ValueOptions extends RuleOptions {
  /** Default `only`. */
  readonly take?: HarvestTake;
  /** Default: what `take` needs, else what the text looks like. */
  readonly type?: HarvestType;
  /** Default `utf-8`, or what a byte order mark says. */
  readonly encoding?: HarvestEncoding;
}

interface CsvRule extends ValueOptions {
  /** Patterns of files with a header and rows. */
  readonly csv: string | readonly string[];
  /** Its name in the header, or, where none has it, its number from 0 on; needed unless rows are counted. */
  readonly column?: string | number;
  /** Only rows with these values in these columns: numbers however they are written, `true` and `false` in any case. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** Default: a tab, a semicolon or a comma, whichever the first line has. */
  readonly delimiter?: string;
  /** Default a point. */
  readonly decimal?: '.' | ',';
  /** Whether the first row names the columns. Default true. */
  readonly header?: boolean;
}

interface JsonRule extends ValueOptions {
  /** Patterns of JSON files; of those that end in `.jsonl` or `.ndjson`, each line is a value. */
  readonly json: string | readonly string[];
  /** JSONPath (RFC 9535). Default `$`: the whole value. */
  readonly path?: string;
}

interface TextRule extends ValueOptions {
  /** Patterns of texts. Default: the log of the run, of each line what stands behind the time. */
  readonly text?: string | readonly string[];
  /** A regular expression with one group, or a group named `value`; looked for in each line. */
  readonly match: string;
  readonly decimal?: '.' | ',';
}

interface FileRule extends RuleOptions {
  /** Pattern of one file, whose path, size and hash are the value. */
  readonly file: string | readonly string[];
}

/** How one value is taken from files that other programs wrote. */
export type HarvestRule = CsvRule | JsonRule | TextRule | FileRule;

/**
 * What is taken from files of other programs: rules by the path of the datum that each one gives.
 *
 * @example
 * ```ts
 * // experiments/evaluated.ts
 * import { writeFileSync } from 'node:fs';
 * import type { Experiment, HarvestRules } from 'comex';
 *
 * export const harvest = {
 *   'results/score': { csv: 'eval/*.csv', column: 'score', take: 'mean' },
 * } satisfies HarvestRules;
 *
 * export default async function experiment(e: Experiment) {
 *   writeFileSync(e.path('eval', 'a.csv'), 'case,score\n1,0.25\n2,0.75\n');
 * }
 * ```
 */
export type HarvestRules = Readonly<Record<string, HarvestRule>>;

/** Where rules stand, the strongest last. Those in the metadata of a run may have been written by anybody. */
export type RuleOrigin = 'config' | 'experiment' | 'metadata' | 'command line';

/** A rule that can be carried out. */
export interface CheckedRule {
  /** Path of the datum. */
  readonly path: string;
  readonly origin: RuleOrigin;
  /** As it was written. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly kind: 'csv' | 'json' | 'text' | 'file';
  /** Without any, the run's own log. */
  readonly patterns: readonly string[];
  readonly in: 'run' | 'project';
  readonly namespace?: string | undefined;
  readonly optional: boolean;
  readonly replace: boolean;
  readonly take: HarvestTake;
  readonly type?: HarvestType | undefined;
  readonly encoding?: HarvestEncoding | undefined;
  readonly decimal: '.' | ',';
  readonly column?: string | number | undefined;
  readonly where: ReadonlyArray<readonly [column: string, value: string | number | boolean]>;
  readonly delimiter?: string | undefined;
  readonly header: boolean;
  readonly jsonPath: string;
  readonly match?: RegExp | undefined;
}
