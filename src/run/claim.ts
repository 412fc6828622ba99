import { mkdirSync, truncateSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writing } from '../archive/inner-folder.ts';
import { type AttemptRecord, attemptFile } from '../archive/layout.ts';
import { createFileAtomic, writeFileAtomic } from '../codec/atomic.ts';
import { encodePretty } from '../codec/json.ts';
import { storageError } from '../codec/storage.ts';

/** Bytes that a run holds while it goes on, so that its end can be written on a disk that has become full. */
const RESERVE = 32 * 1024;
/** Between two signs of life, in ms. */
export const HEARTBEAT = 15_000;

/** The claim of one process on a run: `attempts/<n>.json`. While the run goes on, spaces at its end are the reserve. */
export class Claim {
  readonly path: string;
  readonly #record: AttemptRecord;
  readonly #text: string;
  readonly #heartbeat: NodeJS.Timeout;
  #isReserved = true;

  /** @throws ComexError `E_STORAGE`, also when another process has the claim */
  constructor(runFolder: string, record: AttemptRecord) {
    this.path = join(runFolder, attemptFile(record.attempt));
    this.#record = record;
    this.#text = `${encodePretty(record)}\n`;
    const folder = dirname(this.path);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (cause) {
      throw storageError(cause, 'create', folder);
    }
    createFileAtomic(this.path, `${this.#text}${' '.repeat(RESERVE)}\n`);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT);
    this.#heartbeat.unref();
  }

  /** Gives no sign of life any more. */
  rest(): void {
    clearInterval(this.#heartbeat);
  }

  /** Gives the reserve back to the disk, once. */
  release(): void {
    if (!this.#isReserved) return;
    this.#isReserved = false;
    try {
      truncateSync(this.path, Buffer.byteLength(this.#text));
    } catch {
      // Then what needed the room fails again, and says so.
    }
  }

  /**
   * Writes how the attempt ended, without the reserve.
   *
   * @throws ComexError `E_STORAGE`
   */
  end(outcome: NonNullable<AttemptRecord['outcome']>): void {
    const text = `${encodePretty({ ...this.#record, outcome })}\n`;
    writing(dirname(dirname(this.path)), () => writeFileAtomic(this.path, text));
    this.#isReserved = false;
  }

  #beat(): void {
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      // A heartbeat that cannot be written says what it should: nothing is known of this run.
    }
  }
}
