import { readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { DataTree } from '../../archive/data-tree.ts';
import { canonical } from '../../codec/json.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError, isComexError } from '../../errors.ts';
import { type FoundRun, type Refused, Report } from './found.ts';
import { identityOf } from './identity.ts';
import { mapFacts } from './map-facts.ts';
import { mapParameters } from './map-parameters.ts';
import { checkMapRules, type MapRules } from './map-rules.ts';
import { mapSeries } from './map-series.ts';
import { FolderValues } from './map-values.ts';
import { refuseNoFolder } from './pycomex-find.ts';
import { asArtifacts, asCode, listFiles, type SourceFile } from './source-files.ts';
import { readLogFacts } from './source-log.ts';

/**
 * Reads a file of rules.
 *
 * @throws ComexError `E_FILE` when there is none, `E_CONFIG` or `E_HARVEST` for what is wrong with it
 */
export async function readMapRules(path: string): Promise<MapRules> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw storageError(error, 'read', path);
    throw new ComexError('E_FILE', `Expected RULES to be a .json or .yml file, found nothing at ${path}.`);
  }
  const name = basename(path);
  let rules: unknown;
  try {
    rules = /\.ya?ml$/i.test(path) ? (await import('yaml')).parse(text) : JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!.replace(/[.:]$/, '');
    throw new ComexError(
      'E_CONFIG',
      `Expected ${name} to be ${/\.json$/i.test(path) ? 'JSON' : 'YAML or JSON'}: ${reason}.`,
    );
  }
  return await checkMapRules(rules, name);
}

/**
 * Understands folders of results by rules, in the order of their paths. Nothing in them is changed.
 *
 * @throws ComexError `E_FILE` when there is no such folder, or none in it fits the pattern of runs
 */
export async function* mappedRuns(root: string, rules: MapRules): AsyncGenerator<FoundRun | Refused, void, undefined> {
  refuseNoFolder(root);
  for (const folder of await runFolders(root, rules)) {
    try {
      yield await understood(folder, root, rules);
    } catch (error) {
      if (!isComexError(error)) throw error;
      yield { folder, reason: error.message.replace(/\.$/, '') };
    }
  }
}

async function runFolders(root: string, { runs }: MapRules): Promise<readonly string[]> {
  if (runs === undefined) return [root];
  const { glob } = await import('tinyglobby');
  const pattern = runs.replace(/\/+$/, '');
  const found = await glob(pattern, { cwd: root, onlyDirectories: true, expandDirectories: false, dot: true });
  const folders = found.map((path) => resolve(root, path)).filter((path) => path.startsWith(join(root, '/')));
  if (folders.length > 0) return folders.sort();
  throw new ComexError(
    'E_FILE',
    `Expected folders "${runs}" in ${root}, but there are none. Check "runs" of the rules.`,
  );
}

async function understood(folder: string, root: string, rules: MapRules): Promise<FoundRun> {
  const report = new Report();
  const place = relative(root, folder).split(sep).join('/') || basename(folder);
  const values = new FolderValues(folder, place, root, report);
  const facts = await mapFacts(rules, values);
  const parameters = await mapParameters(rules.parameters, values, report);
  const data = new DataTree();
  for (const { path, value } of rules.data) {
    const found = await values.of(value, path);
    if (found !== undefined) data.set(path, found);
  }
  const series = await mapSeries(rules.series, values, report);
  const log = rules.log === undefined ? undefined : await logOf(rules.log, values, report);
  const all = listFiles(folder, report);
  const files = all.filter(({ source }) => source !== log);
  const code = await chosen(files, rules.code, folder);
  const artifacts = (await chosen(files, rules.artifacts, folder)).filter((file) => !code.includes(file));
  const startedAt = facts.startedAt ?? backFrom(facts) ?? oldest(files, report, folder);
  const said = {
    ...facts,
    name: basename(folder),
    parameters: Object.fromEntries(parameters),
    data: data.toValue(),
    series: [...series],
  };
  refuseEndBefore(startedAt, facts.endedAt);
  const endedAt = facts.endedAt ?? (facts.durationMs === undefined ? undefined : after(startedAt, facts.durationMs));
  const lasted = facts.durationMs ?? (endedAt === undefined ? undefined : endedAt.getTime() - startedAt.getTime());
  return {
    ...facts,
    folder,
    format: 'map',
    hash: identityOf(canonical(said), all),
    namespace: rules.namespace ?? basename(root),
    startedAt,
    endedAt,
    durationMs: lasted,
    title: facts.title ?? basename(folder),
    debug: false,
    testing: false,
    hooks: {},
    parameters,
    data: data.toValue(),
    series,
    ...(log === undefined ? {} : { log: { source: log, lastMs: startedAt.getTime() + (spanOf(log) ?? 0) } }),
    code: asCode(code),
    artifacts: asArtifacts(artifacts, report),
    more: {},
    report,
  };
}

async function logOf(pattern: string, values: FolderValues, report: Report): Promise<string | undefined> {
  try {
    return await values.file(pattern, 'log');
  } catch (error) {
    if (!isComexError(error)) throw error;
    report.problems.push(error.message);
    return undefined;
  }
}

async function chosen(
  files: readonly SourceFile[],
  patterns: readonly string[],
  folder: string,
): Promise<SourceFile[]> {
  if (patterns.length === 0) return [];
  if (patterns.includes('**')) return [...files];
  const { glob } = await import('tinyglobby');
  const found = new Set(await glob([...patterns], { cwd: folder, dot: true, expandDirectories: true }));
  return files.filter(({ path }) => found.has(path));
}

function backFrom({ endedAt, durationMs }: { endedAt?: Date | undefined; durationMs?: number | undefined }) {
  return endedAt === undefined || durationMs === undefined ? undefined : after(endedAt, -durationMs);
}

function refuseEndBefore(startedAt: Date, endedAt: Date | undefined): void {
  if (endedAt === undefined || endedAt >= startedAt) return;
  const both = `${startedAt.toISOString()}, the time of its oldest file, and ${endedAt.toISOString()}`;
  throw new ComexError(
    'E_DATA',
    `Expected a run to end after it starts, got ${both}. Say "startedAt" or "duration" in the rules.`,
  );
}

function after(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}

/** The oldest of the files, for want of anything better. */
function oldest(files: readonly SourceFile[], report: Report, folder: string): Date {
  const times = [folder, ...files.map(({ source }) => source)].map((path) => statSync(path).mtimeMs);
  report.remarks.push('its start is the time of its oldest file: the rules have no "startedAt"');
  return new Date(Math.floor(Math.min(...times)));
}

function spanOf(log: string): number | undefined {
  return readLogFacts(log)?.spanMs;
}
