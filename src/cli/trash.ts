import { outermost } from '../manage/disk.ts';
import { deletable, deleteRun, purgeRun, restoreRun } from '../manage/trash.ts';
import { type DamagedTrash, inTrash, listTrash, type TrashedRun } from '../manage/trash-list.ts';
import { partDamaged } from './damaged-runs.ts';
import { parseDuration } from './duration.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { agoText, bytesText, countText } from './quantity.ts';
import type { SelectionOptions } from './selection.ts';
import type { TableColumn } from './table.ts';

interface DeleteOptions extends ManageOptions, SelectionOptions {
  readonly force: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `comex delete RUN...`: into the trash. Several runs need `--yes`: without it, what would go is said. */
export async function deleteCommand(words: readonly string[], given: DeleteOptions): Promise<number> {
  const scope = new ManageScope(given);
  const { damaged, others } = partDamaged(words, scope);
  const chosen = damaged.length > 0 && others.length === 0 ? [] : await scope.chosen(others, given);
  const folders = outermost([...damaged, ...chosen.map(({ path }) => path)]);
  const { force } = given;
  const isAsking = given.dryRun || (folders.length > 1 && !given.yes);
  const runs = scope.each(folders, (folder) => (isAsking ? deletable : deleteRun)(folder, scope.results, { force }));
  if (scope.json) scope.print({ deleted: !isAsking, failed: scope.failures, runs });
  else if (folders.length === 0) scope.say('No runs match; nothing was deleted.');
  else {
    listRuns(scope, runs);
    const what = `${countText(runs.length, 'run')}, ${bytesText(totalOf(runs))}`;
    if (isAsking) scope.say(`${what} would go into the trash. Nothing was deleted.`);
    else if (runs.length > 0)
      scope.say(`${what} in the trash: "comex restore ID" brings one back, "comex purge" frees the room.`);
  }
  if (!isAsking || given.dryRun) return scope.status;
  scope.warn(`Give --yes to delete ${countText(folders.length, 'run')}.`);
  return 2;
}

/** `comex restore ID...`; without any, what is in the trash. */
export function restoreCommand(words: readonly string[], given: ManageOptions): number {
  const scope = new ManageScope(given);
  if (words.length === 0) {
    const { runs, broken } = listTrash(scope.results);
    for (const { reason } of broken) scope.failed(reason);
    if (scope.json) scope.print(runs);
    else if (runs.length > 0) listRuns(scope, runs);
    else scope.say(broken.length === 0 ? 'The trash is empty.' : 'Nothing in the trash can be restored.');
    return scope.status;
  }
  const named = namedInTrash(words, scope);
  const restored = scope.each(named, ({ name }) => restoreRun(name, scope.results));
  if (scope.json) scope.print(restored);
  else for (const { id, folder } of restored) scope.say(`${id}  ${folder}`);
  return scope.status;
}

interface PurgeOptions extends ManageOptions {
  readonly olderThan?: string | undefined;
  readonly yes: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** `comex purge [RUN...] [--older-than 30d] --yes`: out of the trash for good, damaged entries when they are meant. */
export function purgeCommand(words: readonly string[], given: PurgeOptions): number {
  const scope = new ManageScope(given);
  const age = given.olderThan === undefined ? 0 : parseDuration(given.olderThan, '--older-than');
  const isOld = ({ deletedAt }: TrashedRun): boolean => Date.now() - Date.parse(deletedAt) >= age;
  const { runs: all, broken } = listTrash(scope.results);
  const named = words.length > 0 ? namedInTrash(words, scope) : given.force ? [...all, ...broken] : all;
  const isSpared = (entry: DamagedTrash): boolean => words.length === 0 && !given.force && isOld(entry);
  for (const { reason } of broken.filter(isSpared)) scope.failed(reason);
  const runs = named.filter(isOld);
  const isAsking = given.dryRun || !given.yes;
  const gone = isAsking
    ? runs
    : scope.each(runs, (run) => {
        purgeRun(run, scope.results);
        return run;
      });
  if (scope.json) scope.print({ purged: !isAsking, failed: scope.failures, bytes: totalOf(gone), runs: gone });
  else if (gone.length === 0) scope.say(runs.length > 0 ? 'Nothing was purged.' : 'Nothing in the trash to purge.');
  else {
    listRuns(scope, gone);
    const what = `${countText(gone.length, 'run')}, ${bytesText(totalOf(gone))}`;
    scope.say(isAsking ? `${what} would be gone for good. Nothing was purged.` : `${what} freed.`);
  }
  if (given.dryRun || given.yes || runs.length === 0) return scope.status;
  scope.warn('Give --yes to remove them for good.');
  return 2;
}

/** The deleted runs that words mean. @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, before anything is done */
function namedInTrash(words: readonly string[], { results }: ManageScope): TrashedRun[] {
  const { runs, broken } = listTrash(results);
  return [...new Set(words.map((word) => inTrash(word, [...runs, ...broken], results)))];
}

function totalOf(runs: readonly TrashedRun[]): number {
  return runs.reduce((sum, { bytes }) => sum + bytes, 0);
}

const COLUMNS: readonly TableColumn[] = [
  { head: 'id' },
  { head: 'size', align: 'right' },
  { head: 'deleted' },
  { head: 'path', shrink: true, min: 10 },
];

function listRuns(scope: ManageScope, runs: readonly TrashedRun[]): void {
  const now = Date.now();
  const rows = runs.map(({ id, bytes, deletedAt, path }) => [
    id,
    bytesText(bytes),
    agoText(new Date(Date.parse(deletedAt)), now),
    path,
  ]);
  if (rows.length > 0) scope.table(COLUMNS, rows);
}
