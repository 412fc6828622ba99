import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { RunTree } from '../../archive/children.ts';
import type { InputRecord } from '../../archive/layout.ts';
import { sha256OfFile } from '../../codec/hash.ts';
import { isSafeRelativePath } from '../../codec/names.ts';
import { ComexError } from '../../errors.ts';
import { codeFolder, shortHash } from './code.ts';
import { copyIn } from './copy.ts';
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
 * Puts copies of what a run read, and the runs inside of it, where its code looks for it: from the run folder, and of
 * files that it did not keep from where they are.
 *
 * @throws ComexError `E_FILE` for an input that is nowhere as it was, unless those of today are asked for; `E_STORAGE`
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
  const fate = fateOf(input, copy);
  const used = places.choice === 'today' ? (there ?? copy) : (unharmed ?? same);
  if (used === undefined) throw missing(input, there, copy, fate, places.roots);
  copyIn(used.path, mirrored(places.base, resolve(places.root, path)));
  if (same !== undefined) {
    const note = `${fate}: the file itself is read, which is as it was`;
    return unharmed !== undefined || input.copy === undefined ? undefined : { part: 'inputs', name: path, note };
  }
  const notes = [
    used === unharmed ? 'the copy in the run folder is read' : '',
    used === there ? 'the file of today is read' : '',
    used === copy && used !== unharmed ? 'the copy in the run folder is read, which was changed' : '',
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

/** What became of the copy in the run folder. */
function fateOf({ copy: kept }: InputRecord, copy: Candidate | undefined): string {
  if (kept === undefined) return 'no copy was kept';
  return copy === undefined ? 'its copy in the run folder is gone' : 'its copy in the run folder was changed';
}

/** What the run read is nowhere: another file in its place is read only when somebody says so. */
function missing(
  { path, sha256, bytes }: InputRecord,
  there: Candidate | undefined,
  copy: Candidate | undefined,
  fate: string,
  roots: readonly string[],
): ComexError {
  const what = `Expected the input ${path} of the run (${bytes} bytes, sha256 ${shortHash(sha256)}...; ${fate})`;
  const today = there === undefined && copy === undefined ? '' : ' What there is now is read with --inputs today.';
  const found =
    there === undefined ? 'found none' : `found another at ${there.path} (sha256 ${shortHash(there.sha256)}...)`;
  const where = there === undefined ? ` in ${isAbsolute(path) ? 'its place' : roots.join(' or ')}` : '';
  return new ComexError('E_FILE', `${what}${where}, ${found}. Put it there.${today}`);
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
  return isFile ? { path, sha256: sha256OfFile(path) } : undefined;
}
