import type { ErrorRecord } from '../archive/layout.ts';
import { isComexError } from '../errors.ts';
import { unpinned } from '../experiment/load/plan.ts';

/** How deep causes are followed. */
const DEPTH = 5;

/** What is kept of whatever was thrown; stacks show the user's own files and lines. */
export function recordError(error: unknown, depth = DEPTH): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: `Thrown value: ${describe(error)}` };
  const stack = field(error, 'stack');
  const code = field(error, 'code');
  const cause = field(error, 'cause');
  return {
    name: describe(field(error, 'name')),
    message: unpinned(describe(field(error, 'message'))),
    ...(typeof stack === 'string' ? { stack: cleanStack(stack, isComexError(error)) } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause !== undefined && cause !== error && depth > 0 ? { cause: recordError(cause, depth - 1) } : {}),
  };
}

/** An error as the log shows it: its stack where the user's code threw it, and what caused it. */
export function errorLog(error: ErrorRecord): string {
  const text =
    error.name === 'ComexError'
      ? `${error.message} (${error.code})`
      : (error.stack ?? `${error.name}: ${error.message}`);
  return error.cause === undefined ? text : `${text}\ncaused by ${errorLog(error.cause)}`;
}

/** An error without what `scrub` takes out of texts. */
export function scrubError(error: ErrorRecord, scrub: (text: string) => string): ErrorRecord {
  const { message, stack, cause } = error;
  return {
    ...error,
    message: scrub(message),
    ...(stack === undefined ? {} : { stack: scrub(stack) }),
    ...(cause === undefined ? {} : { cause: scrubError(cause, scrub) }),
  };
}

/** A stack without the frames of Node and of comex below the user's own, and with plain paths. */
export function cleanStack(stack: string, isRefusal = false): string {
  const lines = unpinned(stack).split('\n');
  const own = new URL('.', import.meta.url).pathname;
  const isFrame = (line: string): boolean => /^\s+at /.test(line);
  const outside = lines.filter((line) => !isFrame(line) || !line.includes('node:internal'));
  const foreign = (line: string): boolean => line.includes(own) || (isRefusal && line.includes('(node:'));
  const isKept = outside.map((line) => !isFrame(line) || !foreign(line));
  // `at Array.map (<anonymous>)` belongs to whoever called it, in the line below.
  for (let at = outside.length - 1; at >= 0; at--) {
    if (/^\s+at .*\(<anonymous>\)$/.test(outside[at]!)) isKept[at] = isKept[at + 1] ?? false;
  }
  const kept = outside.filter((_, at) => isKept[at]);
  // Where comex itself said no, its own frames are of use to nobody.
  return (kept.some(isFrame) || isRefusal ? kept : outside).join('\n');
}

/** A field of an error, which may be anything: also one that throws when it is read. */
function field(error: Error, name: 'name' | 'message' | 'stack' | 'code' | 'cause'): unknown {
  try {
    return (error as { readonly [field: string]: unknown } & Error)[name];
  } catch {
    return undefined;
  }
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return Object.prototype.toString.call(value);
  }
}
