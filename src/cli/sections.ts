import { harmless, paint, type Screen } from './screen.ts';
import { renderTable, type TableColumn } from './table.ts';
import { cut, pad, wrap } from './width.ts';

const INDENT = '  ';
const LABEL = 9;
const MAX_PATH = 1000;
const MAX_FACT_LINES = 3;
/** Cells in front of what stands behind a label. */
export const SECTION_INDENT = INDENT.length + LABEL + 2;

/** The screen that is left behind a label. */
export function sectionScreen(screen: Screen): Screen {
  return { ...screen, columns: Math.max(8, screen.columns - SECTION_INDENT) };
}

/** Lines behind a label; nothing when there are none. They have been cut to the width and made harmless. */
export function section(label: string, lines: readonly string[], screen: Screen): string {
  const { dim } = paint(screen);
  const heads = lines.map((_, index) => INDENT + dim(pad(index === 0 ? label : '', LABEL)) + INDENT);
  return lines.map((line, index) => `${`${heads[index]}${line}`.trimEnd()}\n`).join('');
}

/** A text from outside behind a label, on one line. */
export function fact(label: string, text: string, screen: Screen): string {
  return section(label, [cut(harmless(text), sectionScreen(screen).columns, screen)], screen);
}

/** A text from outside behind a label, on as many lines as it takes, up to a few; the last of these is cut. */
export function wrappedFact(label: string, text: string, screen: Screen): string {
  const { columns } = sectionScreen(screen);
  const lines = wrap(harmless(text.slice(0, columns * (MAX_FACT_LINES + 1))), columns);
  if (lines.length <= MAX_FACT_LINES) return section(label, lines, screen);
  const last = cut(lines.slice(MAX_FACT_LINES - 1).join(' '), columns, screen);
  return section(label, [...lines.slice(0, MAX_FACT_LINES - 1), last], screen);
}

/** A text that somebody wrote behind a label: all of it, in its own lines. */
export function wholeFact(label: string, text: string, screen: Screen): string {
  const { columns } = sectionScreen(screen);
  return section(
    label,
    text.split('\n').flatMap((line) => wrap(harmless(line), columns)),
    screen,
  );
}

/** A path behind a label: in full, since a path that was cut is of no use to anybody who copies it. */
export function pathFact(label: string, path: string, screen: Screen): string {
  return section(label, [cut(harmless(path), MAX_PATH, screen)], screen);
}

/** A table behind a label. */
export function tableSection(
  label: string,
  columns: readonly TableColumn[],
  rows: ReadonlyArray<readonly string[]>,
  screen: Screen,
): string {
  return section(label, renderTable(columns, rows, sectionScreen(screen)).split('\n').slice(0, -1), screen);
}
