import { basename, dirname, join } from 'node:path';
import { makeInnerFolder, unlessTakenAway } from '../archive/inner-folder.ts';
import { logFile } from '../archive/layout.ts';
import { clearTemporaries } from '../archive/leftovers.ts';
import { AppendLog, type AppendTrouble } from '../codec/append.ts';
import { storageError } from '../codec/storage.ts';
import { type ComexError, isComexError } from '../errors.ts';
import { RunLog } from './log.ts';

/**
 * The append-only files of an attempt. When the disk refuses one of them, the log says from when on something may be
 * missing, and later what is.
 */
export class RunFiles {
  readonly log: RunLog;
  readonly #folder: string;
  readonly #log: AppendLog;
  readonly #records: AppendLog[] = [];
  #isClosed = false;
  /** Takes what has to be said on the terminal, too. */
  onTrouble: (text: string) => void = () => {};

  /**
   * Opens the log, in a folder that the caller has claimed.
   *
   * @throws ComexError `E_STORAGE`
   */
  constructor(folder: string, scrub: (text: string) => string) {
    this.#folder = folder;
    clearTemporaries(folder);
    this.#log = new AppendLog(join(folder, logFile(1)), { onTrouble: (trouble) => this.#onLog(trouble) });
    this.log = new RunLog(this.#log, scrub);
  }

  /** Opens a file of records, in a folder that is made when it is missing. @throws ComexError `E_STORAGE` */
  open(path: string): AppendLog {
    try {
      if (this.#isClosed) throw Object.assign(new Error('The run has ended.'), { code: 'EBADF' });
      if (dirname(path) !== this.#folder) makeInnerFolder(dirname(path), this.#folder);
      const file = new AppendLog(path, { onTrouble: (trouble) => this.#onRecords(path, trouble) });
      this.#records.push(file);
      return file;
    } catch (error) {
      const named = unlessTakenAway(storageError(error, 'open', path), this.#folder);
      this.report(named.message);
      throw named;
    }
  }

  /** Says that the disk refused something. */
  report(text: string): void {
    this.log.line(`Storage: ${text}`);
    this.onTrouble(text);
  }

  /** Does what puts a file of the given name into the run folder. @throws ComexError `E_STORAGE`, reported */
  whole<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.refused(name, error);
    }
  }

  /** What to throw instead of an error that kept a file from the run folder: one of the disk is reported, and named. */
  refused(name: string, error: unknown): unknown {
    const isOfDisk = isComexError(error) ? error.code === 'E_STORAGE' : isSystemError(error);
    if (!isOfDisk) return error;
    const named = unlessTakenAway(storageError(error, 'write', join(this.#folder, name)), this.#folder);
    this.report(named.message);
    return named;
  }

  /** Hands the records over to the kernel; returns what the disk said, if it refused any. */
  flushRecords(): ComexError | undefined {
    return firstProblem(this.#records, (file) => file.flush());
  }

  /** Hands everything over to the kernel. @throws ComexError `E_STORAGE` */
  flush(): void {
    fail(firstProblem([...this.#records, this.#log], (file) => file.flush()));
  }

  /** Makes everything so far survive a loss of power. @throws ComexError `E_STORAGE` */
  sync(): void {
    fail(firstProblem([...this.#records, this.#log], (file) => file.sync()));
  }

  /** @throws ComexError `E_STORAGE` */
  closeRecords(): void {
    this.#isClosed = true;
    fail(firstProblem(this.#records, (file) => file.close()));
  }

  /** @throws ComexError `E_STORAGE` */
  closeLog(): void {
    this.log.close();
    this.#log.close();
  }

  #onLog({ error, missing }: AppendTrouble): void {
    if (error !== undefined) {
      this.report(`${error.message} From here on the log is kept in memory.`);
      return;
    }
    const lost = missing === 0 ? 'nothing of it is missing' : `lines missing: ${missing}`;
    this.log.line(`Storage: the log can be written again; ${lost}.`);
  }

  #onRecords(path: string, { error, missing }: AppendTrouble): void {
    if (error !== undefined) {
      this.report(`${error.message} From here on calls that record into it fail.`);
      return;
    }
    const lost = missing === 0 ? 'nothing of it is missing' : `refused meanwhile: ${missing}`;
    this.log.line(`Storage: ${basename(path)} can be written again; ${lost}.`);
  }
}

/** Does something, and returns what the disk said when it refused. */
export function refusal(work: () => void): ComexError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (isComexError(error) && error.code === 'E_STORAGE') return error;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Does something with all files, and returns what went wrong first. */
function firstProblem(files: readonly AppendLog[], action: (file: AppendLog) => void): ComexError | undefined {
  let first: ComexError | undefined;
  for (const file of files) {
    const problem = refusal(() => action(file));
    first ??= problem;
  }
  return first;
}

function fail(problem: ComexError | undefined): void {
  if (problem !== undefined) throw problem;
}
