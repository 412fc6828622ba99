import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { plannedFolder } from '../archive/folder.ts';
import { refuseUnsafePath } from '../codec/names.ts';
import { ComexError } from '../errors.ts';
import { SKIPPED } from '../experiment/modules.ts';

const EXTENSION = /\.([cm]?[jt]sx?|ya?ml|json)$/i;
const EXPERIMENT = /\.(m?[jt]s|ya?ml)$/;
/** What imports, shells and file systems all take as it is. */
const SEGMENT = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_. -]*$/u;

/** What a new file is to be. */
export interface NewFile {
  /** Absolute path of `experiments/`. */
  readonly experiments: string;
  /** Folder below it that the name is relative to: none, or `mixins`. */
  readonly folder: '' | 'mixins';
  /** What it may end in; the first is added to a name without. */
  readonly extensions: readonly string[];
  /** For messages: `a module`. */
  readonly what: string;
  readonly cwd: string;
}

/**
 * Absolute path of the file that NAME stands for, which is not there yet.
 *
 * @throws ComexError `E_NAME` for a name that not all systems, imports and run folders can keep; `E_FILE` when an
 * experiment of that name is there already
 */
export function newPath(name: string, file: NewFile): string {
  const { experiments, folder, extensions, what } = file;
  const plain = name.replace(/^(?:\.\/)?(?:experiments\/)?/, '');
  const inFolder = folder !== '' && plain.startsWith(`${folder}/`) ? plain.slice(folder.length + 1) : plain;
  const extension = EXTENSION.exec(inFolder)?.[0];
  if (extension !== undefined && !extensions.includes(extension)) {
    const advice = `Leave the extension out, and it is ${extensions[0]}.`;
    throw new ComexError('E_NAME', `Expected NAME to end like ${what}, got "${name}". ${advice}`);
  }
  const stem = extension === undefined ? inFolder : inFolder.slice(0, -extension.length);
  refuseName(stem, folder);
  const path = join(experiments, folder, stem + (extension ?? extensions[0]));
  refuseTaken(path, file);
  return path;
}

function refuseName(stem: string, folder: string): void {
  const advice = 'Use a name such as "vision/digits".';
  try {
    refuseUnsafePath(stem, 'NAME');
    plannedFolder({ results: '', namespace: stem, prefix: '', debug: true, now: new Date(0) });
  } catch (error) {
    if (!(error instanceof ComexError)) throw error;
    throw new ComexError('E_NAME', error.message.replace(/ Use a(?:nother)? name .*$/s, ` ${advice}`));
  }
  const segments = stem.split('/');
  const strange = segments.find((segment) => !SEGMENT.test(segment));
  if (strange !== undefined) {
    const rule = 'letters, digits, spaces, "_", "-" and ".", with a letter, a digit or "_" first';
    throw new ComexError('E_NAME', `Expected NAME to be of ${rule}, got ${JSON.stringify(strange)}. ${advice}`);
  }
  if (/\.d$/.test(stem)) {
    throw new ComexError('E_NAME', `Expected NAME not to end in ".d", which is for declarations of types. ${advice}`);
  }
  const hidden = segments.slice(0, -1).find((segment) => segment !== 'templates' && SKIPPED.has(segment));
  if (hidden === undefined || folder !== '') return;
  const hint = hidden === 'mixins' ? 'A mixin is made with --mixin.' : advice;
  throw new ComexError('E_NAME', `Expected NAME to be no file in ${hidden}/, which holds no experiments. ${hint}`);
}

/** Also under another extension: both would have the same name and the same runs. */
function refuseTaken(path: string, { cwd }: NewFile): void {
  const stem = basename(path).replace(EXPERIMENT, '');
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return;
  }
  const taken = names.find(
    (name) => name === basename(path) || (EXPERIMENT.test(name) && name.replace(EXPERIMENT, '') === stem),
  );
  if (taken !== undefined) throw takenError(join(dirname(path), taken), cwd);
}

/** The error for a file that is there already. */
export function takenError(path: string, cwd: string): ComexError {
  const advice = 'Nothing was written. Choose another NAME, or remove that file.';
  return new ComexError(
    'E_FILE',
    `Expected a NAME that is free, but there is ${shownPath(path, cwd)} already. ${advice}`,
  );
}

/** A path as it is typed in the working directory. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below === '' || below.startsWith('..') ? path : below.split(sep).join('/');
}
