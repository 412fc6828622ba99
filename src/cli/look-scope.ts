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

/** Names what cannot be read of an archive: the one form that all commands have for it. */
export function nameBroken(
  broken: ReadonlyArray<{ readonly path: string; readonly reason: string }>,
  { err }: { readonly err: (text: string) => void },
): void {
  for (const { path, reason } of broken) {
    err(`comex: ${harmless(reason.includes(path) ? reason : `${path}: ${reason}`)}\n`);
  }
}
