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

/** An experiment module, read but not run. */
export interface ModuleSource {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly parameters: readonly Declaration[];
  readonly copies: readonly Copy[];
  readonly imports: readonly ImportReference[];
  readonly hookPoints: readonly HookPoint[];
  /** JSDoc of the module: the first block comment of the file when it is not attached to a declaration. */
  readonly description?: string;
  /** Names of the other exports, such as `testing`, `analysis`, `default`. */
  readonly exports: readonly string[];
  /** Names that the source uses but no declaration of it introduces, such as `__dirname` or `require`. */
  readonly free: readonly string[];
  /** Whether it has import or export statements (type-only ones count). */
  readonly isModule: boolean;
  /** The text with parameter declarations rewritten; lines unchanged. See `rewrite.ts`. */
  readonly rewritten: string;
  /** Specifiers of `export * from '...'`: whether they bring in parameters takes reading those modules. */
  readonly starExports: readonly string[];
  /**
   * The values of all parameters, as far as the source alone tells them, when some of them are overridden; what is
   * derived from an overridden one follows. Never throws; time and size are bounded.
   */
  readonly evaluate: (overrides: ReadonlyMap<string, unknown>) => ReadonlyMap<string, StaticValue>;
}
