import { findProject, resultsFolder } from '../experiment/project.ts';
import type { ArchiveOptions } from './list.ts';
import { harmless, screenOf } from './screen.ts';

/** What every command has that looks at an archive. */
export interface LookOptions {
  readonly results?: string | undefined;
  readonly json: boolean;
}

/** Where a command looks, and how it says what it saw. */
export type LookScope = ArchiveOptions & { readonly cwd: string };

export function lookScope({ results, json }: LookOptions): LookScope {
  const cwd = process.cwd();
  return {
    results: resultsFolder(findProject(cwd, cwd), results, cwd),
    cwd,
    json,
    out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    err: (text) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    screen: screenOf(process.stdout),
    tty: process.stdout.isTTY === true,
  };
}

/** Names the folders that have the same id: a run was copied by hand. */
export function nameCopies(
  runs: ReadonlyArray<{ readonly id: string; readonly path: string }>,
  { err }: { readonly err: (text: string) => void },
): void {
  const byId = new Map<string, string[]>();
  for (const { id, path } of runs) {
    const paths = byId.get(id);
    if (paths === undefined) byId.set(id, [path]);
    else paths.push(path);
  }
  for (const [id, paths] of byId) {
    if (paths.length < 2) continue;
    const where = paths.slice(0, MOST_COPIES).join(', ') + (paths.length > MOST_COPIES ? ', ...' : '');
    err(`comex: ${paths.length} folders have the id ${harmless(id)}: ${harmless(where)}.\n`);
  }
}

const MOST_COPIES = 5;

/** Names what cannot be read of an archive: the one form that all commands have for it. */
export function nameBroken(
  broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>,
  { err }: { readonly err: (text: string) => void },
): void {
  for (const { path, reason } of broken) {
    err(`comex: ${harmless(reason.includes(path) ? reason : `${path}: ${reason}`)}\n`);
  }
}
