import { ComexError, didYouMean } from '../errors.ts';
import type { ParameterType } from './definition.ts';
import { checkValue } from './source/check.ts';
import { convertText } from './source/convert.ts';
import { patchValue, typeAt } from './source/patch.ts';
import { isSpecialName } from './special.ts';

/** What is given from outside for one parameter: a whole value, values of single fields, or both. */
export interface GivenParameter {
  readonly whole?: { readonly value: unknown };
  /** By dotted path below the parameter, in the order given. */
  readonly fields: ReadonlyMap<string, unknown>;
}

/** What is told of a parameter that something is given for. */
export interface Declared {
  readonly name: string;
  readonly type: ParameterType;
}

export type Given = ReadonlyMap<string, GivenParameter>;

/** A value from outside: text that is to be converted (command line), or a value (API). */
export interface GivenValue {
  /** `NAME`, or `NAME.field.field`. */
  readonly path: string;
  readonly value: { readonly text: string } | { readonly value: unknown };
}

/**
 * Converts and checks what was given from outside against the declared parameters.
 *
 * @throws ComexError `E_PARAMETER_NAME` for an unknown name, with the nearest one; `E_PARAMETER_TYPE` for a wrong value.
 */
export function resolveGiven(values: readonly GivenValue[], declared: ReadonlyMap<string, Declared>): Given {
  const given = new Map<string, { whole?: { value: unknown }; fields: Map<string, unknown> }>();
  for (const { path, value } of values) {
    const dot = path.indexOf('.');
    const name = dot < 0 ? path : path.slice(0, dot);
    const declaration = declared.get(name);
    if (declaration === undefined) throw unknownParameter(name, declared.keys());
    const field = dot < 0 ? undefined : path.slice(dot + 1);
    const type = field === undefined ? declaration.type : fieldType(declaration, field);
    const converted = 'text' in value ? convertText(value.text, type, `--${path}`) : checked(value.value, type, path);
    const known = given.get(name) ?? { fields: new Map() };
    if (field === undefined) given.set(name, { whole: { value: converted }, fields: new Map() });
    else {
      known.fields.delete(field);
      known.fields.set(field, converted);
      given.set(name, known);
    }
  }
  return given;
}

/** The error for a parameter that does not exist. */
export function unknownParameter(name: string, names: Iterable<string>): ComexError {
  const all = [...names];
  const known = all.filter((candidate) => !isSpecialName(candidate));
  const near = didYouMean(name, isSpecialName(name) ? all : known);
  const list = near === '' && known.length > 0 ? ` It has: ${known.join(', ')}.` : near;
  const none = known.length === 0 ? ' It has none.' : list;
  return new ComexError('E_PARAMETER_NAME', `Expected a parameter of the experiment, got "${name}".${none}`);
}

/** A value with the fields that were given for it; the value itself when there are none. */
export function withFields(
  base: unknown,
  given: GivenParameter | undefined,
  type: ParameterType,
  name: string,
): unknown {
  if (given === undefined || given.fields.size === 0) return base;
  return checked(patchValue(base, given.fields, type, name), type, name);
}

/** The value, when it fits the type. */
export function checked(value: unknown, type: ParameterType, name: string): unknown {
  const problem = checkValue(value, type);
  if (problem === undefined) return value;
  throw new ComexError('E_PARAMETER_TYPE', `Wrong value for ${name}: ${problem}.`);
}

function fieldType(declaration: Declared, field: string): ParameterType {
  return typeAt(declaration.type, field, declaration.name);
}
