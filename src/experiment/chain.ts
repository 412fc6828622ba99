import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, relative, resolve, sep } from 'node:path';
import { ComexError, didYouMean, isComexError } from '../errors.ts';
import type { ConfigSource } from './config/source.ts';
import type { ModuleSource } from './definition.ts';
import { type Closure, type ProjectFile, readClosure, readProjectFile } from './load/closure.ts';
import { resolveImport, type Tsconfigs } from './load/resolve.ts';
import { attempt, type Refuse, throwProblem } from './refuse.ts';
import { readModule } from './source/read-module.ts';

/** A module of hooks and fallback parameters that experiments include. */
export interface Mixin {
  readonly module: ModuleSource;
  /** Whether it was named from outside: by `__INCLUDE__`, not by a file of the experiment. */
  readonly given: boolean;
}

/** All files that make up an experiment, read but not run. */
export interface Chain {
  /** YAML experiments above the modules, the one that was named first. */
  readonly configs: readonly ConfigSource[];
  /** The module and its parents, the root last. */
  readonly modules: readonly ModuleSource[];
  /** In the order included: those of the root first, those from outside last. */
  readonly mixins: readonly Mixin[];
  /** These files and every project file that they import. */
  readonly closure: Closure;
  /** Whether some of its files could not be read; never, where problems are thrown. */
  readonly isPartial?: boolean;
}

/** Whether an experiment consists of more than one file, so that it matters which of them says what. */
export function hasSeveralFiles({ configs, modules, mixins }: Chain): boolean {
  return configs.length + modules.length + mixins.length > 1;
}

export interface ChainOptions {
  readonly cwd: string;
  readonly tsconfigs: Tsconfigs;
  /** Mixins from outside, relative to the working directory. */
  readonly include: readonly string[];
  /** What becomes of a problem. Default: it is thrown. */
  readonly refuse?: Refuse;
  /** Reads a YAML experiment. Default: the first thing that is wrong with it is thrown. */
  readonly readConfig?: (path: string, text: string) => ConfigSource;
  /** Whether the file that is named is a mixin by itself. */
  readonly isMixin?: boolean;
}

const CONFIG_EXTENSIONS = ['.yml', '.yaml'];

/** Whether a path names a YAML experiment. */
export function isConfigPath(path: string): boolean {
  return CONFIG_EXTENSIONS.includes(extname(path));
}

/**
 * Reads an experiment, its parents up to the root, its mixins, and all that they import. Nothing is run.
 *
 * @throws ComexError `E_SYNTAX`, `E_PARAMETER`, `E_CONFIG`, or `E_EXPERIMENT` for a parent or mixin that is not there or
 * none, and for a circle of parents.
 */
export async function readChain(path: string, options: ChainOptions): Promise<Chain> {
  const { cwd, tsconfigs } = options;
  const shown = (file: string): string => relative(cwd, file).split(sep).join('/');
  const files = new Map<string, ProjectFile>();
  const visited: string[] = [];
  let isPartial = false;
  const refuse = (problem: ComexError): void => {
    isPartial = true;
    (options.refuse ?? throwProblem)(problem);
  };
  const enter = (file: string): void => {
    const before = visited.indexOf(file);
    visited.push(file);
    if (before < 0) return;
    const circle = visited.slice(before).map(shown).join(' extends ');
    throw new ComexError(
      'E_EXPERIMENT',
      `Expected a root among the parents of ${shown(path)}, got a circle: ${circle}.`,
    );
  };

  const configs: ConfigSource[] = [];
  const modules: ModuleSource[] = [];
  const readParents = async (): Promise<void> => {
    let current = path;
    while (isConfigPath(current)) {
      enter(current);
      const readConfig = options.readConfig ?? (await configReader(cwd));
      const file = readProjectFile(current, tsconfigs);
      const source = readConfig(current, file.text);
      configs.push(source);
      files.set(current, file);
      current = parentOf(source.extend, current, shown, tsconfigs, 'extend');
    }
    for (;;) {
      enter(current);
      const module = readFile(current, files, tsconfigs, shown, refuse, options.refuse);
      modules.push(module);
      if (!module.exports.includes('default')) throw noDefault(module, visited, shown);
      if (module.extend === undefined) break;
      const parent = parentOf(module.extend, current, shown, tsconfigs, 'extend()');
      if (isConfigPath(parent)) {
        const place = `${shown(current)}:${module.extend.line}`;
        throw new ComexError(
          'E_EXPERIMENT',
          `${place}: Expected extend() to name a module, got the YAML experiment ${module.extend.specifier}. Extend its module, or write this one in YAML.`,
        );
      }
      current = parent;
    }
  };
  try {
    if (options.isMixin !== true) await readParents();
  } catch (problem) {
    if (!isComexError(problem)) throw problem;
    refuse(problem);
  }

  const mixins = new Map<string, Mixin>();
  const include = (target: string, given: boolean, place: string): void => {
    if (mixins.has(target)) return;
    if (visited.includes(target)) {
      throw new ComexError(
        'E_EXPERIMENT',
        `${place}: Expected a mixin, got ${shown(target)}, which the experiment consists of already.`,
      );
    }
    const module = readFile(target, files, tsconfigs, shown, refuse, options.refuse);
    refuseNoMixin(module, place, shown);
    // Before what it includes itself, so that a circle ends; the order is mended below.
    mixins.set(target, { module, given });
    for (const inner of module.include) includeFrom(target, inner, given);
    mixins.delete(target);
    mixins.set(target, { module, given });
  };
  const includeFrom = (from: string, reference: Reference, given = false): void => {
    attempt(
      () => include(mixinOf(reference, from, shown, tsconfigs), given, `${shown(from)}:${reference.line}`),
      refuse,
    );
  };
  if (options.isMixin === true) attempt(() => include(path, false, `${shown(path)}:1`), refuse);
  for (const module of modules.toReversed()) {
    for (const each of module.include) includeFrom(module.path, each);
  }
  for (const config of configs.toReversed()) {
    for (const each of config.include) includeFrom(config.path, each);
  }
  for (const specifier of options.include) {
    const target = existing(resolve(cwd, specifier), tsconfigs);
    if (target === undefined) throw missing(specifier, resolve(cwd, specifier), '--__INCLUDE__', 'a mixin', shown);
    include(target, true, `--__INCLUDE__ ${specifier}`);
  }
  return { configs, modules, mixins: [...mixins.values()], closure: files, isPartial };
}

