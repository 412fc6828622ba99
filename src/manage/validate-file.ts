import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { plannedFolder } from '../archive/folder.ts';
import { storageError } from '../codec/storage.ts';
import { type ComexError, isComexError } from '../errors.ts';
import { isConfigPath } from '../experiment/chain.ts';
import { type Definition, define } from '../experiment/define.ts';
import type { ModuleSource, StaticValue } from '../experiment/definition.ts';
import { knownValues } from '../experiment/known.ts';
import { CONFIG_FILE, findProject, nearestPackage } from '../experiment/project.ts';
import { attempt } from '../experiment/refuse.ts';
import { readModule } from '../experiment/source/read-module.ts';
import { ConfigCheck } from './validate-config.ts';
import { checkConfigHarvest, checkModuleHarvest } from './validate-harvest.ts';
import { checkModule } from './validate-module.ts';
import { Problems } from './validate-problems.ts';

/**
 * Checks one experiment or mixin, with all that it extends, includes and imports. Undefined for a helper that was not
 * named: a module without a default export, hooks and parameters.
 */
export async function checkFile(path: string, cwd: string, isNamed: boolean): Promise<Problems | undefined> {
  const problems = new Problems(path, cwd);
  const kind = kindOf(path, cwd, isNamed, problems);
  if (kind === 'helper') return undefined;
  if (kind === 'unreadable' || !(await checkProject(path, cwd, problems))) return problems;
  try {
    await check(path, cwd, kind === 'mixin', problems);
  } catch (problem) {
    if (!isComexError(problem)) throw problem;
    problems.refuse(problem);
  }
  return problems;
}

type Kind = 'experiment' | 'mixin' | 'helper' | 'unreadable';

/** What a file is meant to be. */
function kindOf(path: string, cwd: string, isNamed: boolean, problems: Problems): Kind {
  if (isConfigPath(path)) return 'experiment';
  let module: ModuleSource | undefined;
  const forms = new Problems(path, cwd);
  attempt(() => {
    module = readModule(path, textOf(path), forms.refuse);
  }, problems.refuse);
  if (module === undefined) return 'unreadable';
  if (module.exports.includes('default')) return 'experiment';
  if (module.exports.includes('hooks') || isInMixins(path, cwd)) return 'mixin';
  if (isNamed) return 'experiment';
  // UPPERCASE exports that could be no parameters say that they are not meant to be.
  return module.parameters.length > 0 && forms.all.size === 0 ? 'mixin' : 'helper';
}

function isInMixins(path: string, cwd: string): boolean {
  const folder = dirname(path);
  return relative(nearestPackage(folder) ?? cwd, folder)
    .split(sep)
    .includes('mixins');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw storageError(cause, 'read', path);
  }
}

/** A configuration that cannot be read keeps every experiment of the project from being run. */
async function checkProject(path: string, cwd: string, problems: Problems): Promise<boolean> {
  const file = join(nearestPackage(dirname(path)) ?? cwd, CONFIG_FILE);
  try {
    await checkConfigHarvest(file, findProject(dirname(path), cwd).config, problems);
    return true;
  } catch (problem) {
    if (!isComexError(problem)) throw problem;
    problems.add(problem.message, problem.code, 'error', { file });
    return false;
  }
}

async function check(path: string, cwd: string, isMixin: boolean, problems: Problems): Promise<void> {
  const config = new ConfigCheck(problems, cwd);
  const { refuse } = problems;
  const definition = await define(path, cwd, [], { refuse, readConfig: config.read, convert: config.convert, isMixin });
  // Who applies the hooks of a mixin is told where it is included.
  for (const warning of isMixin ? [] : definition.warnings) problems.tell(warning, 'E_EXPERIMENT', 'warning');
  const { modules, mixins } = definition.chain;
  for (const module of [...modules, ...mixins.map((mixin) => mixin.module)]) {
    checkModule(module, definition.tsconfigs, problems);
    await checkModuleHarvest(module, problems);
  }
  const known = knownValues(definition.chain, definition.declared, new Map(), (problem) => {
    if (!problems.hasErrorAt(problem.message)) refuse(problem);
  });
  if (!isMixin) checkFolder(definition, known, problems);
}

/** The names that make the folder of a run have to be usable on every system. */
function checkFolder(
  { namespace, declared }: Definition,
  known: ReadonlyMap<string, StaticValue>,
  problems: Problems,
): void {
  const text = (name: string): string | undefined => {
    const found = known.get(name);
    return found?.known === true && typeof found.value === 'string' ? found.value : undefined;
  };
  const request = { results: '', namespace: 'x', prefix: '', debug: false, now: new Date(0) };
  const at = (name: string, asked: Partial<typeof request>): void => {
    const [level] = declared.get(name)?.levels ?? [];
    attempt(
      () => plannedFolder({ ...request, ...asked }),
      (problem: ComexError) => {
        if (level === undefined) problems.refuse(problem);
        else problems.add(problem.message, problem.code, 'error', { file: level.file, line: level.line });
      },
    );
  };
  at('__NAMESPACE__', { namespace: text('__NAMESPACE__') ?? namespace });
  at('__PREFIX__', { prefix: text('__PREFIX__') ?? '' });
}
