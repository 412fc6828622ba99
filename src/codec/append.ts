import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { storageError } from './storage.ts';

const NEWLINE = 10;
/** Records that may be written through at once, and how many more each millisecond allows. */
const BURST = 1000;
const TOKENS_PER_MS = 10;
/** A block larger than this is handed over whatever the time. */
const BLOCK_BYTES = 64 * 1024;
/** How long a block may wait once the process yields. A timer counts from the turn's start and rounds up: so not 5. */
const YIELD_MS = 4;
const RETRY_MS = 1000;
/** What is kept while writing fails. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const FIRST_BYTES = 4 * 1024;

/**
 * The append-only writer of every log, journal, table and track file: one record per line.
 *
 * A record is with the kernel when `write` returns - it survives the death of the process - up to 10,000 records a second
 * with bursts of 1,000. Faster streams are collected into blocks. A block goes out with the next record that the budget
 * allows, so at most 0.1 ms after it began while records keep coming; within 5 ms when the process yields to the event
 * loop; and when it exceeds 64 KB. Whoever ends the process calls `flush`.
 *
 * While writing fails, records are kept (at most 8 MiB, then the oldest are dropped and counted) and tried again with
 * the next ones. A record that was written in part is closed by a newline and written again.
 */
export class AppendLog {
  readonly path: string;
  readonly #clock: () => number;
  #file: number;
  /** Records that wait, each with its newline, in the first `#end` bytes. */
  #block: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;
  #written = 0;
  #dropped = 0;
  #tokens = BURST;
  #refilledAt: number;
  /** The file ends inside a line. */
  #torn = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Opens the file, creating it when it is missing, and closes a torn last line with a newline.
   *
   * @param options `clock` in milliseconds, monotonic; `performance.now` by default
   * @throws ComexError `E_STORAGE`
   */
  constructor(path: string, options: { readonly clock?: () => number } = {}) {
    this.path = path;
    this.#clock = options.clock ?? (() => performance.now());
    this.#refilledAt = Number.NEGATIVE_INFINITY;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o666);
    } catch (error) {
      throw storageError(error, 'open', path);
    }
    try {
      this.#torn = endsInsideLine(this.#file);
      if (this.#torn) this.#handOver();
    } catch (error) {
      closeSync(this.#file);
      throw storageError(error, 'open', path);
    }
  }

  /** Bytes written through this object, with those that wait in the block. */
  get bytes(): number {
    return this.#written + this.#end;
  }

  /** Records lost because writing failed for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Appends one record.
   *
   * @param record a line without its newline
   * @param now the time by the clock, to spare a call of it
   * @throws ComexError `E_STORAGE` when the disk refuses; the record is kept and tried again with the next one
   */
  write(record: string, now: number = this.#clock()): void {
    if (this.#file < 0) this.#refuseClosed();
    this.#add(record);
    const elapsed = now - this.#refilledAt;
    if (elapsed > 0) {
      this.#tokens = Math.min(BURST, this.#tokens + elapsed * TOKENS_PER_MS);
      this.#refilledAt = now;
    }
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      this.flush();
    } else if (this.#end > BLOCK_BYTES) {
      this.flush();
    } else if (this.#timer === undefined) {
      this.#flushAfter(YIELD_MS);
    }
  }

  /**
   * Hands the block over to the kernel.
   *
   * @throws ComexError `E_STORAGE`
   */
  flush(): void {
    if (this.#end === 0 && !this.#torn) return;
    try {
      this.#handOver();
    } catch (error) {
      this.#dropOldest();
      if (this.#timer === undefined && this.#file >= 0) this.#flushAfter(RETRY_MS);
      throw storageError(error, 'write', this.path);
    }
    if (this.#block.length > 4 * BLOCK_BYTES) this.#block = Buffer.allocUnsafeSlow(FIRST_BYTES);
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
    } finally {
      this.#file = -1;
      clearTimeout(this.#timer);
      closeSync(file);
    }
  }

  #add(record: string): void {
    // Three bytes of UTF-8 for one unit of UTF-16 at most; counted exactly where that would waste memory.
    const most = (record.length < BLOCK_BYTES ? record.length * 3 : Buffer.byteLength(record)) + 1;
    if (this.#end + most > this.#block.length) this.#grow(this.#end + most);
    this.#end += this.#block.write(record, this.#end);
    this.#block[this.#end++] = NEWLINE;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#block.length * 2));
    this.#block.copy(larger, 0, 0, this.#end);
    this.#block = larger;
  }

  /** Writes all there is. What cannot be written stays in the block, from the start of its record. */
  #handOver(): void {
    let at = 0;
    try {
      if (this.#torn) this.#written += writeSync(this.#file, '\n');
      this.#torn = false;
      while (at < this.#end) at += writeSync(this.#file, this.#block, at, this.#end - at);
    } finally {
      this.#written += at;
      if (at === this.#end) this.#end = 0;
      else if (at > 0) this.#keepFrom(at);
    }
  }

  #keepFrom(at: number): void {
    this.#torn = this.#block[at - 1] !== NEWLINE;
    // All but its newline is there: the newline that closes the torn line makes it whole.
    const whole = this.#torn && this.#block[at] === NEWLINE;
    this.#shift(whole ? at + 1 : this.#block.lastIndexOf(NEWLINE, at - 1) + 1);
  }

  #shift(count: number): void {
    this.#block.copyWithin(0, count, this.#end);
    this.#end -= count;
  }

  #dropOldest(): void {
    if (this.#end <= MAX_KEPT_BYTES) return;
    // Some more than needed, so that moving the rest is paid once per block and not once per record.
    const excess = Math.min(this.#end, this.#end - MAX_KEPT_BYTES + BLOCK_BYTES);
    const cut = this.#block.indexOf(NEWLINE, excess - 1) + 1;
    for (let i = this.#block.indexOf(NEWLINE); i >= 0 && i < cut; i = this.#block.indexOf(NEWLINE, i + 1)) {
      this.#dropped += 1;
    }
    this.#shift(cut);
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

function endsInsideLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.allocUnsafe(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
}
