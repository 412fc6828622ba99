/**
 * Listeners of the runs of this process for its end, behind one listener of the process each: Node warns of a leak when
 * many runs at once add their own.
 */
const listeners = { exit: new Set<(code: number) => void>(), beforeExit: new Set<(code: number) => void>() };

/** Calls back when the process ends, or has nothing left to do, until the returned function is called. */
export function onProcess(event: keyof typeof listeners, listener: (code: number) => void): () => void {
  const all = listeners[event];
  if (all.size === 0) process.on(event, dispatchers[event]);
  all.add(listener);
  return () => {
    all.delete(listener);
    if (all.size === 0) process.off(event, dispatchers[event]);
  };
}

const dispatchers = {
  exit: (code: number): void => dispatch('exit', code),
  beforeExit: (code: number): void => dispatch('beforeExit', code),
};

function dispatch(event: keyof typeof listeners, code: number): void {
  for (const listener of [...listeners[event]]) listener(code);
}
