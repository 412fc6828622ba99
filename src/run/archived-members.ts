import { existsSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { format } from 'node:util';
import { replayData, withHarvested } from '../archive/data.ts';
import type { DataTree } from '../archive/data-tree.ts';
import type { LoadedRun } from '../archive/load.ts';
import { ComexError, didYouMean } from '../errors.ts';
import type { Definition } from '../experiment/define.ts';
import type { Hook } from '../experiment/hooks.ts';
import type { ArchivedParameters } from './archived-parameters.ts';
import { Artifacts } from './artifacts.ts';
import type { Experiment, ExperimentMethods } from './experiment.ts';
import { createFacade } from './facade.ts';
import { screenOf } from './members.ts';
import { parameterLines } from './parameter-lines.ts';
import type { Pending } from './pending.ts';
import { progress } from './progress.ts';
import { createRandom } from './random.ts';

/** What the `e` of a run that is over is made of. */
export interface ArchivedParts {
  readonly run: LoadedRun;
  readonly definition: Definition;
  readonly parameters: ArchivedParameters;
  readonly hooks: ReadonlyMap<string, readonly Hook[]>;
  /** The project, where relative paths of inputs begin. */
  readonly root: string;
  readonly pending: Pending;
  readonly show: 'stdout' | 'stderr' | undefined;
  readonly say: (text: string) => void;
  readonly signal: () => AbortSignal;
  readonly exec: ExperimentMethods<never>['exec'];
}

/**
 * The `e` that the analyses of a run get when it is over: it reads what the run left, and puts files into its folder. It
 * records nothing: the data, series and metadata of a run are those that it wrote itself.
 */
export function createArchivedExperiment(parts: ArchivedParts): Experiment {
  const { run, definition, parameters, hooks, pending, show, say, exec } = parts;
  const { scope, lost } = parameters;
  const artifacts = new Artifacts(run.path);
  const records = new ArchivedRecords(run);
  const over = (call: string): never => {
    throw new ComexError(
      'E_MEMBER',
      `${call} cannot record anything: the run ${run.id} is over. Commit a file instead: e.commitJson('name.json', value).`,
    );
  };
  const methods: Omit<ExperimentMethods<Record<string, unknown>>, 'parameters'> = {
    id: run.id,
    get signal() {
      return parts.signal();
    },
    random: createRandom(run.meta.seed?.value ?? run.id),
    log: (...values) => say(format(...values)),
    logParameters: (names) => {
      for (const line of parameterLines({ definition }, { get: parameters.shown }, names)) say(line);
    },
    track: (() => over('e.track(…)')) as ExperimentMethods<never>['track'],
    trackMany: () => over('e.trackMany(…)'),
    get: (path) => records.get(path),
    set: (path, value) => {
      if (path.startsWith('_')) records.own.set(path, value);
      else over(`e['${path}'] = …`);
    },
    has: (path) => records.has(path),
    record: () => over('e.record(…)'),
    commitJson: async (name, value) => artifacts.json(name, value),
    commitRaw: async (name, content) => artifacts.raw(name, content),
    commitFig: (name, figure, size) => pending.add(artifacts.figure(name, figure, size)),
    open: async (name, flags = 'r') => artifacts.open(name, flags),
    path: (...segments) => (segments.length === 0 ? run.path : artifacts.place(segments.join('/'))),
    input: (path) => inputOf(run, parts.root, path, say),
    reference: async () => over('e.reference(…)'),
    exec,
    applyHook: async (name, args = {}, fallback) => {
      let last: unknown = fallback;
      for (const hook of hooks.get(name) ?? []) last = await hook(e, args);
      return last as never;
    },
    run: async (file) => {
      const instead = `Run ${file} on its own, with runExperiment or comex run.`;
      throw new ComexError('E_MEMBER', `e.run(…) begins no child: the run ${run.id} is over. ${instead}`);
    },
    progress: ((items: Iterable<unknown>, options = {}) => progress(items, options, screenOf(show))) as never,
    flush: async () => {},
  };
  const e: Experiment = createFacade({
    scope: {
      get names() {
        return scope.names;
      },
      has: (name) => scope.has(name),
      get: parameters.get,
    },
    hidden: lost,
    methods,
    assign: (name) => {
      const value = `e.${name} = … comes too late`;
      throw new ComexError(
        'E_PARAMETER',
        `${value}: the run ${run.id} is over, and its parameters are what they were.`,
      );
    },
  });
  return e;
}

/** The data and series of a run folder, and data of the analyses' own, which live no longer than they do. */
class ArchivedRecords {
  readonly own = new Map<string, unknown>();
  readonly #run: LoadedRun;
  #tree: DataTree | undefined;

  constructor(run: LoadedRun) {
    this.#run = run;
  }

  has(path: string): boolean {
    if (path.startsWith('_')) return this.own.has(path);
    return this.#hasDatum(path) || this.#run.series(path) !== undefined;
  }

  get(path: string): unknown {
    if (this.own.has(path)) return this.own.get(path);
    if (this.#hasDatum(path)) return this.#data.get(path);
    const series = this.#run.series(path);
    if (series !== undefined) return Array.from(series.points(), ({ value }) => value);
    const near = didYouMean(path, [...this.#data.keys(), ...this.#run.seriesNames, ...this.own.keys()]);
    const isOwn = path.startsWith('_') ? ' What begins with "_" is kept in memory only, and ends with the run.' : '';
    throw new ComexError('E_DATA', `There is no datum and no series "${path}" in this run.${near}${isOwn}`);
  }

  #hasDatum(path: string): boolean {
    return !path.split('/').includes('') && this.#data.has(path);
  }

  get #data(): DataTree {
    this.#tree ??= withHarvested(replayData(this.#run.path).tree, this.#run.harvested);
    return this.#tree;
  }
}

/** The file that the run read: the copy that it kept, else the file where it was. */
function inputOf({ path: folder, meta }: LoadedRun, root: string, path: string, say: (text: string) => void): string {
  const absolute = resolve(root, path);
  const shown = relative(root, absolute).split(sep).join('/');
  const record = meta.inputs.find((input) => input.path === shown || input.path === absolute || input.path === path);
  const copy = record?.copy === undefined ? undefined : resolve(folder, record.copy);
  if (copy !== undefined && existsSync(copy)) return copy;
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) {
    const kept = record === undefined ? 'the run recorded no such input' : 'the run kept no copy of it';
    throw new ComexError('E_FILE', `Expected an input file at ${absolute}: there is none, and ${kept}.`);
  }
  if (record !== undefined && record.bytes !== stats.size) {
    say(`Warning: ${shown} has ${stats.size} bytes, and had ${record.bytes} when the run read it.`);
  }
  return absolute;
}
