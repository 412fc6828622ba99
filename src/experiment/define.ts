import { dirname, relative, sep } from 'node:path';
import type { ParameterSource } from '../archive/layout.ts';
import { ComexError, didYouMean } from '../errors.ts';
import type { Declaration, ModuleSource } from './definition.ts';
import { type Given, type GivenValue, resolveGiven, withFields } from './given.ts';
import { type Closure, readClosure } from './load/closure.ts';
import { Tsconfigs } from './load/resolve.ts';
import { findProject, namespaceOf, type Project } from './project.ts';
import { readModule } from './source/read-module.ts';
import { typeText } from './source/type-text.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from './special.ts';

/** An experiment after loading: what it is, before any of it runs. */
export interface Definition {
  /** Absolute path of the module. */
  readonly path: string;
  readonly project: Project;
  readonly namespace: string;
  readonly module: ModuleSource;
  /** Its own parameters in the order declared, then the special ones. */
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly closure: Closure;
  readonly tsconfigs: Tsconfigs;
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

/**
 * Reads an experiment module and all that it imports, without running any of it.
 *
 * @throws ComexError `E_SYNTAX`, `E_PARAMETER` or `E_EXPERIMENT` with file and line.
 */
export function define(path: string, cwd: string): Definition {
  const project = findProject(dirname(path), cwd);
  const tsconfigs = new Tsconfigs();
  const closure = readClosure(path, tsconfigs);
  const module = readModule(path, closure.get(path)!.text);
  const shown = relative(cwd, path);
  if (!module.exports.includes('default')) {
    throw new ComexError(
      'E_EXPERIMENT',
      `${shown}:1: Expected a default export, the function that runs the experiment: export default function experiment(e) {…}.`,
    );
  }
  refuseFaults(closure, cwd);
  refuseStarParameters(module, closure, shown);
  const declared = new Map<string, Declaration>();
  for (const declaration of module.parameters) {
    if (isSpecialName(declaration.name)) checkSpecial(declaration, shown);
    declared.set(declaration.name, declaration);
  }
  for (const [name, special] of Object.entries(SPECIAL_PARAMETERS)) {
    const own = declared.get(name);
    declared.delete(name);
    declared.set(name, specialDeclaration(name, special, own));
  }
  return { path, project, namespace: namespaceOf(path, project.root), module, declared, closure, tsconfigs };
}

/**
 * Converts and checks what was given, and works out each value that the source alone tells.
 *
 * @throws ComexError `E_PARAMETER_NAME`, `E_PARAMETER_TYPE`, `E_PARAMETER_MISSING`.
 */
export function resolveParameters(definition: Definition, values: readonly GivenValue[]): Resolved {
  const given = resolveGiven(values, definition.declared);
  const overrides = new Map<string, unknown>();
  const own = definition.module.evaluate(new Map());
  for (const [name, { whole, fields }] of given) {
    const { type } = definition.declared.get(name)!;
    const base = own.get(name);
    if (whole !== undefined) overrides.set(name, withFields(whole.value, given.get(name), type, name));
    else if (fields.size > 0 && base?.known) overrides.set(name, withFields(base.value, given.get(name), type, name));
  }
  const values_ = definition.module.evaluate(overrides);
  const known = new Map<string, KnownParameter>();
  for (const [name, declaration] of definition.declared) {
    const special = SPECIAL_PARAMETERS[name];
    const inModule = definition.module.parameters.some((parameter) => parameter.name === name);
    if (given.has(name)) {
      const value = overrides.has(name) ? { value: { value: overrides.get(name) } } : {};
      known.set(name, { source: 'given', ...value });
    } else if (special !== undefined && !inModule)
      known.set(name, { source: 'default', value: { value: special.default } });
    else {
      refuseMissing(declaration);
      const value = values_.get(name);
      const source = declaration.uses.length > 0 ? 'derived' : 'default';
      known.set(name, { source, ...(value?.known ? { value: { value: value.value } } : {}) });
    }
  }
  return { definition, given, known };
}

function refuseMissing({ name, defaultText, type, typeText: text, line }: Declaration): void {
  const optional =
    type.kind === 'undefined' || (type.kind === 'union' && type.members.some((m) => m.kind === 'undefined'));
  if (defaultText !== undefined || optional) return;
  throw new ComexError(
    'E_PARAMETER_MISSING',
    `Expected --${name} (${text}): it has no default (line ${line}). Give it a value.`,
  );
}

function checkSpecial({ name, line, defaultValue }: Declaration, shown: string): void {
  if (SPECIAL_PARAMETERS[name] === undefined) {
    const near = didYouMean(name, Object.keys(SPECIAL_PARAMETERS));
    throw new ComexError(
      'E_PARAMETER',
      `${shown}:${line}: ${name} is no special parameter of comex.${near} Names in __ are kept for comex.`,
    );
  }
  if (!defaultValue.known) {
    throw new ComexError(
      'E_PARAMETER',
      `${shown}:${line}: Expected ${name} to be a literal: it steers the run before the module runs.`,
    );
  }
}

function specialDeclaration(
  name: string,
  special: (typeof SPECIAL_PARAMETERS)[string],
  own: Declaration | undefined,
): Declaration {
  return {
    name,
    line: own?.line ?? 0,
    column: own?.column ?? 0,
    type: special.type,
    typeText: typeText(special.type),
    doc: special.doc,
    tags: {},
    defaultText: own?.defaultText ?? JSON.stringify(special.default),
    defaultValue: own?.defaultValue ?? { known: true, value: special.default },
    awaits: false,
    uses: own?.uses ?? [],
  };
}

/** A file that cannot be loaded is refused before there is a run. */
function refuseFaults(closure: Closure, cwd: string): void {
  for (const { path, fault } of closure.values()) {
    if (fault === undefined) continue;
    throw new ComexError('E_SYNTAX', `${relative(cwd, path)}:${fault.line}:${fault.column}: ${fault.text}.`);
  }
}

/** `export * from` a project file with UPPERCASE exports would make parameters that cannot be set. */
function refuseStarParameters(module: ModuleSource, closure: Closure, shown: string): void {
  for (const specifier of module.starExports) {
    const target = closure.get(module.path)?.resolved.get(specifier);
    const text = target === undefined ? undefined : closure.get(target)?.text;
    if (text === undefined || !/\.[cm]?[jt]sx?$/.test(target!)) continue;
    const found = /\bexport\s+(?:const|let|var)\s+(_*\p{Lu}[\p{Lu}\p{Nd}_]*)\b/u.exec(text)?.[1];
    if (found === undefined) continue;
    const line = module.text.slice(0, Math.max(0, module.text.indexOf('export *'))).split('\n').length;
    const other = relative(dirname(module.path), target!).split(sep).join('/');
    throw new ComexError(
      'E_PARAMETER',
      `${shown}:${line}: ${found} of ${other} is re-exported by export *, and could not be set. Declare it here, or export it under a lower-case name.`,
    );
  }
}
