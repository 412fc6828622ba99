import type { Inheriting } from './extend.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;

type IsUnion<T, U = T> = [T] extends [never] ? false : T extends unknown ? ([U] extends [T] ? false : true) : never;

/** A single literal becomes its type (`0.01` is a number); unions of literals stay as they are. */
export type Widen<T> =
  IsAny<T> extends true
    ? T
    : [T] extends [boolean]
      ? boolean
      : IsUnion<T> extends true
        ? T
        : [T] extends [number]
          ? number
          : [T] extends [string]
            ? string
            : [T] extends [bigint]
              ? bigint
              : T;

type ParameterKey<K> = K extends string
  ? K extends Uppercase<K>
    ? K extends Lowercase<K>
      ? never
      : K
    : never
  : never;

type OwnParameters<M> = { -readonly [K in keyof M as ParameterKey<K>]: Widen<M[K]> };

/** The parameters of a module and of all that it extends, where its type tells them. */
export type ChainParameters<M> =
  M extends Inheriting<{ readonly parameters: infer Inherited }> ? Merged<M, Inherited> : OwnParameters<M>;

/**
 * The parameters of an experiment module: its UPPERCASE exports, widened and writable. With the module that it extends:
 * those of both, and of all that one extends.
 *
 * @example
 * ```ts
 * import type { ParametersOf } from 'comex';
 *
 * type P = ParametersOf<{ readonly EPOCHS: 20; readonly MODE: 'sgd' | 'adam'; default: () => void }>;
 * const p: P = { EPOCHS: 3, MODE: 'adam' };
 * console.log(p.EPOCHS); // 3
 * ```
 */
export type ParametersOf<M, Parent = unknown> = unknown extends Parent
  ? OwnParameters<M>
  : Merged<M, ChainParameters<Parent>>;

type Merged<M, Inherited> = {
  [K in keyof Inherited | keyof OwnParameters<M>]: K extends keyof M
    ? K extends keyof Inherited
      ? Overridden<M[K], Inherited[K]>
      : Widen<M[K]>
    : K extends keyof Inherited
      ? Inherited[K]
      : never;
};

/** What a parameter is that both have: the parent's type, unless the child's own says more. */
type Overridden<Own, Theirs> =
  IsAny<Own> extends true
    ? Theirs
    : IsAny<Theirs> extends true
      ? Widen<Own>
      : [Own] extends [Theirs]
        ? Widen<Own> extends Own
          ? [Fields<Own>] extends [never]
            ? Own
            : Theirs
          : Theirs
        : [Fields<Own>] extends [never]
          ? Widen<Own>
          : [Fields<Theirs>] extends [never]
            ? Own
            : Theirs;

type NoFields = readonly unknown[] | ((...args: never[]) => unknown) | Date | ReadonlyMap<never, unknown> | Uint8Array;

/** Those members of a type that are trees: objects that are set field by field. */
type Fields<T> = T extends object ? (T extends NoFields ? never : T) : never;

/** The type of a field in any of the branches that have it. */
type FieldOf<T, F> = T extends unknown ? (F extends keyof T ? T[F] : never) : never;

type FieldNames<T> = T extends unknown ? keyof T : never;

/** What an override has to fit: literals widened on both sides, of a tree any of the fields of any of its branches. */
type Fitting<Own, Theirs> =
  IsAny<Own> extends true
    ? Own
    : IsAny<Theirs> extends true
      ? Own
      : [Fields<Own>] extends [never]
        ? Loosely<Theirs>
        : [Fields<Theirs>] extends [never]
          ? Theirs
          : {
              readonly [F in keyof Own]: F extends FieldNames<Fields<Theirs>>
                ? FittingField<Own[F], Widen<FieldOf<Fields<Theirs>, F>>>
                : 'is no field of the parent';
            };

/** The source `{ kind: 'cnn' }` has the type `{ kind: string }`: the runner checks such a text, the compiler cannot. */
type FittingField<Own, Theirs> = [Own] extends [string | number]
  ? [Theirs & Own] extends [never]
    ? Theirs
    : Own extends Widen<Own>
      ? Widen<Own> extends Own
        ? Own
        : Theirs
      : Theirs
  : Fitting<Own, Theirs>;

/** Parameters are frozen: a tuple `as const` is as good as an array. */
type Loosely<T> = T extends readonly unknown[] ? Readonly<T> : T;

/** What the exports of a module must fit when it extends another. */
export type Overrides<Self, Parent> = {
  readonly [K in keyof ChainParameters<Parent> & keyof Self]: Fitting<Self[K], ChainParameters<Parent>[K]>;
};

/** Some of the fields, at every depth. */
type Partially<T> = [Fields<T>] extends [never] ? Loosely<T> : Some<T>;
type Some<T> = T extends NoFields ? Readonly<T> : T extends object ? { readonly [F in keyof T]?: Partially<T[F]> } : T;

/** Values for the parameters of a module: by name, or by dotted path of a field. */
export type GivenParameters<M> = unknown extends M
  ? Readonly<Record<string, unknown>>
  : { readonly [K in keyof ChainParameters<M>]?: Partially<ChainParameters<M>[K]> } & {
      readonly [special: `__${string}__`]: unknown;
    } & { readonly [field: `${string}.${string}`]: unknown };
