import { existsSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { createFileAtomic } from '../codec/atomic.ts';
import { makeFolders } from '../codec/folders.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError, isComexError } from '../errors.ts';
import { isConfigPath } from '../experiment/chain.ts';
import { type Definition, define } from '../experiment/define.ts';
import type { Declared, GivenValue } from '../experiment/given.ts';
import { refuseMissing } from '../experiment/parameters.ts';
import { EXPERIMENTS_FOLDER, findModule, findProject } from '../experiment/project.ts';
import { readModule } from '../experiment/source/read-module.ts';
import { isSpecialName } from '../experiment/special.ts';
import { configText } from './new-config.ts';
import { childText, mixinText } from './new-module.ts';
import { newPath, shownPath, takenError } from './new-name.ts';
import { specifierOf } from './new-relocate.ts';
import { findTemplate, TEMPLATES_FOLDER } from './new-template.ts';
import { holds, type NewValue, newValues } from './new-values.ts';

/** What `comex new` is asked for. */
export interface NewRequest {
  /** Path below experiments/, such as `vision/digits`. */
  readonly name: string;
  /** Default `basic`. */
  readonly template?: string;
  /** The experiment that the new one varies: a path, or a name below experiments/. */
  readonly extends?: string;
  readonly mixin: boolean;
  /** A TypeScript module where a YAML experiment would do. */
  readonly ts: boolean;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Mixins, relative to the working directory. */
  readonly include: readonly string[];
  /** What is given for parameters; undefined when nothing is. */
  readonly values?: (declared: ReadonlyMap<string, Declared>) => readonly GivenValue[];
}

/** A file that was made. */
export interface NewExperiment {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'module' | 'config' | 'mixin' | 'template';
  /** Words behind `comex` that use it. */
  readonly next: readonly string[];
}

/** A file that is to be made, and how it is looked at before anybody hears of it. */
interface Plan {
  readonly path: string;
  readonly kind: NewExperiment['kind'];
  readonly text: (path: string) => string;
  readonly values: readonly NewValue[];
  readonly parent?: string;
}

/**
 * Makes a file below experiments/: a working experiment from a template, a variation of another, or a mixin. It is read
 * back before it counts, and never takes the place of another file.
 *
 * @param cwd Absolute path that names of files are relative to; its project gets the file.
 * @throws ComexError `E_USAGE` for what does not go together, `E_NAME`, `E_FILE` for a name that is taken, a template or a
 * parent that is not there; what `define` throws for the parent; `E_PARAMETER_NAME`, `E_PARAMETER_TYPE`
 */
export async function newExperiment(request: NewRequest, cwd: string): Promise<NewExperiment> {
  refuseMixed(request);
  const { root } = findProject(cwd, cwd);
  const experiments = join(root, EXPERIMENTS_FOLDER);
  const plan = await planOf(request, experiments, cwd);
  const { path } = plan;
  const made = makeFolder(dirname(path), cwd);
  // Through links, relative paths count from where the file really is.
  const real = join(realpathSync(dirname(path)), path.slice(dirname(path).length + 1));
  try {
    createFile(real, plan.text(real), path, cwd);
  } catch (error) {
    removeEmpty(dirname(path), made);
    throw error;
  }
  try {
    return { path, kind: plan.kind, next: await proved(plan, real, experiments, cwd) };
  } catch (error) {
    rmSync(real, { force: true });
    removeEmpty(dirname(path), made);
    throw error;
  }
}

async function planOf(request: NewRequest, experiments: string, cwd: string): Promise<Plan> {
  const { name, mixin, ts, description, tags, include, values } = request;
  const file = { experiments, folder: '' as const, cwd };
  const told = description === undefined ? {} : { description };
  const parent = request.extends === undefined ? undefined : findModule(request.extends, cwd);
  const definition = parent === undefined ? undefined : await define(parent, cwd, include);
  const parentOf = (path: string, target: string): string => specifierOf(realpathSync(target), path);

  if (mixin) {
    const path = newPath(name, { ...file, folder: 'mixins', extensions: ['.ts', '.mts'], what: 'a module' });
    const text = (real: string): string => {
      const of = definition && { definition, specifier: parentOf(real, definition.module.path) };
      return mixinText({ self: specifierOf(real, real), ...told }, of);
    };
    return { path, kind: 'mixin', text, values: [], ...(parent === undefined ? {} : { parent }) };
  }
  if (definition === undefined) {
    const template = findTemplate(request.template ?? 'basic', experiments);
    const { extensions, isConfig } = template;
    if (!isConfig) refuseTags(tags, name);
    else if (ts)
      throw new ComexError('E_USAGE', `Expected a template of a module with --ts, but ${request.template} is YAML.`);
    const what = isConfig ? 'a YAML experiment' : 'a module';
    const path = newPath(name, { ...file, extensions, what });
    const isTemplate = relative(experiments, path).startsWith(`${TEMPLATES_FOLDER}${sep}`);
    const kind = isTemplate ? 'template' : isConfig ? 'config' : 'module';
    return { path, kind, text: (real) => template.text(real, { ...told, tags }), values: [] };
  }
  const own = values === undefined ? [] : newValues(definition, values(definition.declared));
  const included = (real: string): string[] => include.map((each) => parentOf(real, resolve(cwd, each)));
  if (ts) {
    refuseTags(tags, name);
    if (isConfigPath(definition.path)) {
      const advice = `Extend ${shownPath(definition.module.path, cwd)}, or leave out --ts.`;
      throw new ComexError('E_USAGE', `Expected a module behind --extends with --ts, got a YAML experiment. ${advice}`);
    }
    const path = newPath(name, { ...file, extensions: ['.ts', '.mts'], what: 'a module' });
    const text = (real: string): string =>
      childText(definition, parentOf(real, definition.path), own, {
        self: specifierOf(real, real),
        ...told,
        include: included(real),
      });
    return { path, kind: 'module', text, values: own };
  }
  const path = newPath(name, { ...file, extensions: ['.yml', '.yaml'], what: 'a YAML experiment (--ts for a module)' });
  const text = (real: string): string =>
    configText(definition, { extend: parentOf(real, definition.path), ...told, tags, include: included(real) }, own);
  return { path, kind: 'config', text, values: own };
}

/** What does not go together, or would have no effect. */
function refuseMixed({ name, template, extends: parent, mixin, values, tags }: NewRequest): void {
  if (template !== undefined && (parent !== undefined || mixin)) {
    const other = mixin ? '--mixin' : '--extends';
    throw new ComexError('E_USAGE', `Expected --template or ${other}, got both. Leave one of them out.`);
  }
  if (mixin) refuseTags(tags, name);
  if (values === undefined || (parent !== undefined && !mixin)) return;
  const advice = mixin ? 'Write them into the mixin, as exports.' : 'Name it with --extends FILE.';
  throw new ComexError(
    'E_USAGE',
    `Expected values of parameters only for an experiment that extends another. ${advice}`,
  );
}

function refuseTags(tags: readonly string[], name: string): void {
  if (tags.length === 0) return;
  const run = `comex run ${name} --tags ${tags.join(',')}`;
  throw new ComexError(
    'E_USAGE',
    `Expected --tags only for a YAML experiment: a module keeps none. Give them to a run, ${run}, or to all: "tags" in comex.config.json.`,
  );
}

/** Returns the first folder that was not there. */
function makeFolder(folder: string, cwd: string): string | undefined {
  try {
    return makeFolders(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw storageError(error, 'create', folder);
    const advice = 'There is a file of that name, or above it. Choose another NAME.';
    throw new ComexError('E_FILE', `Expected ${shownPath(folder, cwd)} to be a folder. ${advice}`, { cause: error });
  }
}

function createFile(real: string, text: string, path: string, cwd: string): void {
  try {
    createFileAtomic(real, text);
  } catch (error) {
    const cause = isComexError(error) ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    throw cause?.code === 'EEXIST' ? takenError(path, cwd) : error;
  }
}

/** Takes away the folders that were made for a file that is not to be. */
function removeEmpty(folder: string, first: string | undefined): void {
  if (first === undefined) return;
  try {
    for (let each = folder; each.length >= first.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // It holds what another put there meanwhile.
  }
}

/** Reads what was written as an experiment, and returns the words behind `comex` that use it. */
async function proved(plan: Plan, path: string, experiments: string, cwd: string): Promise<string[]> {
  if (plan.kind === 'mixin') return await provedMixin(plan, path, cwd);
  const definition = await define(path, cwd);
  const wrong = plan.values.find((value) => !holds(definition, value));
  if (wrong !== undefined) {
    const { name } = wrong.parameter;
    const advice = plan.kind === 'config' ? ' Write a module, which holds it: --ts.' : '';
    throw new ComexError(
      'E_CONFIG',
      `Expected the file to give back the value of --${name}, but it would be read as another.${advice}`,
    );
  }
  const name = relative(experiments, plan.path)
    .split(sep)
    .join('/')
    .replace(/\.[^./]+$/, '');
  if (plan.kind === 'template') return ['new', 'NAME', '--template', name.slice(TEMPLATES_FOLDER.length + 1)];
  return ['run', runName(name, plan.path, cwd), ...required(definition)];
}

async function provedMixin({ parent, path: shown }: Plan, path: string, cwd: string): Promise<string[]> {
  const file = shownPath(shown, cwd);
  if (parent === undefined) readModule(path, (await import('node:fs')).readFileSync(path, 'utf8'));
  else await define(parent, cwd, [path]);
  return ['run', parent === undefined ? 'NAME' : shownPath(parent, cwd), '--__INCLUDE__', file];
}

/** The short name, where `comex run` takes it for this file; else the path. */
function runName(name: string, path: string, cwd: string): string {
  try {
    if (existsSync(path) && findModule(name, cwd) === realpathSync(path)) return name;
  } catch {
    // There is a file of that name that is no experiment.
  }
  return shownPath(path, cwd);
}

/** Parameters that a run must be given. */
function required({ declared }: Definition): string[] {
  return [...declared.values()].flatMap((parameter) => {
    if (isSpecialName(parameter.name)) return [];
    try {
      refuseMissing(parameter);
      return [];
    } catch {
      return [`--${parameter.name}`, 'VALUE'];
    }
  });
}
