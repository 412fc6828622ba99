/** What the heap held and had taken from the system in bytes, what the process held then, and when, in ms of `clock`. */
const HEAP = 0;
const COMMITTED = 1;
const RSS = 2;
const AT = 3;
const READINGS = 4;

/** Whether the note of memory may be written, is being written, or is over; and whether there has been one. */
const STATE = 0;
const NOTED = 1;
const OPEN = 0;
const BUSY = 1;
const CLOSED = 2;

const READING_BYTES = READINGS * Float64Array.BYTES_PER_ELEMENT;

/** What the main thread last said of its heap. */
export interface HeapReading {
  readonly heapBytes: number;
  /** What it had taken from the system. */
  readonly committedBytes: number;
  readonly rssBytes: number;
  /** In ms ago. */
  readonly age: number;
}

/**
 * Memory shared by two threads of a process: the main thread says what its heap holds, and when the run is over; the
 * other keeps a note on disk while that is too much.
 */
export class MemoryGauge {
  readonly buffer: SharedArrayBuffer;
  readonly #readings: Float64Array;
  readonly #flags: Int32Array;

  constructor(buffer = new SharedArrayBuffer(READING_BYTES + 2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#readings = new Float64Array(buffer, 0, READINGS);
    this.#flags = new Int32Array(buffer, READING_BYTES);
  }

  /** Says what the heap of the calling thread holds now; takes some 20 microseconds. */
  publish(): void {
    const { heapUsed, heapTotal, rss } = process.memoryUsage();
    this.#readings.set([heapUsed, heapTotal, rss, clock()]);
  }

  read(): HeapReading {
    const readings = this.#readings;
    return {
      heapBytes: readings[HEAP]!,
      committedBytes: readings[COMMITTED]!,
      rssBytes: readings[RSS]!,
      age: clock() - readings[AT]!,
    };
  }

  /** Works on the note, unless the run is over; the run is not over before that is done. */
  note(work: () => void): void {
    if (Atomics.compareExchange(this.#flags, STATE, OPEN, BUSY) !== OPEN) return;
    Atomics.store(this.#flags, NOTED, 1);
    try {
      work();
    } finally {
      Atomics.store(this.#flags, STATE, OPEN);
      Atomics.notify(this.#flags, STATE);
    }
  }

  get isClosed(): boolean {
    return Atomics.load(this.#flags, STATE) === CLOSED;
  }

  /** From here on nothing is noted. Returns whether anything has been. */
  close(): boolean {
    // A thread that never comes back from a write must not keep the run from its end.
    for (let i = 0; i < 10; i++) {
      if (Atomics.compareExchange(this.#flags, STATE, OPEN, CLOSED) !== BUSY) break;
      Atomics.wait(this.#flags, STATE, BUSY, 100);
    }
    Atomics.store(this.#flags, STATE, CLOSED);
    return Atomics.load(this.#flags, NOTED) === 1;
  }
}

/** Monotonic milliseconds, the same for all threads of the process. */
function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