async function configReader(cwd: string): Promise<(path: string, text: string) => ConfigSource> {
  const { readConfig } = await import('./config/read.ts');
  return (path, text) => readConfig(path, text, process.env, cwd);
}

/**
 * Reads a module with its closure, and puts its files to the others.
 *
 * @param refuse For what keeps the experiment from being known as a whole; `report` for what does not.
 */
function readFile(
  path: string,
  files: Map<string, ProjectFile>,
  tsconfigs: Tsconfigs,
  shown: (file: string) => string,
  refuse: Refuse,
  report: Refuse = throwProblem,
): ModuleSource {
  const own = files.has(path) ? files : readClosure(path, tsconfigs);
  for (const file of own.values()) {
    if (files.has(file.path)) continue;
    files.set(file.path, file);
    for (const { line, column, text } of file.faults) {
      report(new ComexError('E_SYNTAX', `${shown(file.path)}:${line}:${column}: ${text}.`));
    }
  }
  return readModule(path, files.get(path)!.text, refuse);
}

interface Reference {
  readonly specifier: string;
  readonly line: number;
}

function parentOf(
  reference: Reference,
  from: string,
  shown: (file: string) => string,
  tsconfigs: Tsconfigs,
  word: string,
): string {
  const target = resolve(dirname(from), reference.specifier);
  const found = existing(target, tsconfigs);
  if (found !== undefined) return found;
  throw missing(
    reference.specifier,
    target,
    `${shown(from)}:${reference.line}`,
    `${word} to name an experiment`,
    shown,
  );
}

function mixinOf(reference: Reference, from: string, shown: (file: string) => string, tsconfigs: Tsconfigs): string {
  const target = resolve(dirname(from), reference.specifier);
  const found = existing(target, tsconfigs);
  if (found !== undefined && !isConfigPath(found)) return found;
  throw missing(reference.specifier, target, `${shown(from)}:${reference.line}`, 'include to name a mixin', shown);
}

/** The file that a path names, as an import would find it. */
function existing(target: string, tsconfigs: Tsconfigs): string | undefined {
  const found = isConfigPath(target)
    ? existsSync(target)
      ? target
      : undefined
    : resolveImport(target, target, tsconfigs);
  // What a linked file imports stands beside the file itself, as for Node.
  return found === undefined ? undefined : realpathSync(found);
}

function missing(
  specifier: string,
  target: string,
  place: string,
  what: string,
  shown: (file: string) => string,
): ComexError {
  let names: string[] = [];
  try {
    names = readdirSync(dirname(target)).filter((name) => /\.(m?[jt]s|ya?ml)$/.test(name));
  } catch {
    // No such folder: there is nothing near.
  }
  const near = didYouMean(basename(target), names);
  return new ComexError(
    'E_EXPERIMENT',
    `${place}: Expected ${what}, found no file ${shown(target)} ("${specifier}").${near}`,
  );
}

function noDefault(module: ModuleSource, visited: readonly string[], shown: (file: string) => string): ComexError {
  const child = visited.at(-2);
  const of = child === undefined ? '' : ` (extended by ${shown(child)})`;
  return new ComexError(
    'E_EXPERIMENT',
    `${shown(module.path)}:1: Expected a default export${of}, the function that runs the experiment: export default function experiment(e) {…}.`,
  );
}

/** A mixin has hooks and parameters, and nothing that would be left unused. */
function refuseNoMixin(module: ModuleSource, place: string, shown: (file: string) => string): void {
  const parts = ['default', 'testing', 'analysis', 'analyses', 'harvest', 'volatile'];
  const wrong = parts.find((name) => module.exports.includes(name));
  if (wrong === undefined) return;
  const advice =
    wrong === 'default' ? 'An experiment is extended: export default extend(…).' : `Put ${wrong} into the experiment.`;
  throw new ComexError(
    'E_EXPERIMENT',
    `${place}: Expected a mixin, a module of hooks and parameters, but ${shown(module.path)} has the export "${wrong}". ${advice}`,
  );
}
