import { dirname, relative, sep } from 'node:path';
import type { ParameterSource } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import { type Chain, type ChainOptions, isConfigPath, readChain } from './chain.ts';
import type { ModuleSource } from './definition.ts';
import { type Given, type GivenValue, resolveGiven } from './given.ts';
import { refuseUnusedHooks } from './hooks.ts';
import { knownValues } from './known.ts';
import type { Closure } from './load/closure.ts';
import { Tsconfigs } from './load/resolve.ts';
import { type Parameter, sourceOf } from './parameter.ts';
import { type ConvertConfig, collectParameters, refuseMissing } from './parameters.ts';
import { findProject, namespaceOf, type Project } from './project.ts';
import { type Refuse, throwProblem } from './refuse.ts';

/** An experiment after loading: what it is, before any of it runs. */
export interface Definition {
  /** Absolute path of the file that was named: a module, or a YAML experiment. */
  readonly path: string;
  readonly project: Project;
  readonly namespace: string;
  /** The module; of a YAML experiment, the one that it extends. */
  readonly module: ModuleSource;
  readonly chain: Chain;
  readonly description?: string;
  /** Those of the project and of YAML experiments. */
  readonly tags: readonly string[];
  /** Of a YAML experiment. */
  readonly note?: string;
  /** Its own parameters in the order declared, those of parents and mixins, then the special ones. */
  readonly declared: ReadonlyMap<string, Parameter>;
  readonly closure: Closure;
  readonly tsconfigs: Tsconfigs;
  /** What is worth telling before a run, such as a hook that nothing applies. */
  readonly warnings: readonly string[];
}

/** A value as far as it is known before the modules run. */
export interface KnownParameter {
  readonly source: ParameterSource;
  /** Absent when only running the module tells it. */
  readonly value?: { readonly value: unknown };
}

/** A definition with what was given for it. */
export interface Resolved {
  readonly definition: Definition;
  readonly given: Given;
  readonly known: ReadonlyMap<string, KnownParameter>;
}

/** How to read an experiment other than a run does, which throws the first problem. */
interface Reading extends Required<Pick<ChainOptions, 'refuse' | 'readConfig' | 'isMixin'>> {
  readonly convert: ConvertConfig;
}

/**
 * Reads an experiment with its parents, its mixins and all that they import, without running any of it.
 *
 * @param include Further mixins, relative to the working directory.
 * @param reading For all problems at once; then the definition is of what could be read.
 * @throws ComexError `E_SYNTAX`, `E_PARAMETER`, `E_CONFIG` or `E_EXPERIMENT` with file and line.
 */
export async function define(
  path: string,
  cwd: string,
  include: readonly string[] = [],
  reading?: Reading,
): Promise<Definition> {
  const refuse = reading?.refuse ?? throwProblem;
  const project = findProject(dirname(path), cwd);
  const tsconfigs = new Tsconfigs();
  const chain = await readChain(path, { cwd, tsconfigs, include, ...reading });
  for (const module of chain.modules) refuseStarParameters(module, chain.closure, relative(cwd, module.path), refuse);
  const convert = reading?.convert ?? (await converter(chain, cwd));
  const declared = collectParameters(chain, convert, cwd, refuse);
  const description =
    chain.configs.find((config) => config.description !== undefined)?.description ??
    chain.modules.find((module) => module.description !== undefined)?.description;
  const note = chain.configs.find((config) => config.note !== undefined)?.note;
  return {
    path,
    project,
    namespace: configuredNamespace(chain, path, project.root),
    module: (chain.modules[0] ?? chain.mixins[0]?.module)!,
    chain,
    ...(description === undefined ? {} : { description }),
    tags: [...new Set([...(project.config.tags ?? []), ...chain.configs.toReversed().flatMap(({ tags }) => tags)])],
    ...(note === undefined ? {} : { note }),
    declared,
    closure: chain.closure,
    tsconfigs,
    warnings: refuseUnusedHooks(chain, cwd, refuse),
  };
}

/** YAML is loaded only where it is used. */
async function converter({ configs }: Chain, cwd: string): Promise<ConvertConfig> {
  if (configs.length === 0) return ({ value }) => ({ value });
  const { configValue } = await import('./config/value.ts');
  return (parameter, type, file) => ({ value: configValue(parameter, type, relative(cwd, file).split(sep).join('/')) });
}

/**
 * Converts and checks what was given, and works out each value that the source alone tells.
 *
 * @throws ComexError `E_PARAMETER_NAME`, `E_PARAMETER_TYPE`, `E_PARAMETER_MISSING`.
 */
export function resolveParameters(definition: Definition, values: readonly GivenValue[]): Resolved {
  const given = resolveGiven(values, definition.declared);
  for (const parameter of definition.declared.values()) {
    if (!given.has(parameter.name)) refuseMissing(parameter);
  }
  const values_ = knownValues(definition.chain, definition.declared, given);
  const known = new Map<string, KnownParameter>();
  for (const [name, parameter] of definition.declared) {
    const value = values_.get(name);
    known.set(name, { source: sourceOf(parameter, given), ...(value?.known ? { value: { value: value.value } } : {}) });
  }
  return { definition, given, known };
}

/** The note that a run is given, else that of its definition. */
export function withNote(given: string | undefined, { note }: Definition): { readonly note?: string } {
  const text = given ?? note;
  return text === undefined ? {} : { note: text };
}

/** Namespace of an experiment: a YAML experiment may name it, or its last part. */
function configuredNamespace({ configs }: Chain, path: string, root: string): string {
  const [config] = configs;
  const own = namespaceOf(path, root);
  if (config === undefined || !isConfigPath(path)) return own;
  if (config.namespace !== undefined)
    return config.name === undefined ? config.namespace : `${config.namespace}/${config.name}`;
  if (config.name === undefined) return own;
  return [...own.split('/').slice(0, -1), config.name].join('/');
}

/** `export * from` a project file with UPPERCASE exports would make parameters that cannot be set. */
function refuseStarParameters(module: ModuleSource, closure: Closure, shown: string, refuse: Refuse): void {
  for (const specifier of module.starExports) {
    const target = closure.get(module.path)?.resolved.get(specifier);
    const text = target === undefined ? undefined : closure.get(target)?.text;
    if (text === undefined || !/\.[cm]?[jt]sx?$/.test(target!)) continue;
    const found = /\bexport\s+(?:const|let|var)\s+(_*\p{Lu}[\p{Lu}\p{Nd}_]*)\b/u.exec(text)?.[1];
    if (found === undefined) continue;
    const line = module.text.slice(0, Math.max(0, module.text.indexOf('export *'))).split('\n').length;
    const other = relative(dirname(module.path), target!).split(sep).join('/');
    const problem = `${found} of ${other} is re-exported by export *, and could not be set`;
    const advice = 'Declare it here, or export it under a lower-case name.';
    refuse(new ComexError('E_PARAMETER', `${shown}:${line}: ${problem}. ${advice}`));
  }
}
