import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { storageError } from '../codec/storage.ts';
import { ComexError, didYouMean } from '../errors.ts';
import { isConfigPath } from '../experiment/chain.ts';
import { readModule } from '../experiment/source/read-module.ts';
import { relocatedConfig, relocatedModule, specifierOf } from './new-relocate.ts';
import { TEMPLATE_NAMES, templateText } from './templates/index.ts';

/** Folder below experiments/ in which a project keeps templates of its own. */
export const TEMPLATES_FOLDER = 'templates';
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.yml', '.yaml'];

/** What a new experiment is copied from. */
export interface Template {
  /** What the new file ends in; the first is added to a name without. */
  readonly extensions: readonly string[];
  readonly isConfig: boolean;
  /** The text for a file, by its absolute path. */
  text(path: string, extra: { readonly description?: string; readonly tags: readonly string[] }): string;
}

/**
 * The template of a name: of the project, else of comex.
 *
 * @param experiments Absolute path of experiments/.
 * @throws ComexError `E_FILE` with the nearest name when there is none
 */
export function findTemplate(name: string, experiments: string): Template {
  const own = projectTemplates(join(experiments, TEMPLATES_FOLDER));
  const path = own.find((each) => basename(each, extname(each)) === name || basename(each) === name);
  if (path !== undefined) return projectTemplate(path);
  const known = TEMPLATE_NAMES.find((each) => each === name);
  if (known === undefined) {
    const names = [...own.map((each) => basename(each, extname(each))), ...TEMPLATE_NAMES];
    throw new ComexError(
      'E_FILE',
      `Expected a template, got "${name}".${didYouMean(name, names)} There are: ${[...new Set(names)].join(', ')}.`,
    );
  }
  return {
    extensions: ['.ts', '.mts'],
    isConfig: false,
    text: (target, { description }) => templateText(known, specifierOf(target, target), description),
  };
}

function projectTemplates(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => EXTENSIONS.includes(extname(name)) && !/\.d\.m?ts$/.test(name));
    return names.sort((a, b) => rank(a) - rank(b)).map((name) => join(folder, name));
  } catch {
    return []; // most projects have none
  }
}

function rank(name: string): number {
  return EXTENSIONS.indexOf(extname(name));
}

function projectTemplate(path: string): Template {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw storageError(error, 'read', path);
  }
  if (isConfigPath(path)) {
    return {
      extensions: [extname(path), ...EXTENSIONS.filter(isConfigPath)],
      isConfig: true,
      text: (target, extra) => relocatedConfig(text, path, target, extra),
    };
  }
  if (!readModule(path, text).exports.includes('default')) {
    const advice = 'A mixin is made with --mixin.';
    throw new ComexError(
      'E_EXPERIMENT',
      `Expected the template ${path} to have a default export, the function that runs the experiment. ${advice}`,
    );
  }
  return {
    extensions: [extname(path)],
    isConfig: false,
    text: (target, { description }) => relocatedModule(text, path, target, description),
  };
}
