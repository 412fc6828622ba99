import Module from 'node:module';

type Namespace = Readonly<Record<string, unknown>>;
type NativeImport = (specifier: string, options?: unknown) => Promise<Namespace>;

/** A module that is not of the program, such as a package: loaded once, when a module that imports it is evaluated. */
export class ExternalModule {
  readonly specifier: string;
  readonly #import: () => Promise<Namespace>;
  readonly #holder: { namespace?: Namespace } = {};
  readonly #cells = new Map<string, () => unknown>();
  #loading: Promise<void> | undefined;

  constructor(specifier: string, load: () => Promise<Namespace>) {
    this.specifier = specifier;
    this.#import = load;
  }

  get loaded(): boolean {
    return this.#holder.namespace !== undefined;
  }

  get isBuiltin(): boolean {
    return Module.isBuiltin(this.specifier);
  }

  /** The names of its exports; it has to be loaded. */
  get names(): readonly string[] {
    return Object.keys(this.#holder.namespace!);
  }

  has(name: string): boolean {
    return name === '*' || name in this.#holder.namespace!;
  }

  /** A failure is not kept: the next instance tries again, as Node does for what it could not find. */
  load(): Promise<void> {
    this.#loading ??= this.#import().then(
      (namespace) => {
        this.#holder.namespace = namespace;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  /** What reads an export; a function of its own for each name, so that the engine finds the name constant. */
  cell(name: string): () => unknown {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      const access = name === '*' ? '' : `[${JSON.stringify(name)}]`;
      cell = new Function('holder', `return () => holder.namespace${access}`)(this.#holder) as () => unknown;
      this.#cells.set(name, cell);
    }
    return cell;
  }
}

/** The externals of a program: the same one for every import that names the same module. */
export class ExternalModules {
  readonly #known = new Map<string, ExternalModule>();
  readonly #importers = new Map<string, NativeImport>();
  readonly #library: ReadonlyMap<string, string>;

  constructor(library: Readonly<Record<string, string>>) {
    this.#library = new Map(Object.entries(library));
  }

  /** The module that an import in a file names. */
  of(path: string, specifier: string, attributes: Readonly<Record<string, string>>): ExternalModule {
    const key = this.urlOf(specifier) ?? JSON.stringify([path, specifier, attributes]);
    let external = this.#known.get(key);
    if (external === undefined) {
      const options = Object.keys(attributes).length === 0 ? undefined : { with: attributes };
      external = new ExternalModule(specifier, () => this.import(path, specifier, options));
      this.#known.set(key, external);
    }
    return external;
  }

  /** Node's own `import()` as it works in a file: packages are looked for from there. */
  import(path: string, specifier: string, options?: unknown): Promise<Namespace> {
    let native = this.#importers.get(path);
    if (native === undefined) {
      native = nativeImport(path);
      this.#importers.set(path, native);
    }
    return native(this.#library.get(specifier) ?? specifier, options);
  }

  /** The URL of what needs no search: comex's own entry points and Node's modules. */
  urlOf(specifier: string): string | undefined {
    const own = this.#library.get(specifier);
    if (own !== undefined || !Module.isBuiltin(specifier)) return own;
    return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  }
}

/** A CommonJS module of that name does the import: of code that `node:vm` compiles, Node would warn. */
function nativeImport(path: string): NativeImport {
  const module = new Module(path) as Module & { _compile(code: string, path: string): void };
  module.filename = path;
  module._compile('module.exports=(s,o)=>import(s,o)', path);
  return module.exports as NativeImport;
}
