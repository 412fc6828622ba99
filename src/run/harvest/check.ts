import { type ComexError, didYouMean, isComexError, kindOf } from '../../errors.ts';
import { type Fields, isObject, RuleFields, type RulePlace, shown, wrong } from './rule-fields.ts';
import { refusePath } from './rule-path.ts';
import {
  type CheckedRule,
  ENCODINGS,
  type HarvestTake,
  type HarvestType,
  type RuleOrigin,
  TAKES,
  TYPES,
} from './rules.ts';

type Kind = CheckedRule['kind'];

/** Names a place by the file that it is in. */
export function placeIn(origin: RuleOrigin, file: string): RulePlace {
  return {
    origin,
    at: (path, field) => `${file} "${['harvest', path, field].filter(Boolean).join('.')}"`,
  };
}

const COMMON = ['in', 'namespace', 'optional', 'replace'] as const;
const VALUED = [...COMMON, 'take', 'type', 'encoding'] as const;
/** What a rule may say, by where its values come from. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  csv: ['csv', 'column', 'where', 'delimiter', 'decimal', 'header', ...VALUED],
  json: ['json', 'path', ...VALUED],
  text: ['text', 'match', 'decimal', ...VALUED],
  file: ['file', ...COMMON],
};
const SOURCES = Object.keys(FIELDS) as readonly Kind[];
const NUMERIC: ReadonlySet<HarvestTake> = new Set(['mean', 'median', 'sum', 'sd']);

/**
 * Reads the rules of one place.
 *
 * @param refuse what becomes of a wrong rule; without it, the first one is thrown
 * @throws ComexError `E_HARVEST` for what is no rule, naming the place
 */
export async function checkRules(
  rules: unknown,
  place: RulePlace,
  refuse: (path: string, problem: ComexError) => void = throwIt,
): Promise<CheckedRule[]> {
  if (!isObject(rules)) {
    throw wrong(place.at(''), 'an object of rules, by the path of the datum', kindOf(rules));
  }
  const checked: CheckedRule[] = [];
  for (const [path, rule] of Object.entries(rules)) {
    try {
      checked.push(await checkRule(path, rule, place));
    } catch (error) {
      if (!isComexError(error)) throw error;
      refuse(path, error);
    }
  }
  return checked;
}

function throwIt(_: string, problem: ComexError): never {
  throw problem;
}

async function checkRule(path: string, rule: unknown, place: RulePlace): Promise<CheckedRule> {
  refusePath(path, place);
  if (!isObject(rule))
    throw wrong(place.at(path), 'a rule such as { "csv": "eval/*.csv", "column": "score" }', kindOf(rule));
  const said = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
  return await new RuleReader(path, said, place).read();
}

class RuleReader {
  readonly #path: string;
  readonly #rule: Fields;
  readonly #fields: RuleFields;
  readonly #origin: RuleOrigin;

  constructor(path: string, rule: Fields, place: RulePlace) {
    this.#path = path;
    this.#rule = rule;
    this.#fields = new RuleFields(path, rule, place);
    this.#origin = place.origin;
  }

