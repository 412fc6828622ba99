import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { scanRuns } from '../../src/archive/scan.ts';
import { selectRun } from '../../src/archive/select.ts';
import { type ArchiveOptions, list } from '../../src/cli/list.ts';
import { show } from '../../src/cli/show.ts';
import { AppendLog } from '../../src/codec/append.ts';
import { isComexError } from '../../src/errors.ts';
import type { Ack } from './processes.ts';

const MEMBERS = [
  'status',
  'evidence',
  'durationMs',
  'parameters',
  'result',
  'error',
  'data',
  'seriesNames',
  'seriesSummary',
  'tableNames',
  'artifacts',
] as const satisfies ReadonlyArray<keyof LoadedRun>;

const SCREEN = { columns: 80, color: false, unicode: true };

/** What `comex list` prints of an archive. */
export async function listed(results: string): Promise<string> {
  let text = '';
  const out = (piece: string): void => {
    text += piece;
  };
  await list({ results, json: false, out, err: out, screen: SCREEN, tty: false });
  return text;
}

/** The run folders of an archive that hold anything, whether they have metadata or not. */
export function runFolders(results: string): string[] {
  const names = namesIn(join(results, 'main')).filter((name) => !name.startsWith('.'));
  return names.map((name) => join(results, 'main', name)).filter((path) => namesIn(path).length > 0);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What is wrong with the files below a folder: JSON that does not parse, more damaged lines than allowed. */
export function fileProblems(folder: string, damagedAllowed = 0): string[] {
  const problems: string[] = [];
  let damaged = 0;
  for (const path of filesBelow(folder)) {
    const text = readFileSync(path, 'utf8');
    if (path.endsWith('.json') && !isJson(text))
      problems.push(`${relative(folder, path)} is no JSON: ${text.slice(0, 80)}`);
    if (path.endsWith('.jsonl')) damaged += text.split('\n').filter((line) => line !== '' && !isJson(line)).length;
  }
  if (damaged > damagedAllowed) problems.push(`${damaged} damaged lines`);
  return problems;
}

/** The temporary files that were left below a folder. */
export function leftovers(folder: string): string[] {
  return filesBelow(folder).filter((path) => basename(path).endsWith('.tmp'));
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * What was acknowledged and cannot be read back from a run. Of data that grow (numbers, and arrays at their end), more
 * may be there than was acknowledged: the process can die between the call and the acknowledgement.
 */
export function lostAcks(run: LoadedRun, acks: readonly Ack[]): string[] {
  const lost: string[] = [];
  const log = run.log();
  const points = new Map<string, unknown[]>();
  const rows = new Map<string, unknown[]>();
  const data = new Map<string, unknown>();
  for (const ack of acks.flatMap(partsOf)) {
    const shown = JSON.stringify(ack).slice(0, 200);
    if (ack[0] === 'log' && !log.includes(ack[1])) lost.push(shown);
    if (ack[0] === 'point') push(points, ack[1], ack[2]);
    if (ack[0] === 'row') push(rows, ack[1], ack[2]);
    if (ack[0] === 'datum') data.set(ack[1], ack[2]);
    if (ack[0] === 'file' && !isDeepStrictEqual(json(join(run.path, ack[1])), ack[2])) lost.push(shown);
  }
  for (const [name, values] of points) {
    const found = [...(run.series(name)?.points() ?? [])].map(({ value }) => value);
    lost.push(...missingFrom(found, values).map((value) => `point ${name} ${JSON.stringify(value)}`));
  }
  for (const [name, values] of rows) {
    lost.push(...missingFrom(run.table(name), values).map((row) => `row of ${name} ${JSON.stringify(row)}`));
  }
  for (const [path, value] of data) {
    if (!holds(run.get(path), value)) lost.push(`datum ${path} ${JSON.stringify(value).slice(0, 80)}`);
  }
  return lost;
}

/** Several points of one call, one by one; any other acknowledgement as it is. */
export function partsOf(ack: Ack): readonly Ack[] {
  return ack[0] === 'points' ? Object.entries(ack[1]).map(([name, value]): Ack => ['point', name, value]) : [ack];
}

function holds(found: unknown, acked: unknown): boolean {
  if (typeof found === 'number' && typeof acked === 'number') return found >= acked;
  const isGrown = Array.isArray(found) && Array.isArray(acked) && found.length > acked.length;
  return isDeepStrictEqual(isGrown ? found.slice(0, acked.length) : found, acked);
}

function push(all: Map<string, unknown[]>, name: string, value: unknown): void {
  const known = all.get(name);
  if (known === undefined) all.set(name, [value]);
  else known.push(value);
}

/** What was to be found, in this order, and is not there. */
function missingFrom(found: readonly unknown[], wanted: readonly unknown[]): unknown[] {
  const missing: unknown[] = [];
  let at = 0;
  for (const value of wanted) {
    let next = at;
    while (next < found.length && !isDeepStrictEqual(found[next], value)) next++;
    if (next === found.length) missing.push(value);
    else at = next + 1;
  }
  return missing;
}

function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * What goes wrong when everything of an archive is read and shown: nothing may throw; or, where files may be damaged,
 * nothing but a ComexError, and listing nothing at all.
 */
export async function readingProblems(results: string, { allowsRefusal = false } = {}): Promise<string[]> {
  const problems: string[] = [];
  const quietly: ArchiveOptions = { results, json: false, out: () => {}, err: () => {}, screen: SCREEN, tty: true };
  const attempt = async (what: string, action: () => unknown, refusal = allowsRefusal): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!refusal || !isComexError(error)) problems.push(`${what} throws ${(error as Error).stack}`);
    }
  };
  await attempt('list', () => list(quietly), false);
  await attempt('list to a program', () => list({ ...quietly, tty: false }), false);
  await attempt('list --json', () => list({ ...quietly, json: true }), false);
  await attempt('latest', () => selectRun('latest', { results, cwd: results }), true);
  for (const { path } of scanRuns(results).runs) {
    await attempt('show', () => show(path, { ...quietly, cwd: results }));
    await attempt('show --json', () => show(path, { ...quietly, json: true, cwd: results }));
    await attempt('loadRun', async () => {
      const run = loadRun(path);
      for (const member of MEMBERS) await attempt(`run.${member}`, () => run[member]);
      await attempt('run.log()', () => run.log());
      await attempt('run.series()', () => {
        for (const series of run.series().values()) void [series.texts(), series.images(), [...series.points()]];
      });
      await attempt('run.get()', () => {
        for (const name of [...run.seriesNames, ...Object.keys(run.data)]) run.get(name);
      });
      await attempt('run.table()', () => {
        for (const name of run.tableNames) run.table(name);
      });
    });
  }
  return problems;
}

/** What is lost when another writer opens each append-only file of a run folder and goes on with it. */
export function sealingProblems(folder: string): string[] {
  const problems: string[] = [];
  const files = filesBelow(folder).filter((path) => path.endsWith('.jsonl') || path.endsWith('log.txt'));
  for (const path of files) {
    const before = recordsOf(path);
    const log = new AppendLog(path);
    log.write('["later",0,0,0]');
    log.close();
    const after = recordsOf(path);
    if (after.at(-1) !== '["later",0,0,0]') problems.push(`${path}: the later record is not on a line of its own`);
    if (missingFrom(after, before).length > 0) problems.push(`${path}: a later writer damaged earlier records`);
  }
  return problems;
}

function recordsOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return path.endsWith('.jsonl') ? lines.filter(isJson) : lines;
}
