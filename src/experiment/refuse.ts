import { type ComexError, isComexError } from '../errors.ts';

/** What becomes of a problem: a run throws the first one; whoever looks for all of them notes it and goes on. */
export type Refuse = (problem: ComexError) => void;

/** The way of a run. */
export function throwProblem(problem: ComexError): never {
  throw problem;
}

/** Does a step; what is wrong with it is refused. Returns whether nothing was. */
export function attempt(step: () => void, refuse: Refuse): boolean {
  try {
    step();
    return true;
  } catch (problem) {
    if (!isComexError(problem)) throw problem;
    refuse(problem);
    return false;
  }
}
