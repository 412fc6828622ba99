import { closeSync, openSync, readSync } from 'node:fs';
import { decode } from '../codec/json.ts';
import { encodeColumn, readColumn } from './index-column.ts';

/** What one file of the index holds of a run. */
export interface IndexRow {
  /** Of the run folder, relative to the archive. */
  readonly path: string;
  readonly stamp: Stamp;
  /** By the names of the summary's fields. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What tells one state of a run's metadata from another: modified and changed in ms since the epoch, bytes. */
export type Stamp = readonly [modifiedMs: number, changedMs: number, bytes: number];

const MAGIC = 'comex-index-1';
const HEADER_BYTES = 64;
const PATHS = '/paths';
const STAMPS = '/stamps';

/** Columns are read as long as anybody has a summary. Its file may be gone by then: who has it open reads on. */
const HANDLES = new FinalizationRegistry<number>((handle) => closeSync(handle));

type Place = readonly [offset: number, length: number, checksum: number];

/** A file of the index as bytes: a header, one block for each column, and last where they are. */
export function encodeSegment(rows: readonly IndexRow[]): Buffer {
  const columns = new Map<string, unknown[]>();
  for (const [row, { fields }] of rows.entries()) {
    for (const name in fields) {
      const column = columns.get(name) ?? new Array<unknown>(rows.length);
      column[row] = fields[name];
      if (!columns.has(name)) columns.set(name, column);
    }
  }
  const blocks: Buffer[] = [];
  const directory: [string, ...Place][] = [];
  let offset = HEADER_BYTES;
  const add = (name: string, bytes: Buffer): void => {
    directory.push([name, offset, bytes.length, checksumOf(bytes)]);
    const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8);
    blocks.push(bytes, padding);
    offset += bytes.length + padding.length;
  };
  const stamps = new Float64Array(rows.length * 3);
  for (const [row, { stamp }] of rows.entries()) stamps.set(stamp, row * 3);
  add(STAMPS, Buffer.from(stamps.buffer));
  add(PATHS, alignedBytes(JSON.stringify(rows.map(({ path }) => path))));
  for (const [name, column] of columns) add(name, alignedBytes(encodeColumn(column)));
  const index = alignedBytes(JSON.stringify({ rows: rows.length, directory }));
  const header = Buffer.alloc(HEADER_BYTES, ' ');
  header.write([MAGIC, offset, index.length, checksumOf(index)].join(' '), 'latin1');
  return Buffer.concat([header, ...blocks, index]);
}

/**
 * One file of the index, of which columns are read when they are asked for. What is damaged in it is found by checksums:
 * then `damaged` tells, and the column is empty.
 */
export class Segment {
  readonly file: string;
  readonly rows: number;
  readonly paths: readonly string[];
  readonly #handle: number;
  readonly #stamps: Float64Array;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #columns = new Map<string, (row: number) => unknown>();

  /** @throws when it is no whole file of this version */
  constructor(file: string) {
    this.file = file;
    this.#handle = openSync(file, 'r');
    try {
      const header = this.#bytes(0, HEADER_BYTES).toString('latin1').trim().split(' ');
      if (header[0] !== MAGIC) throw new Error('It is of another version.');
      const directory = this.#block([Number(header[1]), Number(header[2]), Number(header[3])]);
      const parsed = JSON.parse(directory.toString()) as { rows: number; directory: [string, ...Place][] };
      this.rows = parsed.rows;
      this.#places = new Map(parsed.directory.map(([name, ...place]) => [name, place]));
      this.#stamps = new Float64Array(this.#block(this.#places.get(STAMPS)!).buffer, 0, this.rows * 3);
      this.paths = JSON.parse(this.#block(this.#places.get(PATHS)!).toString()) as string[];
      HANDLES.register(this, this.#handle);
    } catch (error) {
      closeSync(this.#handle);
      throw error;
    }
  }

  get names(): string[] {
    return [...this.#places.keys()].filter((name) => !name.startsWith('/'));
  }

  hasStamp(row: number, [modifiedMs, changedMs, bytes]: Stamp): boolean {
    const at = row * 3;
    const stamps = this.#stamps;
    return stamps[at] === modifiedMs && stamps[at + 1] === changedMs && stamps[at + 2] === bytes;
  }

  stamp(row: number): Stamp {
    const at = row * 3;
    return [this.#stamps[at]!, this.#stamps[at + 1]!, this.#stamps[at + 2]!];
  }

  /** @throws DamagedSegment */
  get(row: number, name: string): unknown {
    return (this.#columns.get(name) ?? this.#read(name))(row);
  }

  #read(name: string): (row: number) => unknown {
    const place = this.#places.get(name);
    let column: (row: number) => unknown = () => undefined;
    if (place !== undefined) {
      try {
        column = readColumn(decode(this.#block(place).toString()));
      } catch (cause) {
        throw new DamagedSegment(this.file, { cause });
      }
    }
    this.#columns.set(name, column);
    return column;
  }

  #block([offset, length, checksum]: Place): Buffer {
    const bytes = this.#bytes(offset, length);
    if (checksumOf(bytes) !== checksum) throw new Error('Its checksum is another one.');
    return bytes;
  }

  #bytes(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; ) {
      const read = readSync(this.#handle, bytes, at, length - at, offset + at);
      if (read === 0) throw new Error('It is too short.');
      at += read;
    }
    return bytes;
  }
}

/** A file of the index turned out to be damaged after it was opened. */
export class DamagedSegment extends Error {
  readonly file: string;

  constructor(file: string, options: { readonly cause: unknown }) {
    super(`${file} is damaged.`, options);
    this.file = file;
  }
}

/** On a memory of its own, so that it can be looked at as whole words. */
function alignedBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** FNV over words of four bytes. */
function checksumOf(bytes: Buffer): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let sum = 0x811c9dc5 ^ bytes.length;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i]!, 0x01000193);
  for (let i = words.length * 4; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum >>> 0;
}
