import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ComexError, didYouMean } from '../errors.ts';
import { openIndex } from './index-open.ts';
import { META_FILE } from './layout.ts';
import { readMeta } from './read-meta.ts';
import { hasLostMeta, LOST_META, walkRuns } from './walk.ts';

const MAX_SHOWN = 5;
/** The shortest piece of an id that is taken for one. */
const ID = /^[0-9a-z]{1,8}$/;
/** The name of a folder as comex gives it, with the id: of a run, or of a run inside of one. */
const NAME = /^(?:.*\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__)?([0-9a-z]{8})$/;
/** With more folders that may have an id, asking the index takes less time. */
const MAX_READ = 100;

interface Candidate {
  readonly path: string;
  readonly id: string;
  readonly folder: string;
  readonly namespace: string;
  readonly startedMs: number;
  readonly child: boolean;
}

/**
 * The run folder that a person means: by the path of the folder, the id or a unique beginning of it, the folder's name,
 * the experiment's name or namespace (its latest run), or `latest`.
 *
 * @param where `results`: the archive's folder; `cwd`: what relative paths are relative to
 * @returns absolute path
 * @throws ComexError `E_RUN_NOT_FOUND`, naming what is near; `E_RUN_AMBIGUOUS`, naming up to five candidates, also where
 * several folders have the same id; `E_RUN_FORMAT` for the path of a run that has lost its metadata
 *
 * @example
 * ```ts
 * import { loadRun, selectRun } from 'comex/archive';
 *
 * const run = loadRun(selectRun('latest', { results: 'results', cwd: process.cwd() }));
 * ```
 */
export function selectRun(selector: string, where: { readonly results: string; readonly cwd: string }): string {
  const results = resolve(where.cwd, where.results);
  const direct =
    selector === '' ? undefined : (runAt(resolve(where.cwd, selector)) ?? runAt(resolve(results, selector)));
  if (direct !== undefined) return direct;
  const quick = byFolderName(selector, results);
  if (quick !== undefined) return quick;
  const all = candidates(results);
  const found =
    selector === 'latest'
      ? latestOf(all)
      : (onlyOne(selector, byIdentity(selector, all)) ?? byExperiment(selector, all) ?? byPrefix(selector, all));
  if (found !== undefined) return found.path;
  throw damaged(selector, results, where.cwd) ?? notFound(selector, results, all);
}

/** The run folder at a path, or that of a metadata file. */
function runAt(path: string): string | undefined {
  if (existsSync(join(path, META_FILE))) return path;
  return basename(path) === META_FILE && statSync(path, { throwIfNoEntry: false })?.isFile()
    ? dirname(path)
    : undefined;
}

/**
 * A folder's name ends in the id: so few metadata files are read, not all of a large archive. One that was renamed or
 * copied by hand may have any id. Undefined when no folder has it, or several have.
 */
function byFolderName(id: string, results: string): string | undefined {
  if (!ID.test(id) || id.length < 8) return undefined;
  const paths: string[] = [];
  for (const { kind, path } of walkRuns(results, { children: true })) {
    const named = NAME.exec(basename(path))?.[1];
    if (kind === 'run' && (named === undefined || named === id)) paths.push(path);
    if (paths.length > MAX_READ) return undefined;
  }
  const found = paths.filter((path) => hasId(path, id));
  return found.length === 1 ? found[0] : undefined;
}

function hasId(path: string, id: string): boolean {
  try {
    return readMeta(path).id === id;
  } catch {
    return false;
  }
}

/** The runs that can be read; a broken one is not what anybody means by a name. */
function candidates(results: string): Candidate[] {
  const index = openIndex(results, { children: true });
  try {
    return index.runs.map(({ path, id, namespace, startedMs, child }) => {
      return { path, id, folder: basename(path), namespace, startedMs, child };
    });
  } finally {
    index.save();
  }
}

function byIdentity(selector: string, all: readonly Candidate[]): Candidate[] {
  const byId = all.filter(({ id }) => id === selector);
  return byId.length > 0 ? byId : all.filter(({ folder }) => folder === selector);
}

