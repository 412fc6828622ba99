import { ComexError } from '../errors.ts';
import { expectFunction, marked } from './compose.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a parent holds is not known where `inherit()` stands
type Inherited = any;
declare const POINT: unique symbol;

type AnyFunction = (...args: never) => unknown;

/** With undefined, for TypeScript 5.9: it infers the function's arguments from the entry, which may be undefined. */
type RegisteredHook = AnyFunction | undefined;

/** An entry of `hooks` that `hookPoint` made. Its members are for the compiler only. */
export interface HookPoint<Args, Result> {
  (e: unknown, args: Args): Result;
  readonly [POINT]: true;
}

/** What `extend` keeps for the runner. */
export interface ExtensionFacts {
  /** As it was written: relative to the module that extends. */
  readonly path: string;
  /** Main function of the child, when it has its own. */
  readonly main: AnyFunction | undefined;
}

/** By a common symbol: a process may hold two copies of comex. */
const EXTEND = Symbol.for('comex.extend');

/** The path and the main function of a default export that `extend` made; undefined for any other value. */
export function extensionOf(value: unknown): ExtensionFacts | undefined {
  return typeof value === 'function' ? (value as { [EXTEND]?: ExtensionFacts })[EXTEND] : undefined;
}

/** A default export that stands for another module: a function, so that it looks like any main function. */
export function extension(given: readonly unknown[]): object {
  const [path, main] = given;
  if (typeof path !== 'string' || path === '') {
    const got = typeof path === 'string' ? 'an empty text' : typeof path;
    throw new ComexError(
      'E_EXPERIMENT',
      `Expected extend(...) to be given the path of a module, such as './parent.ts', got ${got}.`,
    );
  }
  // A second argument that is undefined is a mistake too: an import that is not evaluated yet.
  if (given.length > 1) expectFunction(main, `extend('${path}', ...)`);
  const stand = (): never => {
    throw new ComexError(
      'E_EXPERIMENT',
      `Expected the experiment that extends "${path}" to be run by comex run, by runExperiment or by e.run, not to be called.`,
    );
  };
  const facts: ExtensionFacts = { path, main: main as AnyFunction | undefined };
  return Object.defineProperty(stand, EXTEND, { value: facts });
}

/**
 * The parent's value of a parameter, or one derived from it. A value that is given from outside takes the place of the
 * parent's: with `LR = inherit((x: number) => x * 2)`, `--LR 0.05` gives 0.1. Stands for the value until the run
 * begins: reading it while the module is loaded is an error.
 *
 * @param transform the parent's value in, the child's out; not async
 * @throws ComexError `E_EXPERIMENT` for what is no function
 *
 * @example
 * ```ts
 * // experiments/noisier.ts
 * import { extend, inherit } from 'comex';
 *
 * type Self = typeof import('./noisier.ts');
 * type Parent = typeof import('./quickstart.ts');
 *
 * export const NOISE = inherit((noise: number) => noise * 2);
 *
 * export default extend<Parent, Self>('./quickstart.ts', async (e, parent) => {
 *   console.log(e.NOISE); // 1
 *   await parent(e);
 * });
 * ```
 */
export function inherit<T = Inherited>(transform?: (parent: T) => T): T;
export function inherit(...given: readonly unknown[]): unknown {
  if (given.length === 0) return marked({ kind: 'inherit' });
  expectFunction(given[0], 'inherit(...)');
  return marked({ kind: 'inherit', transform: given[0] as (parent: never) => unknown });
}

/**
 * Sets a parameter whole, where an object literal would set only the fields that it names; and in the hooks of a mixin:
 * this function instead of those registered so far, where a mixin's hooks are otherwise added to them.
 *
 * @example
 * ```ts
 * // experiments/replaced.ts
 * import { replace } from 'comex';
 *
 * export const MODEL: { kind: string; layers?: number[] } = replace({ kind: 'linear' });
 *
 * export default function experiment() {
 *   console.log(MODEL.kind); // linear
 * }
 * ```
 */
export function replace<T>(value: T): T {
  return marked({ kind: 'replace', value }) as T;
}

/**
 * An entry of `hooks`: called after those that the parent registered, instead of in their place.
 *
 * @throws ComexError `E_EXPERIMENT` for what is no function
 *
 * @example
 * ```ts
 * // experiments/appended.ts
 * import { append, extend, type Hooks } from 'comex';
 *
 * type Self = typeof import('./appended.ts');
 * type Parent = typeof import('./quickstart.ts');
 *
 * export const hooks: Hooks<Self, Parent> = {
 *   before_run: append((e) => console.log(`${e.STEPS} steps`)),
 * };
 *
 * export default extend<Parent, Self>('./quickstart.ts');
 * ```
 */
export function append<F extends RegisteredHook>(hook: F): F {
  expectFunction(hook, 'append(...)');
  return marked({ kind: 'append', value: hook }) as F;
}

/**
 * An entry of `hooks`: called before those that the parent registered, instead of in their place.
 *
 * @throws ComexError `E_EXPERIMENT` for what is no function
 *
 * @example
 * ```ts
 * // experiments/prepended.ts
 * import { extend, type Hooks, prepend } from 'comex';
 *
 * type Self = typeof import('./prepended.ts');
 * type Parent = typeof import('./quickstart.ts');
 *
 * export const hooks: Hooks<Self, Parent> = {
 *   before_run: prepend((e) => console.log(`${e.STEPS} steps`)),
 * };
 *
 * export default extend<Parent, Self>('./quickstart.ts');
 * ```
 */
export function prepend<F extends RegisteredHook>(hook: F): F {
  expectFunction(hook, 'prepend(...)');
  return marked({ kind: 'prepend', value: hook }) as F;
}

/**
 * An entry of `hooks` that only declares a hook: the type of the arguments it is applied with, and of what it gives.
 * The compiler then checks `e.applyHook`, and what children and mixins register.
 *
 * @example
 * ```ts
 * // experiments/pointed.ts
 * import { type Experiment, hookPoint } from 'comex';
 *
 * type Self = typeof import('./pointed.ts');
 *
 * export const hooks = {
 *   rate: hookPoint<{ epoch: number }, number>(),
 * };
 *
 * export default async function experiment(e: Experiment<Self>) {
 *   const rate = await e.applyHook('rate', { epoch: 1 }, 0.1);
 *   console.log(rate); // 0.1
 * }
 * ```
 */
export function hookPoint<Args = Readonly<Record<string, unknown>>, Result = void>(): HookPoint<Args, Result> {
  return marked({ kind: 'point' }) as HookPoint<Args, Result>;
}
