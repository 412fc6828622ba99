import { ComexError } from '../errors.ts';
import type { CloseOptions } from './opened-types.ts';
import type { End } from './session.ts';

/** A signal ended it. */
export function interruptedBy(signal: NodeJS.Signals): End {
  const error = new ComexError('E_INTERRUPTED', `The run was interrupted by ${signal}.`);
  return { status: 'interrupted', error, signal };
}

/** The process ended with an exit code other than 0. */
export function exited(code: number): Error {
  const why =
    code === 13 ? ', which is what Node says of a top-level await that waits for something that can never happen' : '';
  return new ComexError('E_EXIT', `The process ended with exit code ${code} before the run was closed${why}.`);
}

/** What was thrown, where it may be nothing. */
export function thrown(error: unknown): unknown {
  return error ?? new Error(`Thrown value: ${String(error)}`);
}

/** What `e.close` is told. @throws ComexError `E_USAGE` */
export function readClose(options: CloseOptions): CloseOptions {
  const unknown = Object.keys(Object(options)).find((name) => name !== 'error' && name !== 'result');
  if (typeof options === 'object' && options !== null && unknown === undefined) return options;
  throw new ComexError(
    'E_USAGE',
    `Expected e.close() or e.close({ error, result }), got ${unknown === undefined ? String(options) : `"${unknown}"`}. An error that ended the run goes into e.fail(error).`,
  );
}
