import type { SeriesSummary } from '../archive/layout.ts';
import { groupedText, numberText } from './quantity.ts';
import { paint, type Screen } from './screen.ts';
import { tableSection } from './sections.ts';
import type { TableColumn } from './table.ts';
import { dataRows, fieldText } from './value-text.ts';

/**
 * Series behind a label: how many points, the last value and the range.
 *
 * @param trend a sparkline of the series with a name, where there is room for one
 */
export function seriesTable(
  series: Readonly<Record<string, SeriesSummary>>,
  limit: number,
  screen: Screen,
  trend?: (name: string) => string,
): string {
  const all = Object.entries(series);
  const rows = all.slice(0, limit).map(([name, { count, kind, last, min, max }]) => {
    // Of texts and images there is no last number; what they are stands there instead.
    const shownLast = kind !== 'number' && typeof last !== 'number' ? fieldText(kind) : measured(last);
    const shownCount = typeof count === 'number' ? groupedText(count) : '';
    return [name, shownCount, shownLast, measured(min), measured(max), trend?.(name) ?? ''];
  });
  const number: Omit<TableColumn, 'head'> = { align: 'right' };
  const columns: TableColumn[] = [
    { head: 'name', shrink: true, min: 8 },
    { head: 'points', ...number },
    { head: 'last', ...number },
    { head: 'min', ...number },
    { head: 'max', ...number },
    ...(trend === undefined ? [] : [{ head: 'trend', style: paint(screen).cyan }]),
  ];
  return rows.length === 0 ? '' : limitedTable('series', columns, rows, all.length - rows.length, screen);
}

/** The leaves of a data tree behind a label. */
export function dataTable(
  data: Readonly<Record<string, unknown>>,
  limit: number,
  screen: Screen,
  label = 'data',
): string {
  const { rows, more } = dataRows(data, limit);
  const columns = [
    { head: '', shrink: true, min: 12 },
    { head: '', shrink: true, min: 8 },
  ];
  return limitedTable(
    label,
    columns,
    rows.map(({ path, text }) => [path, text]),
    more,
    screen,
  );
}

/** A table behind a label, and how many more rows there are. */
export function limitedTable(
  label: string,
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  more: number,
  screen: Screen,
): string {
  const all = more > 0 ? [...rows, [`and ${groupedText(more)} more`]] : rows;
  return tableSection(label, columns, all, screen);
}

function measured(value: unknown): string {
  return typeof value === 'number' ? numberText(value) : '';
}
