import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Body, Imports, ModuleHandle } from './runner-compile.ts';
import { Evaluation, EvaluationRecord } from './runner-evaluate.ts';
import {
  isConstant,
  Linker,
  type ModuleGraph,
  type Origin,
  type ProgramFile,
  type ProgramModule,
} from './runner-link.ts';
import { createMeta } from './runner-meta.ts';
import { createFinalNamespace, createNamespace } from './runner-namespace.ts';

export type { ProgramFile } from './runner-link.ts';

/** Free variables of a file's code, by name. */
export type Globals = (path: string) => Readonly<Record<string, unknown>>;

type Namespace = Readonly<Record<string, unknown>>;

/**
 * Files that are compiled once and evaluated any number of times. To a program they are the ES modules that Node makes
 * of them: evaluation order, live bindings, cycles, top-level await, namespaces and errors are the same. Unlike Node's
 * modules, which stay for as long as the process, an instance is collected like any object.
 */
export class Program {
  readonly #linker: Linker;

  /**
   * @param files By absolute path; compiled when an import first reaches them.
   * @param resolved Paths of imports: by importing path, then specifier. What is not there is Node's to find.
   * @param library URLs by specifier: comex's own entry points.
   */
  constructor(
    files: ReadonlyMap<string, ProgramFile>,
    resolved: Readonly<Record<string, Readonly<Record<string, string>>>>,
    library: Readonly<Record<string, string>>,
  ) {
    this.#linker = new Linker(files, resolved, library);
  }

  /** A set of modules of its own. @param globals Asked once for each file that is evaluated. */
  instantiate(globals: Globals): ProgramInstance {
    return new ProgramInstance(this.#linker, globals);
  }
}

interface Loaded {
  readonly record: EvaluationRecord;
  readonly module: ProgramModule;
  readonly imports: Imports;
  readonly cells: Readonly<Record<string, () => unknown>>;
  /** Settles when a body that awaits is ready to be evaluated. */
  readonly ready: Promise<unknown> | undefined;
  namespace: Namespace | undefined;
}

/** The modules of a program as they are evaluated for one run. */
export class ProgramInstance {
  readonly #linker: Linker;
  readonly #globals: Globals;
  readonly #loaded = new Map<ProgramModule, Loaded>();
  readonly #evaluation: Evaluation;

  constructor(linker: Linker, globals: Globals) {
    this.#linker = linker;
    this.#globals = globals;
    this.#evaluation = new Evaluation((module, external) => linker.checkExternal(module, external));
  }

