import { relative, sep } from 'node:path';
import { format } from 'node:util';
import { MEDIA_FOLDER } from '../archive/layout.ts';
import { readSeries } from '../archive/series.ts';
import { ComexError, didYouMean } from '../errors.ts';
import type { Resolved } from '../experiment/define.ts';
import type { Hook } from '../experiment/hooks.ts';
import type { ParameterChange } from '../experiment/scope.ts';
import { isSpecialName } from '../experiment/special.ts';
import { Artifacts } from './artifacts.ts';
import type { Attempt } from './attempt.ts';
import type { ChildRunOptions } from './child-types.ts';
import { type Children, callersOf } from './children.ts';
import { toTerminal } from './context.ts';
import type { Endings } from './ending.ts';
import { execProgram } from './exec.ts';
import type { Experiment, ExperimentMethods, Step } from './experiment.ts';
import { createFacade } from './facade.ts';
import { parameterLines, showValue } from './parameter-lines.ts';
import { isSecret } from './parameters-record.ts';
import type { PluginHost } from './plugins.ts';
import type { Programs } from './programs.ts';
import { type ProgressScreen, progress } from './progress.ts';
import { createRandom } from './random.ts';
import { REDACTED } from './redact.ts';
import type { RunOptions } from './run.ts';
import { isChart, trackable } from './trackable.ts';

interface Parts {
  readonly attempt: Attempt;
  readonly endings: Endings;
  readonly programs: Programs;
  readonly hooks: ReadonlyMap<string, readonly Hook[]>;
  readonly resolved: Resolved;
  readonly options: Pick<RunOptions, 'show' | 'relay' | 'child' | 'parent' | 'results'>;
  readonly plugins: PluginHost | undefined;
  readonly children: Children;
  /** Members that only some runs have. */
  readonly more?: PropertyDescriptorMap;
  /** Called before anything of the run is changed, with the member that does it; throws when that must not be. */
  readonly guard?: (member: string) => void;
}

/** Puts together the `e` of a run from the parts that do the work. */
export function createExperiment(parts: Parts): Experiment {
  const { attempt, endings, programs, hooks, resolved, options, plugins } = parts;
  const { show, relay } = options;
  const { tracker, data, tables, files } = attempt;
  const refused = (name: string) => (error: unknown) => {
    throw files.refused(name, error);
  };
  const artifacts = new Artifacts(attempt.path);
  const random = createRandom(attempt.seed.value);
  const pending = attempt.pending;
  const say = (text: string): void => {
    attempt.log.line(text);
    if (show !== undefined) toTerminal(show, `${text}\n`);
    relay?.(`${text}\n`);
  };
  const committed = (name: string, path: string): string => {
    plugins?.commit(name, path);
    return path;
  };
  parts.children.set(() => ({
    runChild: options.child,
    parent: {
      id: attempt.id,
      path: attempt.path,
      results: options.parent?.results ?? options.results,
      snapshot: attempt.snapshot,
      git: attempt.git,
      depth: (options.parent?.depth ?? -1) + 1,
      secrets: attempt.secrets,
    },
    seed: attempt.seed.value,
    module: resolved.definition.path,
    until: endings.childSignal,
    say,
  }));
  const track = (name: string, value: unknown, step?: Step): void | Promise<void> => {
    if (typeof value === 'number') return tracker.number(name, value, step);
    if (isChart(value)) return pending.add(tracker.chart(name, value, step).catch(refused(MEDIA_FOLDER)));
    const point = trackable(name, value);
    if (typeof point === 'number') return tracker.number(name, point, step);
    if (typeof point === 'string') return tracker.text(name, point, step);
    return files.whole(MEDIA_FOLDER, () => tracker.image(name, point, step));
  };
  const get = (path: string): unknown => {
    if (data.has(path)) return data.get(path);
    if (tracker.count(path) > 0) return tracker.numbers(path) ?? trackedValues(attempt, path);
    const near = didYouMean(path, [...data.keys(), ...tracker.names]);
    throw new ComexError('E_DATA', `There is no datum and no series "${path}" in this run.${near}`);
  };
  const methods: Omit<ExperimentMethods<Record<string, unknown>>, 'parameters'> = {
    id: attempt.id,
    get signal() {
      return endings.signal;
    },
    random,
    log: (...values) => say(format(...values)),
    logParameters: (names) => {
      for (const line of parameterLines(resolved, attempt.scope, names)) say(line);
    },
    track: track as ExperimentMethods<never>['track'],
    trackMany: (values, step) => {
      const points = Object.entries(values).map(([name, value]) => [name, trackable(name, value)] as const);
      const append = files.whole(MEDIA_FOLDER, () => tracker.prepare(points, step));
      append();
    },
    get,
    set: (path, value) => {
      data.set(path, value);
    },
    has: (path) => data.has(path) || tracker.count(path) > 0,
    record: (table, row) => tables.add(table, row),
    commitJson: async (name, value) =>
      committed(
        name,
        files.whole(name, () => artifacts.json(name, value)),
      ),
    commitRaw: async (name, content) =>
      committed(
        name,
        files.whole(name, () => artifacts.raw(name, content)),
      ),
    commitFig: (name, figure, size) => {
      const work = artifacts.figure(name, figure, size).then((path) => committed(name, path), refused(name));
      return pending.add(work);
    },
    open: async (name, flags = 'r') => artifacts.open(name, flags),
    path: (...segments) => {
      const name = segments.join('/');
      return segments.length === 0 ? attempt.path : files.whole(name, () => artifacts.place(name));
    },
    input: (path) => {
      const absolute = files.whole(path, () => attempt.inputs.add(path));
      attempt.updateMeta();
      return absolute;
    },
    reference: (name, path) => {
      const added = attempt.references.add(name, path).then((absolute) => {
        attempt.updateMeta();
        return absolute;
      });
      return pending.add(added);
    },
    exec: (command, args = [], options = {}) =>
      execProgram(command, args, options, {
        signal: endings.ownSignal,
        programs,
        output: (stream, text) => {
          attempt.log.piece(stream, text);
          relay?.(text);
          if (show !== undefined) toTerminal(show === 'stderr' ? 'stderr' : stream, text);
        },
      }),
    applyHook: async (name, args = {}, fallback) => {
      let last: unknown = fallback;
      for (const hook of hooks.get(name) ?? []) last = await hook(e, args);
      return last as never;
    },
    run: ((file: string, given: ChildRunOptions = {}) => {
      const child = parts.children.run(file, given, callersOf(methods.run));
      // Waited for at the end; what it rejects with is for who called it, or else fails the run.
      pending.add(child.then(noop, noop));
      return child;
    }) as ExperimentMethods<never>['run'],
    progress: ((items: Iterable<unknown>, options = {}) => progress(items, options, screenOf(show))) as never,
    flush: async () => attempt.sync(),
  };
  attempt.scope.onChange = (change) => {
    say(changeLine(change, resolved));
    for (const warning of keptValues(change.name, resolved, attempt)) say(`Warning: ${warning}`);
  };
  const e: Experiment = createFacade({
    scope: attempt.scope,
    methods: parts.guard === undefined ? methods : guarded(methods, parts.guard),
    ...(parts.more === undefined ? {} : { more: parts.more }),
    assign: (name, value) => {
      parts.guard?.(name);
      if (isSpecialName(name) && attempt.scope.has(name)) {
        const instead = `Give --${name} on the command line, or declare it in the module.`;
        throw new ComexError(
          'E_PARAMETER',
          `${name} steers comex before the module runs, and cannot be set any more. ${instead}`,
        );
      }
      attempt.scope.assign(name, value, attempt.testing ? 'testing' : 'assigned');
      attempt.updateMeta();
    },
  });
  return e;
}

