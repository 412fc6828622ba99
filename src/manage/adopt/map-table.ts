import { basename } from 'node:path';
import { ComexError } from '../../errors.ts';
import { Content } from '../../run/harvest/content.ts';
import { detectDelimiter } from '../../run/harvest/read-csv.ts';

/** A larger table is one of another kind of program. */
const LARGEST = 256 * 1024 * 1024;

/** The cells of a CSV file. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/**
 * Reads a CSV file with a header, as a whole. The delimiter is a tab, a semicolon or a comma, whichever the header has.
 *
 * @param wanted columns that the header should have, by which the delimiter is told where it has several
 * @throws ComexError with the name of the file and the line
 */
export async function readTable(file: string, wanted: readonly string[]): Promise<Table> {
  const refuse = (message: string): ComexError => new ComexError('E_DATA', `${basename(file)}: ${message}`);
  const content = new Content(file);
  const parts: string[] = [];
  for await (const part of content.texts(undefined)) {
    if (content.bytes > LARGEST) throw refuse(`Expected a table of at most ${LARGEST} bytes, got a larger one.`);
    parts.push(part);
  }
  const text = parts.join('');
  const { parse } = await import('csv-parse/sync');
  const delimiter = detectDelimiter(text, wanted, '.');
  let rows: string[][];
  try {
    rows = parse(text, { delimiter, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw refuse(`${(error as Error).message.replace(/\.$/, '')}.`);
  }
  const [names, ...rest] = rows;
  if (names === undefined) throw refuse('Expected a header, but the file is empty.');
  return { names, rows: rest };
}
