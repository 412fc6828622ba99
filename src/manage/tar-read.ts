import { BLOCK, type TarEntry } from './tar-write.ts';

/** Pax records longer than this are no names or times. */
const LONGEST_RECORDS = 1 << 20;

/** What takes the entries of a tar file, in their order. Everything may be called with data that somebody made up. */
export interface TarSink {
  readonly onEntry: (entry: TarEntry) => void;
  /** Bytes of the entry that was given last. */
  readonly onData: (bytes: Buffer) => void;
  readonly onEnd: () => void;
}

/** Reads a tar file piece by piece. What it does not understand is an error, never passed over. */
export class TarReader {
  readonly #sink: TarSink;
  /** What is left of the pieces so far: less than what is wanted. */
  #rest: Buffer = Buffer.alloc(0);
  #state: 'header' | 'pax' | 'data' | 'padding' | 'end' = 'header';
  #left = 0;
  #padding = 0;
  #pax: ReadonlyMap<string, string> = new Map();

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  /** @throws Error for what is no tar file, or has entries of a kind that is not read */
  push(piece: Buffer): void {
    let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    for (;;) {
      const used = this.#step(data);
      if (used < 0) break;
      data = data.subarray(used);
    }
    this.#rest = Buffer.from(data);
  }

  /** @throws Error when the file has ended before its end */
  finish(): void {
    if (this.#state !== 'end') throw new Error('it ends too early');
  }

  /** Takes one step; the bytes that it used, or -1 when it needs more. */
  #step(data: Buffer): number {
    switch (this.#state) {
      case 'header':
        if (data.length < BLOCK) return -1;
        this.#header(data.subarray(0, BLOCK));
        return BLOCK;
      case 'pax':
        if (data.length < this.#left) return -1;
        this.#pax = paxRecords(data.subarray(0, this.#left));
        this.#state = 'padding';
        return this.#left;
      case 'data': {
        if (data.length === 0) return -1;
        const bytes = data.subarray(0, Math.min(this.#left, data.length));
        this.#sink.onData(bytes);
        this.#left -= bytes.length;
        if (this.#left === 0) this.#endEntry();
        return bytes.length;
      }
      case 'padding':
        if (data.length < this.#padding) return -1;
        this.#state = 'header';
        return this.#padding;
      default:
        return data.length === 0 ? -1 : data.length;
    }
  }

  #header(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      this.#state = 'end';
      return;
    }
    checkSum(block);
    const type = block.toString('latin1', 156, 157);
    const size = octalAt(block, 124, 12);
    if (type === 'x') {
      if (size > LONGEST_RECORDS) throw new Error('it has pax records that are too long');
      this.#left = size;
      this.#padding = paddingOf(size);
      this.#state = 'pax';
      return;
    }
    const kind = type === '0' || type === '\0' ? 'file' : type === '5' ? 'folder' : type === '2' ? 'link' : undefined;
    if (kind === undefined) throw new Error(otherType(type));
    const entry = this.#entry(block, kind, size);
    this.#pax = new Map();
    this.#left = entry.size;
    this.#padding = paddingOf(entry.size);
    this.#state = 'data';
    this.#sink.onEntry(entry);
    if (this.#left === 0) this.#endEntry();
  }

  #entry(block: Buffer, kind: TarEntry['kind'], octalSize: number): TarEntry {
    const prefix = textAt(block, 345, 155);
    const short = textAt(block, 0, 100);
    const name = this.#pax.get('path') ?? (prefix === '' ? short : `${prefix}/${short}`);
    const size = kind === 'file' ? numberOf(this.#pax.get('size'), octalSize) : 0;
    const mtime = numberOf(this.#pax.get('mtime'), octalAt(block, 136, 12));
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('it has an entry without a size');
    const target = kind === 'link' ? { target: this.#pax.get('linkpath') ?? textAt(block, 157, 100) } : {};
    return { name: name.replace(/\/$/, ''), kind, size, mode: octalAt(block, 100, 8) & 0o7777, mtime, ...target };
  }

  #endEntry(): void {
    this.#sink.onEnd();
    this.#state = 'padding';
  }
}

/** GNU's long names, records for all entries, and files with several names: what tar writes when it is not asked. */
const OF_OTHERS = ['L', 'K', 'g', '1'];

function otherType(type: string): string {
  const what = `it has an entry of type ${JSON.stringify(type)}`;
  return OF_OTHERS.includes(type)
    ? `${what}, which "comex compress" never writes; pack it with "tar --format=posix --hard-dereference"`
    : `${what}, which no run folder has`;
}

function paddingOf(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

function checkSum(block: Buffer): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!;
  if (sum !== octalAt(block, 148, 8)) throw new Error('it is no tar file, or damaged');
}

function octalAt(block: Buffer, at: number, length: number): number {
  const text = textAt(block, at, length).trim();
  if (!/^[0-7]*$/.test(text)) throw new Error('it is no tar file, or damaged');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function textAt(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function numberOf(text: string | undefined, orElse: number): number {
  if (text === undefined) return orElse;
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text) || !Number.isFinite(value))
    throw new Error('it has a pax record that is no number');
  return value;
}

function paxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, Math.max(at, space)));
    const end = at + length;
    const equals = bytes.indexOf(0x3d, space);
    const isWhole = space > at && Number.isInteger(length) && equals > space && equals < end && end <= bytes.length;
    if (!isWhole || bytes[end - 1] !== 0x0a) throw new Error('it has pax records that are damaged');
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end - 1));
    at = end;
  }
  return records;
}
