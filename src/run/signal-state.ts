/** Which signal ends a process whose main thread does not hear it. */
export type Ends = 'first' | 'second' | 'none';

const ENDS = 0;
const HEARD = 1;
const WORDS: readonly Ends[] = ['second', 'first', 'none'];

/** Memory that the main thread shares with the watchdog: what a signal is to do that the main thread does not hear. */
export class SignalState {
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;
  readonly #said: () => Ends;

  /** @param said Asked again and again by the main thread; the watchdog knows the last answer. */
  constructor(said: () => Ends, buffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer);
    this.#said = said;
  }

  publish(): void {
    Atomics.store(this.#state, ENDS, WORDS.indexOf(this.#said()));
  }

  /** The main thread has heard a signal. */
  hear(): void {
    this.publish();
    Atomics.add(this.#state, HEARD, 1);
  }

  get ends(): Ends {
    return WORDS[Atomics.load(this.#state, ENDS)] ?? 'second';
  }

  /** How many signals the main thread has heard. */
  get heard(): number {
    return Atomics.load(this.#state, HEARD);
  }
}
