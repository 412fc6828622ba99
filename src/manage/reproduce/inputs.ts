import { constants, copyFileSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { RunTree } from '../../archive/children.ts';
import type { InputRecord } from '../../archive/layout.ts';
import { isSafeRelativePath } from '../../codec/names.ts';
import { storageError } from '../../codec/storage.ts';
import { ComexError } from '../../errors.ts';
import { codeFolder, shortHash } from './code.ts';
import { sha256Of } from './hash.ts';
import { mirrored } from './places.ts';
import type { Difference } from './types.ts';

/** Whose inputs a reproduction reads: those that the run read, or those that are there now. */
export type InputChoice = 'snapshot' | 'today';

/** Where inputs come from, and where they go to. */
export interface InputPlaces {
  readonly base: string;
  /** The root of the project on the machine of the run. */
  readonly root: string;
  /** Projects on this machine that may have the files. */
  readonly roots: readonly string[];
  readonly choice: InputChoice;
}

/** A file that an input can be taken from. */
interface Candidate {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Puts what a run read, and the runs inside of it, where its code looks for it: copies from the run folder, and links to
 * files that were too large to copy.
 *
 * @throws ComexError `E_FILE` for an input of which there is no copy and no file, `E_STORAGE`
 */
export function placeInputs(tree: RunTree, places: InputPlaces): Difference[] {
  const differences = new Map<string, Difference>();
  const visit = ({ run, children }: RunTree): void => {
    for (const input of run.original.inputs) {
      if (typeof input.path !== 'string' || typeof input.sha256 !== 'string') continue;
      const difference = placeInput(input, copyOf(run, input), places);
      if (difference !== undefined) differences.set(input.path, difference);
    }
    for (const child of children) visit(child);
  };
  visit(tree);
  return [...differences.values()];
}

function placeInput(input: InputRecord, copy: Candidate | undefined, places: InputPlaces): Difference | undefined {
  const { path, sha256 } = input;
  const there = originalOf(input, places.roots);
  const unharmed = copy?.sha256 === sha256 ? copy : undefined;
  const same = there?.sha256 === sha256 ? there : undefined;
  const used = places.choice === 'today' ? (there ?? copy) : (unharmed ?? same ?? there ?? copy);
  if (used === undefined) {
    throw new ComexError(
      'E_FILE',
      `Expected the input ${path} of the run (${input.bytes} bytes, sha256 ${shortHash(sha256)}...), of which no copy was kept, in ${places.roots.join(' or ')}, found none. Put it there.`,
    );
  }
  put(used.path, mirrored(places.base, resolve(places.root, path)), used === copy);
  if (same !== undefined && (copy === undefined || unharmed !== undefined)) return undefined;
  const notes = [
    used === unharmed ? 'the copy in the run folder is read' : '',
    used === there && used !== same ? 'the file of today is read' : '',
    used === copy && used !== unharmed ? 'the copy in the run folder is read, which was changed' : '',
    copy !== undefined && unharmed === undefined && used !== copy ? 'the copy in the run folder was changed' : '',
    isAbsolute(path) && used === copy ? 'code that names it by its absolute path does not find the copy' : '',
  ];
  return {
    part: 'inputs',
    name: path,
    recorded: shortHash(sha256),
    ...(there === undefined ? {} : { now: shortHash(there.sha256) }),
    note: notes.filter((note) => note !== '').join('; '),
  };
}

/** The copy in the run folder, or in that of the run above. */
function copyOf(run: RunTree['run'], { copy }: InputRecord): Candidate | undefined {
  const folder = codeFolder(run);
  if (typeof copy !== 'string' || folder === undefined) return undefined;
  const place = copy.replace(/^(?:\.\.\/)*code\//, '');
  return isSafeRelativePath(place) ? fileAt(join(folder, place)) : undefined;
}

function originalOf({ path, sha256 }: InputRecord, roots: readonly string[]): Candidate | undefined {
  const found = (isAbsolute(path) ? [path] : roots.map((root) => resolve(root, path))).flatMap(
    (each) => fileAt(each) ?? [],
  );
  return found.find((each) => each.sha256 === sha256) ?? found[0];
}

function fileAt(path: string): Candidate | undefined {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? { path, sha256: sha256Of(path) } : undefined;
}

/** A copy, which the reproduction may change; of a large file that was not copied by the run either, a link. */
function put(from: string, to: string, isCopy: boolean): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    if (isCopy || statSync(from).size <= COPY_LIMIT) copyFileSync(from, to, constants.COPYFILE_FICLONE);
    else symlinkSync(from, to);
  } catch (error) {
    throw storageError(error, 'copy', from);
  }
}

const COPY_LIMIT = 10 * 1024 * 1024;
