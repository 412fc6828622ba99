import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { encode } from '../../codec/json.ts';
import { version } from '../../version.ts';
import { PARQUET_KEY } from './parquet-key.ts';
import type { CellType, Output, TableColumn, TableWriter } from './table.ts';

/** Rows that are in memory at once, and characters of their texts. */
const GROUP_ROWS = 50_000;
const GROUP_CHARACTERS = 32 * 1024 * 1024;

const TYPES: Readonly<Record<CellType, NonNullable<ColumnSource['type']>>> = {
  empty: 'STRING',
  boolean: 'BOOLEAN',
  integer: 'INT64',
  number: 'DOUBLE',
  text: 'STRING',
  moment: 'TIMESTAMP',
  json: 'JSON',
};

/** Writes Parquet: each column of one type, those with several kinds of values or nested ones as JSON. */
export function parquetWriter(columns: readonly TableColumn[], output: Output): TableWriter {
  const writer = new ChunkWriter(output);
  const sources = columns.map(({ head, type }) => ({ name: head, type: TYPES[type], data: [] as unknown[] }));
  const parquet = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: sources }),
    createdBy: `comex ${version}`,
    kvMetadata: [{ key: PARQUET_KEY, value: version }],
  });
  let rows = 0;
  let characters = 0;
  const writeGroup = (): void => {
    if (rows === 0) return;
    // In a dictionary 0 and -0 would be one number.
    const columnData = sources.map(({ name, type, data }): ColumnSource => {
      return type === 'DOUBLE' ? { name, data, encoding: 'PLAIN' } : { name, data };
    });
    parquet.write({ columnData, rowGroupSize: rows });
    for (const source of sources) source.data = [];
    rows = 0;
    characters = 0;
  };
  return {
    row(cells) {
      for (let i = 0; i < columns.length; i++) {
        const value = stored(cells[i], columns[i]!.type);
        if (typeof value === 'string') characters += value.length;
        sources[i]!.data.push(value);
      }
      rows += 1;
      if (rows >= GROUP_ROWS || characters >= GROUP_CHARACTERS) writeGroup();
    },
    end() {
      writeGroup();
      parquet.finish();
    },
  };
}

/** A value as the writer wants it for a type. */
function stored(value: unknown, type: CellType): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return BigInt(value as number | bigint);
    case 'number':
      return Number(value);
    case 'json':
      // An object without a prototype is not looked into by the writer, which would lose keys such as `__proto__`.
      return Object.assign(Object.create(null), { toJSON: () => JSON.parse(encode(value)) });
    default:
      return value;
  }
}

/** Gives away the bytes of each group of rows. */
class ChunkWriter extends ByteWriter {
  readonly #output: Output;

  constructor(output: Output) {
    super();
    this.#output = output;
  }

  flush(): void {
    this.#output(new Uint8Array(this.buffer, 0, this.index));
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}
