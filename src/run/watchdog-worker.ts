import { appendFileSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { workerData } from 'node:worker_threads';
import { watchMemory } from './memory-watch.ts';
import { SignalState } from './signal-state.ts';
import type { Watched } from './watchdog.ts';

/** How long the main thread has to follow a second signal itself, in ms. */
const PATIENCE = 1000;

interface SignalHandle {
  onsignal: (signal: number) => void;
  start(signal: number): number;
}

const { attemptFile, logFile, memoryFile, interval, gauge, signals: shared } = workerData as Watched;
const state = shared === undefined ? undefined : new SignalState(() => 'second', shared);
let signals = 0;

setInterval(beat, interval);
listen();
watchMemory(memoryFile, gauge);

function beat(): void {
  const now = new Date();
  try {
    utimesSync(attemptFile, now, now);
  } catch {
    // A heartbeat that cannot be written says what it should: nothing is known of this run.
  }
}

function listen(): void {
  let Signal: new () => SignalHandle;
  try {
    const internals = createRequire(import.meta.url)('internal/test/binding') as {
      internalBinding(name: 'signal_wrap'): { Signal: new () => SignalHandle };
    };
    ({ Signal } = internals.internalBinding('signal_wrap'));
  } catch {
    return; // another Node: a blocked run is ended by SIGKILL then
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const handle = new Signal();
    handle.onsignal = () => onSignal(name);
    handle.start(constants.signals[name]);
  }
}

function onSignal(name: string): void {
  signals++;
  const ends = state?.ends ?? 'second';
  if (ends === 'none' || (ends === 'second' && signals < 2)) return;
  const count = signals;
  setTimeout(() => {
    // One that the main thread has heard meanwhile is its own to answer.
    if (ends === 'first' && state!.heard >= count) return;
    const which = ends === 'first' ? '' : ' for the second time';
    try {
      appendFileSync(logFile, `\nEnded at once: ${name} came${which} while the run was busy.\n`);
    } catch {
      // the end matters more than the line about it
    }
    process.kill(process.pid, 'SIGKILL');
  }, PATIENCE);
}