  /**
   * Evaluates a file and what it imports, unless this instance has done so, and gives its namespace.
   *
   * @throws What the code throws; ComexError `E_SYNTAX`; SyntaxError for an import of what is not exported.
   */
  async import(path: string): Promise<Namespace> {
    const graph = this.#linker.graph(path);
    const missing = graph.early.filter(({ loaded }) => !loaded);
    if (missing.length > 0) await Promise.all(missing.map((external) => external.load()));
    this.#load(graph);
    const starting = graph.modules.flatMap((module) => this.#loaded.get(module)!.ready ?? []);
    // Also a turn to wait when a module that is being evaluated asks: what it asks for may be evaluated next.
    await Promise.all(starting);
    const entry = graph.modules.at(-1)!;
    await this.#evaluation.evaluate(this.#loaded.get(entry)!.record);
    return this.#namespace(entry);
  }

  /** Sets up the modules of a graph that are not there yet, all or none: functions exist, variables wait. */
  #load(graph: ModuleGraph): void {
    if (!graph.checked) {
      for (const module of graph.modules) this.#linker.importsOf(module);
      graph.checked = true;
    }
    const added = graph.modules.filter((module) => !this.#loaded.has(module)).map((module) => this.#start(module));
    for (const loaded of added) this.#loaded.set(loaded.module, loaded);
    for (const { record, module, imports } of added) {
      record.dependencies = module.dependencies.map((each) =>
        'specifier' in each ? each : this.#loaded.get(each)!.record,
      );
      for (const [local, origin] of this.#linker.importsOf(module)) imports[local] = this.#cell(origin);
    }
  }

  #start(module: ProgramModule): Loaded {
    const imports = new ImportTable();
    if (module.compiled === undefined) {
      const value = parseJson(module);
      const record = new EvaluationRecord(module, () => undefined);
      return { record, module, imports, cells: { default: () => value }, ready: undefined, namespace: undefined };
    }
    const body = module.compiled.body(this.#globals(module.path), this.#linker.constantsOf(module));
    const handle = new Handle(this, module.path, this.#linker);
    const steps = Reflect.apply(body, undefined, [imports, handle]) as ReturnType<Body>;
    const first = steps.next();
    const ready = first instanceof Promise ? first : undefined;
    const execute = (): Promise<unknown> | undefined => {
      const rest = steps.next();
      return rest instanceof Promise ? rest : undefined;
    };
    const record = new EvaluationRecord(module, execute);
    return { record, module, imports, cells: handle.cells, ready, namespace: undefined };
  }

  #cell(origin: Origin): () => unknown {
    if ('external' in origin) return origin.external.cell(origin.name);
    const { module, name } = origin;
    return name === '*' ? () => this.#namespace(module) : this.#loaded.get(module)!.cells[name]!;
  }

  #namespace(module: ProgramModule): Namespace {
    const loaded = this.#loaded.get(module)!;
    if (loaded.namespace === undefined) {
      const exports = [...this.#linker.exportsOf(module)];
      const cells = new Map(exports.map(([name, origin]) => [name, this.#cell(origin)]));
      const isFinal = this.#isOver(module) && exports.every(([, origin]) => this.#isFinal(origin));
      loaded.namespace = isFinal ? createFinalNamespace(cells) : createNamespace(cells);
    }
    return loaded.namespace;
  }

  #isFinal(origin: Origin): boolean {
    return isConstant(origin) && 'module' in origin && this.#isOver(origin.module);
  }

  #isOver(module: ProgramModule): boolean {
    const { status, failure } = this.#loaded.get(module)!.record;
    return status === 'evaluated' && failure === undefined;
  }
}

/** Objects of one shape, without the names that every object has. */
const ImportTable = function ImportTable() {} as unknown as new () => Imports;
ImportTable.prototype = Object.create(null);

class Handle implements ModuleHandle {
  cells: Readonly<Record<string, () => unknown>> = {};
  readonly #instance: ProgramInstance;
  readonly #path: string;
  readonly #linker: Linker;
  #meta: Readonly<Record<string, unknown>> | undefined;

  constructor(instance: ProgramInstance, path: string, linker: Linker) {
    this.#instance = instance;
    this.#path = path;
    this.#linker = linker;
  }

  get meta(): Readonly<Record<string, unknown>> {
    this.#meta ??= createMeta(this.#path, (specifier) => {
      const target = this.#target(specifier);
      return target === undefined ? this.#linker.externals.urlOf(specifier) : pathToFileURL(target).href;
    });
    return this.#meta;
  }

  async load(specifier: unknown, options?: unknown): Promise<Namespace> {
    const text = `${specifier}`;
    const target = this.#target(text);
    if (target !== undefined) return this.#instance.import(target);
    return this.#linker.externals.import(this.#path, text, options);
  }

  named(value: object): void {
    Object.defineProperty(value, 'name', { value: 'default', configurable: true });
  }

  /** The program's file that an import names, also where only the run can tell. */
  #target(specifier: string): string | undefined {
    const known = this.#linker.target(this.#path, specifier);
    if (known !== undefined || !/^(?:\.{0,2}\/|file:)/.test(specifier)) return known;
    const path = fileURLToPath(new URL(specifier, pathToFileURL(this.#path)));
    return this.#linker.has(path) ? path : undefined;
  }
}

function parseJson(module: ProgramModule): unknown {
  try {
    return JSON.parse(module.json.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) error.message = `${module.path}: ${error.message}`;
    throw error;
  }
}
