import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { META_FILE } from '../archive/layout.ts';
import { readMeta } from '../archive/read-meta.ts';
import { hasLostMeta } from '../archive/walk.ts';
import { isComexError } from '../errors.ts';

/**
 * Parts words that are paths of runs whose metadata are damaged or lost from all others: only by its path such a run can
 * be meant, and few commands take one.
 */
export function partDamaged(
  words: readonly string[],
  { cwd, results }: { readonly cwd: string; readonly results: string },
): { readonly damaged: readonly string[]; readonly others: readonly string[] } {
  const damaged = new Set<string>();
  const others = words.filter((word) => {
    const paths = word === '' ? [] : [resolve(cwd, word), resolve(results, word)];
    const path = paths.find((each) => existsSync(join(each, META_FILE)) || hasLostMeta(each));
    const isDamaged = path !== undefined && !isReadable(path);
    if (isDamaged) damaged.add(path);
    return !isDamaged;
  });
  return { damaged: [...damaged], others };
}

function isReadable(path: string): boolean {
  try {
    readMeta(path);
    return true;
  } catch (error) {
    return !(isComexError(error) && (error.code === 'E_RUN_FORMAT' || error.code === 'E_RUN_NOT_FOUND'));
  }
}
