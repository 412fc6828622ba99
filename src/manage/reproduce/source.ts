import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type LoadedRun, loadRun } from '../../archive/load.ts';
import { selectRun } from '../../archive/select.ts';
import { ComexError } from '../../errors.ts';
import { importBundle } from '../bundle-import.ts';

/** What `comex compress` calls its files; they may have been renamed. */
const BUNDLE = /\.(?:tar\.gz|tgz)$/;
const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * The run that is to be reproduced: what `comex show` takes, or a file that `comex compress` made of one run, which is
 * unpacked into a temporary folder.
 *
 * @throws ComexError as `selectRun`, `loadRun` and `importBundle` do, `E_RUN_AMBIGUOUS` for a file of several runs
 */
export async function openOriginal(
  word: string,
  where: { readonly results: string; readonly cwd: string },
  temporary: string,
): Promise<LoadedRun> {
  const file = resolve(where.cwd, word);
  if (!isBundle(file)) return loadRun(selectRun(word, where));
  const runs = await importBundle(file, join(temporary, 'bundle'), { dryRun: false });
  const outer = runs.filter(({ folder }) => !runs.some((other) => dirname(dirname(folder)) === other.folder));
  const [only] = outer;
  if (only !== undefined && outer.length === 1) return loadRun(only.folder);
  const ids = outer.map(({ id }) => id).slice(0, 5);
  throw new ComexError(
    'E_RUN_AMBIGUOUS',
    `Expected ${word} to hold one run, but it holds ${outer.length}: ${ids.join(', ')}${outer.length > ids.length ? ', ...' : ''}. Put them into an archive with "comex import", then name one.`,
  );
}

function isBundle(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  if (BUNDLE.test(file)) return true;
  const start = Buffer.alloc(GZIP.length);
  const opened = openSync(file, 'r');
  try {
    return readSync(opened, start) === start.length && start.equals(GZIP);
  } finally {
    closeSync(opened);
  }
}
