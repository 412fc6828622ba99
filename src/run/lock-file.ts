import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isProjectPath } from '../experiment/load/resolve.ts';
import type { LOCK_FILES } from './environment.ts';
import { type Locked, readLock } from './lock-formats.ts';

type Json = Readonly<Record<string, unknown>>;

/** Kinds of dependencies that are installed with a project, and whether one that is missing is a fault. */
const KINDS = { optionalDependencies: false, devDependencies: false, dependencies: true } as const;
/** Ranges that name a place on this machine. */
const LOCAL = /^(?:file|link|portal|workspace):/;
const AGAIN = 'Install again, so that both agree.';

/**
 * What keeps the packages of a project from being installed again as they are: dependencies that the lock file does not
 * have, or has for another range; those that are installed in another version. A sentence each.
 *
 * @param home Absolute path of the folder that holds package.json and the lock file.
 */
export async function lockProblems(home: string, name: (typeof LOCK_FILES)[number]): Promise<string[]> {
  let manifest: Json;
  let locked: (name: string, range: string) => Locked | undefined;
  try {
    manifest = readJson(join(home, 'package.json'));
  } catch (error) {
    return [`Expected package.json to be JSON: ${(error as Error).message}`];
  }
  try {
    locked = await readLock(name, readFileSync(join(home, name), 'utf8'));
  } catch (error) {
    return [`Expected ${name} to be a lock file: ${(error as Error).message}. ${AGAIN}`];
  }
  const problems = new Map<string, string>();
  for (const [kind, isNeeded] of Object.entries(KINDS)) {
    for (const [dependency, range] of Object.entries((manifest[kind] ?? {}) as Json)) {
      const found = locked(dependency, String(range));
      const problem =
        lockProblem(name, dependency, String(range), found) ??
        installedProblem(home, name, dependency, found!, isNeeded);
      if (problem === undefined) problems.delete(dependency);
      else problems.set(dependency, problem);
    }
  }
  return [...problems.values(), ...(problems.size === 0 ? treeProblems(home, name) : [])];
}

function lockProblem(name: string, dependency: string, range: string, locked: Locked | undefined): string | undefined {
  if (LOCAL.test(range) || locked?.isLink === true) {
    return linked(dependency, range);
  }
  if (locked === undefined) {
    return `Expected ${name} to have ${dependency} ${range} of package.json, but it has none. ${AGAIN}`;
  }
  if (locked.range === undefined || locked.range === range) return undefined;
  return `Expected ${name} to have ${dependency} for ${range} as package.json does, got ${locked.range}. ${AGAIN}`;
}

function installedProblem(
  home: string,
  name: string,
  dependency: string,
  { version }: Locked,
  isNeeded: boolean,
): string | undefined {
  const modules = join(home, 'node_modules');
  // Installed in another way, there is nothing to compare with.
  if (!existsSync(modules)) return undefined;
  const manifest = join(modules, dependency, 'package.json');
  if (!existsSync(manifest)) {
    return isNeeded ? `Expected ${dependency} to be installed, found none in node_modules. ${AGAIN}` : undefined;
  }
  const place = realpathSync(join(modules, dependency));
  if (isProjectPath(place)) return linked(dependency, place);
  let installed: unknown;
  try {
    installed = readJson(manifest)['version'];
  } catch {
    return undefined; // a package without a proper manifest has no version to compare
  }
  if (version === undefined || installed === version) return undefined;
  return `Expected ${dependency} ${version} of ${name} to be installed, got ${String(installed)}. ${AGAIN}`;
}

function linked(dependency: string, place: string): string {
  const what = `Expected packages that can be installed anywhere, but ${dependency} is a folder of this machine (${place})`;
  return `${what}: no lock file has its code. Install it from a registry.`;
}

/** What npm says it has installed, also for others' sake, compared with its lock file. */
function treeProblems(home: string, name: string): string[] {
  const installed = join(home, 'node_modules/.package-lock.json');
  if ((name !== 'package-lock.json' && name !== 'npm-shrinkwrap.json') || !existsSync(installed)) return [];
  const has = packagesOf(readJson(installed));
  const wants = packagesOf(readJson(join(home, name)));
  return Object.entries(has).flatMap(([path, { version }]) => {
    const wanted = wants[path]?.version;
    if (version === undefined || wanted === version) return [];
    const what = wanted === undefined ? `no ${path}` : `${path} ${wanted}`;
    return [`Expected ${what} as ${name} has it, got ${version} installed. ${AGAIN}`];
  });
}

function packagesOf(lock: Json): Readonly<Record<string, { readonly version?: string }>> {
  return (lock['packages'] ?? {}) as Readonly<Record<string, { readonly version?: string }>>;
}

function readJson(path: string): Json {
  return Object(JSON.parse(readFileSync(path, 'utf8'))) as Json;
}
