/** Every code that comex puts on an error: stable, so that programs can tell errors apart. */
export type ErrorCode =
  | 'E_USAGE'
  | 'E_FILE'
  | 'E_SYNTAX'
  | 'E_CONFIG'
  | 'E_EXPERIMENT'
  | 'E_MIXIN'
  | 'E_PARAMETER'
  | 'E_PARAMETER_NAME'
  | 'E_PARAMETER_TYPE'
  | 'E_PARAMETER_MISSING'
  | 'E_PARAMETER_EARLY'
  | 'E_MEMBER'
  | 'E_DATA'
  | 'E_NAME'
  | 'E_TRACK'
  | 'E_CHART'
  | 'E_HARVEST'
  | 'E_QUERY'
  | 'E_RUN_NOT_FOUND'
  | 'E_RUN_AMBIGUOUS'
  | 'E_RUN_FORMAT'
  | 'E_RUN_BUSY'
  | 'E_EXEC'
  | 'E_TIMEOUT'
  | 'E_INTERRUPTED'
  | 'E_NEVER_SETTLED'
  | 'E_EXIT'
  | 'E_PLUGIN'
  | 'E_REPRODUCIBLE'
  | 'E_STORAGE';

/** Stack frames that are kept: a value may be refused deep inside of it. */
const STACK_FRAMES = 200;

/**
 * An error that comex raises on purpose: one sentence that says what was expected, what came, and what to do.
 *
 * @example
 * ```ts
 * import { ComexError } from 'comex';
 *
 * const error = new ComexError('E_PARAMETER_TYPE', 'Expected --EPOCHS to be a number, got "ten".');
 * console.log(error.code); // E_PARAMETER_TYPE
 * ```
 */
export class ComexError extends Error {
  override readonly name = 'ComexError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    // The frames of comex come first: with ten of them the user's own line, which matters, would be cut off.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = STACK_FRAMES;
    Error.captureStackTrace(this, ComexError);
    Error.stackTraceLimit = limit;
  }
}

/** Whether an error was raised on purpose by any copy of comex in this process. */
export function isComexError(error: unknown): error is ComexError {
  return error instanceof Error && error.name === 'ComexError' && 'code' in error;
}

/**
 * The candidate nearest to a misspelt name, or undefined when none is near (Damerau-Levenshtein, optimal string
 * alignment; case and `_`/`-` differences cost nothing; at most a third of the letters may differ).
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = nearest(name, candidates);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** What kind of value was got, for a message: `null`, `an array`, `an object (Map)`, `number`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? `an object (${value.constructor?.name ?? 'Object'})` : typeof value;
}
