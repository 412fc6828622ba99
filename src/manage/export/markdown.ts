import { cellText } from './cells.ts';
import { Measured, measuredText } from './measured.ts';
import { numberDigits } from './number-digits.ts';
import { DAGGER, type Output, type TableColumn, type TableWriter, type WriteOptions } from './table.ts';

/** How a file begins that an export made: a line that is not shown. */
export const MARKDOWN_COMMENT = '<!-- Made by comex export -->';

/** Writes a pipe table, its columns aligned. It is written when all rows are known. */
export function markdownWriter(columns: readonly TableColumn[], output: Output, options: WriteOptions): TableWriter {
  const { width, digits, footnotes = [] } = options;
  const right = columns.map(({ type }) => type === 'integer' || type === 'number');
  const rows: string[][] = [];
  return {
    row(cells) {
      rows.push(
        columns.map((_, index) => {
          const value = cells[index];
          if (value instanceof Measured) right[index] = true;
          return markdownCell(value, digits);
        }),
      );
    },
    end() {
      const heads = columns.map(({ head }) => escaped(head));
      const widths = heads.map((head, index) => {
        return rows.reduce((widest, row) => Math.max(widest, width(row[index]!)), Math.max(3, width(head)));
      });
      const line = (cells: readonly string[]): string => {
        const padded = cells.map((cell, index) => {
          const space = ' '.repeat(Math.max(0, widths[index]! - width(cell)));
          return right[index] ? space + cell : cell + space;
        });
        return `| ${padded.join(' | ')} |\n`;
      };
      output(`${MARKDOWN_COMMENT}\n`);
      output(line(heads));
      const rules = widths.map((count, index) => (right[index] ? `${'-'.repeat(count - 1)}:` : '-'.repeat(count)));
      output(line(rules));
      for (const row of rows) output(line(row));
      for (const { mark, text } of footnotes) output(`\n${mark === DAGGER ? mark : raised(mark)} ${text}\n`);
    },
  };
}

function markdownCell(value: unknown, digits: number | undefined): string {
  if (value instanceof Measured) return measuredCell(value, digits);
  if (typeof value === 'number') return numberDigits(value, digits);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return value instanceof Date ? cellText(value) : escaped(cellText(value));
}

function measuredCell(value: Measured, digits: number | undefined): string {
  const { mean, spread, ends, exponent } = measuredText(value, digits);
  const around = spread === undefined ? '' : ` ± ${spread}`;
  const inner = ends === undefined ? `${mean}${around}` : `${mean} \\[${ends[0]}, ${ends[1]}\\]`;
  const text = exponent === undefined ? inner : `(${inner})e${exponent}`;
  const marked = value.mark === 'best' ? `**${text}**` : value.mark === 'tie' ? `${text} ${DAGGER}` : text;
  return value.note === undefined ? marked : `${marked} ${raised(value.note)}`;
}

function raised(letter: string): string {
  return `<sup>${letter}</sup>`;
}

/** A text as it reads, where Markdown would see marks, tags, links or the end of the cell. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*[\]<>|~$&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/\r\n|\n/g, '<br>')
    .replace(/^ +| +$|[\r\t\u2028\u2029\v\f]/g, (space) => space.replace(/./gsu, (one) => `&#${one.codePointAt(0)};`));
}
