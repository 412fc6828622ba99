import { harmless, paint, type Screen } from './screen.ts';
import { cut, displayWidth, pad } from './width.ts';

export interface TableColumn {
  readonly head: string;
  /** Default left. */
  readonly align?: 'left' | 'right';
  /** Narrowest width in cells of a column that shrinks. Default 8. */
  readonly min?: number;
  /** Whether its texts may be cut to make the table fit. Default false. */
  readonly shrink?: boolean;
  /** Styles a cell that has been cut and padded; `text` is what the cell holds. */
  readonly style?: (cell: string, text: string) => string;
}

const GAP = '  ';
const DEFAULT_MIN = 8;

/**
 * A table that fits the screen: columns that may shrink are cut, the widest first; where that is not enough, columns are
 * left out from the right. No line of heads when all of them are empty. Cells may hold any text: it is made harmless.
 *
 * @param onLeftOut is told the heads of the columns for which there is no room
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  screen: Screen,
  onLeftOut?: (heads: readonly string[]) => void,
): string {
  const cells = rows.map((row) => columns.map((_, index) => harmless(row[index] ?? '')));
  const widths = fittingWidths(columns, cells, screen.columns);
  const shown = columns.slice(0, widths.length);
  if (shown.length < columns.length) onLeftOut?.(columns.slice(shown.length).map(({ head }) => head));
  const line = (row: readonly string[], style: (cell: string, index: number) => string): string => {
    const padded = shown.map(({ align }, index) => {
      const text = cut(row[index]!, widths[index]!, screen);
      // Spaces at the end of a line are for nobody.
      return index === shown.length - 1 && align !== 'right' ? text : pad(text, widths[index]!, align);
    });
    const end = padded.findLastIndex((cell) => cell.trim() !== '');
    const used = padded.slice(0, end + 1);
    if (used.length > 0) used[end] = used[end]!.trimEnd();
    return used.map(style).join(GAP);
  };
  const heads = columns.map(({ head }) => head);
  const { dim } = paint(screen);
  const lines = heads.every((head) => head === '') ? [] : [line(heads, (cell) => dim(cell))];
  for (const row of cells) lines.push(line(row, (cell, index) => shown[index]!.style?.(cell, row[index]!) ?? cell));
  return lines.map((text) => `${text}\n`).join('');
}

/** The rows with tabs between the cells, uncut, for programs; tabs and line breaks inside of a cell are escaped. */
export function renderTsv(columns: readonly TableColumn[], rows: ReadonlyArray<readonly string[]>): string {
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => columns.map((_, index) => row[index] ?? ''))];
  return lines.map((row) => `${row.map(harmless).join('\t')}\n`).join('');
}

/** A width for each column that is shown. */
function fittingWidths(
  columns: readonly TableColumn[],
  cells: ReadonlyArray<readonly string[]>,
  room: number,
): readonly number[] {
  const natural = columns.map(({ head }, index) => {
    // Beyond the screen's width, how wide exactly makes no difference.
    let widest = Math.min(room, displayWidth(head));
    for (const row of cells) {
      const text = row[index]!;
      if (text.length > widest || text.length * 2 > widest)
        widest = Math.max(widest, text.length > room * 8 ? room : displayWidth(text));
    }
    return Math.min(widest, room);
  });
  const widths = columns.map(({ shrink }, index) =>
    shrink ? natural[index]! : Math.min(natural[index]!, Math.ceil(room / 2)),
  );
  const mins = columns.map(({ shrink, min }, index) =>
    shrink ? Math.min(widths[index]!, min ?? DEFAULT_MIN) : widths[index]!,
  );
  let count = columns.length;
  while (count > 1 && totalOf(mins.slice(0, count)) > room) count--;
  const fitting = widths.slice(0, count);
  for (let excess = totalOf(fitting) - room; excess > 0; excess--) {
    let widest = -1;
    for (let i = 0; i < count; i++) {
      if (fitting[i]! > mins[i]! && (widest < 0 || fitting[i]! > fitting[widest]!)) widest = i;
    }
    if (widest < 0) break;
    fitting[widest]! -= 1;
  }
  return fitting;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, widths.length - 1);
}
