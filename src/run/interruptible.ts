import { Script } from 'node:vm';

/** Where the script finds what to call. */
const BODY = Symbol.for('comex.interruptible');
/** Taken for a frame of Node's own, which stacks are shown without. */
const FILENAME = 'node:internal/comex';

/**
 * Calls a function such that Ctrl-C (SIGINT) ends even a loop that never yields: the part of it that runs before its
 * first `await` is then broken off, wherever it stands. Only for a process that belongs to one run.
 *
 * @throws the error of `isInterruption`, besides what the function throws
 */
export function interruptible<T>(body: () => T): T {
  const holder = globalThis as { [BODY]?: () => T };
  holder[BODY] = body;
  try {
    const script = new Script('globalThis[Symbol.for("comex.interruptible")]()', { filename: FILENAME });
    return script.runInThisContext({ breakOnSigint: true, displayErrors: false }) as T;
  } finally {
    delete holder[BODY];
  }
}

/** Whether an error says that a call was broken off by SIGINT. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}
