/** What is in the file that `comex compress` makes: `comex.json`, the run folders below `runs/`, and `SHA256SUMS`. */

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
