import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { withoutFormulaMark } from './csv.ts';
import type { Format } from './format.ts';
import { TEX_COMMENT } from './latex.ts';
import { MARKDOWN_COMMENT } from './markdown.ts';
import { PARQUET_KEY } from './parquet-key.ts';

/** What is known of the table that is to take the place of a file. */
export interface NewTable {
  readonly columns: ReadonlyArray<{ readonly head: string }>;
  /** Heads one behind the other that nothing but such a table has, where it has them. */
  readonly mark?: readonly string[] | undefined;
  /** Whether the archive has a run of that id. */
  readonly isRun: (id: string) => boolean;
}

/** Head and first row of a table in a file. */
interface Begin {
  readonly heads: readonly string[];
  readonly row: readonly unknown[];
}

/** In so much of a file its head and first row are looked for. */
const LONGEST_BEGIN = 16 * 1024 * 1024;
const SHORT_BEGIN = 64 * 1024;

/**
 * Makes sure that a name is free, or that of a file.
 *
 * @param named what it is called in an error
 * @throws ComexError `E_USAGE`
 */
export function refuseFolder(path: string, named: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : 'no ordinary file';
  throw new ComexError('E_USAGE', `Expected FILE to be a file, but ${named} is ${what}. Choose another name.`);
}

/**
 * Makes sure that a file is none, or an export of before. Formats that have room for it say so themselves. Rows have to
 * have the same columns as the new table, or a stretch of heads that nobody else has, or no column but those of the new
 * table and in `id` the id of a run.
 *
 * @param named what the file is called in an error
 * @throws ComexError `E_USAGE` for anything else, `E_STORAGE` when it cannot be read
 */
export async function refuseForeign(path: string, format: Format, table: NewTable, named: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.size === 0 || (await isExport(path, format, table))) return;
  throw new ComexError(
    'E_USAGE',
    `${named} does not look like a table that comex export made, and was left alone. Choose another name, or give --force.`,
  );
}

async function isExport(path: string, format: Format, table: NewTable): Promise<boolean> {
  switch (format) {
    case 'md':
      return bytesAt(path, 0, 64).toString().startsWith(MARKDOWN_COMMENT);
    case 'tex':
      return bytesAt(path, 0, 64).toString().startsWith(TEX_COMMENT);
    case 'parquet':
      return hasKey(path);
    case 'json':
    case 'jsonl': {
      const begin = firstObject(path, format);
      return begin !== undefined && fits(begin, table);
    }
    default: {
      const begins = await firstRows(path, format === 'tsv' ? ['\t'] : [',', ';']);
      return begins.some((begin) => fits(begin, table));
    }
  }
}

function fits({ heads, row }: Begin, { columns, mark, isRun }: NewTable): boolean {
  const wanted = new Set(columns.map(({ head }) => head));
  const isWithin = heads.every((head) => wanted.has(head));
  if (isWithin && new Set(heads).size === wanted.size) return true;
  if (mark !== undefined && heads.some((_, at) => mark.every((head, index) => heads[at + index] === head))) return true;
  const id = row[heads.indexOf('id')];
  return isWithin && typeof id === 'string' && isRun(id);
}

/** What comex writes: an object on each line, in JSON behind a line of its own. */
function firstObject(path: string, format: 'json' | 'jsonl'): Begin | undefined {
  const pattern = format === 'json' ? /^\[\n(\{[^\n]*\}),?\n/ : /^(\{[^\n]*\})\n/;
  for (const length of [SHORT_BEGIN, LONGEST_BEGIN]) {
    const line = pattern.exec(bytesAt(path, 0, length).toString())?.[1];
    if (line === undefined) continue;
    try {
      const object = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return { heads: Object.keys(object), row: Object.values(object) };
    } catch {
      return undefined;
    }
  }
  return undefined;
}

async function firstRows(path: string, delimiters: readonly string[]): Promise<Begin[]> {
  const { parse } = await import('csv-parse/sync');
  const text = bytesAt(path, 0, LONGEST_BEGIN).toString();
  return delimiters.flatMap((delimiter) => {
    try {
      const [heads = [], row = []] = parse(text, { bom: true, delimiter, to: 2, relax_column_count: true });
      return { heads: heads.map(withoutFormulaMark), row };
    } catch {
      // What is no table with such cells is none that comex wrote.
      return [];
    }
  });
}

/** At the end of a Parquet file stand its metadata, their length, and four letters. */
function hasKey(path: string): boolean {
  const end = bytesAt(path, -8, 8);
  if (end.length < 8 || end.toString('latin1', 4) !== 'PAR1') return false;
  const length = Math.min(end.readUInt32LE(0), LONGEST_BEGIN);
  return bytesAt(path, -8 - length, length).includes(PARQUET_KEY);
}

/** @param from counted from the end when below 0 */
function bytesAt(path: string, from: number, length: number): Buffer {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const at = Math.max(0, from < 0 ? size + from : from);
      const buffer = Buffer.alloc(Math.min(length, size - at));
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, at));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
