import { createHash } from 'node:crypto';
import { sha256OfFile } from '../../codec/hash.ts';
import { isComexError } from '../../errors.ts';
import type { SourceFile } from './source-files.ts';

/**
 * What tells a run from every other one: what was said of it, and the contents of all its files. Wherever the folder lies,
 * it is the same; when a byte of it changes, it is another.
 *
 * @param said what was understood of it beside its files, as a text
 */
export function identityOf(said: string, files: readonly SourceFile[]): string {
  const hash = createHash('sha256').update(said);
  for (const { path, source } of files) hash.update(`\0${path}\0${contentOf(source)}`);
  return hash.digest('hex');
}

/** One that cannot be read is left out of the run, too. */
function contentOf(path: string): string {
  try {
    return sha256OfFile(path);
  } catch (error) {
    if (!isComexError(error)) throw error;
    return '';
  }
}
