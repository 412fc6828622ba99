import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../../codec/folders.ts';
import { storageError } from '../../codec/storage.ts';
import { versionEvent } from './event.ts';
import { tfRecord } from './tfrecord.ts';

/** How long an event may wait in memory, in ms. */
const FLUSH_MS = 1000;
/** Events that wait are written when they are more than this. */
const BLOCK_BYTES = 256 * 1024;

/** Names that this process has given out. */
let files = 0;

/**
 * An event file that TensorBoard may read while it is written. Events are written at most a second after they came,
 * whole ones at a time: a kill costs that second, and at most the last record is torn, which readers wait for.
 */
export class EventFile {
  readonly path: string;
  readonly #onProblem: (error: Error) => void;
  #file: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #written = 0;
  #flushed = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param folder It is made.
   * @param wallTime Seconds since 1970.
   * @param onProblem Told once, when the disk refuses: the file ends there.
   * @throws ComexError `E_STORAGE`
   */
  constructor(folder: string, wallTime: number, onProblem: (error: Error) => void) {
    // TensorBoard takes files with "tfevents" in their names, in the order of their names.
    const seconds = String(Math.floor(wallTime)).padStart(10, '0');
    const host = hostname().replace(/[^\w.-]/g, '_');
    this.path = join(folder, `events.out.tfevents.${seconds}.${host}.${process.pid}.${files++}`);
    this.#onProblem = onProblem;
    try {
      makeFolders(folder);
      this.#file = openSync(this.path, 'wx');
    } catch (cause) {
      throw storageError(cause, 'create', this.path);
    }
    this.add(versionEvent(wallTime));
    this.flush();
  }

  add(event: Uint8Array): void {
    if (this.#file < 0) return;
    const record = tfRecord(event);
    this.#waiting.push(record);
    this.#bytes += record.length;
    // A thread that never yields fires no timer.
    if (this.#bytes > BLOCK_BYTES || performance.now() - this.#flushed > FLUSH_MS) this.flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), FLUSH_MS);
      this.#timer.unref();
    }
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushed = performance.now();
    if (this.#bytes === 0 || this.#file < 0) return;
    const block = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    try {
      for (let at = 0; at < block.length; ) at += writeSync(this.#file, block, at);
      this.#written += block.length;
    } catch (cause) {
      this.#giveUp(storageError(cause, 'write', this.path));
    }
  }

  close(): void {
    this.flush();
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  /** Nothing can be read behind a record that is torn: what is whole stays. */
  #giveUp(problem: Error): void {
    const file = this.#file;
    this.#file = -1;
    try {
      ftruncateSync(file, this.#written);
      closeSync(file);
    } catch {
      // The first problem is the one to tell.
    }
    this.#onProblem(problem);
  }
}
