import { type CompiledModule, compileModule } from './runner-compile.ts';
import { type ExternalModule, ExternalModules } from './runner-external.ts';
import type { ImportedName } from './runner-syntax.ts';

/** A file of a program. */
export interface ProgramFile {
  readonly path: string;
  readonly format: 'module' | 'json';
  /** TypeScript, JavaScript or JSON. */
  readonly source: string;
  /** Whether imports that only types use stay, as with `verbatimModuleSyntax`. */
  readonly keepImports: boolean;
}

/** Where the value of a name is: a variable of a module, a module's namespace (`*`), or an external's export. */
export type Origin =
  | { readonly module: ProgramModule; readonly name: string }
  | { readonly external: ExternalModule; readonly name: string };

/** A module of a program: what all instances have in common. */
export interface ProgramModule {
  readonly path: string;
  /** Undefined for JSON. */
  readonly compiled: CompiledModule | undefined;
  /** The text of JSON. */
  readonly json: string;
  /** What it imports, in source order. */
  readonly dependencies: readonly (ProgramModule | ExternalModule)[];
  /** Externals by specifier. */
  readonly externals: ReadonlyMap<string, ExternalModule>;
}

/** Modules that are reached from one of them by static imports. */
export interface ModuleGraph {
  /** Each behind what it imports, as far as there is no cycle. */
  readonly modules: readonly ProgramModule[];
  /** What has to be loaded before names can be resolved, or may be because nothing can tell. */
  readonly early: readonly ExternalModule[];
  checked: boolean;
}

type Draft = ProgramModule & { readonly dependencies: (ProgramModule | ExternalModule)[] };
const CONFLICT = Symbol('conflicting star exports');

/** Compiles the files of a program as they are asked for, and tells which name stands for what. */
export class Linker {
  readonly externals: ExternalModules;
  readonly #files: ReadonlyMap<string, ProgramFile>;
  readonly #resolved: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly #modules = new Map<string, ProgramModule>();
  readonly #graphs = new Map<string, ModuleGraph>();
  readonly #names = new Map<ProgramModule, ReadonlyMap<string, Origin>>();
  readonly #imports = new Map<ProgramModule, ReadonlyArray<readonly [string, Origin]>>();

  readonly #constants = new Map<ProgramModule, ReadonlySet<string>>();

