import { extname } from 'node:path';
import { ComexError, didYouMean } from '../../errors.ts';

export const FORMATS = ['csv', 'tsv', 'json', 'jsonl', 'parquet', 'md', 'tex'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * The format that the end of a file's name means.
 *
 * @throws ComexError `E_USAGE`
 */
export function formatOfFile(file: string): Format {
  const extension = extname(file).slice(1).toLowerCase();
  if ((FORMATS as readonly string[]).includes(extension)) return extension as Format;
  const near =
    extension === ''
      ? ''
      : didYouMean(
          `.${extension}`,
          FORMATS.map((format) => `.${format}`),
        );
  const known = FORMATS.map((format) => `.${format}`).join(', ');
  throw new ComexError('E_USAGE', `Expected FILE to end in ${known}, or to be - with --format, got "${file}".${near}`);
}
