import { AsyncLocalStorage } from 'node:async_hooks';
import type { Sightings } from './sightings.ts';

/** What the process-wide patches need of a run. */
export interface RunContext {
  /** Takes what the run's code wrote to a standard stream; returns whether it may pass on to the terminal. */
  output(stream: 'stdout' | 'stderr', text: string): void;
  /** The stream that shows the output on the terminal, or undefined where it is to be kept quiet. */
  passOn(stream: 'stdout' | 'stderr'): 'stdout' | 'stderr' | undefined;
  /** The run's own `Math.random`. */
  mathRandom(): number;
  /** An error that no code of the run caught. */
  uncaught(error: unknown): void;
  /** Takes what the calling code is seen to use; undefined where nobody wants to know. */
  readonly sightings?: Sightings | undefined;
}

/**
 * The runs that go on in this process, and the patches of process-wide state that serve them: the standard streams,
 * `Math.random`, unhandled rejections. A run that owns its process gets all of it; runs that share one are told apart
 * by AsyncLocalStorage, and what belongs to none of them is left as it was, or goes to the runs that scripts have opened.
 */
const storage = new AsyncLocalStorage<RunContext>();
const active = new Set<RunContext>();
let owner: RunContext | undefined;

/** What the patches need of a run that a script has opened: what belongs to no other run of the process is its. */
export interface OpenedContext {
  /** Takes what is written to a standard stream, which goes its way as before; undefined where nothing is to be taken. */
  readonly output: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  mathRandom(): number;
  readonly sightings?: Sightings | undefined;
}

/** In the order opened: what is printed is taken by all of them, random numbers are the last one's. */
const opened: OpenedContext[] = [];

/** The run that the calling code belongs to, if any. */
export function currentRun(): RunContext | undefined {
  return storage.getStore() ?? owner;
}

/** What takes note of what the calling code uses. */
export function currentSightings(): Sightings[] {
  const run = currentRun();
  const runs = run === undefined ? opened : [run];
  return runs.flatMap(({ sightings }) => sightings ?? []);
}

/** Calls a function as a part of a run. With `ownsProcess`, everything in the process is taken for the run's. */
export async function asRun<T>(run: RunContext, ownsProcess: boolean, body: () => Promise<T>): Promise<T> {
  active.add(run);
  arrange();
  if (ownsProcess) owner = run;
  try {
    // Without a second run there is nothing to tell apart, and promises stay as fast as they are.
    return await (ownsProcess ? body() : storage.run(run, body));
  } finally {
    leave(run);
  }
}

/** Ends the patches for a run at once, as the exit of the process needs it. */
export function leave(run: RunContext): void {
  active.delete(run);
  if (owner === run) owner = undefined;
  arrange();
}

/** Lets a run that a script has opened have what belongs to no other run, until the returned function is called. */
export function enterOpened(run: OpenedContext): () => void {
  opened.push(run);
  arrange();
  return () => {
    const at = opened.indexOf(run);
    if (at >= 0) opened.splice(at, 1);
    arrange();
  };
}

/** The patches by what they are for; each is there while it is needed. */
const patches: ReadonlyArray<{ readonly needed: () => boolean; readonly patch: () => () => void; undo?: () => void }> =
  [
    {
      needed: () => active.size > 0 || opened.some(({ output }) => output !== undefined),
      patch: () => together([patchStream('stdout'), patchStream('stderr')]),
    },
    { needed: () => active.size + opened.length > 0, patch: patchRandom },
    {
      needed: () => active.size > 0,
      patch: () => together([onRejections(), listen('stdout', goOn), listen('stderr', goOn)]),
    },
  ];

function arrange(): void {
  for (const each of patches) {
    if (each.needed()) each.undo ??= each.patch();
    else if (each.undo !== undefined) {
      each.undo();
      delete each.undo;
    }
  }
}

function together(undos: ReadonlyArray<() => void>): () => void {
  return () => {
    for (const undo of undos) undo();
  };
}

type Write = typeof process.stdout.write;

/** The unpatched writes of the standard streams, for what is shown on the terminal only. */
const originals: { stdout?: Write; stderr?: Write } = {};

/** Writes to the terminal, past the logs of all runs. A reader that went away (EPIPE) ends the output, not the run. */
export function toTerminal(stream: 'stdout' | 'stderr', text: string): void {
  const write = originals[stream] ?? process[stream].write;
  write.call(process[stream], text);
}

/** A terminal that takes no more - closed, or a file on a full disk - does not end a run: its log has all of it. */
function goOn(): void {}

function listen(stream: 'stdout' | 'stderr', listener: (error: NodeJS.ErrnoException) => void): () => void {
  process[stream].on('error', listener);
  return () => process[stream].off('error', listener);
}

function patchStream(name: 'stdout' | 'stderr'): () => void {
  const stream = process[name];
  const original = stream.write;
  originals[name] = original;
  const patched = function write(this: unknown, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const run = currentRun();
    const takers = run === undefined ? opened.filter(({ output }) => output !== undefined) : [run];
    if (takers.length > 0) {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
      for (const { output } of takers) output?.(name, text);
    }
    if (run === undefined) return (original as (...all: unknown[]) => boolean).call(stream, chunk, encoding, callback);
    const shown = run.passOn(name);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (shown === undefined) {
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }
    const write = shown === name ? original : originals[shown]!;
    return (write as (...all: unknown[]) => boolean).call(process[shown], chunk, encoding, callback);
  };
  stream.write = patched as Write;
  return () => {
    if (stream.write === patched) stream.write = original;
    delete originals[name];
  };
}

function patchRandom(): () => void {
  const original = Math.random;
  const patched = (): number => {
    const run = currentRun();
    return run === undefined ? (opened.at(-1)?.mathRandom() ?? original()) : run.mathRandom();
  };
  Math.random = patched;
  return () => {
    if (Math.random === patched) Math.random = original;
  };
}

function onRejections(): () => void {
  const onRejection = (reason: unknown): void => {
    const run = currentRun();
    if (run !== undefined) run.uncaught(reason);
    // Nobody's of ours: the process goes on as it would without these listeners.
    else if (process.listenerCount('unhandledRejection') === 1) {
      setImmediate(() => {
        throw reason;
      });
    }
  };
  const onException = (error: unknown): void => {
    const run = currentRun();
    if (run !== undefined) run.uncaught(error);
    else if (process.listenerCount('uncaughtException') === 1) {
      process.off('uncaughtException', onException);
      throw error;
    }
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
