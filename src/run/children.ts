import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRun } from '../archive/load.ts';
import { ComexError, didYouMean } from '../errors.ts';
import { parsePinned } from '../experiment/load/plan.ts';
import type { ParentRun } from './attempt.ts';
import type { ChildRun, ChildRunOptions } from './child-types.ts';
import { recordError } from './errors-record.ts';
import type { RunOutcome } from './run.ts';

/** What is needed to run another experiment as a child. */
export interface ChildRequest {
  /** As it was written. */
  readonly file: string;
  /** Absolute path that it is relative to. */
  readonly folder: string;
  readonly options: ChildRunOptions;
  readonly parent: ParentRun;
  /** Ends the child with its parent. */
  readonly until: AbortSignal;
  /** Takes what the child prints. */
  readonly relay: (id: string, text: string) => void;
}

/** Runs an experiment as a child. @throws ComexError when the file or a parameter is wrong: nothing was run then */
export type RunChild = (request: ChildRequest) => Promise<RunOutcome>;

/** What the children of a run have in common. */
export interface Family {
  readonly runChild: RunChild | undefined;
  readonly parent: Omit<ParentRun, 'seed'>;
  /** Of the parent: the children's are drawn from it. */
  readonly seed: number | string;
  /** Absolute path of the parent's own module. */
  readonly module: string;
  readonly until: AbortSignal;
  /** Writes a line where the parent writes its own. */
  readonly say: (text: string) => void;
}

/** Runs inside of runs: more of them make paths that file systems refuse. */
const MAX_DEPTH = 32;

/** Runs experiments as children of a run. */
export class Children {
  #family: (() => Family) | undefined;
  #count = 0;
  /** How many go on. */
  running = 0;

  /** What the children have in common; known when the modules have been evaluated. */
  set(family: () => Family): void {
    this.#family = family;
  }

  /** @param callers The stack of the call: a relative path begins at the file that holds the call. */
  async run(file: string, options: ChildRunOptions, callers: readonly NodeJS.CallSite[]): Promise<ChildRun> {
    const { runChild, parent, seed, module, until, say } = this.#family!();
    if (runChild === undefined) throw new ComexError('E_USAGE', 'Expected a run that may have children.');
    if (parent.depth >= MAX_DEPTH) {
      const advice = 'Does an experiment run itself without an end?';
      throw new ComexError('E_USAGE', `Expected at most ${MAX_DEPTH} runs inside of one another. ${advice}`);
    }
    if (typeof file !== 'string' || file === '') {
      throw new ComexError('E_FILE', `Expected e.run(...) to be given the path of an experiment, got ${typeof file}.`);
    }
    refuseOptions(options);
    // By the order of the calls, so that the same parent gives the same children.
    const number = this.#count++;
    const lines = new Lines(say);
    this.running++;
    const outcome = await runChild({
      file,
      folder: dirname(callerOf(callers) ?? module),
      options,
      parent: { ...parent, seed: seedOf(seed, number) },
      until,
      relay: (id, text) => lines.take(id, text),
    }).finally(() => {
      this.running--;
    });
    lines.end(outcome.id);
    if (options.throw === true && outcome.status !== 'done') throw outcome.error;
    // As it is on disk: without secrets.
    const error = outcome.error === undefined ? undefined : (loadRun(outcome.path).error ?? recordError(outcome.error));
    return {
      id: outcome.id,
      path: outcome.path,
      status: outcome.status,
      result: outcome.result,
      ...(error === undefined ? {} : { error }),
      durationMs: outcome.durationMs,
      run: () => loadRun(outcome.path),
    };
  }
}

const OPTIONS: Readonly<Record<string, readonly [what: string, fits: (value: unknown) => boolean]>> = {
  parameters: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
  tags: ['a list of texts', (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string')],
  note: ['a text', (value) => typeof value === 'string'],
  throw: ['true or false', (value) => typeof value === 'boolean'],
  timeoutMs: ['a number above 0', (value) => typeof value === 'number' && value > 0],
};

/** A misspelt option would be a run with other values than were meant. */
function refuseOptions(options: ChildRunOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const known = OPTIONS[name];
    if (known === undefined) {
      const names = Object.keys(OPTIONS);
      const near = didYouMean(name, names);
      throw new ComexError(
        'E_USAGE',
        `Expected an option of e.run, got "${name}".${near === '' ? ` There are: ${names.join(', ')}.` : near}`,
      );
    }
    const [what, fits] = known;
    if (value === undefined || fits(value)) continue;
    throw new ComexError('E_USAGE', `Expected "${name}" of e.run to be ${what}, got ${JSON.stringify(value)}.`);
  }
}

/** 32 bits out of a seed and the number of a child. */
function seedOf(seed: number | string, number: number): number {
  return createHash('sha256')
    .update(`${typeof seed} ${seed} child ${number}`)
    .digest()
    .readUInt32LE();
}

/** The frames above a function, outermost last. */
export function callersOf(above: (...args: never[]) => unknown): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    return holder.stack as NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** The project file that the nearest frame is in. */
function callerOf(callers: readonly NodeJS.CallSite[]): string | undefined {
  for (const site of callers) {
    const url = site.getFileName() ?? undefined;
    const pinned = parsePinned(url);
    if (pinned !== undefined) return pinned.path;
    if (url?.includes('node_modules') === false && /\.[cm]?tsx?$/.test(url)) {
      return url.startsWith('file:') ? fileURLToPath(url) : resolve(url);
    }
  }
  return undefined;
}

/** Passes on whole lines of a child, with its id before them. */
class Lines {
  readonly #say: (text: string) => void;
  #open = '';

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  take(id: string, text: string): void {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    if (lines.length > 0) this.#say(lines.map((line) => `[${id}] ${line}`).join('\n'));
  }

  end(id: string): void {
    if (this.#open !== '') this.#say(`[${id}] ${this.#open}`);
    this.#open = '';
  }
}
