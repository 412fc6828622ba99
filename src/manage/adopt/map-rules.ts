import { ComexError, didYouMean, kindOf } from '../../errors.ts';
import { checkRules } from '../../run/harvest/check.ts';
import { refuseJsonPath } from '../../run/harvest/json-path.ts';
import type { CheckedRule } from '../../run/harvest/rules.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { leavesFolder } from './map-patterns.ts';

/** Where one value comes from. */
export type ValueRule =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'harvest'; readonly rule: CheckedRule }
  | { readonly kind: 'yaml'; readonly file: string; readonly path: string }
  | { readonly kind: 'folder'; readonly pattern: RegExp };

/** Where many parameters come from at once, or one of a name. */
export type ParameterRule =
  | { readonly kind: 'one'; readonly name: string; readonly value: ValueRule }
  | { readonly kind: 'all'; readonly value: ValueRule }
  | { readonly kind: 'table'; readonly file: string }
  | { readonly kind: 'groups'; readonly file: string; readonly pattern: RegExp };

/** Where one series comes from, or one of each column. */
export interface SeriesRule {
  /** The series that is made; without it, one of each column of numbers, under its name. */
  readonly name?: string;
  /** Pattern of one file. */
  readonly csv: string;
  readonly column?: string;
  /** Without it, points are counted from 0 on. */
  readonly step?: string;
}

/** How folders of results are read that no program of ours wrote. */
export interface MapRules {
  /** Pattern of the folders that are runs, below the one that is given; without it, that folder is the one run. */
  readonly runs?: string;
  readonly namespace?: string;
  readonly facts: Readonly<Partial<Record<(typeof FACTS)[number], ValueRule>>>;
  readonly parameters: readonly ParameterRule[];
  readonly data: ReadonlyArray<{ readonly path: string; readonly value: ValueRule }>;
  readonly series: readonly SeriesRule[];
  /** Pattern of one file. */
  readonly log?: string;
  readonly code: readonly string[];
  readonly artifacts: readonly string[];
}

export const FACTS = ['title', 'description', 'tags', 'startedAt', 'endedAt', 'duration', 'status', 'error'] as const;
const KEYS = ['runs', 'namespace', ...FACTS, 'parameters', 'data', 'series', 'log', 'code', 'artifacts'];
/** What makes an object a source of values, and not one by name. */
const SOURCES = ['json', 'yaml', 'csv', 'text', 'folder', 'file'];

/**
 * Checks rules that somebody wrote.
 *
 * @param file its name, for messages
 * @throws ComexError `E_CONFIG` for what is no rule, `E_HARVEST` for what is none of a value
 */
export async function checkMapRules(rules: unknown, file: string): Promise<MapRules> {
  const fields = fieldsOf(rules);
  if (fields === undefined)
    throw new ComexError('E_CONFIG', `Expected ${file} to hold an object, got ${kindOf(rules)}.`);
  for (const key of Object.keys(fields)) {
    if (KEYS.includes(key)) continue;
    const hint = didYouMean(key, KEYS) || ` There are ${KEYS.join(', ')}.`;
    throw new ComexError('E_CONFIG', `${file}: Expected a rule of adopt, got ${JSON.stringify(key)}.${hint}`);
  }
  return await new Reader(fields, file).read();
}

class Reader {
  readonly #fields: Fields;
  readonly #file: string;

  constructor(fields: Fields, file: string) {
    this.#fields = fields;
    this.#file = file;
  }

