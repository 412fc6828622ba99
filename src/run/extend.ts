import { extension } from '../experiment/extend.ts';
import type { ResultOf } from './child-types.ts';
import type { Experiment } from './experiment.ts';
import type { ChainHooks } from './hook-types.ts';
import type { ChainParameters, Overrides } from './parameter-types.ts';

declare const EXTENDS: unique symbol;

/** The default export of a module that extends another. Its members are for the compiler only. */
export interface Extension<Parent = unknown, Result = unknown> {
  readonly [EXTENDS]: {
    readonly parameters: ChainParameters<Parent>;
    readonly hooks: ChainHooks<Parent>;
    readonly result: Result;
  };
}

/** What a module takes over from the one that it extends, in the type of its default export. */
export interface Inheriting<Inherited> {
  readonly default: { readonly [EXTENDS]: Inherited };
}

type ExperimentOf<Self, Parent> = unknown extends Parent ? Experiment : Experiment<Self, Parent>;

/**
 * Makes a module the child of another: `export default extend('./parent.ts')`. It takes over the parent's main function,
 * parameters, hooks, `testing`, analyses and description; what it exports itself wins, also where the parent's code reads
 * it. With a function it has a main function of its own, which may call the parent's. The runner reads both from the
 * source: write the path literally.
 *
 * @param path the parent, relative to this module's file
 * @throws ComexError `E_EXPERIMENT` for arguments that are none
 *
 * @example
 * ```ts
 * // experiments/few-points.ts
 * import { extend } from 'comex';
 *
 * type Self = typeof import('./few-points.ts');
 * type Parent = typeof import('./quickstart.ts');
 *
 * export const POINTS = 20;
 *
 * export default extend<Parent, Self>('./quickstart.ts', async (e, parent) => {
 *   console.log(e.POINTS, e.SLOPE); // 20 2
 *   await parent(e);
 * });
 * ```
 */
export function extend<Parent = unknown, Self extends Overrides<Self, Parent> = object>(
  path: string,
): Extension<Parent, ResultOf<Parent>>;
export function extend<Parent = unknown, Self extends Overrides<Self, Parent> = object, Result = unknown>(
  path: string,
  main: (
    e: ExperimentOf<Self, Parent>,
    parent: (e: ExperimentOf<Self, Parent>) => Promise<ResultOf<Parent>>,
  ) => Result | Promise<Result>,
): Extension<Parent, Result>;
export function extend(...given: readonly unknown[]): Extension {
  return extension(given) as Extension;
}
