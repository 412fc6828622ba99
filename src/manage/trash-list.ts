import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { TRASH_PREFIX } from '../archive/walk.ts';
import { decode } from '../codec/json.ts';
import { storageError } from '../codec/storage.ts';
import { ComexError } from '../errors.ts';
import { measureFolder, type Usage } from './disk.ts';
import { isGone, pathInside } from './folder-tree.ts';

/** Where deleted runs go, in the archive's folder. Everything that begins so is passed over by whoever reads an archive. */
export const TRASH_FOLDER = TRASH_PREFIX;
export const RECORD_FILE = 'deleted.json';
export const CONTENT_FOLDER = 'run';

/** One deleted run. */
export interface TrashedRun extends Usage {
  /** Name of its folder in the trash: `<deletion time>__<id>`. */
  readonly name: string;
  readonly id: string;
  readonly namespace: string;
  /** Where it was, relative to the archive, with forward slashes. */
  readonly path: string;
  /** ISO 8601, UTC. */
  readonly deletedAt: string;
}

/** A folder in the trash that does not say what it was: its path is that of the folder itself. */
export interface DamagedTrash extends TrashedRun {
  /** What is wrong, and what can be done. */
  readonly reason: string;
}

/** What is in the trash, the oldest first, and what in it cannot be read. */
export function listTrash(results: string): {
  readonly runs: readonly TrashedRun[];
  readonly broken: readonly DamagedTrash[];
} {
  const trash = join(results, TRASH_FOLDER);
  const runs: TrashedRun[] = [];
  const broken: DamagedTrash[] = [];
  for (const name of namesIn(trash)) {
    const entry = join(trash, name);
    try {
      const run = readRecord(entry);
      if (existsSync(join(entry, CONTENT_FOLDER, run.path))) runs.push(run);
    } catch (error) {
      // Another process may be making or removing it.
      const isPassing = isGone(error) && !existsSync(join(entry, CONTENT_FOLDER));
      if (existsSync(entry) && !isPassing) broken.push(damaged(entry, error as Error));
    }
  }
  return { runs, broken };
}

/** The deleted run that a word means: its id, a unique beginning of it, or the name or path of its folder in the trash. */
export function inTrash<T extends TrashedRun>(word: string, runs: readonly T[], results: string): T {
  const found = [
    runs.filter(({ name }) => name === word || join(results, TRASH_FOLDER, name) === resolve(word)),
    runs.filter(({ id }) => id === word),
    runs.filter(({ id }) => word !== '' && id.startsWith(word)),
  ].find((some) => some.length > 0);
  if (found === undefined) {
    throw new ComexError(
      'E_RUN_NOT_FOUND',
      `Found no run ${JSON.stringify(word)} in the trash of ${results}. "comex restore" without a name lists it.`,
    );
  }
  if (found.length === 1) return found[0]!;
  const names = found.slice(0, 5).map(({ name }) => name);
  throw new ComexError(
    'E_RUN_AMBIGUOUS',
    `Expected ${JSON.stringify(word)} to mean one run of the trash, but it fits ${found.length}: ${names.join(', ')}. Give the whole name.`,
  );
}

function readRecord(entry: string): TrashedRun {
  const record = decode(readFileSync(join(entry, RECORD_FILE), 'utf8')) as Partial<TrashedRun> | null;
  const { id, namespace, path: place, deletedAt, bytes, inodes } = record ?? {};
  const isInside = typeof place === 'string' && pathInside(join('/', place), '/') === place;
  if (typeof id !== 'string' || !isInside || typeof deletedAt !== 'string' || Number.isNaN(Date.parse(deletedAt))) {
    throw new Error('it does not say which run was deleted');
  }
  const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
  const named = typeof namespace === 'string' ? namespace : '';
  return {
    name: basename(entry),
    id,
    namespace: named,
    path: place,
    deletedAt,
    bytes: count(bytes),
    inodes: count(inodes),
  };
}

function damaged(entry: string, error: Error): DamagedTrash {
  const name = basename(entry);
  const [, day, hour, minute, rest, id] = NAME.exec(name) ?? [];
  const named = day === undefined ? undefined : `${day}T${hour}:${minute}:${rest}`;
  const isDated = named !== undefined && !Number.isNaN(Date.parse(named));
  const deletedAt = isDated ? named : new Date(statSync(entry).mtimeMs).toISOString();
  const why = isGone(error) ? 'it is not there' : error.message.replace(/\.$/, '');
  const content = existsSync(join(entry, CONTENT_FOLDER)) ? `What was deleted is below ${CONTENT_FOLDER}/ in it; ` : '';
  const advice = `${content}"comex purge ${name} --yes" frees its room.`;
  const reason = `Cannot read ${RECORD_FILE} of ${entry} in the trash: ${why}. ${advice}`;
  const path = `${TRASH_FOLDER}/${name}`;
  return { name, id: id ?? name, namespace: '', path, deletedAt, ...measureFolder(entry), reason };
}

/** `2026-01-31__12-00-00.000Z__k3v9x2ab`, and a number behind it for another of the same name. */
const NAME = /^(\d{4}-\d\d-\d\d)__(\d\d)-(\d\d)-(\d\d\.\d{3}Z)__([\w.]+)(?:-\d+)?$/;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    if (isGone(error)) return [];
    throw storageError(error, 'read', folder);
  }
}
