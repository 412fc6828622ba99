import { minMax } from '../chart/downsample.ts';
import { linearLabel, powerLabel } from '../chart/ticks.ts';
import type { LabelledLine, PlotTitles } from '../manage/plot-chart.ts';
import { countText } from './quantity.ts';
import { harmless, paint, type Screen, type Style } from './screen.ts';
import { cut, displayWidth, pad } from './width.ts';

/** One more than a multiple of the distances between labels. */
const ROWS = 17;
const COLUMN_DOTS = 2;
const ROW_DOTS = 4;
const BRAILLE = 0x2800;
/** The bit of a dot in a character of Braille, by row and column. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
/** Where there is no colour, lines are told apart by what they are drawn with. */
const MARKS = ['*', 'o', '+', 'x', '#', '@', '%', '&'];
const ANSI = [36, 33, 32, 35, 34, 31, 37];
const Y_TICKS = 5;

/** Lines, of which each has a finite value, as text that fits the screen: in Braille dots, or with a letter for each line where these cannot be shown. */
export function terminalChart(
  lines: readonly LabelledLine[],
  { title, x, y, log }: PlotTitles,
  screen: Screen,
): string {
  const { bold, dim } = paint(screen);
  const shown = lines.map((line) => (log ? { ...line, y: line.y.map(Math.log10) } : line));
  const range = rangesOf(shown);
  const labels = tickLabels(range.lowY, range.highY, log);
  const gutter = Math.max(...labels.map((label) => label.length)) + 1;
  const columns = Math.max(8, screen.columns - gutter - 1);
  // Dots of several lines in one character have one colour at most: without any, each line has its own letter.
  const dotted = screen.unicode && (screen.color || lines.length === 1);
  const canvas = new Canvas(columns, dotted);
  for (const [index, line] of shown.entries()) drawLine(canvas, line, range, index);
  const styles = lines.map((_, index) => colour(index, screen));
  const bar = screen.unicode ? '│' : '|';
  const tick = screen.unicode ? '┤' : '+';
  const rows = canvas.rows((index, text) => styles[index]!(text));
  const text = rows.map((row, index) => {
    const label = labelAt(index, labels);
    return `${dim(pad(label, gutter - 1, 'right'))} ${dim(label === '' ? bar : tick)}${row.trimEnd()}`;
  });
  const floor = `${' '.repeat(gutter)}${screen.unicode ? '└' : '+'}${(screen.unicode ? '─' : '-').repeat(columns)}`;
  return [
    bold(heading(title === y || title === '' ? y : `${title}: ${y}`, log, screen)),
    ...text,
    dim(floor),
    dim(`${' '.repeat(gutter + 1)}${xLabels(range, x, columns, screen)}`),
    ...(lines.length > 1 ? legend(lines, styles, dotted, screen) : []),
    ...notes(lines, screen).map(dim),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** The scale is said even where the rest has to be cut. */
function heading(text: string, log: boolean, screen: Screen): string {
  const scale = log ? ' (log scale)' : '';
  return cut(harmless(text), screen.columns - scale.length, screen) + scale;
}

interface Ranges {
  readonly lowX: number;
  readonly highX: number;
  readonly lowY: number;
  readonly highY: number;
}

function rangesOf(lines: readonly LabelledLine[]): Ranges {
  let [lowX, highX, lowY, highY] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of lines) {
    for (const [index, value] of y.entries()) {
      if (!Number.isFinite(value)) continue;
      if (x[index]! < lowX) lowX = x[index]!;
      if (x[index]! > highX) highX = x[index]!;
      if (value < lowY) lowY = value;
      if (value > highY) highY = value;
    }
  }
  // One value is drawn halfway up.
  const margin = highY > lowY ? 0 : Math.abs(lowY) * 0.1 || 1;
  return { lowX, highX, lowY: lowY - margin, highY: highY + margin };
}

function drawLine(canvas: Canvas, line: LabelledLine, { lowX, highX, lowY, highY }: Ranges, index: number): void {
  const thin = minMax(line.x, line.y, canvas.width);
  // Halves, since the difference of two numbers may be too large for one.
  const part = (value: number, low: number, high: number): number =>
    high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
  let before: readonly [number, number] | undefined;
  for (const [i, value] of thin.values.entries()) {
    if (!Number.isFinite(value)) {
      before = undefined;
      continue;
    }
    const column = Math.round(part(thin.steps[i]!, lowX, highX) * (canvas.width - 1));
    const row = Math.round((1 - part(value, lowY, highY)) * (canvas.height - 1));
    canvas.line(before ?? [column, row], [column, row], index);
    before = [column, row];
  }
}

/** Dots in characters, each with the line that was drawn there last. */
class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #columns: number;
  readonly #dotted: boolean;
  readonly #bits: Uint8Array;
  readonly #owners: Int16Array;

  constructor(columns: number, dotted: boolean) {
    this.#columns = columns;
    this.#dotted = dotted;
    this.width = columns * (dotted ? COLUMN_DOTS : 1);
    this.height = ROWS * (dotted ? ROW_DOTS : 1);
    this.#bits = new Uint8Array(columns * ROWS);
    this.#owners = new Int16Array(columns * ROWS).fill(-1);
  }

  line([fromX, fromY]: readonly [number, number], [toX, toY]: readonly [number, number], owner: number): void {
    const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
    for (let i = 0; i <= steps; i++) {
      const x = Math.round(fromX + ((toX - fromX) * i) / steps);
      const y = Math.round(fromY + ((toY - fromY) * i) / steps);
      this.#dot(x, y, owner);
    }
  }

  rows(styled: (owner: number, text: string) => string): string[] {
    return Array.from({ length: ROWS }, (_, row) => {
      let text = '';
      for (let column = 0; column < this.#columns; column++) {
        const owner = this.#owners[row * this.#columns + column]!;
        const bits = this.#bits[row * this.#columns + column]!;
        const mark = this.#dotted ? String.fromCharCode(BRAILLE + bits) : MARKS[owner % MARKS.length]!;
        text += owner < 0 ? ' ' : styled(owner, mark);
      }
      return text;
    });
  }

  #dot(x: number, y: number, owner: number): void {
    const column = this.#dotted ? Math.floor(x / COLUMN_DOTS) : x;
    const row = this.#dotted ? Math.floor(y / ROW_DOTS) : y;
    const cell = row * this.#columns + column;
    if (this.#dotted) this.#bits[cell]! |= BITS[y % ROW_DOTS]![x % COLUMN_DOTS]!;
    this.#owners[cell] = owner;
  }
}

