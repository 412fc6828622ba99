import { cellText } from './cells.ts';
import type { Output, TableColumn, TableWriter, WriteOptions } from './table.ts';

/** What a spreadsheet would take for a formula, also behind spaces, and such a text that is escaped already. */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@\uff0b\uff0d\uff1d\uff20])/;
/** What a reader would take for a number, a truth value or nothing. */
const TYPED = /^(?:$|\s|[.,]?\d|(?:nan|inf(?:inity)?|true|false|null|na|n\/a)$)|\s$/i;

/**
 * Writes CSV as RFC 4180 has it: CRLF at the end of lines, quotes where they are needed. Besides, a text that would be
 * read as something else is quoted, and one that would be a formula begins with a single quote.
 */
export function csvWriter(columns: readonly TableColumn[], output: Output, options: WriteOptions): TableWriter {
  const { bom, delimiter, decimal } = options;
  const special = new RegExp(`["\\r\\n${delimiter === '\t' ? '\\t' : delimiter}]`);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const textCell = (text: string): string => {
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return special.test(safe) || TYPED.test(safe) ? quoted(safe) : safe;
  };
  const cell = (value: unknown): string => {
    if (value === undefined || value === null) return '';
    if (typeof value === 'number') {
      const text = cellText(value);
      return decimal === '.' ? text : text.replace('.', decimal);
    }
    if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    const text = cellText(value);
    // Only of a text does it matter whether it is empty, or reads like a number.
    const isPlain = typeof value !== 'string' && !FORMULA.test(text) && !special.test(text);
    return isPlain ? text : textCell(text);
  };
  output(`${bom ? '\ufeff' : ''}${columns.map(({ head }) => textCell(head)).join(delimiter)}\r\n`);
  const isOnly = columns.length === 1;
  return {
    row(cells) {
      let line = '';
      for (let i = 0; i < columns.length; i++) line += i === 0 ? cell(cells[i]) : delimiter + cell(cells[i]);
      // An empty line would be no row for many readers.
      output(isOnly && line === '' ? '""\r\n' : `${line}\r\n`);
    },
    end() {},
  };
}
