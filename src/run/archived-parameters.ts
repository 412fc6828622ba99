import type { ParameterRecord, RunMeta } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';
import type { Definition } from '../experiment/define.ts';
import { type GivenValue, resolveGiven } from '../experiment/given.ts';
import { isOptional, type Parameter } from '../experiment/parameter.ts';
import { ParameterScope } from '../experiment/scope.ts';
import { isSpecialName } from '../experiment/special.ts';
import { REDACTED } from './redact.ts';

/** How deep a value is searched for functions. */
const DEPTH = 100;

/** The parameters of a run that is over, as they were at its end. */
export interface ArchivedParameters {
  /** What the modules are evaluated with. */
  readonly scope: ParameterScope;
  /** Names whose values were not kept, and what they were. */
  readonly lost: ReadonlyMap<string, string>;
  /** Where the code declares others than the run had. */
  readonly warnings: readonly string[];
  /** As `scope.get`, and refuses what was not kept. */
  get(name: string): unknown;
  /** As `get`, with a word in place of what was not kept. */
  shown(name: string): unknown;
}

/**
 * The values that a run ended with, for modules that are evaluated anew. No initialiser runs whose value is known. A
 * value that the metadata do not hold - a secret, a function - is computed again where nobody had set it; otherwise it is
 * lost, and its use an error.
 *
 * @throws ComexError `E_PARAMETER_MISSING` for one that the run did not have and that has no default
 */
export function archivedParameters({ declared }: Definition, meta: RunMeta): ArchivedParameters {
  const kept = new Map<string, unknown>();
  const lost = new Map<string, string>();
  const given: GivenValue[] = [];
  for (const [name, record] of Object.entries(meta.parameters)) {
    if (!declared.has(name)) continue;
    const what = whatIsMissing(record);
    if (what === undefined) kept.set(name, record.value);
    else if (what !== '' && wasSet(record)) lost.set(name, what);
    else given.push(...givenTo(name, record));
  }
  const added = [...declared.values()].filter(({ name }) => !Object.hasOwn(meta.parameters, name));
  for (const parameter of added) refuseMissing(parameter);
  const known = (name: string): boolean => kept.has(name) || lost.has(name);
  const parameters = [...declared].map(([name, parameter]): [string, Parameter] => [
    name,
    // Without levels there is nothing that would make another value of it.
    known(name) ? { ...parameter, levels: [] } : parameter,
  ]);
  const scope = new ParameterScope(new Map(parameters), resolveGiven(given, declared));
  for (const [name, value] of kept) scope.preset(name, value, meta.parameters[name]!.source);
  for (const [name, what] of lost) scope.preset(name, lostValue(name, what), meta.parameters[name]!.source);
  return {
    scope,
    lost,
    warnings: differences(declared, meta),
    get: (name) => {
      const what = lost.get(name);
      if (what !== undefined) throw lostError(name, what);
      return scope.get(name);
    },
    shown: (name) => (lost.has(name) ? REDACTED : scope.get(name)),
  };
}

/** What the value was that the metadata do not hold; empty when it never had one, undefined when they hold it. */
function whatIsMissing(record: ParameterRecord): string | undefined {
  if (record.redacted === true) return 'a secret';
  if (!Object.hasOwn(record, 'value')) return '';
  return holdsCode(record.value, 0) ? 'a function, or holds one' : undefined;
}

function holdsCode(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > DEPTH) return false;
  if ('$function' in value || '$text' in value) return true;
  return Object.values(value).some((inner) => holdsCode(inner, depth + 1));
}

function wasSet({ source }: ParameterRecord): boolean {
  return source === 'given' || source === 'assigned' || source === 'testing' || source === 'config';
}

function givenTo(name: string, record: ParameterRecord): GivenValue[] {
  if (record.redacted === true) return [];
  const fields = Object.entries(record.givenFields ?? {});
  return [
    ...(record.given === undefined ? [] : [{ path: name, value: { value: record.given } }]),
    ...fields.map(([field, value]) => ({ path: `${name}.${field}`, value: { value } })),
  ];
}

function refuseMissing({ name, typeText, levels, defaultText, type }: Parameter): void {
  if (levels.length === 0 || defaultText !== undefined || isOptional(type)) return;
  throw new ComexError(
    'E_PARAMETER_MISSING',
    `${name} (${typeText}) of today's module has no default, and the run had no such parameter. Use the code of the run: --code snapshot.`,
  );
}

function differences(declared: ReadonlyMap<string, Parameter>, meta: RunMeta): string[] {
  const names = Object.keys(meta.parameters).filter((name) => !isSpecialName(name));
  const isNew = (name: string): boolean => !isSpecialName(name) && !Object.hasOwn(meta.parameters, name);
  return [
    ...[...declared.keys()].filter(isNew).map((name) => `The run had no parameter ${name}: it has today's default.`),
    ...names.filter((name) => !declared.has(name)).map((name) => `${name} of the run is no parameter any more.`),
  ];
}

/** What a module holds in place of a value that was not kept: any use of it says so. */
function lostValue(name: string, what: string): object {
  const refuse = (): never => {
    throw lostError(name, what);
  };
  // What `await` and devtools ask of any object is answered.
  const get = (_: object, key: string | symbol): unknown =>
    key === 'then' || key === Symbol.toStringTag ? undefined : refuse();
  return new Proxy(() => {}, { get, apply: refuse, construct: refuse, ownKeys: refuse, has: refuse });
}

function lostError(name: string, what: string): ComexError {
  return new ComexError(
    'E_PARAMETER',
    `The value that ${name} had in the run was not kept: it is ${what}. An analysis that is to run again cannot use it.`,
  );
}
