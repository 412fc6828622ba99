import { MAX_PROBLEMS } from './limits.ts';
import type { ConfigProblem } from './source.ts';

/** The problems of one file, and places in its text. */
export class Report {
  private readonly found: ConfigProblem[] = [];
  private readonly starts: number[] = [0];

  /** @param text With `\n` as the only line break. */
  constructor(text: string) {
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) this.starts.push(end + 1);
  }

  /** @param unset The environment variable that is not set, when that is the problem. */
  add(offset: number, message: string, unset?: string): void {
    if (this.found.length >= MAX_PROBLEMS) return;
    const of = unset === undefined ? {} : { unset };
    this.found.push({ ...this.place(offset), code: 'E_CONFIG', message, ...of });
  }

  /** 1-based, in UTF-16 code units. */
  place(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.starts[low]! + 1 };
  }

  /** In the order of the text. */
  problems(): ConfigProblem[] {
    return this.found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
