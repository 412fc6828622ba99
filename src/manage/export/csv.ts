import { cellText } from './cells.ts';
import type { Output, TableColumn, TableWriter, WriteOptions } from './table.ts';

/** What a spreadsheet would take for a formula, also behind spaces, and such a text that is escaped already. */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@\uff0b\uff0d\uff1d\uff20])/;
/** Whole or short, in English and German: no other word that begins so. */
const MONTH = [
  'jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|mär(?:z)?|mrz|apr(?:il)?|ma[iy]|jun[ei]?|jul[iy]?',
  'aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?',
].join('|');
/** What a reader would take for something else than a text. */
const TYPED = new RegExp(
  [
    // Nothing, and what is lost where spaces are.
    '^$|^\\s|\\s$',
    // Numbers also with separators and units of money or parts, dates and times: digits, and signs between them.
    "^[$€£¥]?[.,]?\\d[\\d\\s.,:;/+\\-'’_]*[%€$£¥]?$",
    "^[.,]?\\d[\\d\\s.,'’_]*[ed][+-]?\\d+$",
    '^0(?:x[\\da-f.]+(?:p[+-]?\\d+)?|o[0-7]+|b[01]+)$',
    '^(?:nan|inf(?:inity)?|1\\.#(?:ind|qnan|inf))$',
    // ISO 8601 with its letters, the twelve hours, names of months.
    '^\\d[\\d-]*t\\d[\\d:.,]*(?:z|[+-][\\d:]+)?$|^\\d[\\d:./ -]*z$',
    '^\\d[\\d:./ -]*[ap]\\.?m\\.?$',
    `^\\d{1,4}[-./, ]*(?:${MONTH})[-./,\\s\\d:]*$|^(?:${MONTH})[-./, ]*\\d[-./,\\s\\d:]*$`,
    '^(?:true|false|null|nil|none|na|<na>|#?n/a|#na|\\\\n)$',
  ].join('|'),
  'iu',
);

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

/** A text as it was before it was kept from being a formula. */
export function withoutFormulaMark(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}
