import { AsyncLocalStorage } from 'node:async_hooks';

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
}

/**
 * The runs that go on in this process, and the patches of process-wide state that serve them: the standard streams,
 * `Math.random`, unhandled rejections. A run that owns its process gets all of it; runs that share one are told apart
 * by AsyncLocalStorage, and what belongs to none of them is left as it was.
 */
const storage = new AsyncLocalStorage<RunContext>();
const active = new Set<RunContext>();
let owner: RunContext | undefined;
let restore: (() => void) | undefined;

/** The run that the calling code belongs to, if any. */
export function currentRun(): RunContext | undefined {
  return storage.getStore() ?? owner;
}

/** Calls a function as a part of a run. With `ownsProcess`, everything in the process is taken for the run's. */
export async function asRun<T>(run: RunContext, ownsProcess: boolean, body: () => Promise<T>): Promise<T> {
  if (active.size === 0) restore = patch();
  active.add(run);
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
  if (active.size > 0) return;
  restore?.();
  restore = undefined;
}

type Write = typeof process.stdout.write;

/** The unpatched writes of the standard streams, for what is shown on the terminal only. */
const originals: { stdout?: Write; stderr?: Write } = {};

/** Writes to the terminal, past the logs of all runs. A reader that went away (EPIPE) ends the output, not the run. */
export function toTerminal(stream: 'stdout' | 'stderr', text: string): void {
  const write = originals[stream] ?? process[stream].write;
  write.call(process[stream], text);
}

function patch(): () => void {
  const restores = [
    patchStream('stdout'),
    patchStream('stderr'),
    patchRandom(),
    onRejections(),
    listen('stdout', goOn),
    listen('stderr', goOn),
  ];
  return () => {
    for (const undo of restores) undo();
  };
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
    if (run === undefined) return (original as (...all: unknown[]) => boolean).call(stream, chunk, encoding, callback);
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    run.output(name, text);
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
    return run === undefined ? original() : run.mathRandom();
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
