import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRun } from '../archive/load.ts';
import { ComexError } from '../errors.ts';
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

/** Runs experiments as children of a run. */
export class Children {
  readonly #family: () => Family;
  #count = 0;

  constructor(family: () => Family) {
    this.#family = family;
  }

  /** @param callers The stack of the call: a relative path begins at the file that holds the call. */
  async run(file: string, options: ChildRunOptions, callers: readonly NodeJS.CallSite[]): Promise<ChildRun> {
    const { runChild, parent, seed, module, until, say } = this.#family();
    if (runChild === undefined) throw new ComexError('E_USAGE', 'Expected a run that may have children.');
    if (typeof file !== 'string' || file === '') {
      throw new ComexError('E_FILE', `Expected e.run(...) to be given the path of an experiment, got ${typeof file}.`);
    }
    // By the order of the calls, so that the same parent gives the same children.
    const number = this.#count++;
    const lines = new Lines(say);
    const outcome = await runChild({
      file,
      folder: dirname(callerOf(callers) ?? module),
      options,
      parent: { ...parent, seed: seedOf(seed, number) },
      until,
      relay: (id, text) => lines.take(id, text),
    });
    lines.end(outcome.id);
    if (options.throw === true && outcome.status !== 'done') throw outcome.error;
    return {
      id: outcome.id,
      path: outcome.path,
      status: outcome.status,
      result: outcome.result,
      ...(outcome.error === undefined ? {} : { error: recordError(outcome.error) }),
      durationMs: outcome.durationMs,
      run: () => loadRun(outcome.path),
    };
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
