import type { Node, Program, VariableDeclaration, VariableDeclarator } from 'oxc-parser';
import type { Scope } from './scope-record.ts';
import { ScopeWalk } from './scope-walk.ts';

/** What introduces a value name at the top of a module. */
export type Binding =
  | { readonly kind: 'function' | 'class' | 'enum' | 'import' | 'namespace'; readonly start: number }
  | {
      readonly kind: 'variable';
      readonly start: number;
      readonly declaration: VariableDeclaration;
      readonly declarator: VariableDeclarator;
    };

/** A place where a name of the module's top is used as a value. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  /** Whether it is the target of an assignment. */
  readonly write: boolean;
  /** Whether it stands in a function, method or class field, which run later or never. */
  readonly nested: boolean;
}

/** Which name means what in a module. */
export interface Scopes {
  /** Value names declared at the top, types and `declare` left out. Several bindings of a name are an error or overloads. */
  readonly top: ReadonlyMap<string, readonly Binding[]>;
  /** Names at the top that exist for the type checker only: aliases, interfaces, type imports, `declare`. */
  readonly typeNames: ReadonlySet<string>;
  /** Those of them that are variables with `declare`. */
  readonly ambientVariables: ReadonlySet<string>;
  /** Uses of names of the top, in source order. */
  readonly references: readonly Reference[];
  /** Names used as values that nothing in the file declares, in order of first use. */
  readonly free: readonly string[];
  /** Offsets of `await` outside functions. */
  readonly awaits: readonly number[];
  /** Names of the top whose object is changed in place somewhere: `X.a = 1`, `X.push(1)`. */
  readonly mutated: ReadonlySet<string>;
  /** Calls of `require` that no inner declaration shadows, and `import()`. */
  readonly loads: ReadonlyArray<{
    readonly kind: 'dynamic' | 'require';
    readonly argument: Node | undefined;
    readonly start: number;
  }>;
}

/** Resolves every name of a module. */
export function analyseScopes(program: Program): Scopes {
  const walk = new ScopeWalk();
  walk.program(program);
  const { found } = walk;
  const references: Reference[] = [];
  const free = new Set<string>();
  for (const { name, start, write, scope } of found.uses.sort((a, b) => a.start - b.start)) {
    const owner = owningScope(name, scope);
    if (owner === found.top) references.push({ name, start, write, nested: scope.nested });
    else if (owner === undefined) free.add(name);
  }
  const mutated = new Set<string>();
  for (const { name, scope } of found.mutations) if (owningScope(name, scope) === found.top) mutated.add(name);
  const loads = found.loads.filter(({ kind, scope }) => {
    const owner = kind === 'require' ? owningScope('require', scope) : undefined;
    // A `require` at the top is one made by createRequire.
    return owner === undefined || owner === found.top;
  });
  return {
    top: found.bindings,
    typeNames: found.typeNames,
    ambientVariables: found.ambientVariables,
    references,
    free: [...free],
    awaits: found.awaits,
    mutated,
    loads: loads.map(({ kind, argument, start }) => ({ kind, argument, start })),
  };
}

function owningScope(name: string, from: Scope): Scope | undefined {
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent) {
    if (scope.names.has(name)) return scope;
  }
  return undefined;
}
