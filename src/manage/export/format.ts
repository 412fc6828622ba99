import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { ComexError, didYouMean } from '../../errors.ts';
import { TEX_COMMENT } from './latex.ts';

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

/**
 * Makes sure that a file is none, or one that an export may have made: somebody's package.json or README.md is not
 * replaced by a table.
 *
 * @param options `named`: what the file is called in an error; `force`: take any file
 * @throws ComexError `E_USAGE` for anything else, `E_STORAGE` when it cannot be read
 */
export function refuseForeign(
  path: string,
  format: Format,
  { named, force }: { readonly named: string; readonly force: boolean },
): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a folder' : 'no ordinary file';
    throw new ComexError('E_USAGE', `Expected FILE to be a file, but ${named} is ${what}. Choose another name.`);
  }
  const begin = SIGNATURES[format];
  if (force || begin === undefined || found.size === 0 || begin.test(firstText(path))) return;
  throw new ComexError(
    'E_USAGE',
    `${named} does not look like a table that comex export made, and was left alone. Choose another name, or give --force.`,
  );
}

/** How an exported file begins; of CSV nothing can be said. */
const SIGNATURES: Readonly<Partial<Record<Format, RegExp>>> = {
  json: /^\[/,
  jsonl: /^\{/,
  parquet: /^PAR1/,
  md: /^\|/,
  tex: new RegExp(`^${TEX_COMMENT}`),
};

function firstText(path: string): string {
  const buffer = Buffer.alloc(64);
  try {
    const file = openSync(path, 'r');
    try {
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, 'read', path);
  }
}
