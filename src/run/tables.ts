import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TABLES_FOLDER } from '../archive/layout.ts';
import { AppendLog } from '../codec/append.ts';
import { encode } from '../codec/json.ts';
import { encodeName } from '../codec/names.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';

/** The tables of a run: a line a row. */
export class Tables {
  readonly #folder: string;
  readonly #files = new Map<string, AppendLog>();

  constructor(runFolder: string) {
    this.#folder = join(runFolder, TABLES_FOLDER);
  }

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
    (this.#files.get(table) ?? this.#open(table)).write(line);
  }

  flush(): void {
    for (const file of this.#files.values()) file.flush();
  }

  sync(): void {
    for (const file of this.#files.values()) file.sync();
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #open(table: string): AppendLog {
    try {
      mkdirSync(this.#folder, { recursive: true });
    } catch (cause) {
      throw storageError(cause, 'create', this.#folder);
    }
    const file = new AppendLog(join(this.#folder, `${encodeName(table)}.jsonl`));
    this.#files.set(table, file);
    return file;
  }
}

function describe(row: unknown): string {
  return row === null ? 'null' : Array.isArray(row) ? 'an array' : typeof row;
}
