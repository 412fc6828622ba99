import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { GitRecord } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import type { Definition, Resolved } from '../experiment/define.ts';
import { nearestPackage } from '../experiment/project.ts';
import { packageFolders } from './archived-packages.ts';
import { LOCK_FILES } from './environment.ts';
import type { GitState } from './git.ts';
import { lockProblems } from './lock-file.ts';
import { Sightings } from './sightings.ts';
import { COMPUTED, whyNotKept } from './snapshot.ts';

/** Problems of one kind that are named one by one. */
const NAMED_PROBLEMS = 5;
const DECLARED = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

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
    ...fewOf(importProblems(definition, home), 'packages'),
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

/** Packages that code imports, and that nothing says how to install: another machine has them in no version. */
function importProblems({ closure, project }: Definition, home: string): string[] {
  const lock = LOCK_FILES.map((name) => join(home, name)).find((path) => existsSync(path));
  // Without one, that is what is said.
  if (lock === undefined) return [];
  const locked = readFileSync(lock, 'utf8');
  const problems = new Map<string, string>();
  for (const { path, packages } of closure.values()) {
    const folder = dirname(path);
    const homes = new Set([home, nearestPackage(folder) ?? home]);
    for (const name of packages) {
      const isThere = packageFolders(folder).some((each) => existsSync(join(each, name)));
      // One that is not there is not loaded; comex is recorded by itself.
      if (problems.has(name) || !isThere || name === 'comex') continue;
      if (isNamed(name, locked) || [...homes].some((each) => isDeclared(name, each))) continue;
      const shown = relative(project.root, path).split(sep).join('/');
      problems.set(
        name,
        `Expected ${name}, which ${shown} imports, in package.json and ${basename(lock)}, found it in node_modules alone. Run npm install ${name}.`,
      );
    }
  }
  return [...problems.values()];
}

/** Whether the text of a lock file has a package: `node_modules/NAME"` of npm, `NAME@` or `NAME:` of others and old ones. */
function isNamed(name: string, locked: string): boolean {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  if (locked.includes('"node_modules/')) return new RegExp(`node_modules/${escaped}"`).test(locked);
  return new RegExp(`(?:^|[\\s"',]|[\\s"']/)${escaped}["'@:/]`, 'm').test(locked);
}

function isDeclared(name: string, home: string): boolean {
  try {
    const manifest = Object(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))) as Record<string, unknown>;
    return manifest['name'] === name || DECLARED.some((kind) => Object.hasOwn(Object(manifest[kind]), name));
  } catch {
    return false; // which is said of the manifest itself
  }
}

function fewOf(problems: readonly string[], what: string): string[] {
  const more = problems.length - NAMED_PROBLEMS;
  return more <= 0
    ? [...problems]
    : [...problems.slice(0, NAMED_PROBLEMS), `There are ${more} more ${what} of that kind.`];
}
