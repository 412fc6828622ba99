import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ComexError, didYouMean } from '../errors.ts';
import { listModules } from './modules.ts';

/** The folder below the project root in which experiments are looked up by name. */
export const EXPERIMENTS_FOLDER = 'experiments';
export const CONFIG_FILE = 'comex.config.json';
const CONFIG_KEYS: readonly string[] = ['results', 'tags', 'plugins', 'harvest', 'views', '$schema'];
const MODULE_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.yml', '.yaml'];

/** What `comex.config.json` may say. */
export interface ProjectConfig {
  /** The archive, relative to the project root. Default `results`. */
  readonly results?: string;
  /** Tags that every run gets. */
  readonly tags?: readonly string[];
  /** What reaches every run: names of plugins, paths relative to this file, or packages, with their options. */
  readonly plugins?: readonly PluginEntry[];
  /** What is taken from files of other programs, by the name it gets; checked by those who use it. */
  readonly harvest?: unknown;
  /** Tables that are exported by name; checked by those who use them. */
  readonly views?: unknown;
}

/** One entry of `plugins`. */
export type PluginEntry = string | { readonly use: string; readonly [option: string]: unknown };

export interface Project {
  /** Absolute path of the nearest folder with a package.json, else of the working directory. */
  readonly root: string;
  readonly config: ProjectConfig;
}

/** The project that a folder belongs to. */
export function findProject(from: string, cwd: string): Project {
  const root = nearestPackage(from) ?? cwd;
  return { root, config: readConfig(root) };
}

/**
 * The archive of a project: where `--results` or the configuration says, else `results/` at its root. It need not exist.
 *
 * @throws ComexError `E_FILE` for what is no folder, `E_USAGE` for an empty text
 */
export function resultsFolder(project: Project, option: string | undefined, cwd: string): string {
  if (option !== undefined && option.trim() === '') {
    const advice = 'Leave it out for the archive of the project.';
    throw new ComexError('E_USAGE', `Expected the archive (--results) to be a folder, got an empty text. ${advice}`);
  }
  const { root, config } = project;
  const folder = option === undefined ? resolve(root, config.results ?? 'results') : resolve(cwd, option);
  if (isNoFolder(folder)) {
    const advice = 'Name the folder that holds the runs, with --results or in comex.config.json.';
    throw new ComexError('E_FILE', `Expected the archive ${folder} to be a folder, but it is a file. ${advice}`);
  }
  return folder;
}

/** Whether a path, or the nearest above it that is there, is something else than a folder. */
function isNoFolder(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      const stats = statSync(at, { throwIfNoEntry: false });
      if (stats !== undefined) return !stats.isDirectory();
    } catch (error) {
      // Below a file, says one version of Node, and another that there is nothing. Whoever works in it says what else is wrong.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') return false;
    }
    if (dirname(at) === at) return false;
  }
}

/**
 * The module that FILE names: a path, or a name below `experiments/` (`digits`, `vision/digits`).
 *
 * @throws ComexError `E_FILE` with the nearest name when there is none.
 */
export function findModule(file: string, cwd: string): string {
  const path = resolve(cwd, file);
  if (isFile(path)) return checkExtension(realpathSync(path), file);
  const folder = join(findProject(cwd, cwd).root, EXPERIMENTS_FOLDER);
  if (isFile(join(folder, file))) return checkExtension(realpathSync(join(folder, file)), file);
  for (const base of [path, join(folder, file)]) {
    for (const extension of MODULE_EXTENSIONS) {
      if (isFile(base + extension)) return realpathSync(base + extension);
    }
  }
  const names = listModules(folder).map((module) =>
    relative(folder, module)
      .split(sep)
      .join('/')
      .replace(/\.[^.]+$/, ''),
  );
  const near = didYouMean(file.replace(/\.([cm]?[jt]s|ya?ml)$/, '').replace(/^experiments\//, ''), names);
  if (existsSync(path) && !isAbsolute(file) && near === '') {
    throw new ComexError('E_FILE', `Expected an experiment, got the folder ${file}. Name a .ts or .yml file in it.`);
  }
  const known = names.length > 0 && near === '' ? ` Known experiments: ${names.slice(0, 8).join(', ')}.` : '';
  throw new ComexError(
    'E_FILE',
    `Expected FILE to be an experiment module or a name below experiments/, found none at "${file}".${near}${known}`,
  );
}

/** Namespace of a module: its path below `experiments/`, else below the root, without extension. */
export function namespaceOf(module: string, root: string): string {
  const below = relative(join(root, EXPERIMENTS_FOLDER), module);
  const path = below.startsWith('..') || isAbsolute(below) ? relative(root, module) : below;
  const inside = path.startsWith('..') || isAbsolute(path) ? basename(module) : path;
  return inside
    .slice(0, inside.length - extname(inside).length)
    .split(sep)
    .join('/');
}

/** The nearest folder at or above `from` that holds a package.json. */
export function nearestPackage(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function readConfig(root: string): ProjectConfig {
  const path = join(root, CONFIG_FILE);
  if (!existsSync(path)) return {};
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ComexError('E_FILE', `Expected ${CONFIG_FILE} to be JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new ComexError('E_FILE', `Expected ${CONFIG_FILE} to hold an object.`);
  }
  for (const key of Object.keys(config)) {
    if (CONFIG_KEYS.includes(key)) continue;
    const near = didYouMean(key, CONFIG_KEYS) || ` It may have: ${CONFIG_KEYS.join(', ')}.`;
    throw new ComexError('E_FILE', `Expected ${CONFIG_FILE} to have fields that comex knows, got "${key}".${near}`);
  }
  const { results, tags, plugins } = config as { results?: unknown; tags?: unknown; plugins?: unknown };
  if (results !== undefined && typeof results !== 'string') {
    throw new ComexError(
      'E_FILE',
      `Expected "results" in ${CONFIG_FILE} to be a path, got ${JSON.stringify(results)}.`,
    );
  }
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    throw new ComexError('E_FILE', `Expected "tags" in ${CONFIG_FILE} to be a list of texts.`);
  }
  if (plugins !== undefined && !(Array.isArray(plugins) && plugins.every(isPluginEntry))) {
    throw new ComexError(
      'E_FILE',
      `Expected "plugins" in ${CONFIG_FILE} to be a list of names, paths and objects with "use".`,
    );
  }
  return config as ProjectConfig;
}

function isPluginEntry(entry: unknown): boolean {
  if (typeof entry === 'string') return true;
  return typeof entry === 'object' && entry !== null && typeof (entry as { use?: unknown }).use === 'string';
}

function checkExtension(path: string, file: string): string {
  if (MODULE_EXTENSIONS.includes(extname(path))) return path;
  throw new ComexError('E_FILE', `Expected FILE to be a module (${MODULE_EXTENSIONS.join(', ')}), got "${file}".`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
