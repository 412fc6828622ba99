import { imageType } from '../images.ts';

/** Width and height in pixels of a PNG, GIF or JPEG; undefined for any other bytes. */
export function imageSize(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  const type = imageType(bytes);
  if (type === 'png' && bytes.length >= 24) return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (type === 'gif' && bytes.length >= 10) return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  return type === 'jpg' ? jpegSize(bytes) : undefined;
}

/** The size stands in the frame header: SOF0 to SOF15, but for DHT, JPG and DAC (ITU-T T.81, table B.1). */
function jpegSize(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    // A marker may be preceded by fill bytes.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
