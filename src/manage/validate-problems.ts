import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { ComexError, ErrorCode } from '../errors.ts';

/** Something that is wrong with a file. */
export interface Problem {
  /** Relative to the working directory, with forward slashes; as it was given when there is no such file. */
  readonly file: string;
  /** 1-based; the first line for what is wrong with the file as a whole. */
  readonly line: number;
  /** 1-based; 1 where only the line is known. */
  readonly column: number;
  readonly code: ErrorCode;
  /** An error keeps the file from being run, or is one in any case; a warning is worth a look. */
  readonly severity: 'error' | 'warning';
  /** One sentence or two, without the place. */
  readonly message: string;
}

type Place = Partial<Pick<Problem, 'file' | 'line' | 'column'>>;

/** The problems that are found while a file is checked, each once. */
export class Problems {
  readonly all = new Map<string, Problem>();
  readonly #file: string;
  readonly #cwd: string;

  /** @param file The file that is checked, whose problems those without a place are. */
  constructor(file: string, cwd: string) {
    this.#file = file;
    this.#cwd = cwd;
  }

  /** Takes an error as a run would throw it, with its place in front of the message. */
  readonly refuse = (problem: ComexError): void => this.tell(problem.message, problem.code, 'error');

  /** Takes a message with its place in front of it. */
  tell(text: string, code: ErrorCode, severity: Problem['severity']): void {
    const [, file = '', line, column, message] = /^(.+?):(\d+)(?::(\d+))?: (.*)$/s.exec(text) ?? [];
    if (message === undefined || !existsSync(resolve(this.#cwd, file))) this.add(text, code, severity);
    else this.add(message, code, severity, { file, line: Number(line), column: Number(column ?? 1) });
  }

  add(message: string, code: ErrorCode, severity: Problem['severity'], place: Place = {}): void {
    const path = resolve(this.#cwd, place.file ?? this.#file);
    const file = relative(this.#cwd, path).split(sep).join('/') || this.#file;
    const problem = { file, line: place.line ?? 1, column: place.column ?? 1, code, severity, message };
    this.all.set(JSON.stringify(problem), problem);
  }

  /** Whether there is an error in that line: what else goes wrong there may follow from it. */
  hasErrorAt(text: string): boolean {
    const other = new Problems(this.#file, this.#cwd);
    other.tell(text, 'E_PARAMETER', 'error');
    const [at] = other.all.values();
    return [...this.all.values()].some(
      ({ file, line, severity }) => severity === 'error' && file === at?.file && line === at.line,
    );
  }
}