function noop(): void {}

/** Members that leave a run as it is. */
const READING: ReadonlySet<string> = new Set(['get', 'has', 'path', 'progress', 'random']);

/** The members, each of those that change a run behind a guard. */
function guarded<M extends object>(methods: M, guard: (member: string) => void): M {
  const members = Object.getOwnPropertyDescriptors(methods) as PropertyDescriptorMap;
  for (const [name, member] of Object.entries(members)) {
    const method: unknown = member.value;
    if (typeof method !== 'function' || READING.has(name)) continue;
    member.value = (...args: unknown[]): unknown => {
      guard(name);
      return method(...args);
    };
  }
  return Object.defineProperties({}, members) as M;
}

function changeLine({ name, before, value, source, overGiven }: ParameterChange, { definition }: Resolved): string {
  const who = source === 'testing' ? 'set by testing()' : source === 'derived' ? 'follows' : 'set by the experiment';
  const over = overGiven ? ', over the value given from outside' : '';
  const secret = isSecret(definition.declared.get(name)!);
  const shown = (of: unknown): string => (secret ? REDACTED : showValue(name, of));
  return `${name} = ${shown(value)} (${who}${over}; before: ${shown(before)})`;
}

/** What was computed from a parameter that has changed, and does not follow it. */
function keptValues(changed: string, { definition }: Resolved, { scope }: Attempt): string[] {
  const { chain, project } = definition;
  const isComputed = (name: string): boolean => scope.peek(name)?.source === 'derived';
  return [...chain.modules, ...chain.mixins.map(({ module }) => module)].flatMap((module) => {
    const file = relative(project.root, module.path).split(sep).join('/');
    const copies = module.copies.filter((copy) => copy.parameter === changed);
    const awaited = module.parameters.filter(
      ({ name, awaits, uses }) => awaits && uses.includes(changed) && isComputed(name),
    );
    return [...copies, ...awaited].map(
      ({ name, line }) => `${name} (${file}:${line}) was computed from the old ${changed} and keeps its value.`,
    );
  });
}

function trackedValues(attempt: Attempt, name: string): unknown[] {
  attempt.files.flush();
  return [...(readSeries(attempt.path, name)?.points() ?? [])].map((point) => point.value);
}

/** Where the progress of a loop is drawn; undefined where nobody watches. */
export function screenOf(show: 'stdout' | 'stderr' | undefined): ProgressScreen | undefined {
  if (show === undefined || !process.stderr.isTTY) return undefined;
  const clear = (): void => toTerminal('stderr', '\r\x1b[2K');
  return {
    columns: process.stderr.columns || 80,
    clear,
    draw: (text) => toTerminal('stderr', `\r\x1b[2K${text}`),
  };
}
