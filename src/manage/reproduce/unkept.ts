import { existsSync, mkdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { RunTree } from '../../archive/children.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { walkTree } from '../folder-tree.ts';
import { copyIn } from './copy.ts';
import type { InputPlaces } from './inputs.ts';
import { mirrored } from './places.ts';
import type { Difference } from './types.ts';

/** Folders that code names may hold anything: beyond this, they are left out. */
const FOLDER_LIMIT = 1024 * 1024 * 1024;
const COMPUTED = 'computed import';
/** Such a file is imported: without it nothing can be run. */
const NEEDED = /^(?:outside the project|a file of secrets|larger than)/;
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * Puts the files that the snapshot lacks where the code looks for them, as they are now in the project, and names each.
 *
 * @throws ComexError `E_FILE` for a file of code that is nowhere, `E_STORAGE`
 */
export function placeUnkept(tree: RunTree, places: InputPlaces): Difference[] {
  const differences = new Map<string, Difference>();
  const visit = ({ run, children }: RunTree): void => {
    const inputs = new Set(run.original.inputs.map(({ path }) => path));
    for (const { path, reason } of skippedOf(run)) {
      // A file may be named by what imports it, and by what reads it.
      const key = resolve(places.root, path);
      if (inputs.has(path) || differences.has(key)) continue;
      differences.set(key, placeOne(path, reason, places));
    }
    for (const child of children) visit(child);
  };
  visit(tree);
  return [...differences.values()];
}

function skippedOf({ original: { snapshot } }: RunTree['run']): ReadonlyArray<{ path: string; reason: string }> {
  const skipped: readonly unknown[] = Array.isArray(snapshot?.skipped) ? snapshot.skipped : [];
  const all = skipped.flatMap((entry) => {
    const { path, reason } = Object(entry) as { readonly path?: unknown; readonly reason?: unknown };
    return typeof path === 'string' && typeof reason === 'string' ? [{ path, reason }] : [];
  });
  const needed = (reason: string): number => (NEEDED.test(reason) ? 0 : 1);
  return all.sort((a, b) => needed(a.reason) - needed(b.reason));
}

function placeOne(path: string, reason: string, { base, root, roots }: InputPlaces): Difference {
  const recorded = `not kept: ${reason.replace(/: .*/, '')}`;
  if (reason.startsWith(COMPUTED)) {
    return { part: 'code', name: path, recorded, note: 'what it imports is known only when it runs' };
  }
  const to = mirrored(base, resolve(root, path));
  const from = (isAbsolute(path) ? [path] : roots.map((each) => resolve(each, path))).find((each) => existsSync(each));
  const now = from === undefined ? {} : { now: from };
  if (existsSync(to)) {
    const note = from === undefined ? 'what the snapshot has there is used' : 'the file of today is used';
    return { part: 'code', name: path, recorded, ...now, note };
  }
  if (from === undefined) {
    if (NEEDED.test(reason)) {
      throw new ComexError(
        'E_FILE',
        `Expected ${path}, which the run imports and did not keep (${reason}), in ${roots.join(' or ')}, found none. Put it there.`,
      );
    }
    return { part: 'code', name: path, recorded, note: 'it is not there any more' };
  }
  const note = copyAll(from, to) ? 'the file of today is used' : 'too large to copy: it is not there for the code';
  return { part: 'code', name: path, recorded, ...now, note };
}

/** Copies a file or folder: what code writes there must not change the project. Whether it was small enough. */
function copyAll(from: string, to: string): boolean {
  const isFolder = statSync(from).isDirectory();
  const files = (isFolder ? [...walkTree(from)] : [{ path: from, name: '', kind: 'file' as const }]).filter(
    ({ name, kind }) => kind === 'file' && !name.split('/').some((part) => LEFT_OUT.has(part)),
  );
  try {
    if (isFolder && files.reduce((sum, { path }) => sum + statSync(path).size, 0) > FOLDER_LIMIT) return false;
    if (isFolder) mkdirSync(to, { recursive: true });
    for (const { path, name } of files) {
      const target = join(to, name);
      if (!existsSync(target)) copyIn(path, target);
    }
  } catch (error) {
    throw storageError(error, 'copy', from);
  }
  return true;
}
