import { maskedCrc32c } from './crc32c.ts';

/**
 * A record of a TFRecord file: length (64 bits, little endian), its masked CRC-32C, the data, their masked CRC-32C.
 * Source: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function tfRecord(data: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(data.length + 16);
  record.writeUInt32LE(data.length, 0);
  record.writeUInt32LE(0, 4);
  record.writeUInt32LE(maskedCrc32c(record, 0, 8), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), data.length + 12);
  return record;
}
