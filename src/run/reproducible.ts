import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { GitRecord } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import type { Definition, Resolved } from '../experiment/define.ts';
import { nearestPackage } from '../experiment/project.ts';
import { LOCK_FILES } from './environment.ts';
import type { GitState } from './git.ts';
import { lockProblems } from './lock-file.ts';
import { Sightings } from './sightings.ts';
import { COMPUTED, whyNotKept } from './snapshot.ts';

/** Problems of one kind that are named one by one. */
const NAMED_PROBLEMS = 5;

/**
 * What takes note of what a run uses that another run may find otherwise. A run that does not capture everything it needs
 * is refused, before it has a folder.
 *
 * @param git what git says; of a child run, what it said to its parent
 * @throws ComexError `E_REPRODUCIBLE` with a sentence for each problem
 */
export async function watchReproducible({ definition }: Resolved, git: GitState | undefined): Promise<Sightings> {
  const { root } = definition.project;
  const home = nearestPackage(dirname(definition.path)) ?? root;
  const problems = [
    ...gitProblems(git, root),
    ...fewOf(codeProblems(definition), 'files'),
    ...fewOf(await packageProblems(home), 'packages'),
  ];
  if (problems.length === 0) return new Sightings(root);
  const list = problems.map((problem) => `\n- ${problem}`).join('');
  throw new ComexError(
    'E_REPRODUCIBLE',
    `__REPRODUCIBLE__ is set, but the run would not capture all that it needs:${list}`,
  );
}

function gitProblems(state: GitState | undefined, root: string): string[] {
  if (state === undefined) {
    return [
      `Expected a git repository around ${root}, found none that git can read. Run git init, and commit the project.`,
    ];
  }
  const { commit, patch }: GitRecord = state.record;
  if (commit === null) return ['Expected a commit in the git repository, found none. Commit the project.'];
  const problems: string[] = [];
  if (patch?.skipped !== undefined) {
    problems.push(`Expected a patch of all changes since the commit, got none: ${patch.skipped}. Commit them.`);
  }
  if (state.redacted !== undefined && state.redacted > 0) {
    problems.push(
      `Expected changes that may be kept as they are, but secrets are blotted out of the patch (${state.redacted}). Commit them, or read secrets from the environment.`,
    );
  }
  return problems;
}

function codeProblems({ closure, project }: Definition): string[] {
  if (closure.size === 0) return ['Expected a script in a file, got code that is in none. Write it to a file.'];
  return [...closure.values()].flatMap((file) => {
    const place = relative(project.root, file.path);
    const shown = place.split(sep).join('/');
    const reason = whyNotKept(place, file.bytes.length);
    return [
      ...file.computed.map((line) => `${shown}:${line}: Expected an import that names its file, got a ${COMPUTED}.`),
      ...(reason === undefined ? [] : [`Expected code that can be kept, got ${shown}: ${reason}.`]),
    ];
  });
}

async function packageProblems(home: string): Promise<string[]> {
  if (!existsSync(join(home, 'package.json'))) {
    return [`Expected a package.json in ${home} or above it, found none. Run npm init, and npm install.`];
  }
  const lock = LOCK_FILES.find((name) => existsSync(join(home, name)));
  if (lock === undefined) {
    return [`Expected a lock file beside package.json in ${home}, found none. Run npm install.`];
  }
  return await lockProblems(home, lock);
}

function fewOf(problems: readonly string[], what: string): string[] {
  const more = problems.length - NAMED_PROBLEMS;
  return more <= 0
    ? [...problems]
    : [...problems.slice(0, NAMED_PROBLEMS), `There are ${more} more ${what} of that kind.`];
}