  constructor(
    files: ReadonlyMap<string, ProgramFile>,
    resolved: Readonly<Record<string, Readonly<Record<string, string>>>>,
    library: Readonly<Record<string, string>>,
  ) {
    this.#files = files;
    this.#resolved = resolved;
    this.externals = new ExternalModules(library);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** The path of the program's file that an import names. */
  target(path: string, specifier: string): string | undefined {
    const known = this.#resolved[path];
    const target = known !== undefined && Object.hasOwn(known, specifier) ? known[specifier] : undefined;
    return target !== undefined && this.#files.has(target) ? target : undefined;
  }

  graph(entry: string): ModuleGraph {
    let graph = this.#graphs.get(entry);
    if (graph === undefined) {
      graph = graphOf(this.#module(entry));
      this.#graphs.set(entry, graph);
    }
    return graph;
  }

  /**
   * The names that a module has of others, and where their values are.
   *
   * @throws SyntaxError for a name that its module does not export.
   */
  importsOf(module: ProgramModule): ReadonlyArray<readonly [string, Origin]> {
    let found = this.#imports.get(module);
    if (found === undefined) {
      const { exports = [], imports = [] } = module.compiled ?? {};
      for (const [, exported] of exports) if (!('local' in exported)) this.#imported(module, exported);
      found = [...imports].map(([local, imported]) => [local, this.#imported(module, imported)] as const);
      this.#imports.set(module, found);
    }
    return found;
  }

  /** Imported names whose values are there and final when the body of a module begins. */
  constantsOf(module: ProgramModule): ReadonlySet<string> {
    let found = this.#constants.get(module);
    if (found === undefined) {
      // In a cycle, functions may be called and namespaces read before the body begins.
      const imports = isInCycle(module) ? [] : this.importsOf(module);
      found = new Set(imports.filter(([, origin]) => isConstant(origin)).map(([local]) => local));
      this.#constants.set(module, found);
    }
    return found;
  }

  /** The exports of a module with where their values are, in the order of a namespace. */
  exportsOf(module: ProgramModule): ReadonlyMap<string, Origin> {
    let found = this.#names.get(module);
    if (found === undefined) {
      const names = [...this.#exportedNames(module, new Set())].sort();
      const origins = names.map((name) => [name, this.#origin(module, name, new Set())] as const);
      found = new Map(origins.filter((entry): entry is readonly [string, Origin] => typeof entry[1] === 'object'));
      this.#names.set(module, found);
    }
    return found;
  }

  /** Fails for a name that a module wants of an external that has been loaded and does not export it. */
  checkExternal(module: ProgramModule, external: ExternalModule): void {
    const { imports, exports } = module.compiled!;
    for (const wanted of [...imports.values(), ...exports.values()]) {
      if ('local' in wanted || module.externals.get(wanted.specifier) !== external) continue;
      if (!external.has(wanted.name)) throw missing(module, wanted);
    }
  }

  #module(path: string): ProgramModule {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`Expected a file of the program, got ${path}.`);
    const isJson = file.format === 'json';
    const compiled = isJson ? undefined : compileModule(path, file.source, file.keepImports);
    const externals = new Map<string, ExternalModule>();
    const draft: Draft = { path, compiled, json: isJson ? file.source : '', dependencies: [], externals };
    this.#modules.set(path, draft);
    try {
      for (const { specifier, attributes } of compiled?.requests ?? []) {
        const target = this.target(path, specifier);
        const dependency = target === undefined ? this.externals.of(path, specifier, attributes) : this.#module(target);
        draft.dependencies.push(dependency);
        if ('specifier' in dependency) externals.set(specifier, dependency);
      }
    } catch (error) {
      this.#modules.delete(path);
      throw error;
    }
    return draft;
  }

  #dependency(module: ProgramModule, specifier: string): ProgramModule | ExternalModule {
    return module.externals.get(specifier) ?? this.#module(this.target(module.path, specifier)!);
  }

  #imported(module: ProgramModule, imported: ImportedName): Origin {
    const dependency = this.#dependency(module, imported.specifier);
    // An external may still have to be loaded: checkExternal.
    if ('specifier' in dependency) return { external: dependency, name: imported.name };
    const origin = this.#origin(dependency, imported.name, new Set());
    if (origin === undefined) throw missing(module, imported);
    if (origin !== CONFLICT) return origin;
    const { specifier, name } = imported;
    const text = `The requested module '${specifier}' contains conflicting star exports for name '${name}'`;
    throw linkError(module, imported, text);
  }

  #origin(module: ProgramModule, name: string, seen: Set<string>): Origin | typeof CONFLICT | undefined {
    if (name === '*') return { module, name };
    const key = JSON.stringify([module.path, name]);
    if (seen.has(key)) return undefined;
    seen.add(key);
    if (module.compiled === undefined) return name === 'default' ? { module, name } : undefined;
    const { exports, stars } = module.compiled;
    const exported = exports.get(name);
    if (exported !== undefined) {
      if ('local' in exported) return { module, name };
      const dependency = this.#dependency(module, exported.specifier);
      if ('specifier' in dependency) return { external: dependency, name: exported.name };
      return this.#origin(dependency, exported.name, seen);
    }
    if (name === 'default') return undefined;
    let found: Origin | undefined;
    for (const specifier of stars) {
      const dependency = this.#dependency(module, specifier);
      const isExternal = 'specifier' in dependency;
      const origin = isExternal ? externalOrigin(dependency, name) : this.#origin(dependency, name, seen);
      if (origin === CONFLICT) return CONFLICT;
      if (origin === undefined) continue;
      if (found !== undefined && !isSame(found, origin)) return CONFLICT;
      found = origin;
    }
    return found;
  }

  #exportedNames(module: ProgramModule, seen: Set<ProgramModule>): Set<string> {
    if (seen.has(module)) return new Set();
    seen.add(module);
    if (module.compiled === undefined) return new Set(['default']);
    const names = new Set(module.compiled.exports.keys());
    for (const specifier of module.compiled.stars) {
      const dependency = this.#dependency(module, specifier);
      const more = 'specifier' in dependency ? dependency.names : this.#exportedNames(dependency, seen);
      for (const name of more) if (name !== 'default') names.add(name);
    }
    return names;
  }
}

function graphOf(entry: ProgramModule): ModuleGraph {
  const modules = new Set<ProgramModule>();
  const early = new Set<ExternalModule>();
  const seen = new Set<ProgramModule>();
  const visit = (module: ProgramModule): void => {
    if (seen.has(module)) return;
    seen.add(module);
    const stars = module.compiled?.stars ?? [];
    for (const [specifier, external] of module.externals) {
      if (external.isBuiltin || stars.includes(specifier)) early.add(external);
    }
    for (const dependency of module.dependencies) if (!('specifier' in dependency)) visit(dependency);
    modules.add(module);
  };
  visit(entry);
  return { modules: [...modules], early: [...early], checked: false };
}

function isInCycle(module: ProgramModule): boolean {
  const seen = new Set<ProgramModule>();
  const reaches = (from: ProgramModule): boolean =>
    from.dependencies.some((dependency) => {
      if ('specifier' in dependency || seen.has(dependency)) return false;
      seen.add(dependency);
      return dependency === module || reaches(dependency);
    });
  return reaches(module);
}

/** Whether the value of a name is final once its module is evaluated; of an external nothing is known. */
export function isConstant(origin: Origin): boolean {
  if ('external' in origin) return false;
  return origin.name === '*' || (origin.module.compiled?.isConstant(origin.name) ?? true);
}

function externalOrigin(external: ExternalModule, name: string): Origin | undefined {
  return external.has(name) ? { external, name } : undefined;
}

function isSame(one: Origin, other: Origin): boolean {
  if ('module' in one) return 'module' in other && one.module === other.module && one.name === other.name;
  // Of two packages nothing tells whether it is the same variable; the same value comes closest.
  return 'external' in other && one.external.cell(one.name)() === other.external.cell(other.name)();
}

function missing(module: ProgramModule, imported: ImportedName): SyntaxError {
  const { specifier, name } = imported;
  return linkError(module, imported, `The requested module '${specifier}' does not provide an export named '${name}'`);
}

/** Its stack names the import: no code of the module is running. */
function linkError(module: ProgramModule, imported: ImportedName, message: string): SyntaxError {
  const error = new SyntaxError(message);
  error.stack = `SyntaxError: ${message}\n    at ${module.path}:${module.compiled!.place(imported)}`;
  return error;
}
