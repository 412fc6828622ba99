import { createContext, Script } from 'node:vm';
import { HarvestProblem } from './problem.ts';

/** A quarter of a mebibyte of text takes milliseconds, unless a pattern tries all ways to split it. */
const LONGEST_MS = 5000;

const script = new Script('work()');

/**
 * Does work that patterns take part in, such as regular expressions, which may take exponential time: anybody may have
 * written them. What takes too long is ended.
 *
 * @throws HarvestProblem when it was, besides what the work throws
 */
export function bounded(work: () => void): void {
  try {
    script.runInContext(createContext({ work }), { timeout: LONGEST_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new HarvestProblem(
      `Expected the pattern to be looked for in ${LONGEST_MS / 1000} s, but it takes longer. Does it repeat what holds a repetition, as (a+)+ does? Say it in another way.`,
    );
  }
}
