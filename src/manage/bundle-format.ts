/** What is in the file that `comex compress` makes: `comex.json`, the run folders below `runs/`, and `SHA256SUMS`. */

import { ENVIRONMENT_FILE, HIDDEN_FOLDER, RUNS_FOLDER } from '../archive/layout.ts';
import { TRASH_PREFIX } from '../archive/walk.ts';
import { decode } from '../codec/json.ts';

export const BUNDLE_FORMAT = 1;
/** The first entry: a `BundleHead`. */
export const HEAD_FILE = 'comex.json';
export const RUNS_PREFIX = 'runs/';
/** The last entry, as `sha256sum` writes and checks it. */
export const SUMS_FILE = 'SHA256SUMS';

/** What the file says of itself. */
export interface BundleHead {
  readonly format: number;
  readonly comex: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly runs: readonly BundledRun[];
}

/** One run; the runs inside of it come with it. */
export interface BundledRun {
  readonly id: string;
  readonly namespace: string;
  /** Of its folder, relative to the archive, with forward slashes. */
  readonly path: string;
  /** Of the folder with its code, when that is not in the run folder: a child run has that of its parent. */
  readonly code?: string;
  /** Of the file that describes the environment, when that is not in the run folder: it is the parent's, too. */
  readonly environment?: string;
}

/** What a run brings that is not in its folder. */
export function besidesOf({ code, environment }: Pick<BundledRun, 'code' | 'environment'>): string[] {
  return [code, environment].filter((path) => path !== undefined);
}

/** One line of the checksums. */
export function sumLine(sha256: string, name: string): string {
  const isPlain = !/[\\\n\r]/.test(name);
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return isPlain ? `${sha256}  ${name}\n` : `\\${sha256}  ${escaped}\n`;
}

/** Checksums by name. @throws Error for what is no list of checksums */
export function parseSums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, escaped, sha256, name] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`${SUMS_FILE} in it is damaged`);
    sums.set(escaped === '' ? name : name.replace(/\\(.)/g, (_, c) => UNESCAPED[c] ?? c), sha256!);
  }
  return sums;
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r' };

/** Whether a relative path stays below where it is put, whatever system reads it. */
export function isSafePath(path: unknown): path is string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return false;
  if (process.platform === 'win32' && /[\\:]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The places of all that a file brings, relative to the archive. */
export function rootsOf(head: BundleHead): string[] {
  return [...new Set(head.runs.flatMap((run) => [run.path, ...besidesOf(run)]))];
}

/** @throws Error for what is no description of a bundle, or is one that this version cannot read */
export function parseHead(text: string): BundleHead {
  const head = decode(text) as Partial<BundleHead> | null;
  if (typeof head?.format !== 'number' || !Array.isArray(head.runs)) throw new Error(`${HEAD_FILE} in it is damaged`);
  if (head.format > BUNDLE_FORMAT) throw new Error('it was written by a newer comex; update comex to read it');
  for (const { id, namespace, path, ...run } of head.runs as Partial<BundleHead['runs'][number]>[]) {
    const isNamed = typeof id === 'string' && typeof namespace === 'string';
    if (!isNamed || !isPlace(path) || !besidesOf(run).every(isPlace) || !isAbove(run.environment, path)) {
      throw new Error(`${HEAD_FILE} in it names a run that leads out of the archive`);
    }
  }
  return head as BundleHead;
}

/** Whether it is the description of the environment of a run that a path leads into; undefined is none. */
function isAbove(environment: string | undefined, path: string): boolean {
  if (environment === undefined) return true;
  const folder = environment.slice(0, -ENVIRONMENT_FILE.length);
  return environment === `${folder}${ENVIRONMENT_FILE}` && path.startsWith(`${folder}${RUNS_FOLDER}/`);
}

/** A place in an archive that readers look at. */
function isPlace(path: unknown): path is string {
  return isSafePath(path) && !path.split('/').some((part) => part.startsWith(TRASH_PREFIX) || part === HIDDEN_FOLDER);
}
