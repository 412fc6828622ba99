import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { CODE_FOLDER, type RunMeta } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import { ComexError, isComexError } from '../errors.ts';
import { isConfigPath } from '../experiment/chain.ts';
import { type Definition, define } from '../experiment/define.ts';
import { findProject, nearestPackage } from '../experiment/project.ts';
import { type Borrowed, borrowPackages } from './archived-packages.ts';
import type { CodeChoice } from './archived-types.ts';
import { refuseOpened } from './opened-refusal.ts';

/** The experiment of a run that is over, read but not evaluated. */
export interface ArchivedCode {
  readonly definition: Definition;
  /** The project that its relative paths begin at, as far as it can be found. */
  readonly root: string;
  /** Says how to get a package that is missing. */
  readonly packagesFrom: string;
  /** Removes what had to be made for it. */
  readonly release: () => void;
}

/**
 * Reads the experiment of a run. Of a snapshot the modules are read as they lie in it; a YAML experiment above them is
 * passed over, since it gives nothing but values, and those are known.
 *
 * @throws ComexError `E_FILE` when the code is not there, and as `define` does
 */
export async function readArchivedCode(run: LoadedRun, choice: CodeChoice, cwd: string): Promise<ArchivedCode> {
  refuseOpened(run.meta, 'which has no analyses');
  return choice === 'today' ? await readToday(run, cwd) : await readSnapshot(run, cwd);
}

async function readToday({ path, meta }: LoadedRun, cwd: string): Promise<ArchivedCode> {
  const roots = rootsOf(path, meta, cwd);
  const root = roots.find((each) => meta.module !== '' && existsSync(join(each, meta.module)));
  if (root === undefined) {
    throw new ComexError(
      'E_FILE',
      `Expected today's module of the run at ${meta.module}, found none in ${roots.join(' or ')}. Use the code of the run: --code snapshot.`,
    );
  }
  const include = (meta.included ?? []).map((mixin) => resolve(root, mixin));
  const definition = await define(join(root, meta.module), cwd, include);
  return { definition, root, packagesFrom: root, release: () => {} };
}

async function readSnapshot({ path, meta }: LoadedRun, cwd: string): Promise<ArchivedCode> {
  const code = resolve(path, meta.snapshot?.folder ?? CODE_FOLDER);
  const module = [meta.module, ...meta.parents].find((file) => !isConfigPath(file)) ?? '';
  const advice = "Take today's code: --code today.";
  if (leaves(module) || !existsSync(join(code, module))) {
    const why = existsSync(code) ? `${module} is not in ${code}` : `there is no folder ${code}`;
    const child = meta.snapshot?.folder === undefined ? '' : ' A child run is copied with the run that it belongs to.';
    throw new ComexError('E_FILE', `Expected the snapshot of the run to hold its code, but ${why}.${child} ${advice}`);
  }
  const roots = [meta.root, findProject(cwd, cwd).root].filter((root) => root !== '' && existsSync(root));
  const read = (folder: string): Promise<Definition> =>
    define(
      join(folder, module),
      cwd,
      meta.mixins.map((mixin) => join(folder, mixin)),
    );
  let borrowed: Borrowed | undefined;
  try {
    const inPlace = await read(code);
    borrowed = borrowPackages(code, inPlace.closure, roots);
    const definition = borrowed === undefined ? inPlace : await read(borrowed.code);
    return {
      definition: withGivenMixins(definition, meta, borrowed?.code ?? code),
      root: roots[0] ?? cwd,
      packagesFrom: borrowed?.root ?? roots[0] ?? cwd,
      release: () => borrowed?.remove(),
    };
  } catch (error) {
    borrowed?.remove();
    const { message } = error as Error;
    const told = /[.!?]$/.test(message) ? message : `${message}.`;
    throw new ComexError(
      isComexError(error) ? error.code : 'E_EXPERIMENT',
      `${told} The snapshot of the run cannot be read without it. ${advice}`,
      { cause: error },
    );
  }
}

/** Where the project of a run may be: around its folder, where it was, and here. */
function rootsOf(path: string, meta: RunMeta, cwd: string): string[] {
  const around = nearestPackage(path);
  return [...new Set([...(around === undefined ? [] : [around]), meta.root, findProject(cwd, cwd).root])].filter(
    (root) => root !== '',
  );
}

/** All mixins were named here; which of them the command line had named is told by the metadata. */
function withGivenMixins(definition: Definition, meta: RunMeta, code: string): Definition {
  const included = new Set((meta.included ?? []).map((mixin) => join(code, mixin)));
  const mixins = definition.chain.mixins.map((mixin) => ({ ...mixin, given: included.has(mixin.module.path) }));
  return { ...definition, chain: { ...definition.chain, mixins } };
}

function leaves(module: string): boolean {
  const path = relative('.', module);
  return module === '' || isAbsolute(module) || path === '..' || path.startsWith(`..${sep}`);
}
