import { csvWriter } from './csv.ts';
import type { Format } from './format.ts';
import { jsonLinesWriter, jsonWriter } from './json.ts';
import { latexWriter } from './latex.ts';
import { markdownWriter } from './markdown.ts';
import type { Output, TableColumn, TableWriter, WriteOptions } from './table.ts';

type WriterMaker = (columns: readonly TableColumn[], output: Output, options: WriteOptions) => TableWriter;

/** What writes a format. */
export async function writerOf(format: Format): Promise<WriterMaker> {
  if (format === 'parquet') return (await import('./parquet.ts')).parquetWriter;
  return WRITERS[format];
}

const WRITERS: Readonly<Record<Exclude<Format, 'parquet'>, WriterMaker>> = {
  csv: csvWriter,
  tsv: csvWriter,
  json: jsonWriter,
  jsonl: jsonLinesWriter,
  md: markdownWriter,
  tex: latexWriter,
};
