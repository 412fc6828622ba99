import { join } from 'node:path';
import { TABLES_FOLDER } from '../archive/layout.ts';
import type { AppendLog } from '../codec/append.ts';
import { encode } from '../codec/json.ts';
import { encodeName } from '../codec/names.ts';
import { ComexError } from '../errors.ts';

/** The tables of a run: a line a row. */
export class Tables {
  readonly #folder: string;
  readonly #open: (path: string) => AppendLog;
  readonly #files = new Map<string, AppendLog>();

  constructor(runFolder: string, open: (path: string) => AppendLog) {
    this.#folder = join(runFolder, TABLES_FOLDER);
    this.#open = open;
  }

  /**
   * @throws ComexError `E_DATA` for what is no row, `E_STORAGE` when the disk refuses: then nothing was recorded
   */
  add(table: string, row: unknown): void {
    if (typeof table !== 'string' || table === '') {
      throw new ComexError('E_DATA', 'Expected the name of a table as the first argument of e.record.');
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new ComexError(
        'E_DATA',
        `Expected a row of the table "${table}" to be an object of columns, got ${describe(row)}.`,
      );
    }
    const line = encode(row, `${table}[]`);
    (this.#files.get(table) ?? this.#begin(table)).write(line);
  }

  #begin(table: string): AppendLog {
    const file = this.#open(join(this.#folder, `${encodeName(table)}.jsonl`));
    this.#files.set(table, file);
    return file;
  }
}

function describe(row: unknown): string {
  return row === null ? 'null' : Array.isArray(row) ? 'an array' : typeof row;
}
