import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { RunTree } from '../../archive/children.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { packageFolders } from '../../run/archived-packages.ts';
import type { CodeChoice } from '../../run/archived-types.ts';
import {
  type CodeFiles,
  codeDifferences,
  projectDifference,
  snapshotDifference,
  snapshotFiles,
  todaysFiles,
} from './code.ts';
import { type InputChoice, placeInputs } from './inputs.ts';
import { installPackages, linkPackages, projectWithPackages } from './packages.ts';
import { mirrored, partsOf } from './places.ts';
import type { ReproductionPrograms } from './programs.ts';
import {
  gitDifference,
  type RecordedEnvironment,
  recordedEnvironment,
  surroundingDifferences,
} from './surroundings.ts';
import type { Difference } from './types.ts';
import { placeUnkept } from './unkept.ts';

export interface EnvironmentRequest {
  readonly code: CodeChoice;
  readonly inputs: InputChoice;
  readonly install: boolean;
  readonly cwd: string;
  /** Projects on this machine that may be the run's, the likeliest first. */
  readonly roots: readonly string[];
}

/** A copy of the project of a run, in which it can be run again. */
export interface Environment {
  /** The folder that stands for the root of the file system. */
  readonly base: string;
  /** What the project's root is in it, and the working directory. */
  readonly root: string;
  readonly cwd: string;
  /** The archive in it. */
  readonly results: string;
  readonly module: string;
  readonly recorded: RecordedEnvironment | undefined;
  /** Plugins of the project, which are not called. */
  readonly plugins: boolean;
  /** Whose packages are used; undefined when they were installed, or there are none. */
  readonly project: string | undefined;
  readonly differences: readonly Difference[];
}

const CONFIG = 'comex.config.json';
/** Where a run without a known root is put. */
const NO_ROOT = '/project';

/**
 * Builds the environment of a run below a folder: code, inputs, packages. Nothing is written outside of the folder, and
 * nothing but links to folders of packages leads out of it: those are the project's own.
 *
 * @throws ComexError for what is missing, `E_STORAGE`, and as `installPackages` does
 */
export async function buildEnvironment(
  tree: RunTree,
  folder: string,
  request: EnvironmentRequest,
  programs: ReproductionPrograms,
): Promise<Environment> {
  const { run } = tree;
  const { original: meta } = run;
  const origin = meta.root === '' ? NO_ROOT : meta.root;
  const recorded = recordedEnvironment(run);
  const project = request.install ? undefined : projectWithPackages(request.roots, recorded?.dependencies ?? {});
  const base = baseFor(folder, origin, project);
  const root = mirrored(base, origin);
  const module = join(root, meta.module);
  if (!isWithin(module, base)) {
    throw new ComexError('E_FILE', `Expected the module of the run inside of its project, got ${meta.module}.`);
  }
  const today = request.roots.find((each) => existsSync(join(each, meta.module)));
  const kept = snapshotFiles(run, root);
  const differences: Difference[] = [];
  if (request.code === 'today') {
    const home = today ?? request.roots[0]!;
    const files = inPlace(await todaysFiles(tree, home, request.cwd), home, root, base);
    write(files);
    differences.push(...codeDifferences(kept, files, tree, root));
  } else {
    write(kept);
    const changed = snapshotDifference(run);
    // Of a changed snapshot it is not known which side has changed.
    const isComparable = changed === undefined && today !== undefined;
    const told = isComparable ? projectDifference(tree, kept, { root, home: today, base }) : changed;
    if (told !== undefined) differences.push(told);
  }
  const places = { base, root: origin, roots: request.roots, choice: request.inputs };
  differences.push(...placeUnkept(tree, places), ...placeInputs(tree, places));
  const { plugins, results } = withoutPlugins(root);
  if (plugins) {
    differences.push({
      part: 'environment',
      name: 'plugins',
      note: 'those of the project are not called: they reach outside',
    });
  }
  const cwd = meta.cwd === '' ? root : mirrored(base, meta.cwd);
  mkdirSync(root, { recursive: true });
  mkdirSync(cwd, { recursive: true });
  if (request.install) await installPackages(root, programs);
  else if (project !== undefined) linkPackages(project, meta.module, { root, base });
  differences.push(...surroundingDifferences(run, recorded, { root, project }));
  const git = gitDifference(meta, today ?? request.roots[0]);
  if (git !== undefined && request.code === 'snapshot') differences.push(git);
  return { base, root, cwd, results: join(root, results), module, recorded, plugins, project, differences };
}

/** As deep that all folders of packages above the project find their places above its copy. */
function baseFor(folder: string, origin: string, project: string | undefined): string {
  const levels = project === undefined ? 0 : packageFolders(project).length - partsOf(origin).length;
  const base = join(folder, 'files', ...Array<string>(Math.max(0, levels)).fill('above'));
  mkdirSync(base, { recursive: true });
  return base;
}

/** Files of today's project at the places that they have in the copy. */
function inPlace(files: CodeFiles, home: string, root: string, base: string): CodeFiles {
  return new Map(
    [...files].map(([path, bytes]) => {
      const target = resolve(root, relative(home, path));
      return [isWithin(target, base) ? target : mirrored(base, path), bytes];
    }),
  );
}

function write(files: CodeFiles): void {
  for (const [path, bytes] of files) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    } catch (error) {
      throw storageError(error, 'write', path);
    }
  }
}

/** Plugins tell others of a run: of a reproduction, which may be thrown away, nobody is told. */
function withoutPlugins(root: string): { readonly plugins: boolean; readonly results: string } {
  const path = join(root, CONFIG);
  const fallback = { plugins: false, results: 'results' };
  let config: Record<string, unknown>;
  try {
    config = Object(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}) as Record<string, unknown>;
  } catch {
    return fallback; // the run itself says what is wrong with it
  }
  const { plugins, results, ...rest } = config;
  if (existsSync(path)) write(new Map([[path, Buffer.from(`${JSON.stringify(rest, null, 2)}\n`)]]));
  const isInside = typeof results === 'string' && !isAbsolute(results) && isWithin(resolve(root, results), root);
  return { plugins: Array.isArray(plugins) && plugins.length > 0, results: isInside ? results : fallback.results };
}

function isWithin(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
