import { isDeepStrictEqual } from 'node:util';
import { ComexError } from '../errors.ts';
import type { Definition } from '../experiment/define.ts';
import { type GivenParameter, type GivenValue, resolveGiven, withFields } from '../experiment/given.ts';
import { knownValues } from '../experiment/known.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { isSecret } from '../run/parameters-record.ts';
import { isSecretName } from '../run/redact.ts';

/** A value that a new experiment gives a parameter of its parent. */
export interface NewValue {
  readonly parameter: Parameter;
  /** The value, or an object with those fields that are set. */
  readonly value: unknown;
  /** Whether an object stands for all of the parameter, not for some of its fields. */
  readonly whole: boolean;
  /** What the parameter is then, where the sources tell it. */
  readonly expected?: { readonly value: unknown };
}

/**
 * Values for an experiment that extends another, converted and checked as on the command line of a run.
 *
 * @throws ComexError `E_PARAMETER_NAME`, `E_PARAMETER_TYPE`; `E_PARAMETER` for a secret, and for an item of a list that
 * only a run computes
 */
export function newValues({ chain, declared }: Definition, values: readonly GivenValue[]): NewValue[] {
  const known = knownValues(chain, declared, new Map());
  return [...resolveGiven(values, declared)].flatMap(([name, given]): NewValue[] => {
    if (name === '__INCLUDE__') return [];
    const parameter = declared.get(name)!;
    refuseSecret(parameter, given);
    const { type } = parameter;
    if (given.whole !== undefined) {
      const value = withFields(given.whole.value, given, type, name);
      return [{ parameter, value, whole: true, expected: { value } }];
    }
    const base = known.get(name);
    if (base?.known !== true) return [{ parameter, value: fieldsOf(name, given, undefined), whole: false }];
    const value = withFields(base.value, given, type, name);
    return [{ parameter, value: fieldsOf(name, given, { value }), whole: false, expected: { value } }];
  });
}

/** Whether a new experiment, read back, has the value that was given. What only a run tells passes. */
export function holds({ chain, declared }: Definition, { parameter, expected }: NewValue): boolean {
  if (expected === undefined) return true;
  const read = knownValues(chain, declared, new Map()).get(parameter.name);
  return read?.known !== true || isDeepStrictEqual(read.value, expected.value);
}

/** A secret does not belong into a file that is shared with others. */
function refuseSecret(parameter: Parameter, { fields }: GivenParameter): void {
  const { name } = parameter;
  const secret = isSecret(parameter)
    ? name
    : [...fields.keys()].map((field) => `${name}.${field}`).find((path) => path.split('.').some(isSecretName));
  if (secret === undefined) return;
  const advice = `Leave it out, and give it to the run, or write \${${name}} into the file, which takes it from the environment.`;
  throw new ComexError(
    'E_PARAMETER',
    `Expected no value for the secret --${secret}, which would stand in a file. ${advice}`,
  );
}

/** An object with the given fields. An item of a list takes the list with it: files set lists whole. */
function fieldsOf(name: string, { fields }: GivenParameter, patched: { readonly value: unknown } | undefined): unknown {
  if (Array.isArray(patched?.value)) return patched.value;
  const tree: Record<string, unknown> = {};
  for (const [path, value] of fields) {
    const segments = path.split('.');
    let node = tree;
    let at = patched?.value;
    for (const [i, segment] of segments.entries()) {
      at = isObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
      const next = segments[i + 1];
      if (next === undefined) set(node, segment, value);
      else if (Array.isArray(at)) {
        set(node, segment, at);
        break;
      } else if (patched === undefined && /^\d+$/.test(next)) throw computedList(name, path);
      else {
        if (!Object.hasOwn(node, segment)) set(node, segment, {});
        node = node[segment] as Record<string, unknown>;
      }
    }
    if (patched === undefined && /^\d+$/.test(segments[0]!)) throw computedList(name, path);
  }
  return tree;
}

function computedList(name: string, path: string): ComexError {
  const advice = 'Give the list whole.';
  return new ComexError(
    'E_PARAMETER',
    `Expected no item of a list that only a run computes, got --${name}.${path}. ${advice}`,
  );
}

function set(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
