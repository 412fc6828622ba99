import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { attemptFile, logFile, memoryFile } from '../archive/layout.ts';
import { HEARTBEAT } from './claim.ts';
import { MemoryGauge } from './memory-gauge.ts';
import type { SignalState } from './signal-state.ts';

/** From the start of a run to that of its watchdog, unless something begins it before, in ms. */
const DELAY = 200;
/** Code that may keep its thread to itself: loops, and calls that wait. */
const BLOCKING = /\b(?:for|while)\s*(?:await\s*)?\(|\b(?:exec|execFile|spawn)Sync\b|\bAtomics\.wait\b/;
/** Between two looks at the heap, in ms. */
const GAUGE_INTERVAL = 100;

/** What the watchdog is told of the run that it watches over: absolute paths, and the time between two beats in ms. */
export interface Watched {
  readonly attemptFile: string;
  readonly logFile: string;
  readonly memoryFile: string;
  readonly interval: number;
  readonly gauge: SharedArrayBuffer;
  /** See `SignalState`; absent where a second signal ends the process, and nothing else does. */
  readonly signals?: SharedArrayBuffer;
}

/**
 * A thread that goes on while the code of a run blocks the main thread: it keeps the heartbeat, ends the process at a
 * second signal that the main thread cannot hear, and notes when memory is running out.
 */
export class Watchdog {
  readonly #watched: Watched;
  readonly #gauge = new MemoryGauge();
  readonly #delay: NodeJS.Timeout;
  readonly #signals: SignalState | undefined;
  #publishing: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;

  /** @param signals Says when a signal ends the process, if not at the second one. */
  constructor(runFolder: string, signals?: SignalState) {
    this.#signals = signals;
    this.#watched = {
      attemptFile: join(runFolder, attemptFile(1)),
      logFile: join(runFolder, logFile(1)),
      memoryFile: join(runFolder, memoryFile(1)),
      interval: HEARTBEAT,
      gauge: this.#gauge.buffer,
      ...(signals === undefined ? {} : { signals: signals.buffer }),
    };
    this.#delay = setTimeout(() => this.#begin(), DELAY);
    this.#delay.unref();
  }

  /**
   * Starts the thread before code is called that may never give it an occasion. Other code is over in a moment, or yields:
   * for a run that lasts no longer than that, a thread costs too much.
   */
  beginBefore(code: Iterable<{ readonly text: string }>): void {
    for (const { text } of code) {
      if (!BLOCKING.test(text)) continue;
      this.#begin();
      return;
    }
  }

  #begin(): void {
    if (this.#worker !== undefined || this.#gauge.isClosed) return;
    clearTimeout(this.#delay);
    const publish = (): void => {
      this.#gauge.publish();
      this.#signals?.publish();
    };
    publish();
    this.#publishing = setInterval(publish, GAUGE_INTERVAL);
    this.#publishing.unref();
    try {
      this.#worker = startThread(this.#watched);
    } catch {
      // Where no thread can be started (a limit, a permission), a run goes on without.
    }
  }

  /** Ends the thread: a run that is over needs none. */
  end(): void {
    if (this.#gauge.isClosed) return;
    const hasNoted = this.#gauge.close();
    clearTimeout(this.#delay);
    clearInterval(this.#publishing);
    void this.#worker?.terminate();
    if (!hasNoted) return;
    try {
      rmSync(this.#watched.memoryFile, { force: true });
    } catch {
      // a reader looks at it only when the run did not write how it ended
    }
  }
}

function startThread(watched: Watched): Worker {
  // Beside the bundle's chunks.
  const worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), {
    workerData: watched,
    // Signals reach a thread only through Node's own bindings; without them there is no hearing.
    execArgv: ['--expose-internals', '--no-warnings'],
    env: {},
    // Its old generation has the limit of the main thread's, which is how it knows that.
    resourceLimits: { maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  worker.on('error', () => {}); // a run is as good without it, and keeps its heartbeat while it yields
  worker.unref();
  return worker;
}
