import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { CODE_FOLDER } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import { isSafeRelativePath } from '../codec/names.ts';
import { ComexError } from '../errors.ts';
import { CONFIG_FILES } from '../run/environment.ts';
import { unifiedDiff } from './diff-lines.ts';

/** A file of the code that is not the same on both sides. */
export interface CodeDifference {
  /** On the second side, or on the first when it is there alone. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed' | 'renamed';
  /** Its path on the first side, when it was renamed. */
  readonly from?: string;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
  /** Unified, without a head; empty where nothing but the name differs. */
  readonly diff?: string;
  /** Why there is no diff. */
  readonly summary?: string;
}

/** The code of one side: bytes by path, with forward slashes. */
export type CodeFiles = ReadonlyMap<string, Buffer>;

const MAX_BYTES = 1024 * 1024;
const MAX_LINES = 40_000;
/** A file counts as renamed when so much of it stayed. */
const ALIKE = 0.6;
/** Of more files that went and came, only equal ones are told to be renamed. */
const MAX_PAIRS = 400;

/**
 * The files of a run's snapshot.
 *
 * @throws ComexError `E_FILE` when it holds none of them
 */
export function readSnapshot({ path, meta, id }: LoadedRun): CodeFiles {
  const folder = meta.snapshot?.folder ?? CODE_FOLDER;
  const listed = Array.isArray(meta.snapshot?.files) ? meta.snapshot.files : [];
  // Of a child run, it is that of a run above it.
  const isOurs = new RegExp(`^(?:\\.\\./)*${CODE_FOLDER}$`).test(folder);
  const files = isOurs ? readFiles(resolve(path, folder), [...listed, ...CONFIG_FILES]) : new Map();
  if (files.size === 0 && listed.length > 0) {
    const child = meta.snapshot?.folder === undefined ? '' : ' A child run is copied with the run that it belongs to.';
    throw new ComexError(
      'E_FILE',
      `Expected the code of the run ${id} in ${resolve(path, folder)}, found none.${child}`,
    );
  }
  return files;
}

/** The files of a project as they are now, at the paths of a snapshot. */
export function readWorktree(root: string, snapshot: CodeFiles): CodeFiles {
  return readFiles(root, [...snapshot.keys(), ...CONFIG_FILES]);
}

function readFiles(folder: string, paths: readonly unknown[]): CodeFiles {
  const files = new Map<string, Buffer>();
  const root = realpathOf(folder);
  if (root === undefined) return files;
  for (const path of new Set(paths)) {
    if (typeof path !== 'string' || !isSafeRelativePath(path)) continue;
    // Anybody may have made the folder: a link in it leads nowhere.
    const file = realpathOf(join(root, path));
    if (file === undefined || !file.startsWith(root + sep) || !lstatSync(file).isFile()) continue;
    files.set(path, readFileSync(file));
  }
  return files;
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** What became of the files of one side on the other, sorted by path. */
export function diffCode(before: CodeFiles, after: CodeFiles): CodeDifference[] {
  const all: CodeDifference[] = [];
  const gone = new Map([...before].filter(([path]) => !after.has(path)));
  const come = new Map([...after].filter(([path]) => !before.has(path)));
  for (const { from, to } of renames(gone, come)) {
    all.push({ path: to, from, change: 'renamed', ...contentDiff(gone.get(from), come.get(to)) });
    gone.delete(from);
    come.delete(to);
  }
  for (const [path, bytes] of gone) all.push({ path, change: 'removed', ...contentDiff(bytes, undefined) });
  for (const [path, bytes] of come) all.push({ path, change: 'added', ...contentDiff(undefined, bytes) });
  for (const [path, bytes] of before) {
    const other = after.get(path);
    if (other !== undefined && !bytes.equals(other)) {
      all.push({ path, change: 'changed', ...contentDiff(bytes, other) });
    }
  }
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function contentDiff(
  before: Buffer | undefined,
  after: Buffer | undefined,
): Omit<CodeDifference, 'path' | 'change' | 'from'> {
  const texts = [textOf(before), textOf(after)];
  const [a, b] = texts;
  if (a === undefined || b === undefined) {
    const sizes = [before, after].map((bytes) => (bytes === undefined ? 'none' : `${bytes.length} bytes`));
    const large = [before, after].some((bytes) => (bytes?.length ?? 0) > MAX_BYTES);
    return { added: 0, removed: 0, summary: `${large ? 'large' : 'binary'}, ${sizes.join(' -> ')}` };
  }
  const { text, added, removed } = unifiedDiff(a, b);
  return { added, removed, diff: text };
}

/** Undefined for what is no text, or too much of it. */
function textOf(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return '';
  if (bytes.length > MAX_BYTES || bytes.includes(0)) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  return text.split('\n', MAX_LINES + 1).length > MAX_LINES ? undefined : text;
}

function renames(gone: CodeFiles, come: CodeFiles): Array<{ from: string; to: string }> {
  const pairs: { from: string; to: string; alike: number }[] = [];
  const few = gone.size * come.size <= MAX_PAIRS;
  for (const [from, before] of gone) {
    for (const [to, after] of come) {
      const alike = before.length > 0 && before.equals(after) ? 1 : few ? likeness(before, after) : 0;
      if (alike >= ALIKE) pairs.push({ from, to, alike });
    }
  }
  pairs.sort((a, b) => b.alike - a.alike);
  const taken = new Set<string>();
  return pairs.filter(({ from, to }) => {
    const isFree = !taken.has(`-${from}`) && !taken.has(`+${to}`);
    if (isFree) taken.add(`-${from}`).add(`+${to}`);
    return isFree;
  });
}

/** The part of the lines of the longer text that is in the other too, from 0 to 1. */
function likeness(before: Buffer, after: Buffer): number {
  const [a, b] = [textOf(before), textOf(after)];
  if (!a || !b) return 0;
  const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
  const left = new Map<string, number>();
  for (const line of lines(a)) left.set(line, (left.get(line) ?? 0) + 1);
  let shared = 0;
  for (const line of lines(b)) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    shared += 1;
  }
  return shared / Math.max(lines(a).length, lines(b).length, 1);
}
