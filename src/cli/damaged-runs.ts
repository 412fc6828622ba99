import { lstatSync } from 'node:fs';
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
    const path = paths.find((each) => hasMeta(each) || hasLostMeta(each));
    const isDamaged = path !== undefined && !isReadable(path);
    if (isDamaged) damaged.add(path);
    return !isDamaged;
  });
  return { damaged: [...damaged], others };
}

/** Also metadata that are a link to nowhere, or one to itself. */
function hasMeta(path: string): boolean {
  return lstatSync(join(path, META_FILE), { throwIfNoEntry: false }) !== undefined;
}

/** What says nothing of the file itself, and may be over at the next try. */
const PASSING: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE']);

function isReadable(path: string): boolean {
  try {
    readMeta(path);
    return true;
  } catch (error) {
    if (!isComexError(error)) return true;
    if (error.code === 'E_STORAGE') return PASSING.has((error.cause as NodeJS.ErrnoException | undefined)?.code);
    return error.code !== 'E_RUN_FORMAT' && error.code !== 'E_RUN_NOT_FOUND';
  }
}
