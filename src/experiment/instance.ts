import { basename, relative, sep } from 'node:path';
import { ComexError } from '../errors.ts';
import { isConfigPath } from './chain.ts';
import type { Definition } from './define.ts';
import { type ProjectFile, readClosure } from './load/closure.ts';
import { Loader } from './load/install.ts';
import { needsTsx } from './load/plain.ts';
import { type LoadPlan, pinnedUrl } from './load/plan.ts';
import { Tsconfigs } from './load/resolve.ts';
import type { Program, ProgramFile } from './load/runner.ts';
import { transformPlain, withCommonNames } from './load/transform.ts';
import type { ParameterScope } from './scope.ts';

/** Which way a module is loaded: `auto` takes the short way where it gives the same program. */
export type LoadWay = 'auto' | 'plain' | 'tsx';

/** A module as it was evaluated for one run. */
export interface EvaluatedModule {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** An experiment as it was evaluated for one run. */
export interface Instance {
  /** The module and its parents, the root last. */
  readonly modules: readonly EvaluatedModule[];
  /** In the order included. */
  readonly mixins: ReadonlyArray<EvaluatedModule & { readonly given: boolean }>;
  /** How it was loaded. */
  readonly way: 'plain' | 'tsx';
}

interface Entry {
  readonly scope: ParameterScope;
  readonly onLate: (path: string) => void;
}

/**
 * The instances of this process, by id. On globalThis, because a process may hold two copies of comex (an experiment
 * compiled to CommonJS gets one of its own), and the declarations of a module must reach the copy that runs it.
 */
const INSTANCES = Symbol.for('comex.instances');
type Instances = Map<string, Entry> & { next: number };

let loader: Loader | undefined;

/**
 * Evaluates an experiment: its module, its parents up to the root, its mixins, with project files of their own: another
 * instance in the same process shares nothing with it but installed packages. Its parameters get their values from the
 * scope, and follow it from then on.
 *
 * @param onLate Called with each project file that only a computed import led to.
 */
export async function instantiate(
  definition: Definition,
  scope: ParameterScope,
  onLate: (path: string) => void,
  way: LoadWay = chosenWay(),
): Promise<Instance> {
  const id = String(allInstances().next++);
  allInstances().set(id, { scope, onLate });
  const tsx = way === 'tsx' || (way === 'auto' && needsTsx(definition.closure, definition.tsconfigs) !== undefined);
  loader ??= new Loader((late, path) => allInstances().get(late)?.onLate(path));
  await loader.add(planOf(definition, id, tsx));
  const load = async (path: string): Promise<Exports> => (await import(pinnedUrl(path, id))) as Exports;
  return { ...(await evaluateChain(definition, scope, load)), way: tsx ? 'tsx' : 'plain' };
}

/** The compiled files of definitions that are run many times. */
const programs = new WeakMap<Definition, Program>();

/**
 * The same for a definition that is run again and again: its files are compiled once, and what a run evaluated goes with
 * it, where Node would keep every module for ever. What needs tsx is loaded as in `instantiate`.
 */
export async function instantiateAgain(
  definition: Definition,
  scope: ParameterScope,
  onLate: (path: string) => void,
): Promise<Instance> {
  const way = chosenWay();
  if (way !== 'auto' || needsTsx(definition.closure, definition.tsconfigs) !== undefined) {
    return await instantiate(definition, scope, onLate, way);
  }
  let program = programs.get(definition);
  if (program === undefined) {
    const { Program } = await import('./load/runner.ts');
    program = programOf(definition, Program);
    programs.set(definition, program);
  }
  const instance = program.instantiate((path) => ({
    __comex: (name: string, thunk: (() => unknown) | undefined, setter: (value: unknown) => void) =>
      scope.declare(path, name, thunk, setter),
    __comexUse: (...names: string[]) => scope.use(path, names),
  }));
  return { ...(await evaluateChain(definition, scope, (path) => instance.import(path))), way: 'plain' };
}

type Exports = Readonly<Record<string, unknown>>;

/** Evaluates the modules, the child before its parents, then the mixins. */
async function evaluateChain(
  { chain }: Definition,
  scope: ParameterScope,
  load: (path: string) => Promise<Exports>,
): Promise<Pick<Instance, 'modules' | 'mixins'>> {
  const modules: EvaluatedModule[] = [];
  for (const { path } of chain.modules) modules.push({ path, exports: await load(path) });
  const mixins: Array<EvaluatedModule & { given: boolean }> = [];
  for (const { module, given } of chain.mixins) {
    const { path } = module;
    const exports = await load(path).catch((cause: unknown) => {
      throw mixinError(path, cause);
    });
    mixins.push({ path, exports, given });
  }
  await scope.complete();
  return { modules, mixins };
}

/** Imports a module of the project that belongs to no run, such as a plugin. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const tsconfigs = new Tsconfigs();
  const closure = readClosure(path, tsconfigs);
  const id = String(allInstances().next++);
  const tsx = needsTsx(closure, tsconfigs) !== undefined;
  loader ??= new Loader((late, file) => allInstances().get(late)?.onLate(file));
  await loader.add(planOf({ chain: { configs: [], modules: [], mixins: [], closure }, closure, tsconfigs }, id, tsx));
  return (await import(pinnedUrl(path, id))) as Record<string, unknown>;
}

/** A mixin that throws while it is loaded is no fault of the experiment: one sentence says whose. */
function mixinError(path: string, cause: unknown): ComexError {
  const file = relative(process.cwd(), path).split(sep).join('/');
  const message = cause instanceof Error ? cause.message : String(cause);
  const line =
    cause instanceof Error
      ? new RegExp(`${basename(path).replace(/\W/g, '\\$&')}[^:\\s]*:(\\d+)`).exec(cause.stack ?? '')?.[1]
      : undefined;
  const place = line === undefined ? file : `${file}:${line}`;
  return new ComexError('E_MIXIN', `${place}: The mixin could not be loaded: ${message.split('\n')[0]}`, { cause });
}

/** `COMEX_LOADER=tsx` takes the long way for everything, `plain` the short one: for telling a fault of a loader. */
function chosenWay(): LoadWay {
  const chosen = process.env['COMEX_LOADER'] ?? 'auto';
  if (chosen === 'auto' || chosen === 'plain' || chosen === 'tsx') return chosen;
  throw new ComexError('E_USAGE', `Expected COMEX_LOADER to be auto, plain or tsx, got "${chosen}".`);
}

/** Lets go of what the finished instances hold. Their modules stay: Node never unloads one. */
export function release(scope: ParameterScope): void {
  const instances = allInstances();
  for (const [id, entry] of instances) {
    if (entry.scope !== scope) continue;
    instances.delete(id);
    loader?.drop(id);
  }
}

/** What a program is made of. */
type Files = Pick<Definition, 'chain' | 'closure' | 'tsconfigs'>;

/** Each file that Node does not load by itself, with the text to be evaluated: parameter declarations rewritten. */
function* textsOf({
  chain,
  closure,
}: Files): Generator<{ readonly file: ProjectFile; readonly text: string; readonly isChain: boolean }> {
  const modules = new Map(
    [...chain.modules, ...chain.mixins.map(({ module }) => module)].map((each) => [each.path, each]),
  );
  // Where nothing waits for a parent, there is nothing to guard.
  const guards = modules.size > 1;
  for (const file of closure.values()) {
    const isJson = file.path.endsWith('.json');
    if (file.path.endsWith('.d.ts') || /\.c[jt]s$/.test(file.path) || isConfigPath(file.path)) continue;
    if (!isJson && !file.isModule && !file.path.endsWith('.mjs') && !file.path.endsWith('.mts')) continue;
    const module = modules.get(file.path);
    const rewritten = guards ? module?.guarded : module?.rewritten;
    yield { file, text: rewritten ?? file.text, isChain: rewritten !== undefined };
  }
}

function planOf(files: Files, id: string, tsx: boolean): LoadPlan {
  const sources: Record<string, LoadPlan['sources'][string]> = {};
  for (const { file, text: own, isChain } of textsOf(files)) {
    const { path } = file;
    const text = withCommonNames(isChain ? own + declarer(id, path) : own);
    if (path.endsWith('.json')) sources[path] = { format: 'json', source: own };
    else if (!tsx) sources[path] = transformPlain(path, text, keepsImports(files, path));
    else sources[path] = { format: 'module', source: text };
  }
  return { id, tsx, sources, resolved: resolvedOf(files), library: library() };
}

function programOf(files: Files, Program: typeof import('./load/runner.ts').Program): Program {
  const sources = new Map<string, ProgramFile>();
  for (const { file, text } of textsOf(files)) {
    const { path } = file;
    const format = path.endsWith('.json') ? 'json' : 'module';
    const source = format === 'json' ? text : withCommonNames(text);
    sources.set(path, { path, format, source, keepImports: keepsImports(files, path) });
  }
  return new Program(sources, resolvedOf(files), library());
}

function keepsImports({ tsconfigs }: Files, path: string): boolean {
  return tsconfigs.options(path).verbatimModuleSyntax === true;
}

function resolvedOf({ closure }: Files): Record<string, Record<string, string>> {
  return Object.fromEntries([...closure.values()].map(({ path, resolved }) => [path, Object.fromEntries(resolved)]));
}

/** comex's own entry points: an experiment gets the copy that runs it. */
function library(): Record<string, string> {
  return {
    comex: new URL('./index.js', import.meta.url).href,
    'comex/archive': new URL('./archive.js', import.meta.url).href,
    'comex/chart': new URL('./chart.js', import.meta.url).href,
  };
}

/**
 * What the rewritten declarations of a module call, and what stands before statements that use a parameter at once;
 * function declarations, so that they are there from the first line. A run that is over changes nothing any more.
 */
function declarer(id: string, path: string): string {
  const scope = `globalThis[Symbol.for("comex.instances")].get("${id}").scope`;
  const file = JSON.stringify(path);
  return `\nfunction __comex(n,t,s){return ${scope}.declare(${file},n,t,s)}function __comexUse(...n){${scope}.use(${file},n)}`;
}

function allInstances(): Instances {
  const holder = globalThis as { [INSTANCES]?: Instances };
  holder[INSTANCES] ??= Object.assign(new Map<string, Entry>(), { next: 1 });
  return holder[INSTANCES];
}
