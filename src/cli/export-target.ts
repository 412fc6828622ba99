import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FileStream } from '../codec/atomic-stream.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, didYouMean } from '../errors.ts';
import { FORMATS, type Format, formatOfFile } from '../manage/export/format.ts';
import { refuseFolder } from '../manage/export/replaced.ts';
import type { WriteOptions } from '../manage/export/table.ts';
import type { ExportOptions } from '../manage/export/views.ts';
import { writerOf } from '../manage/export/writers.ts';
import type { ExportedTable } from './export-table.ts';
import { harmless } from './screen.ts';
import { displayWidth } from './width.ts';

/** Where a table goes, and as what. */
export interface ExportTarget {
  readonly format: Format;
  /** Absolute; undefined for stdout. */
  readonly path: string | undefined;
}

/**
 * What FILE and `--format` mean.
 *
 * @throws ComexError `E_USAGE`, also for a folder
 */
export function exportTarget(
  file: string,
  { format }: { readonly format?: string | undefined },
  cwd: string,
): ExportTarget {
  if (file === '-') {
    if (format === undefined) throw new ComexError('E_USAGE', 'Expected --format with -, such as --format csv.');
    const stdout: ExportTarget = { format: formatOfWord(format), path: undefined };
    if (stdout.format !== 'parquet' || process.stdout.isTTY !== true) return stdout;
    throw new ComexError('E_USAGE', 'Expected a file or a pipe for parquet, got a terminal.');
  }
  const ofFile = formatOfFile(file);
  if (format !== undefined && formatOfWord(format) !== ofFile) {
    throw new ComexError(
      'E_USAGE',
      `Expected --format to fit the file, got ${format} for ${file}. The end of the name says it.`,
    );
  }
  const named = resolve(cwd, file);
  // What a link leads to is replaced, and the link stays.
  const path = existsSync(named) ? realpathSync(named) : named;
  refuseFolder(path, file);
  return { format: ofFile, path };
}

function formatOfWord(word: string): Format {
  if ((FORMATS as readonly string[]).includes(word)) return word as Format;
  const hint = didYouMean(word, FORMATS);
  throw new ComexError('E_USAGE', `Expected --format to be one of ${FORMATS.join(', ')}, got "${word}".${hint}`);
}

/**
 * Writes a table: into a temporary file, which gets its name or goes to stdout when it is whole.
 *
 * @throws ComexError `E_STORAGE`; `E_USAGE` for a locale that is none
 */
export async function writeExport(
  { format, path }: ExportTarget,
  table: ExportedTable,
  options: ExportOptions,
): Promise<void> {
  const settings = writeOptions(format, path === undefined, table, options);
  const makeWriter = await writerOf(format);
  // The folder for temporary files is everybody's.
  const own = path === undefined ? ownFolder() : undefined;
  const file = new FileStream(path ?? join(own!, 'table'), path === undefined ? 0o600 : undefined);
  const discard = (): void => {
    file.discard();
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    discard();
    for (const each of signals) process.removeListener(each, onSignal);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    const writer = makeWriter(table.columns, (data) => file.write(data), settings);
    await table.each((cells) => writer.row(cells), setImmediate);
    writer.end();
    if (path === undefined) {
      file.finish();
      await copyToStdout(file.temporary);
    } else file.place();
  } finally {
    for (const signal of signals) process.removeListener(signal, onSignal);
    discard();
  }
}

function ownFolder(): string {
  const folder = join(tmpdir(), 'comex-export-');
  try {
    return mkdtempSync(folder);
  } catch (error) {
    throw storageError(error, 'create', folder);
  }
}

/** Whoever reads may go away: what is wrong with it otherwise is said where all output is watched. */
async function copyToStdout(path: string): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  let isRefused = false;
  const onError = (): void => {
    isRefused = true;
  };
  process.stdout.on('error', onError);
  for await (const chunk of createReadStream(path, isTerminal ? { encoding: 'utf8' } : {})) {
    const data = isTerminal ? visible(chunk as string) : (chunk as Buffer);
    if (!process.stdout.write(data)) await once(process.stdout, 'drain').catch(onError);
    if (isRefused) break;
  }
  process.stdout.removeListener('error', onError);
}

/** What a terminal would obey, it shows. */
function visible(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 0 ? harmless(part) : part))
    .join('');
}

function writeOptions(
  format: Format,
  isPipe: boolean,
  { footnotes }: ExportedTable,
  options: ExportOptions,
): WriteOptions {
  const decimal = decimalOf(options.locale);
  return {
    // For programs behind a pipe it is a character of the first head.
    bom: options.bom ?? !isPipe,
    decimal,
    delimiter: format === 'tsv' ? '\t' : decimal === ',' ? ';' : ',',
    digits: options.digits,
    width: displayWidth,
    footnotes,
  };
}

/** What stands before the fraction of a number in a language. */
function decimalOf(locale: string | undefined): '.' | ',' {
  if (locale === undefined) return '.';
  let decimal: string | undefined;
  try {
    const [known] = Intl.NumberFormat.supportedLocalesOf(locale);
    decimal = new Intl.NumberFormat(known).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value;
    if (known === undefined) decimal = undefined;
  } catch {
    decimal = undefined;
  }
  if (decimal === '.' || decimal === ',') return decimal;
  throw new ComexError(
    'E_USAGE',
    `Expected --locale to be a language with a decimal point or comma, such as de, got "${locale}".`,
  );
}
