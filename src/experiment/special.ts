import type { ParameterType } from './definition.ts';

/** A parameter that steers comex itself: present in every experiment, a literal where a module declares it. */
interface SpecialParameter {
  readonly type: ParameterType;
  readonly default: unknown;
  readonly doc: string;
}

/** The special parameters, by name. */
export const SPECIAL_PARAMETERS: Readonly<Record<string, SpecialParameter>> = {
  __DEBUG__: {
    type: { kind: 'boolean' },
    default: false,
    doc: 'Use the one folder <namespace>/debug, replacing the debug run in it.',
  },
  __TESTING__: { type: { kind: 'boolean' }, default: false, doc: 'Call testing(e) before the run, to make it quick.' },
  __PREFIX__: { type: { kind: 'string' }, default: '', doc: 'Text before the name of the run folder.' },
  __SEED__: {
    type: { kind: 'union', members: [{ kind: 'number' }, { kind: 'string' }, { kind: 'null' }] },
    default: null,
    doc: 'Seed of e.random and Math.random; drawn and recorded when null.',
  },
  __INCLUDE__: {
    type: {
      kind: 'union',
      members: [{ kind: 'string' }, { kind: 'array', element: { kind: 'string' } }, { kind: 'null' }],
    },
    default: null,
    doc: 'Mixins to include: a path, several between commas, or a list; relative to the working directory.',
  },
  __NAMESPACE__: {
    type: { kind: 'union', members: [{ kind: 'string' }, { kind: 'null' }] },
    default: null,
    doc: "Namespace of the run instead of the one from the module's path.",
  },
  __REPRODUCIBLE__: {
    type: { kind: 'boolean' },
    default: false,
    doc: 'Refuse a run that does not capture all it needs; note clock, network and unseeded random numbers.',
  },
};

/** Whether a name is of the form that is kept for comex itself. */
export function isSpecialName(name: string): boolean {
  return name.startsWith('__') && name.endsWith('__') && name.length > 4;
}
