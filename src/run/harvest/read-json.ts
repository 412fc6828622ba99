import type { JSONPathQuery, JSONValue } from 'json-p3';
import { LooseJsonError, parseLooseJson } from '../../codec/loose-json.ts';
import type { Aggregate } from './aggregate.ts';
import { bounded } from './bounded.ts';
import { HarvestProblem } from './problem.ts';
import { eachLine } from './read-text.ts';
import type { CheckedRule } from './rules.ts';
import { valueOfJson } from './values.ts';

/** A larger file is read by no more than a program with that much memory. */
const LARGEST_BYTES = 64 * 1024 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Takes what a JSONPath finds in a JSON file, or in each line of one whose name ends in `.jsonl` or `.ndjson`.
 *
 * @param name of the file
 * @throws HarvestProblem with the line
 */
export async function readJson(
  texts: AsyncIterable<string>,
  name: string,
  rule: CheckedRule,
  into: Aggregate,
): Promise<void> {
  const { compileJsonPath } = await import('./json-path.ts');
  const query = compileJsonPath(rule.jsonPath);
  if (/\.(?:jsonl|ndjson)$/i.test(name)) {
    return await eachLine(texts, LONGEST_LINE, ({ text, number, isCut }) => {
      if (isCut) throw new HarvestProblem(`Expected a line of at most ${LONGEST_LINE} characters.`, { line: number });
      if (text.trim() !== '') take(query, parsed(text, number), rule, into, number);
    });
  }
  const parts: string[] = [];
  let length = 0;
  for await (const text of texts) {
    length += text.length;
    if (length > LARGEST_BYTES) {
      const advice = 'Write a JSON value a line, in a file that ends in .jsonl.';
      throw new HarvestProblem(`Expected a JSON file of at most ${LARGEST_BYTES} bytes, got a larger one. ${advice}`);
    }
    parts.push(text);
  }
  take(query, parsed(parts.join('')), rule, into);
}

/** The values that are not null; null is none, as an empty cell is. */
function take(query: JSONPathQuery, document: JSONValue, rule: CheckedRule, into: Aggregate, line?: number): void {
  const look = (): void => {
    for (const value of found(query, document, line)) {
      if (value === null || value === undefined) into.empty += 1;
      else if (rule.take === 'count') into.add(true);
      else into.add(converted(value, rule, line));
    }
  };
  // Only match() and search() have patterns, which may take any time.
  if (/\b(?:match|search)\s*\(/.test(rule.jsonPath)) bounded(look);
  else look();
}

function* found(query: JSONPathQuery, document: JSONValue, line: number | undefined): Generator<JSONValue> {
  const nodes = query.lazyQuery(document)[Symbol.iterator]();
  for (;;) {
    let next: ReturnType<typeof nodes.next>;
    try {
      next = nodes.next();
    } catch (error) {
      throw new HarvestProblem(`The JSONPath cannot be followed: ${(error as Error).message}.`, { line });
    }
    if (next.done === true) return;
    yield next.value.value;
  }
}

function converted(value: unknown, rule: CheckedRule, line: number | undefined): unknown {
  try {
    return valueOfJson(value, rule);
  } catch (error) {
    if (error instanceof HarvestProblem) throw new HarvestProblem(error.message, { line });
    throw error;
  }
}

/** @throws HarvestProblem with the line */
function parsed(text: string, line?: number): JSONValue {
  try {
    // A whole number of many digits is a bigint: a value as any other for a JSONPath.
    return parseLooseJson(text) as JSONValue;
  } catch (error) {
    if (!(error instanceof LooseJsonError)) throw error;
    const reason =
      text.trim() === ''
        ? 'it is empty'
        : error.isCut
          ? 'it ends in the middle: is it still written, or was that cut short'
          : error.message.replace(/,? *"[\s\S]*" is not valid JSON$|(?: in JSON)? at position[\s\S]*$/, '');
    const isLines = line === undefined && error.message.startsWith('Unexpected non-whitespace character after JSON');
    const advice = isLines ? ' If it has a JSON value a line, let its name end in .jsonl.' : '';
    throw new HarvestProblem(
      `Expected JSON, but ${lowerFirst(reason)}${error.isCut && text.trim() !== '' ? '?' : '.'}${advice}`,
      { line: line ?? error.line },
    );
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
