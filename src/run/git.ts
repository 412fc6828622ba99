import { spawn } from 'node:child_process';
import type { GitRecord } from '../archive/layout.ts';
import { redactText } from './redact.ts';

/** Largest patch that is kept, in bytes. */
const PATCH_LIMIT = 5 * 1024 * 1024;
const UNTRACKED_LIMIT = 100;
/** A patch that applies everywhere, whatever the user's own settings are. */
const PATCH_OPTIONS =
  '--binary --no-color --no-ext-diff --no-textconv --no-relative --src-prefix=a/ --dst-prefix=b/'.split(' ');
/** What git may take before the run goes on without it, in ms. */
const TIME_LIMIT = 5_000;

/** What git knows of a folder, and the patch that leads from its commit to the tree as it is. */
export interface GitState {
  readonly record: GitRecord;
  /** A byte a letter (latin1): a source may be in any encoding. */
  readonly patch?: string;
  /** How many secrets were blotted out of the patch. */
  readonly redacted?: number;
}

/** Asks git about the tree that a folder lies in; undefined without git, without a repository, or when it takes too long. */
export async function askGit(folder: string): Promise<GitState | undefined> {
  const status = await git(
    folder,
    ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=normal'],
    64 * 1024 * 1024,
  );
  if (status.text === undefined) return undefined;
  const { commit, branch, changed, untracked } = parseStatus(status.text);
  const record: GitRecord = {
    commit,
    branch,
    dirty: changed || untracked.length > 0,
    ...(untracked.length > 0 ? { untracked: untracked.slice(0, UNTRACKED_LIMIT) } : {}),
  };
  if (!changed || commit === null) return { record };
  const diff = await git(folder, ['diff', 'HEAD', ...PATCH_OPTIONS], PATCH_LIMIT, 'latin1');
  if (diff.text === undefined) return { record: { ...record, patch: { bytes: diff.bytes, skipped: diff.reason } } };
  const { text, count } = redactText(diff.text);
  return { record: { ...record, patch: { bytes: text.length } }, patch: text, redacted: count };
}

/** Reads the output of `git status --porcelain=v2 --branch -z`. */
export function parseStatus(output: string): {
  commit: string | null;
  branch: string | null;
  changed: boolean;
  untracked: string[];
} {
  let commit: string | null = null;
  let branch: string | null = null;
  let changed = false;
  const untracked: string[] = [];
  const entries = output.split('\0');
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    if (entry.startsWith('# branch.oid ')) commit = entry.slice(13) === '(initial)' ? null : entry.slice(13);
    else if (entry.startsWith('# branch.head ')) branch = entry.slice(14) === '(detached)' ? null : entry.slice(14);
    else if (entry.startsWith('? ')) untracked.push(entry.slice(2));
    else if (/^[12u] /.test(entry)) {
      changed = true;
      if (entry.startsWith('2 ')) i++; // a rename's old path is an entry of its own
    }
  }
  return { commit, branch, changed, untracked };
}

type Output = { readonly text: string } | { readonly text: undefined; readonly bytes: number; readonly reason: string };

function git(
  folder: string,
  args: readonly string[],
  limit: number,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<Output> {
  return new Promise((resolve) => {
    // Optional locks off: looking at a tree must not disturb a git command that works on it.
    const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
    const child = spawn('git', ['-C', folder, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIME_LIMIT,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else child.kill();
    });
    const failed = (reason: string): void => resolve({ text: undefined, bytes, reason });
    child.on('error', () => failed('git could not be run'));
    // What a stopped git has started may hold the pipe open.
    child.on('exit', (_, signal) => {
      if (signal !== null) child.stdout.destroy();
    });
    child.on('close', (code, signal) => {
      if (bytes > limit) failed(`larger than ${limit} bytes`);
      else if (signal !== null) failed('git took too long');
      else if (code !== 0) failed(`git exited with ${code}`);
      else resolve({ text: Buffer.concat(chunks).toString(encoding) });
    });
  });
}
