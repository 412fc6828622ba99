import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import dayjs from 'dayjs';
import { CODE_FOLDER, DEBUG_FOLDER, META_FILE, PATCH_FILE, type RunMeta } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { copyFileAtomic, writeFileAtomic } from '../../codec/atomic.ts';
import { storageError } from '../../codec/storage.ts';
import { makeParents, moveFolder, walkTree } from '../folder-tree.ts';
import { codeFolder } from './code.ts';
import type { Environment } from './environment.ts';
import type { Rerun } from './rerun.ts';

/** Larger files are data of programs. */
const TEXT_LIMIT = 64 * 1024 * 1024;

/**
 * Moves a reproduction into an archive, as a run of the project that the original is of: its metadata name that project
 * instead of the temporary folder, and the run that it repeats.
 *
 * @returns absolute path of its folder
 * @throws ComexError `E_STORAGE`
 */
export function keepReproduction(
  original: LoadedRun,
  { run, ownWords }: Rerun,
  { base, code }: { readonly base: Environment['base']; readonly code: 'snapshot' | 'today' },
  results: string,
): string {
  const folder = basename(run.path);
  const name = folder === DEBUG_FOLDER ? `${dayjs(run.startedAt).format('YYYY-MM-DD__HH-mm-ss')}__${run.id}` : folder;
  withoutBase(run.path, base);
  const git = code === 'snapshot' ? keptPatch(original, run.path) : {};
  edit(run.path, (meta) => {
    const given = run.original.argv.slice(ownWords);
    return {
      ...meta,
      name,
      argv: ['reproduce', original.id, ...given],
      redacted: movedArguments(run.original.redacted, 2 - ownWords),
      ...git,
      reproduces: { id: original.id },
    };
  });
  const target = join(results, run.namespace, name);
  try {
    makeParents(target);
    moveFolder(run.path, target);
  } catch (error) {
    throw storageError(error, 'create', target);
  }
  return target;
}

/**
 * Paths of the temporary folder become what they stand for, in every text of the run: without the folder in front of
 * them they are those of the project, and of the run folder in it.
 */
function withoutBase(folder: string, base: string): void {
  const escaped = JSON.stringify(base).slice(1, -1);
  for (const { path, kind } of walkTree(folder)) {
    if (kind !== 'file' || statSync(path).size > TEXT_LIMIT) continue;
    const bytes = readFileSync(path);
    if (bytes.includes(0) || !(bytes.includes(base) || bytes.includes(escaped))) continue;
    const text = bytes.toString('latin1');
    const [one, other] = [escaped, base].map((each) => Buffer.from(each).toString('latin1'));
    writeFileAtomic(path, Buffer.from(text.replaceAll(one!, '').replaceAll(other!, ''), 'latin1'));
  }
}

function edit(folder: string, change: (meta: Record<string, unknown>) => Record<string, unknown>): void {
  const path = join(folder, META_FILE);
  const meta = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileAtomic(path, `${JSON.stringify(change(meta), null, 2)}\n`);
}

/** The words of comex's own in front of the others are replaced by fewer. */
function movedArguments(redacted: readonly string[], by: number): string[] {
  return redacted.map((path) => path.replace(/^argv\.(\d+)$/, (_, index) => `argv.${Number(index) + by}`));
}

/** The same code has the same origin. */
function keptPatch(original: LoadedRun, folder: string): Pick<RunMeta, 'git'> {
  const { git } = original.original;
  if (git === undefined) return {};
  const source = codeFolder(original);
  const patch = source === undefined ? undefined : join(source, PATCH_FILE);
  if (git.patch?.file === undefined || patch === undefined || !existsSync(patch)) return { git };
  const target = join(folder, CODE_FOLDER, PATCH_FILE);
  mkdirSync(join(folder, CODE_FOLDER), { recursive: true });
  copyFileAtomic(patch, target);
  return { git: { ...git, patch: { ...git.patch, file: `${CODE_FOLDER}/${PATCH_FILE}` } } };
}
