import { relative, sep } from 'node:path';
import { ComexError, kindOf } from '../errors.ts';
import { extensionOf } from '../experiment/extend.ts';
import type { EvaluatedModule, Instance } from '../experiment/instance.ts';

/** A function of a module that is given `e`. */
export type Part = (e: unknown) => unknown;

/**
 * The main function of an experiment: its own, which may call its parent's, or the nearest parent's.
 *
 * @throws ComexError `E_EXPERIMENT` when a default export is no function, or where `extend` stands at the root
 */
export function mainOf(instance: Instance): Part {
  return mainFrom(instance.modules);
}

function mainFrom([module, ...parents]: readonly EvaluatedModule[]): Part {
  const main = module!.exports['default'];
  const extension = extensionOf(main);
  if (extension === undefined) {
    if (typeof main === 'function') return main as Part;
    throw new ComexError(
      'E_EXPERIMENT',
      `${shown(module!)}: Expected the default export to be a function, got ${typeof main}.`,
    );
  }
  const [parent] = parents;
  if (parent === undefined) {
    throw new ComexError(
      'E_EXPERIMENT',
      `${shown(module!)}: Expected extend() to stand directly behind "export default", so that the parent can be read.`,
    );
  }
  const base = mainFrom(parents);
  const own = extension.main;
  return own === undefined
    ? base
    : (e) => (own as (...all: unknown[]) => unknown)(e, async (given: unknown = e) => base(given));
}

/** The nearest `testing` function, which may call its parent's; undefined when there is none. */
export function testingOf({ modules }: Instance): Part | undefined {
  return modules.toReversed().reduce((base: Part | undefined, { exports }): Part | undefined => {
    const { testing } = exports;
    if (typeof testing !== 'function') return base;
    return (e) => testing(e, async (given: unknown = e) => base?.(given));
  }, undefined);
}

/** What is computed from a run when it is over. */
export interface Analysis {
  /** `analysis`, or its key in `analyses`. */
  readonly name: string;
  readonly analyse: Part;
}

/**
 * The analyses of an experiment, its parents' first. Those called `analysis` add up; in `analyses`, a child's takes the
 * place of its parent's of the same name.
 *
 * @throws ComexError `E_EXPERIMENT` for what is no function
 */
export function analysesOf({ modules }: Instance): Analysis[] {
  const found: Analysis[] = [];
  for (const module of modules.toReversed()) {
    const { analysis, analyses } = module.exports;
    if (analysis !== undefined) found.push({ name: 'analysis', analyse: part(analysis, 'analysis', module) });
    for (const [name, value] of entriesOf(analyses, module)) {
      const analyse = part(value, `analyses.${name}`, module);
      const before = found.findIndex((each) => each.name === name && name !== 'analysis');
      if (before < 0) found.push({ name, analyse });
      else found[before] = { name, analyse };
    }
  }
  return found;
}

/** What a module wants harvested. */
export interface HarvestExport {
  /** Relative to the working directory. */
  readonly file: string;
  /** As it was exported. */
  readonly value: unknown;
}

/** The `harvest` exports of an experiment, its parents' first: a child's rule takes the place of its parent's. */
export function harvestsOf({ modules }: Instance): HarvestExport[] {
  return modules
    .toReversed()
    .flatMap((module) =>
      module.exports['harvest'] === undefined ? [] : [{ file: shown(module), value: module.exports['harvest'] }],
    );
}

/**
 * What differs each time by its nature, such as timings: the `volatile` exports of an experiment and its parents, by path
 * of a datum, name of a series, a table, a column of one, or an artifact, with `*` for anything but a slash.
 *
 * @throws ComexError `E_EXPERIMENT` for what is no list of texts
 */
export function volatileOf({ modules }: Instance): string[] {
  const all = modules.toReversed().flatMap((module) => {
    const names: unknown = module.exports['volatile'] ?? [];
    if (Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== ''))
      return names as string[];
    throw new ComexError(
      'E_EXPERIMENT',
      `${shown(module)}: Expected the export "volatile" to be a list of names, such as ['timings/*'], got ${kindOf(names)}.`,
    );
  });
  return [...new Set(all)];
}

function entriesOf(analyses: unknown, module: EvaluatedModule): [string, unknown][] {
  if (analyses === undefined) return [];
  if (typeof analyses === 'object' && analyses !== null) return Object.entries(analyses);
  throw new ComexError(
    'E_EXPERIMENT',
    `${shown(module)}: Expected the export "analyses" to be an object of functions, got ${typeof analyses}.`,
  );
}

function part(value: unknown, name: string, module: EvaluatedModule): Part {
  if (typeof value === 'function') return value as Part;
  throw new ComexError(
    'E_EXPERIMENT',
    `${shown(module)}: Expected the export "${name}" to be a function, got ${typeof value}.`,
  );
}

function shown({ path }: EvaluatedModule): string {
  return relative(process.cwd(), path).split(sep).join('/');
}
