/** What a column of an export holds, as typed formats need to know it. */
export type CellType = 'empty' | 'boolean' | 'integer' | 'number' | 'text' | 'moment' | 'json';

export interface TableColumn {
  readonly head: string;
  readonly type: CellType;
  /** Moments of it are written as ISO 8601 also where others are tagged. */
  readonly isoMoments?: boolean;
}

/** Takes the rows of a table one by one, and writes them. */
export interface TableWriter {
  /** The cells in the order of the columns; undefined where there is nothing. The array may be used again. */
  row(cells: readonly unknown[]): void;
  /** The last row has been given. */
  end(): void;
}

/** Takes what is written. */
export type Output = (data: string | Uint8Array) => void;

/** What formats beside the data can be told. */
export interface WriteOptions {
  /** Of CSV and TSV: whether the file begins with a byte order mark. */
  readonly bom: boolean;
  /** Of CSV and TSV: what stands between whole and fraction. */
  readonly decimal: '.' | ',';
  /** Of CSV and TSV: what stands between the cells. */
  readonly delimiter: string;
  /** Of Markdown and LaTeX: significant digits of numbers that are not whole; in full when left out. */
  readonly digits?: number | undefined;
  /** Of Markdown: cells that a text takes on a screen. */
  readonly width: (text: string) => number;
  /** Of Markdown and LaTeX: lines for people below the table. */
  readonly footnotes?: readonly Footnote[] | undefined;
}

/** A line below a table, and the mark of the cells that it is about: a dagger, or a letter. */
export interface Footnote {
  readonly mark: string;
  readonly text: string;
}

/** The mark of what is not told from the best. */
export const DAGGER = '†';

/** What the cells of a column are, told by all of them together. */
export class CellTypes {
  readonly #types: CellType[] = [];

  see(index: number, value: unknown): void {
    const before = this.#types[index] ?? 'empty';
    if (value === undefined || value === null || before === 'json') return;
    // What nearly all cells are.
    if (typeof value === 'number' && before === 'number') return;
    this.#types[index] = merged(before, typeOf(value));
  }

  at(index: number): CellType {
    return this.#types[index] ?? 'empty';
  }
}

function merged(a: CellType, b: CellType): CellType {
  if (a === b || a === 'empty') return b;
  const pair = new Set([a, b]);
  return pair.has('integer') && pair.has('number') ? 'number' : 'json';
}

function typeOf(value: unknown): CellType {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'number';
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'integer' : 'json';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? 'moment' : 'json';
  }
}

/** The columns with the types that the cells of the rows have. */
export function typedColumns<C extends { readonly head: string }>(
  columns: readonly C[],
  rows: Iterable<readonly unknown[]>,
): Array<C & TableColumn> {
  const types = new CellTypes();
  for (const row of rows) for (let i = 0; i < columns.length; i++) types.see(i, row[i]);
  return columns.map((column, index) => ({ ...column, type: types.at(index) }));
}
