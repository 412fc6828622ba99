import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isTemporary } from '../codec/atomic.ts';
import { storageError } from '../codec/storage.ts';
import { ANALYSIS_FILE, type ArtifactRecord, OWN_FOLDERS, OWN_PREFIX } from './layout.ts';

/**
 * The user's files in a run folder: everything that comex does not own, sorted by path. A symbolic link to a file of the
 * user in the folder is listed; one to a folder is not followed, since what it leads to is either listed where it is, or
 * outside. A folder below that cannot be read is passed over.
 *
 * @throws ComexError `E_STORAGE` when the run folder cannot be read
 */
export function listArtifacts(folder: string): ArtifactRecord[] {
  const found: ArtifactRecord[] = [];
  try {
    const root = realpathSync(folder);
    const entries = readdirSync(root, { withFileTypes: true }).filter((entry) => !isOwn(entry.name));
    collect(root, '', entries, found);
  } catch (error) {
    throw storageError(error, 'read', folder);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function collect(root: string, prefix: string, entries: readonly Dirent[], found: ArtifactRecord[]): void {
  for (const entry of entries) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) {
      const inside = quietly(() => readdirSync(join(root, path), { withFileTypes: true })) ?? [];
      collect(root, `${path}/`, inside, found);
    } else if (!isTemporary(entry.name)) {
      const target = entry.isSymbolicLink() ? linkTarget(root, join(root, path)) : join(root, path);
      const stats = target === undefined ? undefined : quietly(() => statSync(target));
      if (stats?.isFile() === true) found.push({ path, bytes: stats.size });
    }
  }
}

function isOwn(name: string): boolean {
  return OWN_FOLDERS.includes(name) || name.startsWith(OWN_PREFIX) || name === ANALYSIS_FILE;
}

/** The real path that a link leads to, when that is the user's and inside the run folder. */
function linkTarget(root: string, link: string): string | undefined {
  const target = quietly(() => realpathSync(link));
  if (target === undefined || !target.startsWith(root + sep)) return undefined;
  return isOwn(target.slice(root.length + 1).split(sep)[0] as string) ? undefined : target;
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
