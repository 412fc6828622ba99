import { Worker } from 'node:worker_threads';

/** What the watchdog is told of the run that it watches over. */
export interface Watched {
  /** Absolute path of the attempt's file: its modification time is the heartbeat. */
  readonly attemptFile: string;
  readonly logFile: string;
  /** Between two heartbeats, in ms. */
  readonly interval: number;
}

/**
 * A thread that goes on while the code of a run blocks the main thread: it keeps the heartbeat, and ends the process at
 * a second signal that the main thread cannot hear. Returns what ends it.
 */
export function startWatchdog(watched: Watched): () => void {
  const worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), {
    workerData: watched,
    // Signals reach a thread only through Node's own bindings; without them there is the heartbeat alone.
    execArgv: ['--expose-internals', '--no-warnings'],
    env: {},
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  worker.on('error', () => {}); // without a watchdog a run is as good, and its heartbeat says that it is alone
  worker.unref();
  return () => void worker.terminate();
}
