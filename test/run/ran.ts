import type { LoadedRun } from '../../src/archive/load.ts';
import { type Printed, TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

/** Runs the body of a main function. */
export function ran(
  body: string,
  more = '',
  words: readonly string[] = [],
): { readonly run: LoadedRun; readonly printed: Printed } {
  return new TestProject({ [MAIN]: `${more}\nexport default async function experiment(e: any) {\n${body}\n}\n` }).run(
    MAIN,
    words,
  );
}
