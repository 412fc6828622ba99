import type { WrittenStatus } from '../archive/layout.ts';
import type { HookPoint } from '../experiment/extend.ts';
import type { AnyParameters, Experiment } from './experiment.ts';
import type { Inheriting } from './extend.ts';

// biome-ignore lint/suspicious/noExplicitAny: a hook that nobody declared takes whatever it is applied with
type Undeclared = any;

type NoArguments = Record<never, never>;
type Nothing = ReturnType<() => void>;

/** How a run ended, as `after_run` hears it. */
export interface RunOutcome {
  readonly status: WrittenStatus;
  /** What the main function returned. */
  readonly result?: unknown;
  /** What was thrown, when the run did not end well. */
  readonly error?: unknown;
}

/** How a hook is applied, what that gives, and what a function may return that is registered for it. */
interface HookSignature<Args, Result, Returned> {
  readonly args: Args;
  readonly result: Result;
  readonly returned: Returned;
}

/** The hooks that comex itself calls. */
interface RunnerHooks {
  /** Before the main function, after `testing`. */
  before_run: HookSignature<NoArguments, unknown, unknown>;
  /** Before `testing`, in testing mode. */
  before_testing: HookSignature<NoArguments, unknown, unknown>;
  /** After the main function, also when it failed. */
  after_run: HookSignature<RunOutcome, unknown, unknown>;
  /** When the main function threw. */
  on_error: HookSignature<{ readonly error: unknown }, unknown, unknown>;
}

/**
 * By the entry of `hooks` that declares or implements a hook. Of one that is only implemented nobody said that its result
 * matters: others may return nothing.
 */
type Signature<Entry> =
  Entry extends HookPoint<infer Args, infer Result>
    ? HookSignature<Args, Result, Result>
    : Entry extends (e: never, args: infer Args) => infer Result
      ? HookSignature<unknown extends Args ? Undeclared : Args, Awaited<Result>, Awaited<Result> | Nothing>
      : never;

type OwnHooks<M> = M extends { readonly hooks: infer H }
  ? { [K in keyof H as string extends K ? never : K]-?: Signature<NonNullable<H[K]>> }
  : Record<never, never>;

/** The hooks of a module and of all that it extends, where its type tells them. */
export type ChainHooks<M> =
  M extends Inheriting<{ readonly hooks: infer Inherited }> ? MergedHooks<M, Inherited> : OwnHooks<M>;

/** Where both have a hook, the parent's says how it is applied. */
type MergedHooks<M, Inherited> = {
  [K in keyof Inherited | keyof OwnHooks<M>]: K extends keyof Inherited
    ? Inherited[K]
    : K extends keyof OwnHooks<M>
      ? OwnHooks<M>[K]
      : never;
};

/**
 * The hooks that a module declares or implements in its export `hooks`, by name: `{ args, result }`. With the module
 * that it extends: those of both, and of all that one extends.
 */
export type HooksOf<M, Parent = unknown> = unknown extends Parent ? OwnHooks<M> : MergedHooks<M, ChainHooks<Parent>>;

type Hook<E, S> =
  S extends HookSignature<infer Args, unknown, infer Returned>
    ? (e: E, args: Args) => [Returned] extends [Nothing] ? unknown : Returned | Promise<Returned>
    : never;

/**
 * The type of the export `hooks` of a child or a mixin: `e` and the arguments get the types that the parent's hooks tell.
 * Further names are allowed. For a mixin: `Hooks<Self>`, or `Hooks<Self, Parent>` for one that is made for an experiment.
 *
 * @example
 * ```ts
 * // experiments/watched.ts
 * import { extend, type Hooks } from 'comex';
 *
 * type Self = typeof import('./watched.ts');
 * type Parent = typeof import('./quickstart.ts');
 *
 * export const hooks: Hooks<Self, Parent> = {
 *   before_run(e) {
 *     console.log(`${e.POINTS} points`);
 *   },
 *   after_run(_e, { status }) {
 *     console.log(status); // done
 *   },
 * };
 *
 * export default extend<Parent, Self>('./quickstart.ts');
 * ```
 */
export type Hooks<Self = AnyParameters, Parent = unknown> = {
  readonly [K in keyof RunnerHooks]?: Hook<Experiment<Self, Parent>, RunnerHooks[K]>;
} & {
  readonly [K in Exclude<keyof ChainHooks<Parent>, keyof RunnerHooks>]?: Hook<
    Experiment<Self, Parent>,
    ChainHooks<Parent>[K]
  >;
} & {
  readonly [name: string]: ((e: Experiment<Self, Parent>, args: Undeclared) => unknown) | undefined;
};

type DeclaredArguments<H, N extends keyof H> = H[N] extends { args: infer Args } ? Args : never;
type DeclaredResult<H, N extends keyof H> = H[N] extends { result: infer Result } ? Result : never;

/** `e.applyHook` where no hook is declared. */
type ApplyAnyHook = <T = unknown>(name: string, args?: Readonly<Record<string, unknown>>, fallback?: T) => Promise<T>;

/** `e.applyHook` where some are: their arguments are checked, those of others are not. */
type ApplyDeclaredHook<H> = <
  N extends keyof H | (string & Record<never, never>),
  T = N extends keyof H ? undefined : unknown,
>(
  name: N,
  ...rest: N extends keyof H
    ? NoArguments extends DeclaredArguments<H, N>
      ? [args?: DeclaredArguments<H, N>, fallback?: T]
      : [args: DeclaredArguments<H, N>, fallback?: T]
    : [args?: Readonly<Record<string, unknown>>, fallback?: T]
) => Promise<N extends keyof H ? DeclaredResult<H, N> | NoInfer<T> : NoInfer<T>>;

export type ApplyHook<H> = [keyof H] extends [never] ? ApplyAnyHook : ApplyDeclaredHook<H>;
