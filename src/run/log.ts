import { stripVTControlCharacters } from 'node:util';
import type { AppendLog } from '../codec/append.ts';
import { wallNow } from '../codec/clock.ts';

/** An open line that has become longer is ended there. */
const LONGEST_LINE = 1024 * 1024;

/** The log of an attempt: every line with its time, without colours, secrets blotted out. */
export class RunLog {
  readonly #file: AppendLog;
  readonly #scrub: (text: string) => string;
  readonly #open = { stdout: '', stderr: '' };
  #closed = false;
  #second = -1;
  #stamp = '';

  constructor(file: AppendLog, scrub: (text: string) => string) {
    this.#file = file;
    this.#scrub = scrub;
  }

  /** Writes whole lines; never throws. What comes when the run is over has no log any more. */
  line(text: string): void {
    if (this.#closed) return;
    const stamp = this.#now();
    const clean = stripVTControlCharacters(this.#scrub(text));
    const stamped = clean.includes('\n')
      ? clean
          .split('\n')
          .map((line) => `${stamp} ${line}`)
          .join('\n')
      : `${stamp} ${clean}`;
    this.#file.keep(stamped);
  }

  /** Takes a piece of a stream: whole lines go into the log, the beginning of the next waits for its end. */
  piece(stream: 'stdout' | 'stderr', text: string): void {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#open[stream] += text;
      if (this.#open[stream].length > LONGEST_LINE) this.#endLine(stream);
      return;
    }
    const lines = this.#open[stream] + text.slice(0, end);
    this.#open[stream] = text.slice(end + 1);
    this.line(lines.split('\n').map(afterReturn).join('\n'));
  }

  /** Ends lines that are still open. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#endLine(stream);
  }

  #endLine(stream: 'stdout' | 'stderr'): void {
    if (this.#open[stream] !== '') this.line(afterReturn(this.#open[stream]));
    this.#open[stream] = '';
  }

  close(): void {
    this.#closed = true;
  }

  #now(): string {
    const now = wallNow();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      const date = new Date(now);
      const two = (value: number): string => String(value).padStart(2, '0');
      this.#second = second;
      this.#stamp =
        `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
        `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.`;
    }
    return this.#stamp + String(now - second * 1000).padStart(3, '0');
  }
}

/** What a line shows at last when parts of it were overwritten by carriage returns, as progress bars do. */
function afterReturn(line: string): string {
  const body = line.endsWith('\r') ? line.slice(0, -1) : line;
  return body.slice(body.lastIndexOf('\r') + 1);
}
