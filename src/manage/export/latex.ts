import { cellText } from './cells.ts';
import { Measured, measuredText } from './measured.ts';
import { numberDigits } from './number-digits.ts';
import { DAGGER, type Output, type TableColumn, type TableWriter, type WriteOptions } from './table.ts';

/** How a file begins that an export made. */
export const TEX_COMMENT = '% Made by comex export';

/** Writes a table of the package booktabs. */
export function latexWriter(columns: readonly TableColumn[], output: Output, options: WriteOptions): TableWriter {
  const right = columns.map(({ type }) => type === 'integer' || type === 'number');
  const rows: string[] = [];
  const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\\n`;
  return {
    row(cells) {
      rows.push(
        line(
          columns.map((_, index) => {
            const value = cells[index];
            if (value instanceof Measured) right[index] = true;
            return latexCell(value, options.digits);
          }),
        ),
      );
    },
    end() {
      output(`${TEX_COMMENT}; needs \\usepackage{booktabs}\n`);
      output(`\\begin{tabular}{${right.map((isRight) => (isRight ? 'r' : 'l')).join('')}}\n\\toprule\n`);
      output(`${line(columns.map(({ head }) => escaped(head)))}\\midrule\n`);
      for (const row of rows) output(row);
      output('\\bottomrule\n');
      const { footnotes = [] } = options;
      // A dagger is explained in the caption; what runs are missing is said where they are.
      for (const { mark, text } of footnotes.filter((note) => note.mark !== DAGGER)) {
        output(line([`\\multicolumn{${columns.length}}{l}{\\footnotesize $^{\\mathrm{${mark}}}$ ${escaped(text)}}`]));
      }
      output('\\end{tabular}\n');
      for (const { text } of footnotes.filter((note) => note.mark === DAGGER)) output(`% \\dagger ${text}\n`);
    },
  };
}

function latexCell(value: unknown, digits: number | undefined): string {
  if (value instanceof Measured) return measuredCell(value, digits);
  if (typeof value === 'number') return numberCell(numberDigits(value, digits));
  if (typeof value === 'bigint') return numberCell(String(value));
  return escaped(cellText(value));
}

function numberCell(text: string): string {
  const inner = mathNumber(text);
  return inner === text && !text.startsWith('-') ? text : `$${inner}$`;
}

/** A number inside of a formula. */
function mathNumber(text: string): string {
  if (text === 'NaN') return '\\mathrm{NaN}';
  if (text.endsWith('Infinity')) return text.replace('Infinity', '\\infty');
  const [mantissa = '', exponent] = text.split('e');
  return exponent === undefined ? text : `${mantissa} \\times 10^{${Number(exponent)}}`;
}

function measuredCell(value: Measured, digits: number | undefined): string {
  const { mean, spread, ends, exponent } = measuredText(value, digits);
  const bold = value.mark === 'best' ? `\\mathbf{${mathNumber(mean)}}` : mathNumber(mean);
  const around = spread === undefined ? '' : ` \\pm ${mathNumber(spread)}`;
  const inner = ends === undefined ? `${bold}${around}` : `${bold}\\ [${mathNumber(ends[0])}, ${mathNumber(ends[1])}]`;
  const all = exponent === undefined ? inner : `(${inner}) \\times 10^{${exponent}}`;
  const marks = [
    ...(value.mark === 'tie' ? ['\\dagger'] : []),
    ...(value.note === undefined ? [] : [`\\mathrm{${value.note}}`]),
  ];
  if (marks.length === 0) return `$${all}$`;
  // A second exponent on one sign is an error.
  return `$${all}${all.endsWith('}') ? '{}' : ''}^{${marks.join(',')}}$`;
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\char34{}',
  '`': '\\textasciigrave{}',
  // Behind the end of a row it would be an option of that.
  '[': '{[}',
  '*': '{*}',
  '±': '$\\pm$',
  '−': '$-$',
};

/** A text as it reads. A line break becomes a space, any other control character a question mark. */
function escaped(text: string): string {
  return (
    text
      .replace(/[\\{}$&#%_~^<>|"`[*±−]/g, (character) => SPECIAL[character]!)
      // Two of them would become one other sign.
      .replace(/--+|''+/g, (signs) => signs.split('').join('{}'))
      .replace(/\r\n|[\r\n\t\v\f\u2028\u2029]/g, ' ')
      .replace(/\p{Cc}/gu, '?')
  );
}
