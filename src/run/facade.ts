import { inspect } from 'node:util';
import { ComexError, didYouMean } from '../errors.ts';
import type { ParameterScope } from '../experiment/scope.ts';
import { isSpecialName } from '../experiment/special.ts';
import type { Experiment, ExperimentMethods } from './experiment.ts';

type Parameters = Pick<ParameterScope, 'names' | 'has' | 'get'>;

/** What the facade passes on that is no method. */
interface FacadeTarget {
  readonly scope: Parameters;
  /** Parameters that a copy or a print of `e.parameters` leaves out. */
  readonly hidden?: { has(name: string): boolean };
  readonly methods: Omit<ExperimentMethods<Record<string, unknown>>, 'parameters'>;
  /** Members that only some runs have, as they are. */
  readonly more?: PropertyDescriptorMap;
  assign(name: string, value: unknown): void;
}

/** Names that JavaScript itself asks objects for: answered with undefined, not with an error. */
const ASKED_BY_LANGUAGE = new Set([
  'then',
  'toJSON',
  'constructor',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  'hasAttribute',
]);

/**
 * The `e` that an experiment gets: methods and parameters are properties of its own, so that calls cost nothing extra;
 * whatever else is asked for is data (`e['a/b']`), or an error that names what was meant.
 */
export function createFacade(target: FacadeTarget): Experiment {
  const { scope, methods } = target;
  const parameters = createParameters(target);
  const memberNames = [...Object.keys(methods), 'parameters', ...Object.keys(target.more ?? {})];
  const unknown = new Proxy(Object.create(null) as object, {
    get(_, key) {
      if (typeof key === 'symbol' || ASKED_BY_LANGUAGE.has(key) || key.startsWith('$$') || key.startsWith('@@'))
        return undefined;
      if (isDataKey(key)) return methods.get(key);
      throw unknownMember(key, memberNames, scope);
    },
    set(_, key, value) {
      if (typeof key === 'symbol')
        throw new ComexError('E_MEMBER', 'Expected a text as the key of a datum, got a symbol.');
      if (!isDataKey(key)) throw unknownAssignment(key, memberNames, scope);
      methods.set(key, value);
      return true;
    },
    has: (_, key) => typeof key === 'string' && isDataKey(key) && methods.has(key),
  });
  const facade = Object.create(unknown) as object;
  const members: Record<string, PropertyDescriptor> = {
    ...Object.getOwnPropertyDescriptors(methods),
    parameters: { value: parameters },
  };
  for (const [name, { value, get }] of Object.entries(members)) {
    Object.defineProperty(facade, name, {
      enumerable: false,
      get: get ?? (() => value as unknown),
      set: () => {
        throw new ComexError(
          'E_MEMBER',
          `e.${name} belongs to comex and cannot be replaced. Data keys hold a "/": e['results/${name}'].`,
        );
      },
    });
  }
  if (target.more !== undefined) Object.defineProperties(facade, target.more);
  for (const name of scope.names) defineParameter(facade, name, target);
  Object.defineProperty(facade, inspect.custom, {
    value: () => `Experiment ${methods.id} ${inspect({ ...parameters })}`,
  });
  return facade as Experiment;
}

/** Data keys hold a `/` or begin with `_`. */
function isDataKey(key: string): boolean {
  return (key.includes('/') || key.startsWith('_')) && !isSpecialName(key);
}

/** `e.parameters`: the same values as `e.NAME`, and only them. */
function createParameters(target: FacadeTarget): Record<string, unknown> {
  const values = {} as Record<string, unknown>;
  for (const name of target.scope.names) if (!isSpecialName(name)) defineParameter(values, name, target);
  return new Proxy(values, {
    get(own, key) {
      if (typeof key === 'string' && !(key in own)) return isSpecialName(key) ? target.scope.get(key) : undefined;
      return Reflect.get(own, key);
    },
    set(_, key, value) {
      target.assign(String(key), value);
      return true;
    },
  });
}

function defineParameter(object: object, name: string, { scope, hidden, assign }: FacadeTarget): void {
  Object.defineProperty(object, name, {
    enumerable: hidden?.has(name) !== true,
    get: () => scope.get(name),
    set: (value: unknown) => assign(name, value),
  });
}

function unknownMember(key: string, members: readonly string[], scope: Parameters): ComexError {
  const near = didYouMean(key, [...members, ...scope.names]);
  const known = near === '' ? ` It has: ${[...members].sort().join(', ')}.` : near;
  return new ComexError(
    'E_MEMBER',
    `e.${key} does not exist.${known} Data keys hold a "/": e['results/${key}'], or use e.get("${key}").`,
  );
}

function unknownAssignment(key: string, members: readonly string[], scope: Parameters): ComexError {
  if (/^_*\p{Lu}[\p{Lu}\p{Nd}_]*$/u.test(key)) {
    const near = didYouMean(key, scope.names);
    return new ComexError(
      'E_PARAMETER_NAME',
      `${key} is no parameter of the experiment.${near} Declare it in the module: export const ${key} = …;`,
    );
  }
  const near = didYouMean(key, [...members, ...scope.names]);
  return new ComexError(
    'E_MEMBER',
    `e.${key} cannot be set.${near} Data keys hold a "/": e['results/${key}'] = …, or use e.set("${key}", …).`,
  );
}