function colour(index: number, screen: Screen): Style {
  return (text) => (screen.color ? `\x1b[${ANSI[index % ANSI.length]}m${text}\x1b[39m` : text);
}

/** Labels at equal distances, from the top down. */
function tickLabels(low: number, high: number, log: boolean): string[] {
  const parts = Array.from({ length: Y_TICKS }, (_, i) => i / (Y_TICKS - 1));
  // Not by their difference, which may be too large for a number.
  const values = parts.map((part) => high * (1 - part) + low * part);
  const rounded = values.map((value) => Number(value.toPrecision(4)));
  if (log) return values.map((value) => powerLabel(Number((10 ** value).toPrecision(3))));
  const decimals = Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(high / 4 - low / 4 || 1))));
  const plain = rounded.every((value) => Math.abs(value) < 1e7) && decimals <= 6;
  if (!plain) return values.map((value) => value.toExponential(2));
  const texts = values.map((value) => value.toFixed(decimals));
  // Zeros that all of them end in say nothing.
  let zeros = 0;
  while (zeros < decimals && texts.every((text) => text[text.length - 1 - zeros] === '0')) zeros++;
  return decimals === 0 ? texts : texts.map((text) => text.slice(0, text.length - zeros).replace(/\.$/, ''));
}

function labelAt(row: number, labels: readonly string[]): string {
  const place = (row * (labels.length - 1)) / (ROWS - 1);
  const nearest = Math.round(place);
  return Math.round((nearest * (ROWS - 1)) / (labels.length - 1)) === row ? labels[nearest]! : '';
}

function xLabels({ lowX, highX }: Ranges, name: string, columns: number, screen: Screen): string {
  const number = (value: number): string => linearLabel(Number(value.toPrecision(6)), [lowX, highX]);
  const [left, right] = [number(lowX), number(highX)];
  const room = columns - left.length - right.length - 2;
  const middle = cut(harmless(name), Math.max(0, room), screen);
  const gap = columns - left.length - right.length - displayWidth(middle);
  if (lowX === highX) return `${pad('', Math.floor((columns - left.length) / 2))}${left}`;
  if (gap < 2) return left;
  return `${left}${' '.repeat(Math.floor(gap / 2))}${middle}${' '.repeat(Math.ceil(gap / 2))}${right}`;
}

function legend(lines: readonly LabelledLine[], styles: readonly Style[], dotted: boolean, screen: Screen): string[] {
  return lines.map(({ label }, index) => {
    const text = screen.unicode ? label : label.replaceAll('±', '+-').replaceAll('…', '...');
    const mark = dotted ? '━━' : MARKS[index % MARKS.length]!.repeat(2);
    return `  ${styles[index]!(mark)} ${cut(harmless(text), screen.columns - 5, screen)}`;
  });
}

function notes(lines: readonly LabelledLine[], screen: Screen): string[] {
  let gaps = 0;
  for (const { y } of lines) for (const value of y) if (!Number.isFinite(value)) gaps += 1;
  return gaps === 0 ? [] : [cut(`  ${countText(gaps, 'value')} not finite`, screen.columns, screen)];
}
