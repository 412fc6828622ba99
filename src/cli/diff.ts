import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedRun, loadRun } from '../archive/load.ts';
import { encodePretty } from '../codec/json.ts';
import { ComexError } from '../errors.ts';
import { findProject } from '../experiment/project.ts';
import { DIFF_PARTS, diffParts, diffRuns, type RunDiff } from '../manage/diff.ts';
import { type CodeDifference, diffCode, readSnapshot, readWorktree } from '../manage/diff-code.ts';
import { ABSENT } from '../manage/diff-values.ts';
import { codeText } from './diff-code-text.ts';
import { valuesText, valuesTsv } from './diff-values-text.ts';
import { type LookOptions, type LookScope, lookScope, nameBroken } from './look-scope.ts';
import { durationText, momentText } from './quantity.ts';
import { pathText } from './run-facts.ts';
import { harmless, harmlessJson, paint, type Screen, statusStyle } from './screen.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { renderTable, renderTsv } from './table.ts';

export interface DiffOptions {
  /** Parts to compare, with commas between them. */
  readonly only?: string | undefined;
  /** The code of one run against the project as it is now. */
  readonly worktree?: boolean | undefined;
  /** Exit with 1 when something differs. */
  readonly exitCode?: boolean | undefined;
}

const FEWEST_NAMED = 2;

export function diffCommand(
  words: readonly string[],
  given: LookOptions & SelectionOptions & DiffOptions,
): Promise<number> {
  const { status, tag, namespace, job, since, sort, limit, children, only, worktree, exitCode } = given;
  const filter = { status, tag, namespace, job, since, sort, limit, children };
  return diff(words, filter, { only, worktree, exitCode }, lookScope(given));
}

/**
 * `comex diff A B [C...]`: what differs between runs, and nothing else. Returns the exit status.
 *
 * @throws ComexError `E_USAGE`, `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, or what reading a run's metadata throws
 */
export async function diff(
  words: readonly string[],
  filter: SelectionOptions,
  { only, worktree, exitCode }: DiffOptions,
  scope: LookScope,
): Promise<number> {
  const wanted = diffParts(only);
  const { results, cwd } = scope;
  const selected = await selectRuns(words, filter, { results, cwd, explicit: true });
  nameBroken(selected.broken, scope);
  const runs = selected.runs.map(({ path }) => loadRun(path));
  const found = worktree === true ? againstWorktree(runs, only, scope) : amongRuns(runs, wanted);
  print(runs, found, worktree === true, scope);
  for (const problem of found.problems) scope.err(`comex: ${harmless(problem)}\n`);
  return exitCode === true && !found.same ? 1 : 0;
}

function amongRuns(runs: readonly LoadedRun[], wanted: ReturnType<typeof diffParts>): RunDiff {
  if (runs.length >= FEWEST_NAMED) return diffRuns(runs, wanted);
  const got = runs.length === 0 ? 'none' : `only ${runs[0]!.id}`;
  throw new ComexError(
    'E_USAGE',
    `Expected two runs or more, got ${got}. Compare the code of one run with --worktree.`,
  );
}

function againstWorktree(runs: readonly LoadedRun[], only: string | undefined, { cwd }: LookScope): RunDiff {
  const [run] = runs;
  if (run === undefined || runs.length > 1) {
    throw new ComexError('E_USAGE', `Expected one run beside --worktree, got ${runs.length}.`);
  }
  if (only !== undefined && only !== 'code') {
    throw new ComexError('E_USAGE', 'Expected --worktree to compare the code alone. Leave --only out.');
  }
  const code = diffCode(...worktreeSides(run, cwd));
  return { same: code.length === 0, parts: {}, code, problems: [], secrets: [] };
}

/** The project around the working directory, when it has the module, else where the run was made. */
function worktreeSides(run: LoadedRun, cwd: string) {
  const roots = [findProject(cwd, cwd).root, run.meta.root].filter((root) => typeof root === 'string' && root !== '');
  const root = roots.find((each) => existsSync(join(each, run.meta.module))) ?? roots[0]!;
  const snapshot = readSnapshot(run);
  return [snapshot, readWorktree(root, snapshot)] as const;
}

