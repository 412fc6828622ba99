import { resolve } from 'node:path';
import { ComexError } from '../errors.ts';
import { writeBundle } from '../manage/bundle-export.ts';
import { type ImportedRun, importBundle } from '../manage/bundle-import.ts';
import { whyStillBusy } from '../manage/busy.ts';
import { outermost } from '../manage/disk.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { bytesText, countText } from './quantity.ts';
import type { SelectionOptions } from './selection.ts';

interface CompressOptions extends ManageOptions, SelectionOptions {
  readonly out?: string | undefined;
  readonly force: boolean;
}

/** `comex compress RUN... [--out FILE]`: one file of all runs that are chosen. Returns the exit status. */
export async function compressCommand(words: readonly string[], given: CompressOptions): Promise<number> {
  const scope = new ManageScope(given);
  const folders = outermost((await scope.chosen(words, given)).map(({ path }) => path));
  if (folders.length === 0) {
    if (scope.json) scope.print(null);
    else scope.say('No runs match; nothing was written.');
    return scope.status;
  }
  for (const folder of given.force ? [] : folders) {
    const busy = whyStillBusy(folder);
    if (busy === undefined) continue;
    const advice = 'Wait for it, or give --force: what it writes meanwhile may be missing.';
    throw new ComexError('E_RUN_BUSY', `Cannot compress the run in ${folder}: ${busy}. ${advice}`);
  }
  const file = resolve(scope.cwd, given.out ?? nameFor(folders));
  const bundle = await writeBundle(folders, scope.results, file);
  for (const { path, reason } of bundle.left) scope.warn(`${path} was left out: ${reason}.`);
  if (scope.json) scope.print(bundle);
  else {
    const { runs, files, unpacked, bytes } = bundle;
    const what = `${countText(runs.length, 'run')}, ${countText(files, 'file')}, ${bytesText(unpacked)}`;
    scope.say(`${file}: ${what} in ${bytesText(bytes)}`);
  }
  return scope.status;
}

/** `comex import FILE [--dry-run]`. Returns the exit status. */
export async function importCommand(
  file: string,
  given: ManageOptions & { readonly into?: string | undefined; readonly dryRun: boolean },
): Promise<number> {
  const scope = new ManageScope({ json: given.json, results: given.into ?? given.results });
  const runs = await importBundle(resolve(scope.cwd, file), scope.results, { dryRun: given.dryRun });
  for (const { id, reason } of runs)
    if (reason !== undefined) scope.failed(`The run ${id} was not imported: ${reason}.`);
  if (scope.json) scope.print(runs);
  else {
    const said = (run: ImportedRun): string =>
      run.outcome === 'same' ? 'is there already' : given.dryRun ? 'would be imported' : 'imported';
    for (const run of runs) if (run.outcome !== 'refused') scope.say(`${run.id}  ${said(run)}  ${run.folder}`);
  }
  return scope.status;
}

/** `comex-<id>.tar.gz`, or with the number of runs. */
function nameFor(folders: readonly string[]): string {
  const [folder = ''] = folders;
  const name = folders.length === 1 ? (/[^\\/]+$/.exec(folder)?.[0] ?? 'run') : `${folders.length}-runs`;
  return `comex-${name.replace(/[^\w.-]/g, '_')}.tar.gz`;
}
