import { existsSync } from 'node:fs';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import { ComexError, didYouMean } from '../../errors.ts';
import type { Plugin, PluginFactory, PluginProject } from '../plugin.ts';
import { notify } from './notify.ts';
import { packagePath } from './package-path.ts';
import { tensorboard } from './tensorboard.ts';

/** An entry of `plugins` in `comex.config.json`: what to use, with its options. */
export type PluginEntry = string | { readonly use: string; readonly [option: string]: unknown };

/** Imports a module of the project by its absolute path. */
export type ImportModule = (path: string) => Promise<Readonly<Record<string, unknown>>>;

const OWN: Readonly<Record<string, PluginFactory>> = { notify, tensorboard };
const HANDLERS = ['beforeRun', 'afterRun', 'onTrack', 'onCommit', 'onError'] as const;

/** Makes the plugin of an entry, within a time in ms. @throws ComexError `E_PLUGIN` */
export async function loadPlugin(
  entry: PluginEntry,
  project: PluginProject,
  importModule: ImportModule,
  patience: number,
): Promise<{ readonly name: string; readonly plugin: Plugin }> {
  const { use, ...options } = typeof entry === 'string' ? { use: entry } : checkEntry(entry);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it took longer than ${patience / 1000} s.`);
    timer = setTimeout(() => reject(error), patience);
  });
  const make = async (): Promise<Plugin> => {
    const made = Object.hasOwn(OWN, use) ? OWN[use]! : await importPlugin(use, project, importModule);
    return typeof made === 'function' ? made(options, project) : made;
  };
  try {
    const plugin = checkPlugin(await Promise.race([make(), late]), use, options);
    return { name: plugin.name ?? shortName(use), plugin };
  } catch (cause) {
    if (cause instanceof ComexError && cause.code === 'E_PLUGIN') throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw refuse(use, `It could not be loaded: ${message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function checkEntry(entry: Exclude<PluginEntry, string>): Exclude<PluginEntry, string> {
  if (typeof entry === 'object' && entry !== null && typeof entry.use === 'string' && entry.use !== '') return entry;
  throw new ComexError(
    'E_PLUGIN',
    `Expected each of "plugins" in comex.config.json to be a name, a path or { "use": "..." }, got ${JSON.stringify(entry)}.`,
  );
}

async function importPlugin(
  use: string,
  project: PluginProject,
  importModule: ImportModule,
): Promise<Plugin | PluginFactory> {
  const module = await importModule(pathOf(use, project.root));
  const exported = module['default'];
  // What a compiler made of a default export for `require`.
  const inner = (exported as { readonly __esModule?: boolean; readonly default?: unknown } | undefined)?.default;
  const found = typeof exported === 'object' && inner !== undefined ? inner : exported;
  if (typeof found === 'function' || (typeof found === 'object' && found !== null)) return found as Plugin;
  throw refuse(use, 'Expected its module to export a plugin, or a function that makes one, as its default.');
}

function pathOf(use: string, root: string): string {
  if (/^\.{1,2}[\\/]/.test(use) || isAbsolute(use)) {
    const path = resolve(root, use);
    if (existsSync(path)) return path;
    throw refuse(use, `There is no file ${path}. Give a path relative to comex.config.json.`);
  }
  const path = packagePath(use, root);
  if (path !== undefined) return path;
  const near = didYouMean(use, Object.keys(OWN));
  throw refuse(
    use,
    `No package of this name is installed.${near === '' ? ` A module of the project begins with ./, and ours are ${Object.keys(OWN).join(' and ')}.` : near}`,
  );
}

/** A handler under a misspelt name would never be called, and nobody would notice. */
function checkPlugin(plugin: Plugin, use: string, options: Readonly<Record<string, unknown>>): Plugin {
  if (typeof plugin !== 'object' || plugin === null) {
    throw refuse(use, `Expected its function to return a plugin, got ${plugin === null ? 'null' : typeof plugin}.`);
  }
  const fields = plugin as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) {
    if (!/^(before|after|on)[A-Z]/.test(name) || HANDLERS.some((handler) => handler === name)) continue;
    throw refuse(use, `It has "${name}", which nothing calls.${didYouMean(name, HANDLERS)}`);
  }
  for (const handler of HANDLERS) {
    if (fields[handler] === undefined || typeof fields[handler] === 'function') continue;
    throw refuse(use, `Expected its ${handler} to be a function, got ${typeof fields[handler]}.`);
  }
  if (HANDLERS.every((handler) => fields[handler] === undefined)) {
    const advice = Object.keys(options).length > 0 ? ' Options are for modules that export a function.' : '';
    throw refuse(use, `Expected it to have at least one of ${HANDLERS.join(', ')}.${advice}`);
  }
  return plugin;
}

function shortName(use: string): string {
  return /[\\/]/.test(use) && !use.startsWith('@') ? basename(use, extname(use)) : use;
}

function refuse(use: string, problem: string, options?: { readonly cause: unknown }): ComexError {
  return new ComexError('E_PLUGIN', `The plugin ${JSON.stringify(use)} in comex.config.json: ${problem}`, options);
}
