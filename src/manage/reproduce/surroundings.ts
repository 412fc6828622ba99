import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ENVIRONMENT_FILE, RUNS_FOLDER, type RunMeta } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { decode } from '../../codec/json.ts';
import { describeEnvironment, type EnvironmentRecord } from '../../run/environment.ts';
import { version } from '../../version.ts';
import { shortHash } from './code.ts';
import { linkedPackages } from './packages.ts';
import type { Difference } from './types.ts';

/** What a run recorded of its machine and packages, as far as it can be read. */
export type RecordedEnvironment = Partial<EnvironmentRecord>;

/** They say how results come about on any machine: a reproduction gets them as they were. */
const TAKEN_OVER: readonly string[] = ['NODE_ENV', 'TZ', 'LANG', 'LC_ALL', 'UV_THREADPOOL_SIZE', 'OMP_NUM_THREADS'];
/** Each job has others. */
const OF_A_JOB = /^SLURM_/;
const GIT_LIMIT_MS = 5000;
const MISSING = 'it is not installed: --install installs what the run had';

/** A child run has the environment of the run above it; undefined when it cannot be read. */
export function recordedEnvironment({ path }: LoadedRun): RecordedEnvironment | undefined {
  for (let folder = path; ; folder = dirname(dirname(folder))) {
    const value = readRecord(join(folder, ENVIRONMENT_FILE));
    if (value !== undefined) return value;
    if (!dirname(folder).endsWith(RUNS_FOLDER)) return undefined;
  }
}

function readRecord(path: string): RecordedEnvironment | undefined {
  try {
    const value = decode(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The process environment of the reproduction: that of now, with the recorded entries that shape results. */
export function reproducedEnvironment(recorded: RecordedEnvironment | undefined): NodeJS.ProcessEnv {
  const env = { ...process.env };
  if (recorded?.environment === undefined) return env;
  for (const name of TAKEN_OVER) {
    const value: unknown = recorded.environment[name];
    if (typeof value === 'string') env[name] = value;
    else delete env[name];
  }
  return env;
}

/**
 * How the machine and the packages differ from those of the run.
 *
 * @param root the folder in which it is run again, with its packages
 * @param project whose packages are used; undefined when they were installed
 */
export function surroundingDifferences(
  { original: meta }: LoadedRun,
  recorded: RecordedEnvironment | undefined,
  { root, project }: { readonly root: string; readonly project: string | undefined },
): Difference[] {
  const differences: Difference[] = [];
  const compare = (part: Difference['part'], name: string, then: unknown, now: unknown, note?: string): void => {
    if (then === now) return;
    const text = (value: unknown, key: 'recorded' | 'now') => (value === undefined ? {} : { [key]: String(value) });
    differences.push({
      part,
      name,
      ...text(then, 'recorded'),
      ...text(now, 'now'),
      ...(note === undefined ? {} : { note }),
    });
  };
  compare('machine', 'comex', meta.comex, version);
  if (recorded === undefined) {
    const note = `${ENVIRONMENT_FILE} cannot be read: machine and packages were not compared`;
    return [...differences, { part: 'machine', name: 'environment', note }];
  }
  const here = describeEnvironment(root);
  for (const name of ['node', 'platform', 'arch', 'release'] as const) {
    const label = name === 'release' ? 'os release' : name;
    compare('machine', label, recorded[name], here[name]);
  }
  compare('machine', 'cpu', recorded.cpu?.model, here.cpu.model);
  compare(
    'machine',
    'node options',
    recorded.execArgv?.join(' ') || undefined,
    process.execArgv.join(' ') || undefined,
  );
  const lock = project === undefined ? here.lockFile : describeEnvironment(project).lockFile;
  const lockNote =
    project === undefined ? 'the kept lock file was changed' : 'the installed packages are those of today';
  const locks = [recorded.lockFile, lock].map((file) => (file === undefined ? undefined : shortHash(file.sha256)));
  compare('packages', recorded.lockFile?.name ?? lock?.name ?? '', locks[0], locks[1], lockNote);
  const installed = here.dependencies;
  for (const name of new Set([...Object.keys(recorded.dependencies ?? {}), ...Object.keys(installed)])) {
    const note = installed[name] === undefined ? MISSING : undefined;
    compare('packages', name, recorded.dependencies?.[name], installed[name], note);
  }
  for (const [name, path] of linkedPackages(root, Object.keys(installed))) {
    const note = `linked to ${path}: its code was not kept, and is what it is today`;
    differences.push({ part: 'packages', name, note });
  }
  const variables = { ...recorded.environment };
  for (const name of new Set([...Object.keys(variables), ...Object.keys(here.environment)])) {
    if (TAKEN_OVER.includes(name) || OF_A_JOB.test(name)) continue;
    compare('environment', name, variables[name], here.environment[name]);
  }
  return differences;
}

/** Where the repository is by now; the code is that of the run all the same. */
export function gitDifference(meta: RunMeta, root: string | undefined): Difference | undefined {
  const { git } = meta;
  if (typeof git?.commit !== 'string') return undefined;
  const head = root === undefined ? undefined : askGit(root, ['rev-parse', 'HEAD']);
  const isThere = head !== undefined && askGit(root!, ['cat-file', '-e', `${git.commit}^{commit}`]) !== undefined;
  const changes = git.dirty ? ' with changes' : '';
  // Its changes are part of the snapshot; how the files differ from those of today is told of each.
  if (head === git.commit) return undefined;
  const where =
    head === undefined ? 'no repository is there' : isThere ? undefined : 'that commit is not in the repository';
  const note = `${where === undefined ? '' : `${where}; `}the snapshot holds the code`;
  return {
    part: 'git',
    name: 'commit',
    recorded: `${git.commit.slice(0, 7)}${changes}`,
    ...(head === undefined ? {} : { now: head.slice(0, 7) }),
    note,
  };
}

/** What git prints; undefined when it fails, or is not there. */
function askGit(folder: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', ['-C', folder, ...words], {
    encoding: 'utf8',
    timeout: GIT_LIMIT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim() : undefined;
}
