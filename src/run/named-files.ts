import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { ProjectFile } from '../experiment/load/closure.ts';

/** What may be a path: no escapes, no `${}`, and a `/` or an extension. */
const QUOTED = /(?<=['"`])[^'"`\\\n$\0]{1,300}(?=['"`])/g;
const PATH_LIKE = /\/|\.[A-Za-z0-9]{1,8}$/;

/**
 * The files and folders on disk that a source names in its strings (`'data/train.csv'`), from the root or from its own
 * place: what it may read besides its imports. Paths made at run time stay unknown.
 *
 * @returns with forward slashes, relative to the root; absolute where they are outside it
 */
export function namedFiles(file: ProjectFile, root: string): string[] {
  const found = new Set<string>();
  for (const [text] of file.text.matchAll(QUOTED)) {
    if (!PATH_LIKE.test(text) || text.includes('://')) continue;
    for (const base of [root, dirname(file.path)]) {
      const path = resolve(base, text);
      const place = relative(root, path);
      const isInside = place !== '' && !place.startsWith('..') && !isAbsolute(place);
      const stats = place.split(sep).includes('node_modules') ? undefined : statSync(path, { throwIfNoEntry: false });
      // A folder outside the project is rarely data: `/tmp`, `..`.
      if (stats?.isFile() || (isInside && stats?.isDirectory()))
        found.add(isInside ? place.split(sep).join('/') : path);
    }
  }
  return [...found];
}
