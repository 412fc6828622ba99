import { encode } from '../codec/json.ts';
import type { Attempt } from './attempt.ts';
import { toTerminal } from './context.ts';
import type { RunOptions } from './run.ts';
import type { End } from './session.ts';

/** The result, unless it has no form on disk: then the log says so, and the run has none. */
export function storableResult(
  attempt: Attempt,
  end: End,
  { show }: Pick<RunOptions, 'show'>,
): { result?: unknown; error?: unknown } {
  const error = end.error === undefined ? {} : { error: end.error };
  if (end.result === undefined) return error;
  const problem = unstorable(end.result);
  if (problem === undefined) return { ...error, result: end.result };
  attempt.log.line(`The result was not kept. ${problem}`);
  if (show !== undefined) toTerminal('stderr', `comex: the result was not kept. ${problem}\n`);
  return error;
}

function unstorable(result: unknown): string | undefined {
  try {
    encode({ result }, 'the run'); // as the metadata hold it, a level deeper
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
