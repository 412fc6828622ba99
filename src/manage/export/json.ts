import { encode } from '../../codec/json.ts';
import type { Output, TableColumn, TableWriter } from './table.ts';

/** Writes an array of objects, one on each line. */
export function jsonWriter(columns: readonly TableColumn[], output: Output): TableWriter {
  const text = rowText(columns);
  let begin = '[\n';
  return {
    row(cells) {
      output(begin + text(cells));
      begin = ',\n';
    },
    end() {
      output(begin === '[\n' ? '[]\n' : '\n]\n');
    },
  };
}

/** Writes an object on each line. */
export function jsonLinesWriter(columns: readonly TableColumn[], output: Output): TableWriter {
  const text = rowText(columns);
  return { row: (cells) => output(`${text(cells)}\n`), end() {} };
}

/** The heads are fields as they are; values that JSON does not have are tagged. */
function rowText(columns: readonly TableColumn[]): (cells: readonly unknown[]) => string {
  const keys = columns.map(({ head }) => `${JSON.stringify(head)}:`);
  return (cells) => {
    let line = '{';
    for (let i = 0; i < columns.length; i++) {
      const value = cells[i];
      const isMoment = columns[i]!.isoMoments === true && value instanceof Date && !Number.isNaN(value.getTime());
      const text = value === undefined ? 'null' : isMoment ? `"${value.toISOString()}"` : encode(value);
      line += `${i === 0 ? '' : ','}${keys[i]}${text}`;
    }
    return `${line}}`;
  };
}