  async read(): Promise<CheckedRule> {
    const rule = this.#rule;
    const kind = this.#kind();
    for (const field of Object.keys(rule)) if (!FIELDS[kind].includes(field)) throw this.#unknown(field, kind);
    const take = (this.#fields.oneOf('take', TAKES) ?? 'only') as HarvestTake;
    const type = this.#fields.oneOf('type', TYPES) as HarvestType | undefined;
    this.#refuseTogether(take, type);
    if (kind === 'json') await this.#checkJsonPath();
    return {
      path: this.#path,
      origin: this.#origin,
      written: rule,
      kind,
      patterns: this.#fields.patterns(kind),
      in: (this.#fields.oneOf('in', ['run', 'project']) ?? 'run') as 'run' | 'project',
      namespace: this.#fields.text('namespace'),
      optional: this.#fields.flag('optional') ?? false,
      replace: this.#fields.flag('replace') ?? false,
      take,
      type,
      encoding: this.#fields.oneOf('encoding', ENCODINGS) as CheckedRule['encoding'],
      decimal: (this.#fields.oneOf('decimal', ['.', ',']) ?? '.') as '.' | ',',
      column: this.#column(kind, take),
      where: this.#where(),
      delimiter: this.#fields.delimiter(),
      header: this.#fields.flag('header') ?? true,
      jsonPath: this.#fields.text('path') ?? '$',
      match: kind === 'text' ? this.#match(take) : undefined,
    };
  }

  #kind(): Kind {
    const found = SOURCES.filter((source) => Object.hasOwn(this.#rule, source));
    if (found.length === 0 && Object.hasOwn(this.#rule, 'match')) return 'text';
    const [only] = found;
    if (found.length === 1 && only !== undefined) return only;
    const expected = `one source: ${SOURCES.join(', ')}, or "match" for the log of the run`;
    const others = Object.keys(this.#rule);
    const near = others.map((field) => didYouMean(field, [...SOURCES, 'match'])).find((hint) => hint !== '') ?? '';
    const got = found.length === 0 ? (others.length === 0 ? 'an empty rule' : others.join(', ')) : found.join(' and ');
    throw wrong(this.#fields.at(), expected, got, found.length === 0 ? near : '');
  }

  #unknown(field: string, kind: Kind): ComexError {
    const known = FIELDS[kind];
    const other = SOURCES.find((each) => each !== kind && FIELDS[each].includes(field));
    const hint = didYouMean(field, known) || ` It may have: ${known.join(', ')}.`;
    const reason = other === undefined ? hint : ` "${field}" is for "${other}".`;
    return wrong(this.#fields.at(field), `a field of a rule with "${kind}"`, JSON.stringify(field), reason);
  }

  #refuseTogether(take: HarvestTake, type: HarvestType | undefined): void {
    const isNumeric = NUMERIC.has(take) || take === 'min' || take === 'max';
    const fits =
      type === undefined ||
      (take !== 'count' && (!isNumeric || type !== 'string') && (!NUMERIC.has(take) || type !== 'date'));
    if (fits) return;
    const expected = take === 'count' ? 'no type for a count' : `a type of numbers for "${take}"`;
    throw wrong(this.#fields.at('type'), expected, JSON.stringify(type));
  }

  async #checkJsonPath(): Promise<void> {
    const path = this.#fields.text('path');
    if (path === undefined) return;
    const { refuseJsonPath } = await import('./json-path.ts');
    const reason = refuseJsonPath(path);
    if (reason === undefined) return;
    const hint = /^[\w/.]+$/.test(path) ? ` Write ${JSON.stringify(`$.${path.replaceAll('/', '.')}`)}.` : '';
    throw wrong(
      this.#fields.at('path'),
      'a JSONPath such as "$.results.score"',
      `${JSON.stringify(path)} (${reason})`,
      hint,
    );
  }

  #column(kind: Kind, take: HarvestTake): string | number | undefined {
    const { column, header } = this.#rule;
    if (kind !== 'csv' || (column === undefined && take === 'count')) return undefined;
    const at = this.#fields.at('column');
    if (column === undefined)
      throw wrong(at, 'the name of a column; without one, rows can be counted ("take": "count")', 'none');
    const isNumber = typeof column === 'number' && Number.isSafeInteger(column) && column >= 0;
    if (header === false && !isNumber)
      throw wrong(at, 'the number of a column from 0 on, since there is no header', shown(column));
    if (!isNumber && (typeof column !== 'string' || column === '')) {
      throw wrong(at, 'the name of a column, or its number from 0 on', shown(column));
    }
    return column as string | number;
  }

  #where(): CheckedRule['where'] {
    const { where, header } = this.#rule;
    if (where === undefined) return [];
    if (!isObject(where)) throw wrong(this.#fields.at('where'), 'an object of values by column', shown(where));
    return Object.entries(where).map(([column, value]) => {
      const at = this.#fields.at(`where.${column}`);
      if (header === false && !/^\d+$/.test(column)) {
        throw wrong(at, 'the number of a column from 0 on, since there is no header', JSON.stringify(column));
      }
      if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return [column, value];
      throw wrong(at, 'a text, a number, true or false', shown(value));
    });
  }

  #match(take: HarvestTake): RegExp {
    const at = this.#fields.at('match');
    const text = this.#fields.text('match');
    if (text === undefined) throw wrong(at, 'a regular expression', 'none');
    let pattern: RegExp;
    try {
      pattern = new RegExp(text, 'g');
    } catch (error) {
      const reason = (error as Error).message.split(': ').at(-1);
      throw wrong(at, 'a regular expression', `${JSON.stringify(text)} (${reason})`);
    }
    const found = new RegExp(`${text}|`).exec('')!;
    const groups = found.length - 1;
    if (Object.hasOwn(found.groups ?? {}, 'value') || groups === 1 || take === 'count') return pattern;
    const expected = 'a regular expression with one group, or a group named value: (?<value>...)';
    const hint = groups === 0 ? ' Put parentheses around the value.' : ' Write (?:...) for the others.';
    throw wrong(at, expected, `${JSON.stringify(text)} with ${groups}`, hint);
  }
}
