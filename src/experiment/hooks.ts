import { relative, sep } from 'node:path';
import { ComexError, didYouMean, kindOf, nearest } from '../errors.ts';
import type { Chain } from './chain.ts';
import { markerOf } from './compose.ts';
import type { HookPoint } from './definition.ts';
import { type Refuse, throwProblem } from './refuse.ts';

/** A function under the name of a hook. */
export type Hook = (e: unknown, args: unknown) => unknown;

/** Hooks that the runner itself calls. */
export const RUNNER_HOOKS: Readonly<Record<string, string>> = {
  before_run: 'Called before the main function.',
  after_run: 'Called after the main function, also after a failure: { status, result, error }.',
  before_testing: 'Called before testing(e), in testing mode.',
  on_error: 'Called when the run fails: { error }.',
};

/** A module after it was evaluated, as far as hooks need it. */
interface Evaluated {
  readonly path: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** All files of an experiment that were evaluated: the module first, the root last; mixins in the order included. */
interface EvaluatedChain {
  readonly modules: readonly Evaluated[];
  readonly mixins: ReadonlyArray<Evaluated & { readonly given: boolean }>;
}

interface Entry {
  readonly hook: Hook;
  readonly from: 'parent' | 'mixin' | 'own';
}

/**
 * The hooks of an experiment by name, in the order in which they are called: of its parents, the root's first; of the
 * mixins in the order included; its own.
 *
 * A plain hook of a module takes the place of what its parents' modules registered; the mixins' stay. A mixin's are
 * added, unless it says `replace`: then it takes the place of what stands before it, and of the experiment's own when it
 * was included from outside.
 *
 * @throws ComexError `E_EXPERIMENT` for what is no function.
 */
export function registerHooks(chain: EvaluatedChain): ReadonlyMap<string, readonly Hook[]> {
  const [own, ...parents] = chain.modules;
  const hooks = new Map<string, Entry[]>();
  const replacedFromOutside = new Set<string>();
  const add = (name: string, entry: Entry, mode: 'append' | 'prepend', kept: (entry: Entry) => boolean): void => {
    const before = (hooks.get(name) ?? []).filter(kept);
    hooks.set(name, mode === 'prepend' ? [entry, ...before] : [...before, entry]);
  };
  for (const parent of parents.toReversed()) {
    for (const { name, hook, mode } of entriesOf(parent)) {
      const replaces = mode === 'plain' || mode === 'replace';
      add(name, { hook, from: 'parent' }, replaces ? 'append' : mode, () => !replaces);
    }
  }
  for (const mixin of chain.mixins) {
    for (const { name, hook, mode } of entriesOf(mixin)) {
      if (mode === 'replace' && mixin.given) replacedFromOutside.add(name);
      add(name, { hook, from: 'mixin' }, mode === 'prepend' ? mode : 'append', () => mode !== 'replace');
    }
  }
  for (const { name, hook, mode } of own === undefined ? [] : entriesOf(own)) {
    if (replacedFromOutside.has(name)) continue;
    const entry: Entry = { hook, from: 'own' };
    if (mode === 'append' || mode === 'prepend') add(name, entry, mode, () => true);
    else add(name, entry, 'append', ({ from }) => mode === 'plain' && from === 'mixin');
  }
  return new Map([...hooks].map(([name, entries]) => [name, entries.map(({ hook }) => hook)]));
}

interface RegisteredHook {
  readonly name: string;
  readonly hook: Hook;
  readonly mode: 'plain' | 'replace' | 'append' | 'prepend';
}

function entriesOf({ path, exports }: Evaluated): RegisteredHook[] {
  const hooks = exports['hooks'];
  if (hooks === undefined) return [];
  const file = relative(process.cwd(), path).split(sep).join('/');
  const refuse = (what: string, got: unknown): ComexError =>
    new ComexError('E_EXPERIMENT', `${file}: Expected ${what}, got ${kindOf(got)}.`);
  if (typeof hooks !== 'object' || hooks === null)
    throw refuse('the export "hooks" to be an object of functions', hooks);
  return Object.entries(hooks).flatMap(([name, value]): RegisteredHook[] => {
    const marker = markerOf(value);
    if (marker?.kind === 'point') return [];
    const hook = marker !== undefined && 'value' in marker ? marker.value : value;
    if (typeof hook !== 'function') throw refuse(`the hook "${name}" to be a function`, hook);
    const mode = marker === undefined || marker.kind === 'inherit' ? 'plain' : marker.kind;
    return [{ name, hook: hook as Hook, mode }];
  });
}

/** The places where the files of an experiment apply hooks, by name; those of the runner come first. */
export function hookPointsOf({ modules, mixins }: Chain): ReadonlyMap<string, Pick<HookPoint, 'doc'>> {
  const points = new Map<string, Pick<HookPoint, 'doc'>>();
  for (const module of [...modules, ...mixins.map((mixin) => mixin.module)].toReversed()) {
    for (const { name, mode, doc } of module.hooks) {
      if (mode === 'point') points.set(name, doc === undefined ? (points.get(name) ?? {}) : { doc });
    }
    for (const { name, doc } of module.hookPoints)
      points.set(name, doc === undefined ? (points.get(name) ?? {}) : { doc });
  }
  return points;
}

/**
 * Hooks that nothing applies: one that is near to an applied name is refused, the others are told. Says nothing where
 * not all applied names are literal.
 *
 * @throws ComexError `E_EXPERIMENT`
 */
export function refuseUnusedHooks(chain: Chain, cwd: string, refuse: Refuse = throwProblem): string[] {
  if (chain.isPartial === true) return [];
  const { modules, mixins, closure } = chain;
  const sources = [...modules, ...mixins.map((mixin) => mixin.module)];
  const own = new Set(modules.map(({ path }) => path));
  const read = new Set(sources.map(({ path }) => path));
  const applied = new Set([...Object.keys(RUNNER_HOOKS), ...hookPointsOf(chain).keys()]);
  if (!sources.every(({ hookPointsKnown }) => hookPointsKnown)) return [];
  for (const { path, text } of closure.values()) {
    if (read.has(path) || !text.includes('applyHook')) continue;
    const literal = [...text.matchAll(/\bapplyHook\b\s*(?:<[^()]*>)?\(\s*(['"`])([^'"`$]+)\1/g)];
    if (literal.length < text.split('applyHook').length - 1) return [];
    for (const match of literal) applied.add(match[2]!);
  }
  const warnings: string[] = [];
  for (const module of sources) {
    for (const { name, line, mode } of module.hooks) {
      if (mode === 'point' || applied.has(name)) continue;
      const where = `${relative(cwd, module.path).split(sep).join('/')}:${line}`;
      const sentence = `${where}: The hook "${name}" is applied by no code of the experiment.`;
      const near = nearest(name, applied);
      if (near !== undefined && own.has(module.path)) {
        refuse(new ComexError('E_EXPERIMENT', `${sentence}${didYouMean(name, applied)}`));
      } else warnings.push(`${sentence}${didYouMean(name, applied)}`);
    }
  }
  return warnings;
}
