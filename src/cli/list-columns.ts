import type { RunSummary } from '../archive/summary.ts';
import { type SummaryField, summaryField } from '../archive/summary-fields.ts';
import { encode } from '../codec/json.ts';
import { ComexError } from '../errors.ts';
import type { ArchiveOptions } from './list.ts';
import { agoText, durationText, numberText } from './quantity.ts';
import { harmless, paint, statusStyle } from './screen.ts';
import { renderTable, renderTsv } from './table.ts';
import { valueText } from './value-text.ts';
import { cut } from './width.ts';

const LONGEST_NAME = 60;

/**
 * What `--columns` names; undefined when it was not given. The id comes first where it is not named.
 *
 * @throws ComexError `E_QUERY` for a name that no run has
 */
export function columnsOf(columns: string | undefined, all: readonly RunSummary[]): SummaryField[] | undefined {
  if (columns === undefined) return undefined;
  const names = namesIn(columns, '--columns');
  const fields = names.map((name) => summaryField(name, all));
  return names.includes('id') ? fields : [summaryField('id', all), ...fields];
}

/**
 * The names behind an option, with commas between them.
 *
 * @throws ComexError `E_USAGE` when there is none
 */
export function namesIn(text: string, option: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const present = names.filter((name) => name !== '');
  if (present.length > 0) return present;
  throw new ComexError('E_USAGE', `Expected names behind ${option}, with commas between them, got "${text}".`);
}

export function columnTable(
  runs: readonly RunSummary[],
  columns: readonly SummaryField[],
  { tty, screen, err }: ArchiveOptions,
  now: number,
): string {
  const values = runs.map((run) => columns.map(({ get }) => get(run)));
  const cells = values.map((row) =>
    row.map((value, index) => (tty ? cellText(value, columns[index]!.name, now) : plainText(value))),
  );
  if (!tty)
    return renderTsv(
      columns.map(({ name }) => ({ head: name })),
      cells,
    );
  const styles = paint(screen);
  const heads = columns.map(({ name }, index) => ({
    head: name,
    align: values.some((row) => typeof row[index] === 'number') ? ('right' as const) : ('left' as const),
    ...(name === 'id' ? { style: styles.cyan } : { shrink: true, min: 6 }),
    ...(name === 'status' ? { style: (cell: string, status: string) => statusStyle(status, styles)(cell) } : {}),
  }));
  // They were asked for: nobody should think that there are none.
  return renderTable(heads, cells, screen, (left) => {
    const names = left.map((name) => cut(harmless(name), LONGEST_NAME, screen)).join(', ');
    err(`Not shown, for want of room: ${names}. A pipe and --json have all.\n`);
  });
}

/** A run as an object of the columns; null where it has no such thing. */
export function columnRecord(run: RunSummary, columns: readonly SummaryField[]): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = Object.create(null);
  for (const { name, get } of columns) {
    const value = get(run);
    record[name] = value instanceof Date && !(name in run.parameters) ? value.toISOString() : (value ?? null);
  }
  return record;
}

/** For people. */
export function cellText(value: unknown, name: string, now: number): string {
  if (value === undefined) return '';
  if (typeof value === 'number') {
    if (name === 'duration') return durationText(value * 1000);
    return name === 'durationMs' ? durationText(value) : numberText(value);
  }
  if (typeof value === 'string') return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return agoText(value, now);
  if (isTexts(value)) return value.join(' ');
  return valueText(value);
}

/** For programs: numbers in full, times in ISO 8601, and what is neither number nor text as JSON. */
export function plainText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return isTexts(value) ? value.join(',') : encode(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
