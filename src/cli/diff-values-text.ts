import { ABSENT, type ValueDifference } from '../manage/diff-values.ts';
import { groupedText } from './quantity.ts';
import { harmless, paint, type Screen } from './screen.ts';
import { renderTable, renderTsv } from './table.ts';
import { exactText, valueText } from './value-text.ts';
import { cut, displayWidth } from './width.ts';

/** `--json` and a pipe have all. */
const MAX_ROWS = 60;
const NARROWEST_NAME = 10;
const NARROWEST_VALUE = 9;
/** So much in front of the first difference of long texts is shown. */
const LEAD = 8;
/** More than this many runs with one value are also counted. */
const MANY_RUNS = 3;

/** A part of a comparison for programs: tab-separated, values in full. */
export function valuesTsv(part: string, all: readonly ValueDifference[], names: readonly string[]): string {
  const rows = all.map(({ name, values, relative }) => [
    name,
    ...values.map((value) => (value === ABSENT ? '-' : exactText(value))),
    relative === undefined ? '' : percent(relative),
  ]);
  return renderTsv(
    [part, ...names, 'change'].map((head) => ({ head })),
    rows,
  );
}

/** A part of a comparison: a column for each run where they fit, else the runs with each value below one another. */
export function valuesText(
  part: string,
  all: readonly ValueDifference[],
  names: readonly string[],
  screen: Screen,
): string {
  const { bold, dim } = paint(screen);
  const rows = all.slice(0, MAX_ROWS);
  const fits = NARROWEST_NAME + 2 + names.length * (NARROWEST_VALUE + 2) <= screen.columns;
  const body = fits ? columnsText(rows, names, screen) : groupsText(rows, names, screen);
  const more = all.length > rows.length ? dim(`  and ${groupedText(all.length - rows.length)} more\n`) : '';
  return `${bold(part)}\n${body}${more}`;
}

function columnsText(rows: readonly ValueDifference[], names: readonly string[], screen: Screen): string {
  const { cyan, dim } = paint(screen);
  const inner: Screen = { ...screen, columns: screen.columns - 2 };
  const width = Math.max(NARROWEST_VALUE, Math.floor((inner.columns * 0.6) / names.length));
  const hasRelative = rows.some(({ relative }) => relative !== undefined);
  const cells = rows.map(({ name, values, relative }) => [
    name,
    ...aligned(textsOf(values, screen), width, screen),
    relative === undefined ? '' : percent(relative),
  ]);
  const columns = [
    { head: '', shrink: true, min: NARROWEST_NAME },
    ...names.map((head) => ({
      head,
      shrink: true,
      min: NARROWEST_VALUE,
      style: (cell: string, text: string) => (text === '-' ? dim(cell) : cyan(cell)),
    })),
    ...(hasRelative ? [{ head: '', align: 'right' as const, style: dim }] : []),
  ];
  return indented(renderTable(columns, cells, inner));
}

/** Each value with the runs that have it. */
function groupsText(rows: readonly ValueDifference[], names: readonly string[], screen: Screen): string {
  const { cyan, dim } = paint(screen);
  const room = screen.columns - 4;
  const width = Math.floor(room / 2);
  let text = '';
  for (const { name, values } of rows) {
    text += `  ${cut(harmless(name), room, screen)}\n`;
    const groups = new Map<string, string[]>();
    for (const [index, key] of textsOf(values, screen).entries()) {
      groups.set(key, [...(groups.get(key) ?? []), names[index]!]);
    }
    const keys = aligned([...groups.keys()], width, screen);
    for (const [index, of] of [...groups.values()].entries()) {
      const value = cut(harmless(keys[index]!), width, screen);
      const count = of.length > MANY_RUNS ? ` (${groupedText(of.length)})` : '';
      const left = room - displayWidth(value) - 2 - count.length;
      text += `    ${cyan(value)}  ${dim(`${cut(harmless(of.join(' ')), Math.max(4, left), screen)}${count}`)}\n`;
    }
  }
  return text;
}

/** In short where that tells different values apart, else in full. */
function textsOf(values: readonly unknown[], screen: Screen): readonly string[] {
  const short = values.map((value) => (value === ABSENT ? '-' : valueText(value) || (screen.unicode ? '∅' : "''")));
  const distinct = new Set(short).size;
  if (distinct === values.length) return short;
  const full = values.map((value) => (value === ABSENT ? '-' : exactText(value)));
  return new Set(full).size > distinct ? full : short;
}

/** Long texts that begin alike from shortly before their first difference on: it would be cut off. */
function aligned(texts: readonly string[], width: number, screen: Screen): readonly string[] {
  const present = texts.filter((text) => text !== '-');
  const longest = Math.max(0, ...present.map((text) => text.length));
  if (present.length < 2 || longest <= width) return texts;
  const [first = ''] = present;
  let same = 0;
  while (same < first.length && present.every((text) => text[same] === first[same])) same++;
  const lead = Math.min(LEAD, Math.floor(width / 2));
  if (same <= width - lead) return texts;
  const from = Math.max(0, same - lead);
  const mark = screen.unicode ? '…' : '...';
  return texts.map((text) => (text === '-' ? text : mark + text.slice(from)));
}

/** `+4.3 %`, `-50 %`, `+0.0012 %`. */
function percent(relative: number): string {
  const amount = Math.abs(relative) * 100;
  const digits = amount >= 9.95 ? 0 : amount >= 0.095 ? 1 : 0;
  const text =
    amount >= 1e6 || (amount > 0 && amount < 0.095)
      ? amount.toExponential(1).replace('e+', 'e')
      : amount.toFixed(digits);
  return `${relative < 0 ? '-' : '+'}${text} %`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