function print(runs: readonly LoadedRun[], found: RunDiff, worktree: boolean, scope: LookScope): void {
  const { out, json, tty } = scope;
  if (json) {
    out(`${harmlessJson(encodePretty(recordOf(runs, found), 'the difference'))}\n`);
    return;
  }
  const { screen } = scope;
  out(tty ? heads(runs, screen, scope.cwd) : headsTsv(runs));
  if (found.same) {
    const what = worktree ? 'The code is that of the working tree.' : 'Nothing differs.';
    out(`${found.problems.length === 0 ? what : 'Nothing else differs.'}\n`);
  }
  const names = runs.map(nameOf(runs));
  for (const part of DIFF_PARTS) {
    if (part === 'code' && found.code.length > 0) out(codeText(found.code, { screen, exact: !tty }));
    const values = found.parts[part];
    if (values !== undefined) out(tty ? valuesText(part, values, names, screen) : valuesTsv(part, values, names));
  }
  if (found.secrets.length > 0) {
    out(`${paint(screen).dim(`Not compared, since no run keeps it: ${found.secrets.map(harmless).join(', ')}`)}\n`);
  }
}

/** Who is compared. */
function heads(runs: readonly LoadedRun[], screen: Screen, cwd: string): string {
  const styles = paint(screen);
  const rows = runs.map((run) => [
    nameOf(runs)(run),
    run.status,
    run.namespace,
    momentText(run.startedAt),
    run.durationMs === undefined ? '' : durationText(run.durationMs),
    pathText(run.path, cwd),
  ]);
  const columns = [
    { head: '', style: styles.cyan },
    { head: '', style: (cell: string, text: string) => statusStyle(text, styles)(cell) },
    { head: '', shrink: true, min: 10, style: styles.bold },
    { head: '' },
    { head: '', align: 'right' as const },
    ...(screen.columns > 140 ? [{ head: '', shrink: true, min: 20, style: styles.dim }] : []),
  ];
  return renderTable(columns, rows, screen);
}

/** The same for programs. */
function headsTsv(runs: readonly LoadedRun[]): string {
  const heads = ['run', 'status', 'experiment', 'started', 'duration_ms', 'path'];
  const rows = runs.map((run) => [
    nameOf(runs)(run),
    run.status,
    run.namespace,
    run.startedAt.toISOString(),
    run.durationMs === undefined ? '' : String(Math.round(run.durationMs)),
    run.path,
  ]);
  return renderTsv(
    heads.map((head) => ({ head })),
    rows,
  );
}

/** The id; of copies of one run, which have the same, the path. */
function nameOf(runs: readonly LoadedRun[]): (run: LoadedRun) => string {
  const isUnique = new Set(runs.map(({ id }) => id)).size === runs.length;
  return ({ id, path }) => (isUnique ? id : path);
}

/** What `--json` says. Values by run; a run that has none is not there. */
function recordOf(runs: readonly LoadedRun[], { same, parts, code, problems, secrets }: RunDiff) {
  const names = runs.map(nameOf(runs));
  const record: Record<string, unknown> = {
    runs: runs.map(({ id, path, namespace, status }) => ({ id, path, namespace, status })),
    same,
  };
  for (const part of DIFF_PARTS) {
    const all: readonly CodeDifference[] | undefined = part === 'code' && code.length > 0 ? code : undefined;
    const values = parts[part]?.map(({ name, values, relative }) => {
      const by: Record<string, unknown> = Object.create(null);
      for (const [index, value] of values.entries()) if (value !== ABSENT) by[names[index]!] = value;
      return { name, values: by, ...(relative === undefined ? {} : { relative }) };
    });
    record[part] = all ?? values ?? [];
  }
  return { ...record, notCompared: secrets, problems };
}
