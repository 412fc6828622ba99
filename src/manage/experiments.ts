import { readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Status } from '../archive/layout.ts';
import { readJudged } from '../archive/liveness.ts';
import { readMeta } from '../archive/read-meta.ts';
import { walkRuns } from '../archive/walk.ts';
import { isConfigPath } from '../experiment/chain.ts';
import { define } from '../experiment/define.ts';
import { listModules } from '../experiment/modules.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { EXPERIMENTS_FOLDER, namespaceOf } from '../experiment/project.ts';
import { readModule } from '../experiment/source/read-module.ts';
import { isSpecialName } from '../experiment/special.ts';

/** An experiment of a project, whether it was ever run or not. */
export interface ListedExperiment {
  /** Path below experiments/ without extension, as `comex run` takes it. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly kind: 'module' | 'config';
  readonly namespace: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** In the order declared, without those of comex. */
  readonly parameters: readonly Parameter[];
  /** Also those inside of other runs. */
  readonly runs: number;
  readonly last?: LastRun;
  /** Why it cannot be run, in one line. */
  readonly problem?: string;
}

/** The run of an experiment that began last. */
export interface LastRun {
  readonly id: string;
  readonly path: string;
  readonly status: Status;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Where experiments and their runs are. */
export interface ExperimentsOptions {
  /** Absolute path of the project. */
  readonly root: string;
  /** Absolute path of the archive. */
  readonly results: string;
  readonly cwd: string;
  /** Told of run folders that cannot be read. */
  readonly err: (text: string) => void;
}

/** The modules and YAML experiments below experiments/ with their runs, sorted by path. Nothing of them is executed. */
export async function listExperiments(options: ExperimentsOptions): Promise<ListedExperiment[]> {
  const { root, cwd } = options;
  const folder = join(root, EXPERIMENTS_FOLDER);
  const runs = countRuns(options);
  const listed: ListedExperiment[] = [];
  for (const file of listModules(folder)) {
    const facts = await factsOf(file, root, cwd);
    if (facts === undefined) continue;
    const { count, last } = runs.of(file, facts.namespace);
    const name = relative(folder, file)
      .split(sep)
      .join('/')
      .replace(/\.[^./]+$/, '');
    const kind = isConfigPath(file) ? 'config' : 'module';
    listed.push({ name, file, kind, ...facts, runs: count, ...(last === undefined ? {} : { last }) });
  }
  return listed;
}

type Facts = Pick<ListedExperiment, 'namespace' | 'description' | 'tags' | 'parameters' | 'problem'>;

/** What the source tells; undefined for a module that is no experiment but serves one. */
async function factsOf(file: string, root: string, cwd: string): Promise<Facts | undefined> {
  try {
    const { namespace, description, tags, declared } = await define(file, cwd);
    const parameters = [...declared.values()].filter(({ name }) => !isSpecialName(name));
    return { namespace, tags, parameters, ...(description === undefined ? {} : { description }) };
  } catch (error) {
    if (isPartOfOthers(file)) return undefined;
    const problem = (error as Error).message.split('\n')[0]!;
    return { namespace: namespaceOf(file, root), tags: [], parameters: [], problem };
  }
}

/** Whether a module has no default export, nor anything that only an experiment has. */
function isPartOfOthers(file: string): boolean {
  if (isConfigPath(file)) return false;
  try {
    const { exports } = readModule(file, readFileSync(file, 'utf8'));
    return !['default', 'testing', 'analysis', 'analyses'].some((name) => exports.includes(name));
  } catch {
    return false;
  }
}

interface Counted {
  count: number;
  latest: { readonly id: string; readonly path: string; readonly startedAt: string } | undefined;
}

/** Looks at every run once. A run is of the file that it names; of its namespace, where no experiment has that file. */
function countRuns({ results, err }: ExperimentsOptions) {
  const byFile = new Map<string, Counted>();
  const byNamespace = new Map<string, Counted>();
  const add = (counts: Map<string, Counted>, key: string, run: NonNullable<Counted['latest']>): void => {
    const counted = counts.get(key) ?? { count: 0, latest: undefined };
    counted.count += 1;
    if (counted.latest === undefined || run.startedAt >= counted.latest.startedAt) counted.latest = run;
    counts.set(key, counted);
  };
  for (const entry of walkRuns(results, { children: true })) {
    try {
      if (entry.kind === 'broken') throw new Error(entry.reason);
      const { id, module, root, namespace, startedAt } = readMeta(entry.path);
      const run = { id, path: entry.path, startedAt };
      add(byFile, resolve(root, module), run);
      add(byNamespace, namespace, run);
    } catch (error) {
      const { message } = error as Error;
      err(message.includes(entry.path) ? message : `${entry.path}: ${message}`);
    }
  }
  return {
    of(file: string, namespace: string): { readonly count: number; readonly last?: LastRun } {
      const found = byFile.get(file) ?? byNamespace.get(namespace);
      const latest = found?.latest;
      if (found === undefined || latest === undefined) return { count: 0 };
      return { count: found.count, last: { ...latest, status: readJudged(latest.path).status } };
    },
  };
}
