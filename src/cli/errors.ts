import { constants } from 'node:os';
import { ComexError, type ErrorCode, isComexError } from '../errors.ts';
import type { RunOutcome } from '../run/run.ts';
import { harmless } from './screen.ts';

/** Codes of errors that end a run rather than refuse a command. */
const RUN_CODES = new Set<ErrorCode>([
  'E_STORAGE',
  'E_EXEC',
  'E_TIMEOUT',
  'E_INTERRUPTED',
  'E_NEVER_SETTLED',
  'E_EXIT',
]);

/** Prints an error of a command, and returns the exit status: 2 for one of its user, 1 for one of its own. */
export function reportError(error: unknown): number {
  if (isComexError(error)) {
    process.stderr.write(`comex: ${harmlessLines(error.message)} (${error.code})\n`);
    return RUN_CODES.has(error.code) ? 1 : 2;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`comex: unexpected error, please report it.\n${text}\n`);
  return 1;
}

/** The error for what the parser of options refuses; whatever else went wrong meanwhile is passed on. */
export function usageError(message: string | undefined, error: Error | undefined, hint: string): Error {
  // It says a misuse as a message, or as an error of its own.
  if (error !== undefined && error.name !== 'YError') return error;
  const said = (message ?? error?.message ?? 'Wrong usage').replace(/\.$/, '');
  return new ComexError('E_USAGE', `${said}.${hint}`);
}

/** A message with its own lines, and nothing that a terminal would obey. */
export function harmlessLines(message: string): string {
  return message.split('\n').map(harmless).join('\n');
}

/** Exit status of a run: 0 done, 128+n after a signal, 124 at its time limit, else 1. */
export function exitStatus(outcome: RunOutcome): number {
  if (outcome.signal !== undefined) return 128 + constants.signals[outcome.signal];
  if (isComexError(outcome.error) && outcome.error.code === 'E_MIXIN') return 2;
  if (outcome.status === 'done') return outcome.afterError === undefined ? 0 : 1;
  return outcome.status === 'timeout' ? 124 : 1;
}
