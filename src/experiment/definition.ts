/** What an experiment is after its source was read, before anything of it was run. */

/** A TypeScript type, as far as it can check and convert a parameter's value. */
export type ParameterType =
  | { readonly kind: 'number' | 'string' | 'boolean' | 'bigint' | 'null' | 'undefined' | 'date' | 'function' | 'any' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | bigint }
  | { readonly kind: 'union'; readonly members: readonly ParameterType[] }
  | { readonly kind: 'array'; readonly element: ParameterType }
  | { readonly kind: 'tuple'; readonly elements: readonly ParameterType[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, ObjectField>> }
  | { readonly kind: 'record'; readonly value: ParameterType }
  /** A type that the source alone does not tell, such as an imported one: everything passes. */
  | { readonly kind: 'opaque'; readonly text: string };

export interface ObjectField {
  readonly type: ParameterType;
  readonly optional: boolean;
}

/** A value that was worked out from the source without running it. */
export type StaticValue = { readonly known: true; readonly value: unknown } | { readonly known: false };

/** One parameter as its module declares it. */
export interface Declaration {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly type: ParameterType;
  /** The type for people: the annotation's text, or the inferred type. */
  readonly typeText: string;
  /** JSDoc text, else the line comment behind the declaration. */
  readonly doc?: string;
  /** JSDoc tags: `@unit ms` is `{ unit: 'ms' }`, `@secret` is `{ secret: '' }`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Source text of the initialiser; absent when there is none. */
  readonly defaultText?: string;
  /** Value of the initialiser where the source alone tells it (given the static values of the names it uses). */
  readonly defaultValue: StaticValue;
  /** Whether the initialiser itself awaits (not inside a nested function). */
  readonly awaits: boolean;
  /** Other parameters that the initialiser names, in nested functions too; in source order. */
  readonly uses: readonly string[];
  /** UPPERCASE names imported from other project files that the initialiser names, in nested functions too. */
  readonly usesImported: readonly ImportedName[];
  /** Whether the declaration has a type annotation of its own. */
  readonly annotated: boolean;
  readonly form: DeclarationForm;
}

/**
 * How a declaration stands to the same parameter of its parent: `plain` sets it, `fields` (an object literal) sets the
 * fields that it names, `replace` (`replace(...)`) sets all of it, `inherit` (`inherit(...)`) takes the parent's value.
 */
export type DeclarationForm = 'plain' | 'fields' | 'replace' | 'inherit';

/** A name that a module imports from another. */
export interface ImportedName {
  readonly specifier: string;
  /** The name that the other module exports. */
  readonly name: string;
}

/** A top-level constant that was computed from parameters: it does not follow `e.X = v`. */
export interface Copy {
  readonly name: string;
  readonly parameter: string;
  readonly line: number;
}

/** One import that the source names. */
export interface ImportReference {
  /** The specifier; null when it is computed at run time. */
  readonly specifier: string | null;
  readonly kind: 'static' | 'dynamic' | 'require';
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A place where the source applies hooks by a literal name. */
export interface HookPoint {
  readonly name: string;
  readonly line: number;
  /** JSDoc before the statement that applies it. */
  readonly doc?: string;
}

/** `export default extend('./parent.ts')`. */
export interface ExtendReference {
  readonly specifier: string;
  readonly line: number;
  /** Whether it has a main function of its own, the second argument. */
  readonly hasMain: boolean;
  /** Path in `extend<typeof import('./parent.ts'), …>` or in the alias that it names; absent when none is told. */
  readonly typed?: { readonly specifier: string; readonly line: number };
}

/** One path of `export const include = ['./mixin.ts']`. */
export interface IncludeReference {
  readonly specifier: string;
  readonly line: number;
}

/** One entry of `export const hooks = {...}`. */
export interface HookEntry {
  readonly name: string;
  readonly line: number;
  /** How it stands to what was registered before it; `point` only declares the hook: `hookPoint<Args>()`. */
  readonly mode: 'plain' | 'append' | 'prepend' | 'replace' | 'point';
  /** JSDoc before the entry. */
  readonly doc?: string;
}

/** An experiment module, read but not run. */
export interface ModuleSource {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly parameters: readonly Declaration[];
  readonly copies: readonly Copy[];
  readonly imports: readonly ImportReference[];
  readonly hookPoints: readonly HookPoint[];
  /** Whether every `applyHook` of the source has a literal name. */
  readonly hookPointsKnown: boolean;
  readonly extend?: ExtendReference;
  readonly include: readonly IncludeReference[];
  readonly hooks: readonly HookEntry[];
  /** Whether `hooks` tells all its entries: an object literal without spreads and computed keys, or no such export. */
  readonly hooksKnown: boolean;
  /** Literal paths in `e.run('./train.ts')`: experiments that it may run as children. */
  readonly runs: readonly IncludeReference[];
  /** Path in `type Self = typeof import('./x.ts')`, else in the type of the main function's `e`: `Experiment<…>`. */
  readonly selfImport?: IncludeReference;
  /** JSDoc of the module: the first block comment of the file when it is not attached to a declaration. */
  readonly description?: string;
  /** Names of the other exports, such as `testing`, `analysis`, `default`. */
  readonly exports: readonly string[];
  /** The value of a constant of the top that is no parameter, as far as the source alone tells it, and its line. */
  readonly constant: (name: string) => StaticValue & { readonly line: number };
  /** Names that the source uses but no declaration of it introduces, such as `__dirname` or `require`. */
  readonly free: readonly string[];
  /** Whether it has import or export statements (type-only ones count). */
  readonly isModule: boolean;
  /** The text with parameter declarations rewritten; lines unchanged. See `rewrite.ts`. */
  readonly rewritten: string;
  /**
   * `rewritten` with a check, `__comexUse("LR");`, before each top-level statement that names parameters directly: it
   * is to throw while one of them has no value. Lines unchanged. See `guards.ts`.
   */
  readonly guarded: string;
  /** Specifiers of `export * from '...'`: whether they bring in parameters takes reading those modules. */
  readonly starExports: readonly string[];
  /**
   * The values of all parameters, as far as the source alone tells them, when some of them are overridden; what is
   * derived from an overridden one follows, and what needs a withheld one is not known (of a withheld one itself, its
   * initialiser's value is told). A `replace` declaration gives the value inside, an `inherit` one is not known; fields
   * of an object may be `replace` markers: see `compose.ts`. Never throws; time and size are bounded.
   */
  readonly evaluate: (
    overrides: ReadonlyMap<string, unknown>,
    withheld?: ReadonlySet<string>,
  ) => ReadonlyMap<string, StaticValue>;
  /**
   * What the function of `inherit(fn)` gives for a value of the parent, when it is an arrow function with one plain
   * argument and an expression for a body that the source alone tells; the value itself for `inherit()`.
   */
  readonly inherited: (
    name: string,
    parent: unknown,
    overrides: ReadonlyMap<string, unknown>,
    withheld?: ReadonlySet<string>,
  ) => StaticValue;
}
