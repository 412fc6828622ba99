import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { ComexError } from '../errors.ts';
import { Block } from './block.ts';
import { Budget } from './budget.ts';
import { monotonicNow } from './clock.ts';
import { storageError } from './storage.ts';

const NEWLINE = 10;
/** A block larger than this is handed over whatever the time. */
const BLOCK_BYTES = 64 * 1024;
/** How long a block may wait once the process yields. A timer counts from the turn's start and rounds up: so not 5. */
const YIELD_MS = 4;
const RETRY_MS = 1000;
/** What `keep` holds while writing fails. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** Writing a file has begun to fail, or has become possible again. */
export interface AppendTrouble {
  /** Why the disk refuses; undefined when it takes records again. */
  readonly error: ComexError | undefined;
  /** Records that are missing since the trouble began: refused by `write`, or more than `keep` can hold. */
  readonly missing: number;
}

/**
 * The append-only writer of every log, journal, table and track file: one record per line, or several lines that belong
 * together as one record.
 *
 * A record is with the kernel when `write` returns - it survives the death of the process - up to 10,000 records a second
 * with bursts of 1,000. Faster streams are collected into blocks. A block goes out with the next record that the budget
 * allows, so at most 0.1 ms after it began while records keep coming; within 5 ms when the process yields to the event
 * loop; and when it exceeds 64 KB. Whoever ends the process calls `flush`.
 *
 * When the disk refuses a record, `write` throws and the record is not recorded: calling again is right. What was taken
 * before, in a block, is kept and tried again, and no more is taken until it is written. `keep` is for those who cannot
 * do anything about it: it holds up to 8 MiB in memory, then drops the oldest. A record that was written in part is
 * closed by a newline and, unless it was refused, written again.
 */
export class AppendLog {
  readonly path: string;
  readonly #clock: () => number;
  #file: number;
  readonly #block = new Block();
  #written = 0;
  #dropped = 0;
  readonly #budget = new Budget();
  /** The file ends inside a line. */
  #torn = false;
  /** Bytes of the block that the last hand-over has written. */
  #reached = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #onTrouble: ((trouble: AppendTrouble) => void) | undefined;
  #isFailing = false;
  #missing = 0;

