import { basename } from 'node:path';
import { ComexError, didYouMean } from '../../errors.ts';
import { valueOfText } from '../../run/harvest/values.ts';
import type { FoundPoint, Report } from './found.ts';
import type { SeriesRule } from './map-rules.ts';
import { readTable, type Table } from './map-table.ts';
import type { FolderValues } from './map-values.ts';

/** The series of a folder. What cannot be read is told to the report. */
export async function mapSeries(
  rules: readonly SeriesRule[],
  values: FolderValues,
  report: Report,
): Promise<Map<string, readonly FoundPoint[]>> {
  const series = new Map<string, readonly FoundPoint[]>();
  const tables = new Map<string, Table>();
  for (const rule of rules) {
    try {
      const file = await values.file(rule.csv, rule.name ?? 'series');
      const wanted = rules
        .filter(({ csv }) => csv === rule.csv)
        .flatMap(({ column, step }) => [column ?? [], step ?? []]);
      const table = tables.get(file) ?? (await readTable(file, wanted.flat()));
      tables.set(file, table);
      for (const [name, points] of seriesOf(rule, table, basename(file))) {
        if (series.has(name)) throw new ComexError('E_DATA', `Two rules give a series "${name}".`);
        if (points.length > 0) series.set(name, points);
      }
    } catch (error) {
      if (!(error instanceof ComexError)) throw error;
      report.problems.push(error.message);
    }
  }
  return series;
}

function seriesOf(rule: SeriesRule, { names, rows }: Table, file: string): Array<[string, FoundPoint[]]> {
  const indexOf = (column: string): number => {
    const index = names.indexOf(column);
    if (index >= 0) return index;
    const hint = didYouMean(column, names) || ` There are ${names.slice(0, 12).join(', ')}.`;
    throw new ComexError('E_DATA', `${file}: Expected a column "${column}", but there is none.${hint}`);
  };
  const step = rule.step === undefined ? undefined : indexOf(rule.step);
  const pointsOf = (column: number): FoundPoint[] => points(rows, column, step, `${file}: column "${names[column]}"`);
  if (rule.column !== undefined) return [[rule.name ?? rule.column, pointsOf(indexOf(rule.column))]];
  const numeric = names.map((_, index) => index).filter((index) => index !== step && isNumeric(rows, index));
  return numeric.filter((index) => names[index] !== '').map((index) => [names[index]!, pointsOf(index)]);
}

/** An empty cell is no point: programs leave out what they did not measure at a step. */
function points(
  rows: ReadonlyArray<readonly string[]>,
  column: number,
  stepColumn: number | undefined,
  where: string,
): FoundPoint[] {
  const found: FoundPoint[] = [];
  for (const [index, row] of rows.entries()) {
    const cell = row[column] ?? '';
    if (cell === '') continue;
    const step = stepColumn === undefined ? index : numberOf(row[stepColumn] ?? '');
    if (step === undefined || !Number.isFinite(step)) {
      const got = JSON.stringify(row[stepColumn!]?.slice(0, 60) ?? '');
      throw new ComexError('E_DATA', `${where}: Expected the step of row ${index + 1} to be a number, got ${got}.`);
    }
    found.push({ step, value: numberOf(cell) ?? cell });
  }
  return found;
}

function isNumeric(rows: ReadonlyArray<readonly string[]>, column: number): boolean {
  const cells = rows.map((row) => row[column] ?? '').filter((cell) => cell !== '');
  return cells.length > 0 && cells.every((cell) => numberOf(cell) !== undefined);
}

function numberOf(cell: string): number | undefined {
  if (cell === '') return undefined;
  try {
    return valueOfText(cell, { take: 'only', type: 'number', decimal: '.' }) as number;
  } catch {
    return undefined;
  }
}
