import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { storageError } from '../codec/storage.ts';
import type { Closure } from '../experiment/load/closure.ts';
import { onProcess } from './process-events.ts';

const PACKAGES = 'node_modules';
/** What comex gives to an experiment itself. */
const OWN = 'comex';

/** A copy of a snapshot beside the packages of a project. */
export interface Borrowed {
  readonly code: string;
  /** The project whose packages it has. */
  readonly root: string;
  readonly remove: () => void;
}

/**
 * A copy of a snapshot that finds the packages of a project, when more of those that it imports are there than around
 * the snapshot itself; undefined where the snapshot can be loaded in its place, or as well as anywhere. A run folder is
 * not written into, and a project neither: the copy lies among the temporary files.
 *
 * @throws ComexError `E_STORAGE`
 */
export function borrowPackages(code: string, closure: Closure, roots: readonly string[]): Borrowed | undefined {
  const names = packagesOf(closure);
  const count = (folder: string): number => names.filter((name) => has(folder, name)).length;
  const there = count(code);
  if (there === names.length) return undefined;
  const best = roots.toSorted((a, b) => count(b) - count(a))[0];
  return best === undefined || count(best) <= there ? undefined : copyBeside(code, best);
}

/** The packages that imports name, as far as the text tells: a name too many does no harm. */
function packagesOf(closure: Closure): string[] {
  const names = new Set<string>();
  for (const { text, resolved } of closure.values()) {
    for (const [, , specifier = ''] of text.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"])([^'"\s]+)\1/g)) {
      if (/^[./#]|:/.test(specifier) || resolved.has(specifier) || isBuiltin(specifier)) continue;
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
      if (name !== undefined && name !== OWN) names.add(name);
    }
  }
  return [...names];
}

/** Whether a package is in the folder or above it. */
function has(folder: string, name: string): boolean {
  return packageFolders(folder).some((packages) => existsSync(join(packages, name)));
}

/** The folders of packages that code in a folder looks into, the nearest first. */
export function packageFolders(folder: string): string[] {
  const own = join(folder, PACKAGES);
  const above = dirname(folder) === folder ? [] : packageFolders(dirname(folder));
  return existsSync(own) ? [own, ...above] : above;
}

function copyBeside(code: string, root: string): Borrowed {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'comex-code-')));
  const remove = (): void => {
    forget();
    rmSync(base, { recursive: true, force: true });
  };
  const forget = onProcess('exit', remove);
  try {
    let folder = base;
    for (const packages of packageFolders(root).toReversed()) {
      folder = join(folder, 'in');
      mkdirSync(folder);
      symlinkSync(packages, join(folder, PACKAGES), 'junction');
    }
    const copy = join(folder, 'code');
    cpSync(code, copy, { recursive: true });
    return { code: copy, root, remove };
  } catch (error) {
    remove();
    throw storageError(error, 'create', base);
  }
}
