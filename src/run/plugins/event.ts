/**
 * The events of TensorBoard in the wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding/):
 * a field is a varint `number << 3 | type`, then its value. Field numbers are those of
 * https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto, and of summary.proto,
 * tensor.proto, tensor_shape.proto and types.proto beside it.
 */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const DT_STRING = 7;
const DATA_CLASS_TENSOR = 2;

/** The first event of a file. `wallTime` in seconds since 1970. */
export function versionEvent(wallTime: number): Buffer {
  return Buffer.concat([fixed64(1, wallTime), text(3, 'brain.Event:2')]);
}

/** A number; TensorBoard keeps 32 bits of it. */
export function scalarEvent(wallTime: number, step: number, tag: string, value: number): Buffer {
  return summaryEvent(wallTime, step, [text(1, tag), fixed32(2, value)]);
}

/** A text, as a tensor of rank 0 for the text plugin of TensorBoard, which shows it as Markdown. */
export function textEvent(wallTime: number, step: number, tag: string, value: string): Buffer {
  const metadata = [bytes(1, [text(1, 'text')]), varint(4, DATA_CLASS_TENSOR)];
  const tensor = [varint(1, DT_STRING), bytes(2, []), text(8, value)];
  return summaryEvent(wallTime, step, [text(1, tag), bytes(9, metadata), bytes(8, tensor)]);
}

/** An encoded picture with its size in pixels. */
export function imageEvent(
  wallTime: number,
  step: number,
  tag: string,
  image: { readonly width: number; readonly height: number; readonly data: Uint8Array },
): Buffer {
  const colorspace = 4; // RGBA; readers go by the encoded bytes
  const fields = [varint(1, image.height), varint(2, image.width), varint(3, colorspace), bytes(4, [image.data])];
  return summaryEvent(wallTime, step, [text(1, tag), bytes(4, fields)]);
}

/** An event with a summary of one value. */
function summaryEvent(wallTime: number, step: number, value: readonly Uint8Array[]): Buffer {
  return Buffer.concat([fixed64(1, wallTime), varint(2, step), bytes(5, [bytes(1, value)])]);
}

function varint(field: number, value: number): Buffer {
  const whole = encodeVarint(value);
  return Buffer.from([(field << 3) | VARINT, ...whole]);
}

function fixed64(field: number, value: number): Buffer {
  const buffer = Buffer.allocUnsafe(9);
  buffer[0] = (field << 3) | FIXED64;
  buffer.writeDoubleLE(value, 1);
  return buffer;
}

function fixed32(field: number, value: number): Buffer {
  const buffer = Buffer.allocUnsafe(5);
  buffer[0] = (field << 3) | FIXED32;
  buffer.writeFloatLE(value, 1);
  return buffer;
}

function text(field: number, value: string): Buffer {
  return bytes(field, [Buffer.from(value)]);
}

/** A field that is bytes, or a message by its fields. */
function bytes(field: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([(field << 3) | BYTES, ...encodeVarint(length)]), ...parts]);
}

/** Seven bits a byte, lowest first; a negative number is its 64-bit complement. Beyond 64 bits the nearest number. */
function encodeVarint(value: number): number[] {
  const encoded: number[] = [];
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
    const largest = 2n ** 63n - 1n;
    let rest = BigInt(value);
    rest = BigInt.asUintN(64, rest > largest ? largest : rest < -largest ? -largest : rest);
    for (; rest > 127n; rest >>= 7n) encoded.push(Number(rest & 127n) | 128);
    encoded.push(Number(rest));
    return encoded;
  }
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) encoded.push((rest % 128) | 128);
  encoded.push(rest);
  return encoded;
}
