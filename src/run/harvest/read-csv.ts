import type { CsvError, Parser } from 'csv-parse';
import { didYouMean } from '../../errors.ts';
import type { Aggregate } from './aggregate.ts';
import { HarvestProblem, quoted } from './problem.ts';
import type { CheckedRule } from './rules.ts';
import { isSameValue, valueOfText } from './values.ts';

/** A longer row is no row: a quote was not closed. */
const LONGEST_ROW = 1024 * 1024;
/** The first line is looked for in so much. */
const LONGEST_HEADER = 64 * 1024;

/**
 * Takes the cells of a column from a file with rows, a row at a time.
 *
 * @throws HarvestProblem with the line
 */
export async function readCsv(texts: AsyncIterable<string>, rule: CheckedRule, into: Aggregate): Promise<void> {
  const { parse } = await import('csv-parse');
  const rows = new Rows(rule, into);
  let parser: Parser | undefined;
  let failure: Error | undefined;
  let start = '';
  const begin = (): Parser => {
    const begun = parse({
      bom: false,
      delimiter: rule.delimiter ?? detectDelimiter(start, namedColumns(rule), rule.decimal),
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: LONGEST_ROW,
      on_record: (cells: string[], { lines }) => {
        rows.add(cells, lines);
        return null;
      },
    });
    begun.on('error', (error) => {
      failure ??= error;
    });
    begun.resume();
    return begun;
  };
  for await (const text of texts) {
    start += text;
    if (parser === undefined && !start.includes('\n') && start.length < LONGEST_HEADER) continue;
    parser ??= begin();
    await written(parser, start);
    start = '';
    if (failure !== undefined) throw problemOf(failure, rows.line);
  }
  parser ??= begin();
  await ended(parser, start);
  if (failure !== undefined) throw problemOf(failure, rows.line);
  rows.end();
}

/** Resolves when the parser takes more; what is wrong is told by its event. */
async function written(parser: Parser, text: string): Promise<void> {
  if (parser.write(text) || parser.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      parser.off('drain', go);
      parser.off('close', go);
      resolve();
    };
    parser.on('drain', go);
    parser.on('close', go);
  });
}

async function ended(parser: Parser, text: string): Promise<void> {
  if (parser.destroyed) return;
  await new Promise<void>((resolve) => {
    parser.on('close', resolve);
    parser.end(text);
  });
}

function namedColumns({ column, where, header }: CheckedRule): string[] {
  return header ? [column, ...where.map(([name]) => name)].filter((name) => typeof name === 'string') : [];
}

/**
 * The delimiter of a table: a tab, a semicolon or a comma. The one with which its first line has the columns that are
 * asked for, else the first of them that it has.
 *
 * @param start the first line, and any of the others
 */
export function detectDelimiter(start: string, wanted: readonly string[], decimal: '.' | ','): string {
  const [line = ''] = start.split(/\r?\n|\r/, 1);
  const bare = line.replace(/"[^"]*"/g, (text) => text.replace(/[\t;,]/g, '_'));
  const all = ['\t', ';', ','].filter((each) => bare.includes(each) && !(each === ',' && decimal === ','));
  const has = (delimiter: string): boolean => {
    const names = bare.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    return wanted.every((name) => names.includes(name));
  };
  return (wanted.length > 0 ? all.find(has) : undefined) ?? all[0] ?? ',';
}

/** What the parser refuses, as a sentence with the line. */
function problemOf(error: Error, line: number): Error {
  const { code, lines } = error as CsvError & { lines?: number };
  if (error instanceof HarvestProblem || code === undefined) return error;
  const next = line + 1;
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return new HarvestProblem('Expected a quote to be closed in the row that begins here.', { line: next });
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const message = `Expected a row of at most ${LONGEST_ROW} characters to begin here, got a longer one. Is a quote not closed?`;
    return new HarvestProblem(message, { line: next });
  }
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE') {
    const message =
      'Expected quotes around whole cells, got one inside of a cell. Inside of quotes, a quote is written twice.';
    return new HarvestProblem(message, { line: lines ?? next });
  }
  return new HarvestProblem(`Expected rows of cells: ${error.message.replace(/\.$/, '')}.`, { line: lines ?? next });
}

