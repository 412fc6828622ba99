import { isComexError } from '../errors.ts';
import type { Attempt } from './attempt.ts';
import type { Endings } from './ending.ts';
import { recordError } from './errors-record.ts';
import { drawPlots } from './plots.ts';

/** What came of the work after the final status was on disk. */
export interface Epilogue {
  /** How many pictures of series were drawn. */
  readonly plots: number;
  /** What went wrong first. */
  readonly error?: unknown;
}

/** What is to be done when the final status is on disk. */
export interface Rest {
  readonly analyses: ReadonlyArray<() => unknown>;
  /** Whether a picture of each series is drawn. */
  readonly plots: boolean;
}

/** What comes when the final status is on disk: the analyses, one after the other, and a picture of each series. */
export async function epilogue(attempt: Attempt, endings: Endings, rest: Rest): Promise<Epilogue> {
  const before = endings.ending;
  let error: unknown;
  const keep = (problem: unknown): void => {
    error ??= problem;
    const record = recordError(problem);
    attempt.log.line(`After the run: ${isComexError(problem) ? record.message : (record.stack ?? record.message)}`);
  };
  const plots = async (): Promise<number> => {
    await attempt.pending.settle();
    attempt.files.flush();
    const summaries = attempt.tracker.summaries();
    const names = Object.keys(summaries).filter((name) => summaries[name]!.kind === 'number');
    const { count, left } = await drawPlots(attempt.path, names);
    if (left.length > 0) {
      attempt.log.line(`No picture was drawn of ${left.length} more series: ${left.slice(0, 5).join(', ')} …`);
    }
    return count;
  };
  for (const analysis of rest.analyses) await untilEnded(endings, async () => analysis()).catch(keep);
  const count = !rest.plots
    ? 0
    : await plots().catch((problem: unknown) => {
        keep(problem);
        return 0;
      });
  const { ending } = endings;
  if (error === undefined && ending !== undefined && ending !== before) keep(ending.error);
  return { plots: count, ...(error === undefined ? {} : { error }) };
}

/** Waits for some work, unless it is ended from outside: a signal, an error that nobody caught, an empty event loop. */
async function untilEnded(endings: Endings, work: () => Promise<unknown>): Promise<void> {
  const ended = endings.now.then(({ error }) => Promise.reject(error));
  await Promise.race([work().then(nextTurn), ended]);
}

/**
 * Lets be told what happened meanwhile, before what comes next: errors that nobody handles, at the end of a turn, and
 * signals and timers that a busy thread could not hear. From wherever a turn stands, two immediates pass all of it.
 */
export async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
