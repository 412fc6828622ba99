/** A replacement on one line of generated code: `removed` characters at `column` gave way to `inserted` ones. */
export interface ColumnEdit {
  readonly line: number;
  readonly column: number;
  readonly removed: number;
  readonly inserted: number;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The mappings of a source map after edits that moved no line: of each segment only the first field, the column in the
 * generated code, can have changed. Lines count from 0; the edits of a line are in order and do not overlap.
 */
export function shiftColumns(mappings: string, edits: readonly ColumnEdit[]): string {
  const byLine = new Map<number, ColumnEdit[]>();
  for (const edit of edits) {
    const known = byLine.get(edit.line);
    if (known === undefined) byLine.set(edit.line, [edit]);
    else known.push(edit);
  }
  const lines = mappings.split(';');
  for (const [line, lineEdits] of byLine) {
    const segments = lines[line];
    if (segments !== undefined && segments !== '') lines[line] = shiftLine(segments, lineEdits);
  }
  return lines.join(';');
}

function shiftLine(segments: string, edits: readonly ColumnEdit[]): string {
  let column = 0;
  let written = 0;
  return segments
    .split(',')
    .map((segment) => {
      const { value, length } = decode(segment);
      column += value;
      const moved = shifted(column, edits);
      const text = encode(moved - written) + segment.slice(length);
      written = moved;
      return text;
    })
    .join(',');
}

function shifted(column: number, edits: readonly ColumnEdit[]): number {
  let by = 0;
  for (const edit of edits) {
    if (column <= edit.column && !(edit.removed === 0 && column === edit.column)) break;
    if (column < edit.column + edit.removed) return edit.column + by;
    by += edit.inserted - edit.removed;
  }
  return column + by;
}

/** The first number of a base 64 VLQ text, and how many characters it takes. */
function decode(text: string): { readonly value: number; readonly length: number } {
  let bits = 0;
  let shift = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = DIGITS.indexOf(text[at]!);
    bits += (digit & 31) << shift;
    if (digit < 32) return { value: (bits & 1) === 1 ? -(bits >>> 1) : bits >>> 1, length: at + 1 };
    shift += 5;
  }
  return { value: 0, length: text.length };
}

function encode(value: number): string {
  let bits = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = bits & 31;
    bits >>>= 5;
    text += DIGITS[bits > 0 ? digit | 32 : digit];
  } while (bits > 0);
  return text;
}
