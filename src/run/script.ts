import { realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setField } from '../codec/own-field.ts';
import { ComexError, didYouMean, kindOf } from '../errors.ts';
import type { Definition, KnownParameter, Resolved } from '../experiment/define.ts';
import type { ModuleSource } from '../experiment/definition.ts';
import { checked, type GivenParameter } from '../experiment/given.ts';
import { type Closure, readClosure } from '../experiment/load/closure.ts';
import { isProjectPath, resolveImport, Tsconfigs } from '../experiment/load/resolve.ts';
import type { Parameter } from '../experiment/parameter.ts';
import type { Project } from '../experiment/project.ts';
import { isParameterName, upperSnake } from '../experiment/source/tree.ts';
import { typeText } from '../experiment/source/type-text.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from '../experiment/special.ts';

/** The special parameters that mean nothing to a script: it has no modules to include, and names its run itself. */
const NOT_FOR_SCRIPTS: readonly string[] = ['__INCLUDE__', '__NAMESPACE__'];
/** What stands in the metadata for a script that is in no file. */
export const NO_FILE = '[eval]';

/** What is said of a run that a script opens. */
export interface ScriptRun {
  readonly project: Project;
  readonly namespace: string;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * The file of the script that was started; where that is a package's program (a test runner), the file that calls.
 * Undefined for code that is in no file, as of `node --eval`.
 *
 * @param callers the stack of the call
 */
export function findScript(callers: readonly NodeJS.CallSite[]): string | undefined {
  const started = process.argv[1];
  const found = started === undefined ? undefined : fileAt(started);
  if (found !== undefined && isProjectPath(found)) return found;
  for (const site of callers) {
    const name = site.getFileName() ?? '';
    const url = name.startsWith('file:') ? name : pathToFileURL(name).href;
    if (name === '' || name.startsWith('node:') || url.startsWith(new URL('.', import.meta.url).href)) continue;
    const path = fileAt(fileURLToPath(url));
    if (path !== undefined && isProjectPath(path)) return path;
  }
  return undefined;
}

/** The command line that has started a script, in words. */
export function commandOf(path: string | undefined, cwd: string): string[] {
  const isTsx = process.execArgv.some((word) => /[\\/]tsx[\\/]|^tsx$/.test(word));
  return [isTsx ? 'tsx' : 'node', path === undefined ? NO_FILE : relative(cwd, path), ...process.argv.slice(2)];
}

/** The file that a path names, as Node finds a program: without its extension, or by its folder. */
function fileAt(path: string): string | undefined {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const found = isFile ? path : resolveImport(path, path, new Tsconfigs());
  return found === undefined ? undefined : realpathSync(found);
}

/**
 * Puts a script in the place of an experiment: its parameters are those that it gives.
 *
 * @param path the script, if it is in a file
 * @throws ComexError `E_PARAMETER_NAME`, `E_PARAMETER_TYPE`
 */
export function resolveScript(path: string | undefined, run: ScriptRun, cwd: string): Resolved {
  const tsconfigs = new Tsconfigs();
  const closure: Closure = path === undefined ? new Map() : readClosure(path, tsconfigs);
  const file = path ?? join(cwd, NO_FILE);
  const declared = new Map<string, Parameter>();
  const given = new Map<string, GivenParameter>();
  const known = new Map<string, KnownParameter>();
  const names = Object.keys(run.parameters);
  for (const name of names) refuseName(name);
  for (const name of [...names.filter((each) => !isSpecialName(each)), ...Object.keys(SPECIAL_PARAMETERS)]) {
    const special = SPECIAL_PARAMETERS[name];
    const isGiven = names.includes(name);
    const raw = isGiven ? run.parameters[name] : special?.default;
    const value = special === undefined ? copied(raw) : checked(raw, special.type, name);
    declared.set(name, parameterOf(name, value));
    known.set(name, { source: isGiven ? 'given' : 'default', value: { value } });
    if (isGiven) given.set(name, { whole: { value }, fields: new Map() });
  }
  const module = sourceOf(file, closure.get(file)?.text ?? '');
  const definition: Definition = {
    path: file,
    project: run.project,
    namespace: run.namespace,
    module,
    chain: { configs: [], modules: [], mixins: [], closure },
    ...(run.description === undefined ? {} : { description: run.description }),
    tags: run.tags,
    declared,
    closure,
    tsconfigs,
    warnings: [],
  };
  return { definition, given, known };
}

function refuseName(name: string): void {
  if (NOT_FOR_SCRIPTS.includes(name)) {
    const why = name === '__INCLUDE__' ? 'a script has no hooks' : 'the name of the run is its namespace';
    throw new ComexError('E_PARAMETER_NAME', `Expected parameters of a script, got ${name}: ${why}. Leave it out.`);
  }
  if (isSpecialName(name) && SPECIAL_PARAMETERS[name] === undefined) {
    const near = didYouMean(name, Object.keys(SPECIAL_PARAMETERS));
    throw new ComexError('E_PARAMETER_NAME', `${name} is no special parameter of comex.${near}`);
  }
  if (isParameterName(name)) return;
  const upper = upperSnake(name);
  const advice = isParameterName(upper) ? ` Write ${upper}.` : '';
  throw new ComexError(
    'E_PARAMETER_NAME',
    `Expected the names of parameters in upper case, such as LEARNING_RATE, got ${JSON.stringify(name)}.${advice}`,
  );
}

function parameterOf(name: string, value: unknown): Parameter {
  const special = SPECIAL_PARAMETERS[name];
  return {
    name,
    line: 0,
    column: 0,
    type: special?.type ?? { kind: 'any' },
    typeText: special === undefined ? kindText(value) : typeText(special.type),
    ...(special === undefined ? {} : { doc: special.doc, defaultText: JSON.stringify(special.default) }),
    tags: {},
    defaultValue: { known: false },
    awaits: false,
    uses: [],
    levels: [],
  };
}

function kindText(value: unknown): string {
  if (Array.isArray(value) || value === null) return kindOf(value).replace('an ', '');
  const name = typeof value === 'object' ? value.constructor?.name : undefined;
  return name === undefined || name === 'Object' ? typeof value : name;
}

/** A script declares nothing. */
function sourceOf(path: string, text: string): ModuleSource {
  return {
    path,
    text,
    parameters: [],
    copies: [],
    imports: [],
    hookPoints: [],
    hookPointsKnown: true,
    include: [],
    hooks: [],
    hooksKnown: true,
    runs: [],
    exports: [],
    free: [],
    isModule: true,
    rewritten: text,
    guarded: text,
    starExports: [],
    evaluate: () => new Map(),
    inherited: () => ({ known: false }),
    constant: () => ({ known: false, line: 1 }),
  };
}

/** A copy of plain trees, because parameters are frozen, and what the script has is its own. */
function copied(value: unknown, copies = new Map<object, unknown>()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  copies.set(value, copy);
  for (const [key, inner] of Object.entries(value)) {
    setField(copy as Record<string, unknown>, key, copied(inner, copies));
  }
  return copy;
}
