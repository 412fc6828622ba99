import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ANALYSIS_FILE, CODE_FOLDER, OWN_FOLDERS, OWN_PREFIX } from '../../archive/layout.ts';
import { isTemporary } from '../../codec/atomic.ts';
import { isSafeRelativePath } from '../../codec/names.ts';
import { storageError } from '../../codec/storage.ts';
import { isSecretFile } from '../../run/redact.ts';
import type { FoundFile, Report } from './found.ts';

/** Where an artifact goes whose name belongs to comex. */
const ASIDE = 'original';
/** Made anew by whoever needs them. */
const CACHES = new Set(['__pycache__', '.cache', '.ipynb_checkpoints', '.git', 'node_modules']);

/** A file of a folder of results. */
export interface SourceFile {
  /** Absolute. */
  readonly source: string;
  /** In the folder, with forward slashes. */
  readonly path: string;
}

/**
 * The files of a folder of results, sorted by path. Links to other files of it count as files, links out of it and to
 * folders are not followed; caches are passed over. What cannot be taken is told to the report.
 */
export function listFiles(folder: string, report: Report): SourceFile[] {
  const files: SourceFile[] = [];
  collect(folder, '', files, report);
  return files;
}

function collect(folder: string, prefix: string, files: SourceFile[], report: Report): void {
  let names: string[];
  try {
    names = readdirSync(join(folder, prefix)).sort();
  } catch (error) {
    report.problems.push(storageError(error, 'read', join(folder, prefix)).message);
    return;
  }
  for (const name of names) {
    const path = prefix + name;
    const source = join(folder, path);
    try {
      if (lstatSync(source).isDirectory()) {
        if (!CACHES.has(name)) collect(folder, `${path}/`, files, report);
      } else if (!name.endsWith('.pyc') && !isTemporary(name)) {
        const why = whyNotTaken(folder, path);
        if (why === undefined) files.push({ source, path });
        else report.remarks.push(`${path} was left out: ${why}`);
      }
    } catch (error) {
      report.problems.push(`${path} was left out: ${storageError(error, 'read', source).message}`);
    }
  }
}

function whyNotTaken(folder: string, path: string): string | undefined {
  const source = join(folder, path);
  if (isSecretFile(path)) return 'it is a file of secrets';
  if (!isSafeRelativePath(path)) return 'not every system can keep a file of that name';
  const stats = statSync(source);
  if (stats.isDirectory()) return 'it is a link to a folder';
  if (!stats.isFile()) return 'it is no file';
  if (!lstatSync(source).isSymbolicLink()) return undefined;
  const target = realpathSync(source);
  if (!target.startsWith(join(realpathSync(folder), '/'))) return `it is a link out of the folder, to ${target}`;
  return isSecretFile(basename(target)) ? 'it is a link to a file of secrets' : undefined;
}

/** Places of files as artifacts; where a name belongs to comex, the file goes into a folder of its own. */
export function asArtifacts(files: readonly SourceFile[], report: Report): FoundFile[] {
  const taken = new Set(files.map(({ path }) => path.split('/')[0]!.toLowerCase()));
  let aside = ASIDE;
  while (taken.has(aside)) aside += '_';
  return files.map(({ source, path }) => {
    const isKept = isOwn(path.split('/')[0]!);
    if (isKept) report.remarks.push(`${path} is now ${aside}/${path}: the name belongs to comex`);
    return { source, path: isKept ? `${aside}/${path}` : path };
  });
}

export function asCode(files: readonly SourceFile[]): FoundFile[] {
  return files.map(({ source, path }) => ({ source, path: `${CODE_FOLDER}/${path}` }));
}

/** Whether a name at the top of a run folder belongs to comex, also where case makes no difference. */
function isOwn(name: string): boolean {
  const folded = name.toLowerCase();
  return OWN_FOLDERS.includes(folded) || folded.startsWith(OWN_PREFIX) || folded === ANALYSIS_FILE;
}
