import { ComexError } from '../errors.ts';
import type { Definition } from './define.ts';
import { Loader } from './load/install.ts';
import { needsTsx } from './load/plain.ts';
import { type LoadPlan, pinnedUrl } from './load/plan.ts';
import { transformPlain, withCommonNames } from './load/transform.ts';
import type { ParameterScope } from './scope.ts';

/** Which way a module is loaded: `auto` takes the short way where it gives the same program. */
export type LoadWay = 'auto' | 'plain' | 'tsx';

/** An experiment module as it was evaluated for one run. */
export interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
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
type Instances = Map<string, Entry>;

let loader: Loader | undefined;

/**
 * Evaluates an experiment module, with project files of its own: another instance in the same process shares nothing
 * with it but installed packages. Its parameters get their values from the scope, and follow it from then on.
 *
 * @param onLate Called with each project file that only a computed import led to.
 */
export async function instantiate(
  definition: Definition,
  scope: ParameterScope,
  onLate: (path: string) => void,
  way: LoadWay = chosenWay(),
): Promise<Instance> {
  const instances = allInstances();
  const id = String(instances.size + 1);
  instances.set(id, { scope, onLate });
  const tsx = way === 'tsx' || (way === 'auto' && needsTsx(definition.closure, definition.tsconfigs) !== undefined);
  loader ??= new Loader((late, path) => allInstances().get(late)?.onLate(path));
  await loader.add(planOf(definition, id, tsx));
  const exports = (await import(pinnedUrl(definition.path, id))) as Record<string, unknown>;
  return { exports, way: tsx ? 'tsx' : 'plain' };
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
    if (entry.scope === scope) instances.set(id, { scope, onLate: () => {} });
  }
}

/** The main function of an experiment. */
export function mainOf(instance: Instance, shown: string): (e: unknown) => unknown {
  const main = instance.exports['default'];
  if (typeof main === 'function') return main as (e: unknown) => unknown;
  throw new ComexError('E_EXPERIMENT', `${shown}: Expected the default export to be a function, got ${typeof main}.`);
}

function planOf(definition: Definition, id: string, tsx: boolean): LoadPlan {
  const sources: Record<string, LoadPlan['sources'][string]> = {};
  const resolved: Record<string, Record<string, string>> = {};
  for (const file of definition.closure.values()) {
    resolved[file.path] = Object.fromEntries(file.resolved);
    const isJson = file.path.endsWith('.json');
    if (file.path.endsWith('.d.ts') || /\.c[jt]s$/.test(file.path)) continue;
    if (!isJson && !file.isModule && !file.path.endsWith('.mjs') && !file.path.endsWith('.mts')) continue;
    const isEntry = file.path === definition.path;
    const text = withCommonNames(isEntry ? definition.module.rewritten + declarer(id) : file.text);
    const keepImports = definition.tsconfigs.options(file.path).verbatimModuleSyntax === true;
    if (isJson) sources[file.path] = { format: 'json', source: file.text };
    else if (!tsx) sources[file.path] = transformPlain(file.path, text, keepImports);
    else sources[file.path] = { format: 'module', source: text };
  }
  const library = {
    comex: new URL('./index.js', import.meta.url).href,
    'comex/archive': new URL('./archive.js', import.meta.url).href,
    'comex/chart': new URL('./chart.js', import.meta.url).href,
  };
  return { id, tsx, sources, resolved, library };
}

/** What the rewritten declarations of a module call; a function declaration, so that it is there from the first line. */
function declarer(id: string): string {
  return `\nfunction __comex(n,t,s){return globalThis[Symbol.for("comex.instances")].get("${id}").scope.declare(n,t,s)}`;
}

function allInstances(): Instances {
  const holder = globalThis as { [INSTANCES]?: Instances };
  holder[INSTANCES] ??= new Map();
  return holder[INSTANCES];
}
