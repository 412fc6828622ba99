import { constants } from 'node:os';
import { GRACE, SIGNALS } from './ending.ts';
import { afterExit } from './process-exit.ts';
import type { Ends } from './signal-state.ts';

/** A run that a script has opened, as far as its process tells it how it ends. */
export interface Opened {
  /** Whether the script has asked for the run's signal: then it is given time to come to its end. */
  readonly isObserved: boolean;
  /** Nobody has caught an error: unless a listener of the script keeps it, the process ends by it. */
  uncaught(error: unknown): void;
  /** A signal has come that the script answers itself. */
  signalled(signal: NodeJS.Signals): void;
  /** A signal ends the process when the script has come to its end. */
  interrupt(signal: NodeJS.Signals): void;
  /** A signal ends the process now. */
  endNow(signal: NodeJS.Signals): void;
}

/** Between two tries of ending the process by a signal, in ms, while a thread of it still listens for that, */
const PAUSE = 5;
/** and how many there are. */
const TRIES = 100;

const opened = new Set<Opened>();
const listening = new Set<NodeJS.Signals>();
/** The signal that the runs were asked to end by. */
let asked: NodeJS.Signals | undefined;
let nativeKill: typeof process.kill | undefined;

/**
 * Tells a run how the process ends, until the returned function is called. The process behaves as it would without:
 * an error that nobody catches ends it, and so does a signal that the script does not answer itself.
 */
export function enterProcess(run: Opened): () => void {
  opened.add(run);
  if (opened.size === 1) attach();
  return () => {
    if (opened.delete(run) && opened.size === 0) detach();
  };
}

/** What a signal is to do that the main thread cannot hear. */
export function unheardSignal(): Ends {
  if (SIGNALS.some(isAnswered)) return 'none';
  return [...opened].some((run) => run.isObserved) ? 'second' : 'first';
}

function attach(): void {
  asked = undefined;
  process.on('uncaughtExceptionMonitor', onUncaught);
  for (const signal of SIGNALS) listen(signal);
  const kill = process.kill;
  nativeKill = kill;
  // Whoever cleans up at a signal sends it again when nobody else listens: then the process ends by it.
  process.kill = (pid, given = 'SIGTERM') => {
    const signal = SIGNALS.find((each) => each === given || constants.signals[each] === given);
    if (pid === process.pid && signal !== undefined && opened.size > 0 && !isAnswered(signal)) die(signal);
    return kill.call(process, pid, given);
  };
}

function detach(): void {
  process.off('uncaughtExceptionMonitor', onUncaught);
  for (const signal of SIGNALS) silence(signal);
  if (nativeKill !== undefined) process.kill = nativeKill;
  nativeKill = undefined;
}

function onUncaught(error: unknown): void {
  for (const run of opened) run.uncaught(error);
}

/** Before the script's own listeners: one that looks whether others listen finds none of ours. */
function listen(signal: NodeJS.Signals): void {
  if (listening.has(signal)) return;
  listening.add(signal);
  process.prependListener(signal, onSignal);
}

function silence(signal: NodeJS.Signals): void {
  if (listening.delete(signal)) process.off(signal, onSignal);
}

/** Whether the script listens for a signal itself, or a package of it. */
function isAnswered(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) > (listening.has(signal) ? 1 : 0);
}

function onSignal(signal: NodeJS.Signals): void {
  if (isAnswered(signal)) {
    for (const run of opened) run.signalled(signal);
    silence(signal);
    setImmediate(() => {
      if (opened.size > 0) listen(signal);
    });
    return;
  }
  const takesTime = asked === undefined && [...opened].some((run) => run.isObserved);
  if (!takesTime) die(signal);
  asked = signal;
  const ending = [...opened];
  for (const run of ending) run.interrupt(signal);
  setTimeout(() => {
    if (ending.some((run) => opened.has(run))) die(signal);
  }, GRACE).unref();
  // A script that has come to its end after a signal has ended by it.
  afterExit((code) => {
    if (code !== 0) return;
    killSelf(signal);
    process.exitCode = statusOf(signal);
  });
}

/** Ends the runs, and the process by the signal. */
function die(signal: NodeJS.Signals): never {
  for (const run of [...opened]) run.endNow(signal);
  opened.clear();
  detach();
  killSelf(signal);
  process.exit(statusOf(signal));
}

/** The exit code that says the same as the signal. */
function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Ends the process by a signal, unless somebody listens for it who does not say so. */
function killSelf(signal: NodeJS.Signals): void {
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let tries = 0; tries < TRIES && process.rawListeners(signal).length === 0; tries++) {
    process.kill(process.pid, signal);
    Atomics.wait(pause, 0, 0, PAUSE);
  }
}
