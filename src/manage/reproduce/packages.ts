import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { packageFolders } from '../../run/archived-packages.ts';
import { LOCK_FILES } from '../../run/environment.ts';
import type { ReproductionPrograms } from './programs.ts';

const PACKAGES = 'node_modules';

/** Of some projects the one that has the most of the recorded packages, in their versions; the first of equals. */
export function projectWithPackages(
  roots: readonly string[],
  recorded: Readonly<Record<string, string>>,
): string | undefined {
  const names = Object.keys(recorded);
  const fitness = (root: string): number => {
    const equal = names.filter((name) => installedVersion(root, name) === recorded[name]).length;
    const there = names.filter((name) => installedVersion(root, name) !== undefined).length;
    return equal * (names.length + 1) + there;
  };
  const able = roots.filter((root) => packageFolders(root).length > 0);
  return able.toSorted((a, b) => fitness(b) - fitness(a))[0];
}

function installedVersion(root: string, name: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(root, PACKAGES, name, 'package.json'), 'utf8')) as object;
    return 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets the copy of a project find the packages of that project, or of another: by links at the places where they are
 * around the module, at most as far up as `base`.
 */
export function linkPackages(
  project: string,
  module: string,
  { root, base }: { readonly root: string; readonly base: string },
): void {
  let above = root;
  for (const packages of packageFolders(dirname(join(project, module)))) {
    const place = relative(project, dirname(packages));
    const isInside = !place.startsWith('..') && !isAbsolute(place);
    if (!isInside && above === base) break;
    if (!isInside) above = dirname(above);
    const folder = isInside ? join(root, place) : above;
    const link = join(folder, PACKAGES);
    try {
      mkdirSync(folder, { recursive: true });
      symlinkSync(packages, link, 'junction');
    } catch (error) {
      throw storageError(error, 'create', link);
    }
  }
}

/** Packages that are no copies but links to folders elsewhere: their code is what it is today, whatever their version. */
export function linkedPackages(project: string, names: readonly string[]): Map<string, string> {
  const linked = new Map<string, string>();
  for (const name of names) {
    try {
      const real = realpathSync(join(project, PACKAGES, name));
      if (!real.split(sep).includes(PACKAGES)) linked.set(name, real);
    } catch {
      // It is not there, which is told elsewhere.
    }
  }
  return linked;
}

/**
 * Installs what the lock file of a project says, by `npm ci`.
 *
 * @throws ComexError `E_USAGE` without a lock file of npm, `E_EXEC` when npm fails
 */
export async function installPackages(root: string, programs: ReproductionPrograms): Promise<void> {
  const lock = LOCK_FILES.find((name) => existsSync(join(root, name)));
  if (lock !== 'package-lock.json' && lock !== 'npm-shrinkwrap.json') {
    throw new ComexError(
      'E_USAGE',
      `Expected the run to have kept a package-lock.json for --install, but it has ${lock ?? 'no lock file'}. Leave --install out to use the packages of the project.`,
    );
  }
  const { status, signal } = await programs.run(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['ci', '--include=dev', '--no-audit', '--no-fund'],
    { cwd: root, shell: process.platform === 'win32' },
    (_, piece) => void process.stderr.write(piece),
  );
  if (status === 0) return;
  throw new ComexError(
    'E_EXEC',
    `npm ci ${signal === null ? `exited with ${status}` : `was ended by ${signal}`}: the packages of the run cannot be installed, so nothing was run. Leave --install out to use the packages of the project.`,
  );
}