  /**
   * Opens the file, creating it when it is missing, and closes a torn last line with a newline.
   *
   * @param options `clock` in milliseconds, monotonic; `performance.now` by default. `onTrouble` is told when writing
   * begins to fail, and when it is possible again
   * @throws ComexError `E_STORAGE`
   */
  constructor(
    path: string,
    options: { readonly clock?: () => number; readonly onTrouble?: (trouble: AppendTrouble) => void } = {},
  ) {
    this.path = path;
    this.#clock = options.clock ?? monotonicNow;
    this.#onTrouble = options.onTrouble;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o666);
    } catch (error) {
      throw storageError(error, 'open', path);
    }
    try {
      this.#torn = endsInsideLine(this.#file);
      if (this.#torn) this.#handOver();
    } catch (error) {
      try {
        closeSync(this.#file);
      } catch {
        // The first failure is the one to tell.
      }
      throw storageError(error, 'open', path);
    }
  }

  /** Bytes written through this object, with those that wait in the block. */
  get bytes(): number {
    return this.#written + this.#block.end;
  }

  /** Records that `keep` took and lost, because writing failed for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Appends one record.
   *
   * @param record a line without its newline, or lines with newlines between them
   * @param now the time by the clock, to spare a call of it
   * @throws ComexError `E_STORAGE` when the disk refuses: then nothing was recorded by this call
   */
  write(record: string, now: number = this.#clock()): void {
    if (this.#file < 0) this.#refuseClosed();
    const start = this.#block.end;
    const bytes = this.#block.add(record);
    // While the disk refuses, nothing is taken on trust.
    if (!this.#isDue(now) && !this.#isFailing) return;
    try {
      this.flush();
    } catch (error) {
      this.#block.removeLast(bytes);
      this.#missing += 1;
      // A line that is there in part counts for nothing; of several lines, the first may be whole.
      if (this.#reached > start && record.includes('\n')) this.#takeBack(this.#reached - start);
      throw error;
    }
  }

  /**
   * Appends one record, whether the disk takes it or not: what it refuses waits in memory and is tried again.
   *
   * @param record a line without its newline
   * @throws ComexError `E_STORAGE` when the log is closed
   */
  keep(record: string): void {
    if (this.#file < 0) this.#refuseClosed();
    this.#block.add(record);
    if (!this.#isDue(this.#clock())) return;
    try {
      this.flush();
    } catch {
      this.#dropOldest();
    }
  }

  /**
   * Hands the block over to the kernel.
   *
   * @throws ComexError `E_STORAGE`
   */
  flush(): void {
    if (this.#block.end === 0) return;
    try {
      this.#handOver();
    } catch (cause) {
      if (this.#timer === undefined && this.#file >= 0) this.#flushAfter(RETRY_MS);
      const error = storageError(cause, 'write', this.path);
      if (!this.#isFailing) this.#turn(error);
      throw error;
    }
    this.#block.shrink(4 * BLOCK_BYTES);
    if (this.#isFailing) this.#turn(undefined);
  }

  /**
   * Makes everything so far survive a loss of power.
   *
   * @throws ComexError `E_STORAGE`
   */
  sync(): void {
    if (this.#file < 0) this.#refuseClosed();
    this.flush();
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw storageError(error, 'sync', this.path);
    }
  }

  /**
   * Flushes and closes. The file is closed also when that fails; a second call does nothing.
   *
   * @throws ComexError `E_STORAGE`
   */
  close(): void {
    if (this.#file < 0) return;
    clearTimeout(this.#timer);
    const file = this.#file;
    try {
      this.flush();
      if (this.#torn) this.#handOver();
    } catch (error) {
      if (this.#block.end > 0) throw error;
    } finally {
      this.#file = -1;
      clearTimeout(this.#timer);
      closeFile(file, this.path);
    }
  }

  /** Whether the block is to be handed over now: the budget allows it, or it is large. Else it waits for a timer. */
  #isDue(now: number): boolean {
    if (this.#budget.take(now) || this.#block.end > BLOCK_BYTES) return true;
    if (this.#timer === undefined) this.#flushAfter(YIELD_MS);
    return false;
  }

  #turn(error: ComexError | undefined): void {
    this.#isFailing = error !== undefined;
    const missing = this.#missing;
    this.#missing = 0;
    this.#onTrouble?.({ error, missing });
  }

  /** Writes all there is. What cannot be written stays in the block, from the start of its record. */
  #handOver(): void {
    let at = 0;
    this.#reached = 0;
    try {
      if (this.#torn) this.#written += writeSync(this.#file, '\n');
      this.#torn = false;
      const { buffer, end } = this.#block;
      while (at < end) at += writeSync(this.#file, buffer, at, end - at);
    } catch (error) {
      if (!this.#isWhole(at)) throw error;
      // The newline comes before the next record, as it does behind any torn line.
      this.#torn = true;
      this.#written -= 1;
      at = this.#block.end;
    } finally {
      this.#reached = at;
      this.#written += at;
      if (at === this.#block.end) this.#block.removeFirst(at);
      else if (at > 0) this.#keepFrom(at);
    }
  }

  /** Cuts off what has just been written of a refused record. */
  #takeBack(bytes: number): void {
    try {
      ftruncateSync(this.#file, fstatSync(this.#file).size - bytes);
      this.#written -= bytes;
      this.#torn = false;
    } catch {
      // A disk that does not even give up bytes: whole lines of the record stay.
    }
  }

  /** Whether all is written but the newline of the last record: then readers find that record, too. */
  #isWhole(at: number): boolean {
    return at > 0 && at === this.#block.end - 1 && this.#block.isInsideLine(at);
  }

  #keepFrom(at: number): void {
    this.#torn = this.#block.isInsideLine(at);
    // All but its newline is there: the newline that closes the torn line makes it whole.
    const whole = this.#torn && this.#block.lineEnd(at) === at + 1;
    this.#block.removeFirst(whole ? at + 1 : this.#block.lineStart(at));
  }

  #dropOldest(): void {
    const { end } = this.#block;
    if (end <= MAX_KEPT_BYTES) return;
    // Some more than needed, so that moving the rest is paid once per block and not once per record.
    const cut = this.#block.lineEnd(Math.min(end, end - MAX_KEPT_BYTES + BLOCK_BYTES) - 1);
    const lines = this.#block.linesBefore(cut);
    this.#dropped += lines;
    this.#missing += lines;
    this.#block.removeFirst(cut);
  }

  /** At most one timer at a time, which does not keep the process alive. */
  #flushAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      try {
        this.flush();
      } catch {
        // Nobody to tell here. What waits is kept, and the next write, flush or close tells.
      }
    }, ms);
    this.#timer.unref();
  }

  #refuseClosed(): never {
    throw storageError(Object.assign(new Error('closed'), { code: 'EBADF' }), 'write', this.path);
  }
}

function closeFile(file: number, path: string): void {
  try {
    closeSync(file);
  } catch (error) {
    throw storageError(error, 'close', path);
  }
}

function endsInsideLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.allocUnsafe(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
}
