import { endianness } from 'node:os';
import { types } from 'node:util';

type Kind = { readonly bytes: number; readonly make: (buffer: ArrayBuffer) => object };

/** Element sizes in bytes. Float16Array is missing from engines before Node 24. */
const KINDS: Readonly<Record<string, Kind>> = Object.assign(Object.create(null), {
  ArrayBuffer: { bytes: 1, make: (buffer: ArrayBuffer) => buffer },
  DataView: { bytes: 1, make: (buffer: ArrayBuffer) => new DataView(buffer) },
  ...elementKinds(),
});

const FLOATS = new Set(['Float16Array', 'Float32Array', 'Float64Array']);

const BIG_ENDIAN = endianness() === 'BE';

// The getter on %TypedArray% tells the element type also of subclasses such as Buffer, and of other realms.
const typeTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

/** `Float32Array`, `ArrayBuffer`, `DataView` and so on for binary data; undefined for anything else. */
export function typedName(value: object): string | undefined {
  if (ArrayBuffer.isView(value)) return (typeTag.call(value) as string | undefined) ?? 'DataView';
  return types.isAnyArrayBuffer(value) ? 'ArrayBuffer' : undefined;
}

/** The elements as base64 of their little-endian bytes. */
export function typedToBase64(value: object, name: string, oneNaN: boolean): string {
  const source = oneNaN && FLOATS.has(name) ? withOneNaN(value as Float64Array) : value;
  const bytes = ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    : Buffer.from(source as ArrayBuffer);
  return littleEndian(bytes, KINDS[name]?.bytes ?? 1).toString('base64');
}

/** The typed array of that name, or undefined when the name is unknown or the bytes do not fill whole elements. */
export function typedFromBase64(name: string, data: string): object | undefined {
  const kind = KINDS[name];
  const bytes = kind === undefined ? undefined : Buffer.from(data, 'base64');
  if (kind === undefined || bytes === undefined || bytes.length % kind.bytes !== 0) return undefined;
  const own = new Uint8Array(bytes.length);
  own.set(littleEndian(bytes, kind.bytes));
  return kind.make(own.buffer);
}

function elementKinds(): Readonly<Record<string, Kind>> {
  const names = 'Int8 Uint8 Uint8Clamped Int16 Uint16 Int32 Uint32 Float16 Float32 Float64 BigInt64 BigUint64';
  const kinds: Record<string, Kind> = {};
  for (const name of names.split(' ').map((element) => `${element}Array`)) {
    const Type = (globalThis as Record<string, unknown>)[name] as typeof Uint8Array | undefined;
    if (Type !== undefined) kinds[name] = { bytes: Type.BYTES_PER_ELEMENT, make: (buffer) => new Type(buffer) };
  }
  return kinds;
}

function littleEndian(bytes: Buffer, size: number): Buffer {
  if (!BIG_ENDIAN || size === 1) return bytes;
  const copy = Buffer.from(bytes);
  return size === 2 ? copy.swap16() : size === 4 ? copy.swap32() : copy.swap64();
}

/** A NaN has many bit patterns; equal data must have equal bytes. */
function withOneNaN(values: Float64Array): Float64Array {
  const copy = values.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  return copy;
}
