import { type LoadedRun, loadRun } from '../archive/load.ts';
import { readNotes } from '../archive/notes.ts';
import { selectRun } from '../archive/select.ts';
import { encodePretty } from '../codec/json.ts';
import type { ArchiveOptions } from './list.ts';
import { runRecord } from './run-record.ts';
import { harmless, harmlessJson } from './screen.ts';
import { showSections } from './show-sections.ts';

/**
 * `comex show RUN`: all there is to know about a run. What cannot be read of it is named on stderr, the rest is shown.
 * Returns the exit status.
 *
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, or what reading its metadata throws
 */
export function show(selector: string, options: ArchiveOptions & { readonly cwd: string }): number {
  const { results, cwd, json, screen, out, err } = options;
  const run = loadRun(selectRun(selector, { results, cwd }));
  if (json) {
    out(`${harmlessJson(encodePretty(detailedRecord(run), `the run ${run.id}`))}\n`);
    return 0;
  }
  for (const text of showSections(run, screen, cwd, options.now ?? Date.now())) {
    try {
      const shown = text();
      if (shown !== '') out(shown);
    } catch (error) {
      err(`comex: ${harmless((error as Error).message)}\n`);
    }
  }
  return 0;
}

/** What `--json` says: the run as `list --json` gives it, and what it made. */
function detailedRecord(run: LoadedRun) {
  const { title, description, note, git, seed, inputs, harvested } = run.meta;
  return {
    ...runRecord(run),
    evidence: run.evidence,
    title: title ?? null,
    description: description ?? null,
    note: note ?? null,
    seed: seed ?? null,
    data: run.data,
    result: run.result ?? null,
    artifacts: run.artifacts,
    error: run.error ?? null,
    git: git ?? null,
    inputs,
    harvested: harvested ?? {},
    harvestedFrom: Object.fromEntries(
      Object.entries(run.harvested).map(([path, { at, by, source }]) => [path, { at, by, source: source ?? null }]),
    ),
    references: run.references,
    edits: readNotes(run.path).filter(({ kind }) => kind === 'edit'),
  };
}