  async read(): Promise<MapRules> {
    const facts: Partial<Record<(typeof FACTS)[number], ValueRule>> = {};
    for (const name of FACTS) {
      if (this.#fields[name] !== undefined) facts[name] = await this.#value(this.#fields[name], name);
    }
    const text = (name: string): string | undefined => this.#text(this.#fields[name], name);
    const [runs, namespace, log] = [text('runs'), text('namespace'), text('log')];
    return {
      ...(runs === undefined ? {} : { runs: this.#inside(runs, 'runs') }),
      ...(namespace === undefined ? {} : { namespace }),
      facts,
      parameters: await this.#parameters(this.#fields.parameters),
      data: await this.#data(this.#fields.data),
      series: this.#series(this.#fields.series),
      ...(log === undefined ? {} : { log }),
      code: this.#patterns('code') ?? [],
      artifacts: this.#patterns('artifacts') ?? ['**'],
    };
  }

  async #value(value: unknown, at: string): Promise<ValueRule> {
    const rule = fieldsOf(value);
    if (rule === undefined) return { kind: 'literal', value };
    if ('folder' in rule) {
      this.#refuseOthers(rule, ['folder'], at);
      return { kind: 'folder', pattern: this.#pattern(rule.folder, `${at}.folder`) };
    }
    if ('yaml' in rule) {
      this.#refuseOthers(rule, ['yaml', 'path'], at);
      const path = this.#text(rule.path, `${at}.path`) ?? '';
      const reason = path === '' ? undefined : refuseJsonPath(path);
      if (reason !== undefined) throw this.#wrong(`${at}.path`, `a JSONPath such as "$.train" (${reason})`, path);
      return { kind: 'yaml', file: this.#text(rule.yaml, `${at}.yaml`)!, path };
    }
    const place = { origin: 'command line', at: (_: string, field?: string) => this.#at(at, field) } as const;
    const [checked] = await checkRules({ value: rule }, place);
    return { kind: 'harvest', rule: checked! };
  }

  async #parameters(value: unknown): Promise<ParameterRule[]> {
    const rules: ParameterRule[] = [];
    for (const [index, item] of (Array.isArray(value) ? value : value === undefined ? [] : [value]).entries()) {
      const at = Array.isArray(value) ? `parameters.${index}` : 'parameters';
      rules.push(...(await this.#parameterRules(item, at)));
    }
    return rules;
  }

  async #parameterRules(item: unknown, at: string): Promise<ParameterRule[]> {
    if (typeof item === 'string') return [await this.#ofFile(item, at)];
    const rule = fieldsOf(item);
    if (rule === undefined) throw this.#wrong(at, 'a file such as "config.json", or values by name', item);
    if ('text' in rule) {
      this.#refuseOthers(rule, ['text', 'match'], at);
      const pattern = this.#pattern(rule.match, `${at}.match`, 'g');
      return [{ kind: 'groups', file: this.#text(rule.text, `${at}.text`)!, pattern }];
    }
    if ('csv' in rule) {
      this.#refuseOthers(rule, ['csv'], at);
      return [{ kind: 'table', file: this.#text(rule.csv, `${at}.csv`)! }];
    }
    if (SOURCES.some((source) => source in rule)) return [{ kind: 'all', value: await this.#value(rule, at) }];
    const named: ParameterRule[] = [];
    for (const [name, value] of Object.entries(rule)) {
      named.push({ kind: 'one', name, value: await this.#value(value, `${at}.${name}`) });
    }
    return named;
  }

  async #ofFile(file: string, at: string): Promise<ParameterRule> {
    if (/\.json$/i.test(file)) return { kind: 'all', value: await this.#value({ json: file }, at) };
    if (/\.ya?ml$/i.test(file)) return { kind: 'all', value: { kind: 'yaml', file, path: '' } };
    if (/\.[ct]sv$/i.test(file)) return { kind: 'table', file };
    const advice = 'Of a log, say what to look for: { "text": "train.log", "match": "lr=(?<LR>\\\\S+)" }.';
    throw new ComexError(
      'E_CONFIG',
      `${this.#at(at)}: Expected a .json, .yml or .csv file, got ${JSON.stringify(file)}. ${advice}`,
    );
  }

  async #data(value: unknown): Promise<Array<{ path: string; value: ValueRule }>> {
    if (value === undefined) return [];
    const rules = fieldsOf(value);
    if (rules === undefined) throw this.#wrong('data', 'an object of rules, by the path of the datum', value);
    const data: Array<{ path: string; value: ValueRule }> = [];
    for (const [path, rule] of Object.entries(rules)) {
      if (path.split('/').includes('')) throw this.#wrong(`data.${path}`, 'a path such as "results/score"', path);
      data.push({ path, value: await this.#value(rule, `data.${path}`) });
    }
    return data;
  }

  #series(value: unknown): SeriesRule[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((item, index) => this.#oneSeries(item, `series.${index}`));
    const rules = fieldsOf(value);
    if (rules === undefined) throw this.#wrong('series', 'an object of rules, by the name of the series', value);
    if ('csv' in rules) return [this.#oneSeries(rules, 'series')];
    return Object.entries(rules).map(([name, rule]) => {
      const one = this.#oneSeries(rule, `series.${name}`);
      return { ...one, name, column: one.column ?? name };
    });
  }

  #oneSeries(value: unknown, at: string): SeriesRule {
    const rule = fieldsOf(value);
    if (rule === undefined) throw this.#wrong(at, 'a rule such as { "csv": "log.csv", "step": "epoch" }', value);
    this.#refuseOthers(rule, ['csv', 'column', 'step'], at);
    const column = this.#text(rule.column, `${at}.column`);
    const step = this.#text(rule.step, `${at}.step`);
    const csv = this.#text(rule.csv, `${at}.csv`);
    if (csv === undefined) throw this.#wrong(`${at}.csv`, 'the name of a file', rule.csv);
    return {
      csv,
      ...(column === undefined ? {} : { column, name: column }),
      ...(step === undefined ? {} : { step }),
    };
  }

  #patterns(name: string): readonly string[] | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isText = (each: unknown): each is string => typeof each === 'string' && each !== '';
    if (all.every(isText)) return all.map((each) => this.#inside(each, name));
    throw this.#wrong(name, 'a pattern of files, or a list of them', value);
  }

  #inside(pattern: string, at: string): string {
    if (!leavesFolder(pattern)) return pattern;
    throw this.#wrong(at, 'a pattern inside of the folder', pattern);
  }

  #pattern(value: unknown, at: string, flags = ''): RegExp {
    const text = this.#text(value, at);
    if (text === undefined) throw this.#wrong(at, 'a regular expression', value);
    let groups: number;
    try {
      groups = new RegExp(`${text}|`).exec('')!.length - 1;
    } catch (error) {
      const reason = (error as Error).message.split(': ').at(-1);
      throw this.#wrong(at, `a regular expression (${reason})`, value);
    }
    if (groups === 0) throw this.#wrong(at, 'a regular expression with groups, such as "seed(?<SEED>\\\\d+)"', value);
    return new RegExp(text, flags);
  }

  #text(value: unknown, at: string): string | undefined {
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw this.#wrong(at, 'a text', value);
  }

  #refuseOthers(rule: Fields, known: readonly string[], at: string): void {
    const other = Object.keys(rule).find((key) => !known.includes(key));
    if (other === undefined) return;
    const hint = didYouMean(other, known) || ` It may have: ${known.join(', ')}.`;
    throw new ComexError(
      'E_CONFIG',
      `${this.#at(at)}: Expected a field of such a rule, got ${JSON.stringify(other)}.${hint}`,
    );
  }

  #at(path: string, field?: string): string {
    return `${this.#file} "${field === undefined ? path : `${path}.${field}`}"`;
  }

  #wrong(at: string, expected: string, value: unknown): ComexError {
    const got = typeof value === 'string' ? JSON.stringify(value) : value === undefined ? 'none' : kindOf(value);
    return new ComexError('E_CONFIG', `${this.#at(at)}: Expected ${expected}, got ${got}.`);
  }
}
