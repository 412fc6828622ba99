import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonLines } from '../codec/lines.ts';
import { encodeName } from '../codec/names.ts';
import { storageError } from '../codec/storage.ts';
import { TABLES_FOLDER } from './layout.ts';

const EXTENSION = '.jsonl';

/**
 * The names of the tables of a run, sorted. The file of a very long name holds only part of it; such a table goes by the
 * name of its file.
 *
 * @throws ComexError `E_STORAGE` when the folder exists and cannot be read
 */
export function tableNames(folder: string): string[] {
  const path = join(folder, TABLES_FOLDER);
  try {
    const files = readdirSync(path).filter((file) => file.endsWith(EXTENSION));
    return files.map((file) => nameOf(file.slice(0, -EXTENSION.length))).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw storageError(error, 'read', path);
  }
}

/**
 * The rows of a table, in the order of recording; none when there is no such table. A damaged row costs that row.
 *
 * @throws ComexError `E_STORAGE` when the file exists and cannot be read
 */
export function readTable(folder: string, name: string): unknown[] {
  const rows: unknown[] = [];
  scanTable(folder, name, (row) => rows.push(row));
  return rows;
}

/**
 * Gives the rows of a table one by one.
 *
 * @returns the number of damaged rows
 * @throws ComexError as `readTable` does; what `onRow` throws
 *
 * @example
 * ```ts
 * import { scanRuns, scanTable } from 'comex/archive';
 *
 * for (const { path } of scanRuns('results').runs) {
 *   scanTable(path, 'mistakes', (row) => console.log(row));
 * }
 * ```
 */
export function scanTable(folder: string, name: string, onRow: (row: unknown) => void): { readonly damaged: number } {
  const { damaged } = readJsonLines(tablePath(folder, name), onRow);
  return { damaged };
}

function tablePath(folder: string, name: string): string {
  const path = join(folder, TABLES_FOLDER, encodeName(name) + EXTENSION);
  const isStem = /^[a-z0-9_.~+%=-]+$/.test(name) && nameOf(name) === name;
  const literal = join(folder, TABLES_FOLDER, name + EXTENSION);
  return isStem && !existsSync(path) && existsSync(literal) ? literal : path;
}

/** The name that `encodeName` made a file name of; the file name itself when it was cut or is none of ours. */
function nameOf(stem: string): string {
  const name = stem
    .replaceAll('~', '/')
    .replace(/\+([a-z])|(?:%[0-9a-f]{2})+|%u([0-9a-f]{4})/g, (text, capital, unit) => {
      if (capital !== undefined) return String(capital).toUpperCase();
      if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
      return Buffer.from(text.replaceAll('%', ''), 'hex').toString('utf8');
    });
  return name !== '' && encodeName(name) === stem ? name : stem;
}
