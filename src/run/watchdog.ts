import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { attemptFile, logFile } from '../archive/layout.ts';
import { HEARTBEAT } from './claim.ts';

/** From the start of a run to that of its watchdog, in ms. */
const DELAY = 200;

/** What the watchdog is told of the run that it watches over: absolute paths, and the time between two beats in ms. */
export interface Watched {
  readonly attemptFile: string;
  readonly logFile: string;
  readonly interval: number;
}

/**
 * Starts a thread that goes on while the code of a run blocks the main thread: it keeps the heartbeat, and ends the
 * process at a second signal that the main thread cannot hear. Returns what ends it.
 */
export function startWatchdog(runFolder: string): () => void {
  const watched: Watched = {
    attemptFile: join(runFolder, attemptFile(1)),
    logFile: join(runFolder, logFile(1)),
    interval: HEARTBEAT,
  };
  let worker: Worker | undefined;
  // Most runs that are over in a moment need none, and a thread costs as much as they do.
  const timer = setTimeout(() => {
    worker = begin(watched);
  }, DELAY);
  timer.unref();
  return () => {
    clearTimeout(timer);
    void worker?.terminate();
  };
}

function begin(watched: Watched): Worker {
  // Beside the bundle's chunks.
  const worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), {
    workerData: watched,
    // Signals reach a thread only through Node's own bindings; without them there is the heartbeat alone.
    execArgv: ['--expose-internals', '--no-warnings'],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  worker.on('error', () => {}); // a run is as good without it, and keeps its heartbeat while it yields
  worker.unref();
  return worker;
}