/** Finds the columns in the header, and takes the cells. */
class Rows {
  readonly #rule: CheckedRule;
  readonly #into: Aggregate;
  #width: number | undefined;
  #column: number | undefined;
  #where: ReadonlyArray<readonly [index: number, value: string | number | boolean]> = [];
  /** Of the end of the row before. */
  line = 0;

  constructor(rule: CheckedRule, into: Aggregate) {
    this.#rule = rule;
    this.#into = into;
  }

  add(cells: readonly string[], lines: number): void {
    const isFirst = this.#width === undefined;
    if (isFirst) this.#begin(cells);
    if (!isFirst || !this.#rule.header) this.#take(cells, lines);
    this.line = lines;
  }

  /** @throws HarvestProblem when there was not even a header */
  end(): void {
    if (this.#width === undefined && this.#rule.header)
      throw new HarvestProblem('Expected a header, but the file is empty.');
  }

  #begin(cells: readonly string[]): void {
    const { column, where, header } = this.#rule;
    this.#width = cells.length;
    this.#column = column === undefined ? undefined : this.#indexOf(column, cells, header);
    this.#where = where.map(([name, value]) => [this.#indexOf(header ? name : Number(name), cells, header), value]);
  }

  #indexOf(column: string | number, cells: readonly string[], header: boolean): number {
    if (typeof column === 'number') {
      if (column < cells.length) return column;
      throw new HarvestProblem(`Expected a column ${column}, counted from 0, but there are ${cells.length} columns.`, {
        line: 1,
      });
    }
    const found = header ? cells.flatMap((name, index) => (name === column ? [index] : [])) : [];
    const [index] = found;
    if (found.length === 1 && index !== undefined) return index;
    if (found.length > 1) {
      throw new HarvestProblem(
        `Expected one column ${quoted(column)}, got ${found.length}. Give its number, from 0 on: ${found.join(' or ')}.`,
        { line: 1 },
      );
    }
    if (/^\d+$/.test(column)) return this.#indexOf(Number(column), cells, header);
    const names = cells.slice(0, 12).map(quoted).join(', ') + (cells.length > 12 ? ', ...' : '');
    const hint = didYouMean(column, cells) || otherDelimiter(cells);
    throw new HarvestProblem(`Expected a column ${quoted(column)}, but there are ${names}.${hint}`, { line: 1 });
  }

  #take(cells: readonly string[], line: number): void {
    if (cells.length !== this.#width) {
      const expected = this.#rule.header
        ? `${this.#width} cells, as the header has`
        : `${this.#width} cells, as the first row has`;
      throw new HarvestProblem(`Expected ${expected}, got ${cells.length}.`, { line });
    }
    if (this.#where.length > 0) {
      const { filtered } = this.#into;
      filtered.rows += 1;
      if (!this.#where.every(([index, value]) => isSameValue(cells[index]!, value, this.#rule.decimal))) return;
      filtered.passed += 1;
    }
    if (this.#column === undefined) {
      this.#into.add(true);
      return;
    }
    const cell = cells[this.#column]!;
    if (cell === '') this.#into.empty += 1;
    else if (this.#rule.take === 'count') this.#into.add(true);
    else this.#into.add(valueOfCell(cell, this.#rule, line));
  }
}

function valueOfCell(cell: string, rule: CheckedRule, line: number): unknown {
  try {
    return valueOfText(cell, rule);
  } catch (error) {
    if (error instanceof HarvestProblem) throw new HarvestProblem(error.message, { line });
    throw error;
  }
}

/** A header that is one cell may have a delimiter that is not looked for. */
function otherDelimiter([only = '', ...others]: readonly string[]): string {
  if (others.length > 0) return '';
  const found = ['|', ' ', ':'].find((each) => only.includes(each));
  return found === undefined
    ? ''
    : ` Is there ${JSON.stringify(found)} between the cells? Say "delimiter": "${found}".`;
}
