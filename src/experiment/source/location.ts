import { isAbsolute, relative, sep } from 'node:path';
import { type Refuse, throwProblem } from '../refuse.ts';

/** Places in a source text, 1-based, as stack traces count them. */
export interface Locator {
  /** Line of an offset. */
  line(offset: number): number;
  column(offset: number): number;
  /** `experiments/foo.ts:12`: the file relative to the working directory when it is below it. */
  place(offset: number): string;
  /** `experiments/foo.ts:12:5`. */
  exactPlace(offset: number): string;
  readonly file: string;
  /** What becomes of a problem in the text. */
  readonly refuse: Refuse;
}

/** A locator for the text of a file; offsets are UTF-16 code units. */
export function locator(path: string, text: string, refuse: Refuse = throwProblem): Locator {
  // A byte order mark is no column.
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (const end of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(end.index + end[0].length);
  const file = displayPath(path);
  const line = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  const column = (offset: number): number => Math.max(0, offset - starts[line(offset) - 1]!) + 1;
  return {
    line,
    column,
    place: (offset) => `${file}:${line(offset)}`,
    exactPlace: (offset) => `${file}:${line(offset)}:${column(offset)}`,
    file,
    refuse,
  };
}

function displayPath(path: string): string {
  const below = relative(process.cwd(), path);
  const outside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return outside ? path : below.split(sep).join('/');
}
