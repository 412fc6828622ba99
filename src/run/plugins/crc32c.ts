/** Remainders of all bytes for the Castagnoli polynomial, bits reversed (RFC 3720, appendix B.4). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

/** CRC-32C of bytes, as an unsigned 32-bit number. Source: RFC 3720, section 12.1. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * CRC-32C as TFRecord files hold it: rotated right by 15 bits, plus a constant, so that a checksum over data that
 * contains checksums stays a good one. Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function maskedCrc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const crc = crc32c(bytes, start, end);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
