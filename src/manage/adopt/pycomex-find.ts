import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { META_FILE } from '../../archive/layout.ts';
import { TRASH_PREFIX } from '../../archive/walk.ts';
import { parseLooseJson } from '../../codec/loose-json.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { type Fields, fieldsOf } from './fields.ts';

/** Metadata have few values: what is longer is something else. */
const LARGEST_META = 64 * 1024 * 1024;

/** A folder that holds metadata, of whichever program, or that could not be looked into. */
export type Candidate =
  | { readonly kind: 'pycomex'; readonly folder: string; readonly text: string; readonly meta: Fields }
  | { readonly kind: 'comex'; readonly folder: string }
  | { readonly kind: 'broken'; readonly folder: string; readonly reason: string };

/**
 * Every folder with metadata in a tree, sorted by path. Nothing is looked for inside of such a folder. Links to folders
 * are followed, each once.
 *
 * @throws ComexError `E_FILE` when there is no such folder
 */
export function* findCandidates(root: string): Generator<Candidate, void, undefined> {
  refuseNoFolder(root);
  yield* walk(root, new Set());
}

/** @throws ComexError `E_FILE` */
export function refuseNoFolder(path: string): void {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw storageError(error, 'read', path);
    throw new ComexError('E_FILE', `Expected a folder of results, found nothing at ${path}. Check the path.`);
  }
  if (isFolder) return;
  const advice = 'Give the folder that holds it.';
  throw new ComexError('E_FILE', `Expected a folder of results, but ${path} is a file. ${advice}`);
}

function* walk(folder: string, seen: Set<string>): Generator<Candidate, void, undefined> {
  let names: string[];
  try {
    const real = realpathSync(folder);
    if (seen.has(real)) return;
    seen.add(real);
    names = readdirSync(folder).sort();
  } catch (error) {
    yield { kind: 'broken', folder, reason: storageError(error, 'read', folder).message };
    return;
  }
  if (names.includes(META_FILE)) {
    yield candidateOf(folder);
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    const isHidden = name === '.comex' || name === '.git' || name === 'node_modules' || name.startsWith(TRASH_PREFIX);
    if (!isHidden && isFolder(path)) yield* walk(path, seen);
  }
}

/** A link that leads nowhere, or in a circle, is none. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function candidateOf(folder: string): Candidate {
  const path = join(folder, META_FILE);
  const broken = (reason: string): Candidate => ({ kind: 'broken', folder, reason });
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return broken(`its ${META_FILE} is no file`);
    if (stats.size > LARGEST_META) return broken(`its ${META_FILE} has ${stats.size} bytes, which no metadata have`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return broken(storageError(error, 'read', path).message);
  }
  let meta: Fields | undefined;
  try {
    meta = fieldsOf(parseLooseJson(text));
  } catch (error) {
    const why = text === '' ? 'it is empty' : (error as Error).message;
    return broken(`its ${META_FILE} is damaged: ${why}`);
  }
  if (meta === undefined) return broken(`its ${META_FILE} holds no object`);
  if (typeof meta.format === 'number' && typeof meta.id === 'string') return { kind: 'comex', folder };
  if ('start_time' in meta && fieldsOf(meta.parameters) !== undefined) return { kind: 'pycomex', folder, text, meta };
  return broken(`its ${META_FILE} is not one of PyComex: it needs "start_time" and "parameters"`);
}