/** The latest run of the experiment; one that ran only inside of other runs counts when nothing else does. */
function byExperiment(selector: string, all: readonly Candidate[]): Candidate | undefined {
  const name = selector.replace(/\/$/, '');
  const whole = all.filter(({ namespace }) => namespace === name);
  const matching = whole.length > 0 ? whole : all.filter(({ namespace }) => namespace.split('/').at(-1) === name);
  const latest = latestOf(matching);
  const others = matching.filter(({ namespace, child }) => namespace !== latest?.namespace && child === latest?.child);
  if (latest === undefined || others.length === 0) return latest;
  const names = [...new Set([latest, ...others].map(({ namespace }) => namespace))].sort();
  throw ambiguous(selector, 'experiment', names, 'Give the whole namespace.');
}

function byPrefix(selector: string, all: readonly Candidate[]): Candidate | undefined {
  return ID.test(selector)
    ? onlyOne(
        selector,
        all.filter(({ id }) => id.startsWith(selector)),
      )
    : undefined;
}

function latestOf(candidates: readonly Candidate[]): Candidate | undefined {
  const top = candidates.filter(({ child }) => !child);
  let latest: Candidate | undefined;
  for (const candidate of top.length > 0 ? top : candidates) {
    if (latest === undefined || candidate.startedMs >= latest.startedMs) latest = candidate;
  }
  return latest;
}

function onlyOne(selector: string, found: readonly Candidate[]): Candidate | undefined {
  if (found.length < 2) return found[0];
  const latestFirst = [...found].sort((a, b) => b.startedMs - a.startedMs);
  const names = latestFirst.map(({ id, path }) => `${id} (${path})`);
  const isSame = found.every(({ id }) => id === found[0]!.id);
  throw ambiguous(selector, 'run', names, isSame ? 'Give the path of the folder.' : WHICH_RUN);
}

const WHICH_RUN = 'Give more of the id, or the path of the folder.';

function ambiguous(selector: string, what: string, names: readonly string[], advice: string): ComexError {
  const list = names.slice(0, MAX_SHOWN).join(', ') + (names.length > MAX_SHOWN ? ', ...' : '');
  const message = `Expected ${JSON.stringify(selector)} to mean one ${what}, but it fits ${names.length}: ${list}.`;
  return new ComexError('E_RUN_AMBIGUOUS', `${message} ${advice}`);
}

/** What is said of a run that only its path, or the id in the name of its folder, can mean. */
function damaged(selector: string, results: string, cwd: string): ComexError | undefined {
  const named = [resolve(cwd, selector), resolve(results, selector)].find(
    (path) => selector !== '' && hasLostMeta(path),
  );
  const path = named ?? (ID.test(selector) && selector.length === 8 ? brokenWithId(selector, results) : undefined);
  if (path === undefined) return undefined;
  const advice = 'Its log and its data can be read as they are; "comex delete PATH" takes the folder away.';
  return new ComexError('E_RUN_FORMAT', `Cannot read the run in ${path}: ${LOST_META}. ${advice}`);
}

function brokenWithId(id: string, results: string): string | undefined {
  for (const { kind, path } of walkRuns(results, { children: true })) {
    if (kind === 'broken' && NAME.exec(basename(path))?.[1] === id && hasLostMeta(path)) return path;
  }
  return undefined;
}

function notFound(selector: string, results: string, all: readonly Candidate[]): ComexError {
  if (all.length === 0) {
    const advice = 'Start one with "comex run", or give the path of a run folder.';
    return new ComexError(
      'E_RUN_NOT_FOUND',
      `Expected a run ${JSON.stringify(selector)}, but ${results} holds no runs. ${advice}`,
    );
  }
  const names = all.flatMap(({ id, folder, namespace }) => [
    namespace,
    namespace.split('/').at(-1) as string,
    id,
    folder,
  ]);
  const hint = didYouMean(selector, ['latest', ...new Set(names)]);
  const advice = 'Give the path of a run folder, an id or its beginning, the name of an experiment, or "latest".';
  return new ComexError('E_RUN_NOT_FOUND', `Found no run ${JSON.stringify(selector)} in ${results}.${hint} ${advice}`);
}
