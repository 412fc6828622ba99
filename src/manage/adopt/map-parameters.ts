import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readLines } from '../../codec/lines.ts';
import { ComexError, kindOf } from '../../errors.ts';
import { isParameterName, upperSnake } from '../../experiment/source/tree.ts';
import { fieldsOf } from './fields.ts';
import type { FoundParameter, Report } from './found.ts';
import type { ParameterRule } from './map-rules.ts';
import { readTable } from './map-table.ts';
import { type FolderValues, typed } from './map-values.ts';

/** Of a longer line, only so much is looked at. */
const LONGEST_LINE = 64 * 1024;

/**
 * The parameters of a folder, under names that parameters can have.
 *
 * @throws ComexError `E_PARAMETER_NAME` when two are of one name, and when a name can be none
 */
export async function mapParameters(
  rules: readonly ParameterRule[],
  values: FolderValues,
  report: Report,
): Promise<Map<string, FoundParameter>> {
  const names = new Names();
  for (const rule of rules) {
    try {
      for (const [name, value] of await foundBy(rule, values)) if (value !== undefined) names.add(name, value);
    } catch (error) {
      if (!(error instanceof ComexError) || error.code === 'E_PARAMETER_NAME') throw error;
      report.problems.push(error.message);
    }
  }
  const renamed = names.renamed();
  if (renamed !== '') report.remarks.push(`parameters have other names now: ${renamed}`);
  return names.parameters;
}

async function foundBy(rule: ParameterRule, values: FolderValues): Promise<Iterable<readonly [string, unknown]>> {
  switch (rule.kind) {
    case 'one':
      return [[rule.name, await values.required(rule.value, rule.name)]];
    case 'table':
      return await ofTable(rule.file, values);
    case 'groups':
      return await ofText(rule.file, rule.pattern, values);
    default:
      return await all(rule.value, values);
  }
}

async function all(rule: Extract<ParameterRule, { kind: 'all' }>['value'], values: FolderValues) {
  if (rule.kind === 'folder') return ofGroups(values.groups(rule.pattern, 'parameters'), rule.pattern);
  const value = await values.required(rule, 'parameters');
  if (value === undefined) return [];
  const fields = fieldsOf(value);
  if (fields !== undefined) return Object.entries(fields);
  throw new ComexError('E_DATA', `parameters: Expected an object with parameters by name, got ${kindOf(value)}.`);
}

async function ofText(pattern: string, match: RegExp, values: FolderValues): Promise<Map<string, unknown>> {
  const file = await values.file(pattern, 'parameters');
  const found = new Map<string, unknown>();
  // The first mention is the one at the start, where programs say what they were given.
  const take = (line: string): void => {
    for (const groups of line.slice(0, LONGEST_LINE).matchAll(match)) {
      for (const [name, value] of ofGroups(groups, match)) if (!found.has(name)) found.set(name, value);
    }
  };
  readLines(file, take, { includeTail: true });
  if (found.size > 0) return found;
  throw new ComexError('E_DATA', `parameters: Expected ${basename(file)} to hold ${match}, but no line does.`);
}

/** Named groups by their names; of two without names, the first is the name of the second. */
function ofGroups(found: RegExpMatchArray, pattern: RegExp): Array<[string, unknown]> {
  const named = Object.entries(found.groups ?? {}).filter(([, text]) => text !== undefined);
  if (named.length > 0) return named.map(([name, text]) => [name, typed(text)]);
  if (found.length === 3 && found[1] !== undefined && found[2] !== undefined) return [[found[1], typed(found[2])]];
  const advice = 'Name them, as in "lr=(?<LR>\\\\S+)", or have two: a name and a value.';
  throw new ComexError('E_DATA', `parameters: Expected groups with names in ${pattern}. ${advice}`);
}

async function ofTable(pattern: string, values: FolderValues): Promise<Array<[string, unknown]>> {
  const file = await values.file(pattern, 'parameters');
  const { names, rows } = await readTable(file, []);
  const cellValue = (cell: string | undefined): unknown =>
    cell === undefined || cell === '' ? undefined : typed(cell);
  const isPairs = names.length === 2 && /^(name|parameter|key)$/i.test(names[0]!);
  if (isPairs) return rows.map(([name = '', cell]) => [name, cellValue(cell)]);
  if (rows.length === 1) return names.map((name, index) => [name, cellValue(rows[0]![index])]);
  const expected = 'one row of values below their names, or two columns: name and value';
  throw new ComexError(
    'E_DATA',
    `parameters: Expected ${basename(file)} to have ${expected}, got ${rows.length} rows.`,
  );
}

/** Parameters by the names that they have in comex. */
class Names {
  readonly parameters = new Map<string, FoundParameter>();
  readonly #originals = new Map<string, string>();

  add(original: string, value: unknown): void {
    const name = isParameterName(original) ? original : upperSnake(original);
    if (!isParameterName(name)) {
      const got = JSON.stringify(original.slice(0, 60));
      throw new ComexError('E_PARAMETER_NAME', `Expected the name of a parameter to begin with a letter, got ${got}.`);
    }
    const before = this.#originals.get(name);
    if (before === undefined) {
      this.#originals.set(name, original);
      this.parameters.set(name, { value });
    } else if (before !== original) {
      throw new ComexError('E_PARAMETER_NAME', `"${before}" and "${original}" would both be ${name}.`);
    } else if (!isDeepStrictEqual(this.parameters.get(name)?.value, value)) {
      throw new ComexError('E_PARAMETER_NAME', `Two rules give different values for "${original}".`);
    }
  }

  /** `lr -> LR, batchSize -> BATCH_SIZE`. */
  renamed(): string {
    const pairs = [...this.#originals].filter(([name, original]) => name !== original);
    return pairs.map(([name, original]) => `${original} -> ${name}`).join(', ');
  }
}
