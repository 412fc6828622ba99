import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** Lock files that a project may have, in the order they are looked for. */
export const LOCK_FILES = [
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'npm-shrinkwrap.json',
] as const;

/** They say what code runs on, and are no code. */
export const CONFIG_FILES: readonly string[] = ['package.json', 'tsconfig.json', 'jsconfig.json', 'comex.config.json'];
/** What is kept beside the code of a run, so that its project can be made again. */
export const PROJECT_FILES: readonly string[] = [...CONFIG_FILES, ...LOCK_FILES];

/** Entries of the process environment that say how results come about, and hold no secrets. */
const ALLOWED =
  /^(NODE_ENV|CI|TZ|LANG|LC_ALL|UV_THREADPOOL_SIZE|OMP_NUM_THREADS|CUDA_VISIBLE_DEVICES|SLURM_(JOB|ARRAY|CPUS|NTASKS|STEP|PROC)[A-Z_]*)$/;

/** `experiment_environment.json`. */
export interface EnvironmentRecord {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly release: string;
  readonly arch: string;
  readonly host: string;
  readonly cpu: { readonly model: string; readonly count: number; readonly available: number };
  readonly memoryBytes: number;
  readonly lockFile?: { readonly name: string; readonly sha256: string };
  /** Installed versions of the project's direct dependencies. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
}

/** Describes the machine and the installed packages of a project. */
export function describeEnvironment(root: string): EnvironmentRecord {
  const processors = cpus();
  const lock = readLock(root);
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: platform(),
    release: release(),
    arch: arch(),
    host: hostname(),
    cpu: { model: processors[0]?.model ?? 'unknown', count: processors.length, available: availableParallelism() },
    memoryBytes: totalmem(),
    ...(lock === undefined ? {} : { lockFile: lock }),
    dependencies: directDependencies(root),
    environment: Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] => ALLOWED.test(entry[0]) && entry[1] !== undefined,
      ),
    ),
    execArgv: process.execArgv,
  };
}

function readLock(root: string): EnvironmentRecord['lockFile'] {
  for (const name of LOCK_FILES) {
    const text = readIfThere(join(root, name));
    if (text !== undefined) return { name, sha256: createHash('sha256').update(text).digest('hex') };
  }
  return undefined;
}

function directDependencies(root: string): Record<string, string> {
  const manifest = parse(readIfThere(join(root, 'package.json')));
  const names = Object.keys({ ...Object(manifest['dependencies']), ...Object(manifest['devDependencies']) }).sort();
  const versions: Record<string, string> = {};
  for (const name of names) {
    const installed = parse(readIfThere(join(root, 'node_modules', name, 'package.json')));
    if (typeof installed['version'] === 'string') versions[name] = installed['version'];
  }
  return versions;
}

function parse(text: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? '{}')) as Record<string, unknown>;
  } catch {
    return {}; // a broken manifest of another package says nothing about this run
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
