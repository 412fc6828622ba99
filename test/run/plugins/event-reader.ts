import { readFileSync } from 'node:fs';

/** An event as it stands in a file. */
export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly tag?: string;
  readonly value?: number | string | { readonly width: number; readonly height: number; readonly data: Buffer };
  /** The name of the plugin of TensorBoard, and the class of its data. */
  readonly shownBy?: readonly [plugin: string, dataClass: number];
}

type Fields = Map<number, Array<bigint | Buffer>>;

/** Reads an event file by the description of its format alone. Throws at a wrong checksum, and at a torn record unless it may be. */
export function readEvents(path: string, mayBeTorn = false): ReadEvent[] {
  const bytes = readFileSync(path);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isTorn = at + 12 > bytes.length || at + 16 + Number(bytes.readBigUInt64LE(at)) > bytes.length;
    if (isTorn && mayBeTorn) break;
    const length = Number(bytes.readBigUInt64LE(at));
    if (bytes.readUInt32LE(at + 8) !== masked(bytes.subarray(at, at + 8))) throw new Error(`wrong length at ${at}`);
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (bytes.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error(`wrong data at ${at}`);
    events.push(eventOf(data));
    at += length + 16;
  }
  return events;
}

/** Bit by bit, unlike the one under test. */
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

function eventOf(data: Buffer): ReadEvent {
  const event = fieldsOf(data);
  const base = {
    wallTime: buffer(event, 1)!.readDoubleLE(),
    step: Number(BigInt.asIntN(64, (event.get(2)?.[0] as bigint | undefined) ?? 0n)),
  };
  const version = buffer(event, 3)?.toString();
  if (version !== undefined) return { ...base, version };
  const value = fieldsOf(buffer(fieldsOf(buffer(event, 5)!), 1)!);
  const tag = buffer(value, 1)!.toString();
  const image = buffer(value, 4);
  if (image !== undefined) {
    const fields = fieldsOf(image);
    const size = { height: Number(fields.get(1)![0]), width: Number(fields.get(2)![0]) };
    return { ...base, tag, value: { ...size, data: buffer(fields, 4)! } };
  }
  const tensor = buffer(value, 8);
  if (tensor === undefined) return { ...base, tag, value: buffer(value, 2)!.readFloatLE() };
  const fields = fieldsOf(tensor);
  if (fields.get(1)![0] !== 7n || buffer(fields, 2)!.length > 0) throw new Error('no single text');
  const metadata = fieldsOf(buffer(value, 9)!);
  const plugin = buffer(fieldsOf(buffer(metadata, 1)!), 1)!.toString();
  return { ...base, tag, value: buffer(fields, 8)!.toString(), shownBy: [plugin, Number(metadata.get(4)![0])] };
}

function buffer(fields: Fields, field: number): Buffer | undefined {
  return fields.get(field)?.[0] as Buffer | undefined;
}

function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const readers = { 0: varint, 1: () => take(8), 2: () => take(Number(varint())), 5: () => take(4) };
    const value = readers[(key & 7) as keyof typeof readers]();
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}
