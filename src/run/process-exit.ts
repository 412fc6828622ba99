/** What is told of the end of the process: its exit code, and what a listener of `exit` has thrown. */
type OnExit = (code: number, thrown?: { readonly error: unknown }) => void;

/** What Node ends the process with; there is none in some threads. */
type Process = NodeJS.Process & { reallyExit?: (code?: number) => never };

const listeners = new Set<OnExit>();
let nativeEmit: typeof process.emit | undefined;
/** The listeners of `exit` are being called, those that the script has added included. */
let isExiting = false;

/**
 * Calls back when the process ends, behind all listeners for its `exit`, also those that are added later: what they
 * still do is seen. Until the returned function is called.
 */
export function afterExit(listener: OnExit): () => void {
  if (listeners.size === 0) attach();
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) detach();
  };
}

function attach(): void {
  process.on('exit', onExit);
  if (nativeEmit !== undefined) return;
  nativeEmit = process.emit;
  process.emit = emit as typeof process.emit;
}

function detach(): void {
  process.off('exit', onExit);
  // Whoever has put another one above it goes on to call it.
  if (process.emit !== (emit as typeof process.emit) || isExiting) return;
  process.emit = nativeEmit!;
  nativeEmit = undefined;
}

function emit(this: NodeJS.Process, ...args: [event: string, code: number]): boolean {
  const native = nativeEmit as unknown as (...args: unknown[]) => boolean;
  if (args[0] !== 'exit' || listeners.size === 0 || isExiting) return native.apply(this, args);
  const code = args[1];
  const exits = process as Process;
  const { reallyExit } = exits;
  // A listener that calls `process.exit` itself ends the process there.
  if (reallyExit !== undefined) {
    exits.reallyExit = (last) => {
      tell(Number(last ?? code));
      return reallyExit.call(process, last);
    };
  }
  isExiting = true;
  try {
    return native.apply(this, args);
  } catch (error) {
    tell(1, { error });
    throw error;
  } finally {
    // Node sets another code meanwhile where a top-level await has never settled.
    tell(Number(process.exitCode ?? code));
    isExiting = false;
    if (reallyExit !== undefined) exits.reallyExit = reallyExit;
  }
}

/** Where somebody has put back the `emit` from before, this is all that is heard. */
function onExit(code: number): void {
  if (!isExiting) tell(Number(process.exitCode ?? code));
}

function tell(code: number, thrown?: { readonly error: unknown }): void {
  for (const listener of [...listeners]) listener(code, thrown);
}
