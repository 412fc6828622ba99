import type { ParameterSource } from '../archive/layout.ts';
import type { Declaration, DeclarationForm, ParameterType } from './definition.ts';
import type { Given } from './given.ts';

/** One file's word on a parameter. */
export interface Level {
  /** Absolute path of the file, and the line in it. */
  readonly file: string;
  readonly line: number;
  readonly kind: 'config' | 'module' | 'mixin';
  readonly form: DeclarationForm;
  /** Of a module or mixin. */
  readonly declaration?: Declaration;
  /** Of a config: its value, which may hold markers. */
  readonly value?: unknown;
  /** Source text of the value, for people. */
  readonly text?: string;
  /** Parameters that the initialiser names, by their own names or by imported ones. */
  readonly uses: readonly string[];
}

/**
 * A parameter of an experiment: what all its files together say of it. Place, default and its value are those of the
 * strongest level; `uses` and `awaits` are those of all levels that give the value when nothing is given.
 */
export interface Parameter extends Omit<Declaration, 'usesImported' | 'annotated' | 'form'> {
  /** Strongest first; none for a special parameter that no file declares. */
  readonly levels: readonly Level[];
}

/**
 * The levels that a value is made of, strongest first: those that transform what is given from outside, and those
 * below them that are used when nothing is given.
 */
export function contributing(levels: readonly Level[]): {
  readonly above: readonly Level[];
  readonly below: readonly Level[];
} {
  const first = levels.findIndex(({ form }) => form !== 'inherit');
  const above = first < 0 ? levels : levels.slice(0, first);
  const rest = levels.slice(above.length);
  const last = rest.findIndex(({ form }) => form === 'plain' || form === 'replace');
  return { above, below: last < 0 ? rest : rest.slice(0, last + 1) };
}

/** Whether a value may be left out: the type has undefined. */
export function isOptional(type: ParameterType): boolean {
  return type.kind === 'undefined' || (type.kind === 'union' && type.members.some(({ kind }) => kind === 'undefined'));
}

/** Where a value comes from before the run changes it. */
export function sourceOf({ name, levels, uses }: Parameter, given: Given): ParameterSource {
  if (given.has(name)) return 'given';
  const { above, below } = contributing(levels);
  if (above.length > 0) return 'inherited';
  if (below[0]?.kind === 'config') return 'config';
  return uses.length > 0 ? 'derived' : 'default';
}
