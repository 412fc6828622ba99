import { ComexError } from '../../errors.ts';
import { marked } from '../compose.ts';
import type { ParameterType } from '../definition.ts';
import { discriminants, fieldOf, membersOf, objectBranches, selectBranches } from '../source/branches.ts';
import { checkValue } from '../source/check.ts';
import { coerceValue } from '../source/coerce.ts';
import { convertText } from '../source/convert.ts';
import { patchValue } from '../source/patch.ts';
import { typeText, unionOf } from '../source/type-text.ts';
import { namesIn } from './interpolate.ts';
import { clipped, MAX_PROBLEMS } from './limits.ts';
import { type ConfigParameter, type ConfigProblem, pointerBelow } from './source.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The value that a YAML experiment gives a parameter, by the parameter's type: texts that environment variables went
 * into are converted as on the command line, and what stands in the file as it is must fit (dates and bigints may be
 * texts). Of a mapping, each field that is given must fit; below `!replace`, which gives a `replace` marker, and
 * inside of lists, all fields must be there.
 *
 * @param file The file for messages.
 * @throws ComexError `E_PARAMETER_TYPE` for a wrong value, `E_PARAMETER_NAME` for a field that the type does not have,
 * with file:line:column.
 *
 * @example
 * ```ts
 * const config = readConfig('/x/a.yml', 'extend: ./digits.ts\nparameters:\n  EPOCHS: ${N:-2}', process.env);
 * configValue(config.parameters[0], { kind: 'number' }, 'a.yml'); // 2
 * ```
 */
export function configValue(parameter: ConfigParameter, type: ParameterType, file: string): unknown {
  const { value, problems } = configValueProblems(parameter, type);
  const [problem] = problems;
  if (problem === undefined) return value;
  const { line, column, code, message } = problem;
  throw new ComexError(code, `${file}:${line}:${column}: ${message}`);
}

/** The same with all that is wrong; the value is of use only when nothing is. */
export function configValueProblems(
  parameter: ConfigParameter,
  type: ParameterType,
): { value: unknown; problems: ConfigProblem[] } {
  const conversion = new Conversion(parameter);
  const value = conversion.convert(parameter.value, type, '', parameter.name);
  return { value, problems: conversion.problems };
}

class Conversion {
  readonly problems: ConfigProblem[] = [];
  private readonly parameter: ConfigParameter;

  constructor(parameter: ConfigParameter) {
    this.parameter = parameter;
  }

  /** @param name Of the value, for messages: `MODEL.hidden`. */
  convert(value: unknown, type: ParameterType, pointer: string, name: string): unknown {
    const isReplaced = this.parameter.replaced.has(pointer);
    if (isFields(value) && hasFields(type) && !isReplaced) {
      return this.fields(value, type, pointer, name, this.convert.bind(this));
    }
    const before = this.problems.length;
    const adapted = coerceValue(this.adapt(value, type, pointer, name), type);
    const problem = this.problems.length > before ? undefined : checkValue(adapted, type);
    if (problem !== undefined) this.wrong(problem, pointer, name, adapted);
    return isReplaced ? marked({ kind: 'replace', value: adapted }) : adapted;
  }

  /** The value with what only YAML has - texts to convert, integers beyond 2^53 - as its type has it; unchecked. */
  private adapt(value: unknown, type: ParameterType, pointer: string, name: string): unknown {
    if (typeof value === 'string' && this.parameter.texts.has(pointer)) return this.text(value, type, pointer, name);
    if (typeof value === 'bigint') return this.bigint(value, type, pointer, name);
    if (Array.isArray(value)) {
      return value.map((item: unknown, i) => {
        const inner = fieldType(type, String(i)) ?? { kind: 'any' };
        return this.adapt(item, inner, pointerBelow(pointer, i), `${name}[${i}]`);
      });
    }
    if (!isFields(value) || !hasFields(type)) return value;
    return this.fields(value, type, pointer, name, this.adapt.bind(this));
  }

  /** The fields that tell branches apart come first: they say which type the others have. */
  private fields(
    value: Fields,
    type: ParameterType,
    pointer: string,
    name: string,
    convert: (value: unknown, type: ParameterType, pointer: string, name: string) => unknown,
  ): unknown {
    const branches = objectBranches(type);
    const tags = discriminants(branches).filter((tag) => Object.hasOwn(value, tag));
    const converted = new Map<string, unknown>();
    const one = (key: string, of: ParameterType): void => {
      const below = pointerBelow(pointer, key);
      const inner = fieldType(of, key);
      if (inner === undefined) this.unknownField(key, of, tags, converted, below, name);
      else converted.set(key, convert(value[key], inner, below, `${name}.${key}`));
    };
    for (const tag of tags) one(tag, type);
    const selected = tags.length === 0 ? [] : selectBranches(branches, Object.fromEntries(converted));
    const others = membersOf(type).filter(({ kind }) => kind !== 'object');
    const narrowed = selected.length === 0 ? type : unionOf([...selected, ...others]);
    for (const key of Object.keys(value)) {
      if (tags.includes(key)) continue;
      if (fieldType(narrowed, key) === undefined && fieldType(type, key) !== undefined) {
        this.unknownField(key, type, tags, converted, pointerBelow(pointer, key), name);
      } else one(key, narrowed);
    }
    return Object.fromEntries(Object.keys(value).map((key) => [key, converted.get(key)]));
  }

  private text(text: string, type: ParameterType, pointer: string, name: string): unknown {
    try {
      return convertText(text, type, name);
    } catch (error) {
      if (!(error instanceof ComexError)) throw error;
    }
    // The text itself may be a secret: the message is about the text as it is written.
    const written = this.parameter.places.get(pointer)?.written ?? '';
    const names = namesIn(written);
    const which = `environment variable${names.length > 1 ? 's' : ''} ${names.join(' and ')}`;
    const hold = `${names.length > 1 ? 'hold' : 'holds'}`;
    const advice = `Check what the ${which} ${hold}.`;
    let message = `Expected ${name} to be ${typeText(type)}, got ${JSON.stringify(clipped(written))}.`;
    try {
      convertText(written, type, name);
    } catch (error) {
      if (error instanceof ComexError) message = error.message;
    }
    this.add('E_PARAMETER_TYPE', `${message} ${advice}`, pointer);
    return undefined;
  }

  private bigint(value: bigint, type: ParameterType, pointer: string, name: string): unknown {
    const kinds = membersOf(type).map((member) => (member.kind === 'literal' ? typeof member.value : member.kind));
    if (!kinds.includes('number') || kinds.some((kind) => ['bigint', 'any', 'opaque'].includes(kind))) return value;
    if (BigInt(Number(value)) === value) return Number(value);
    const advice = 'Write it with fewer digits, such as 9.1e15, or make the parameter a bigint.';
    const got = `${clipped(String(value))}, which a number does not hold exactly`;
    this.add('E_PARAMETER_TYPE', `Expected ${name} to be a number, got ${got}. ${advice}`, pointer);
    return undefined;
  }

  private unknownField(
    key: string,
    type: ParameterType,
    tags: readonly string[],
    converted: ReadonlyMap<string, unknown>,
    pointer: string,
    name: string,
  ): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    const known = key.includes('.') ? ' Write a field of a field as a mapping of its own.' : '';
    let message = `Expected a field of ${name} (${typeText(type)}), got ${JSON.stringify(clipped(key))}.${known}`;
    if (key !== '' && !key.includes('.')) {
      const branch = tags.map((tag): [string, unknown] => [tag, converted.get(tag)]);
      try {
        patchValue({}, [...branch, [key, undefined]], type, name);
      } catch (error) {
        if (error instanceof ComexError) message = error.message;
      }
    }
    this.add('E_PARAMETER_NAME', message, pointer);
  }

  /** A problem of `checkValue`, at the innermost place that it speaks of. */
  private wrong(problem: string, pointer: string, name: string, value: unknown): void {
    const at = innermost(problem, value, '', pointer);
    const { written } = this.parameter.places.get(at) ?? {};
    const isText = /expected .*\bstring\b.*, got (?:number|boolean|bigint|null)/.test(problem);
    const advice = isText && written !== undefined ? ` Write it in quotes: ${JSON.stringify(written)}.` : '';
    this.add('E_PARAMETER_TYPE', `Wrong value for ${name}: ${problem}.${advice}`, at);
  }

  private add(code: ConfigProblem['code'], message: string, pointer: string): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    const { line, column } = this.parameter.places.get(pointer) ?? this.parameter;
    this.problems.push({ line, column, code, message });
  }
}

function hasFields(type: ParameterType): boolean {
  return membersOf(type).some(({ kind }) => ['object', 'record', 'any', 'opaque'].includes(kind));
}

/** The type of a field or an item, over all branches; undefined when no branch has it. */
function fieldType(type: ParameterType, key: string): ParameterType | undefined {
  const types = membersOf(type).flatMap((member): ParameterType[] => {
    switch (member.kind) {
      case 'object': {
        const field = fieldOf(member, key);
        if (field === undefined) return [];
        return field.optional ? [field.type, { kind: 'undefined' }] : [field.type];
      }
      case 'record':
        return [member.value];
      case 'array':
        return /^\d+$/.test(key) ? [member.element] : [];
      case 'tuple':
        return /^\d+$/.test(key) && Number(key) < member.elements.length ? [member.elements[Number(key)]!] : [];
      case 'any':
      case 'opaque':
        return [{ kind: 'any' }];
      default:
        return [];
    }
  });
  return types.length === 0 ? undefined : unionOf(types);
}

/** The pointer of what `layers[1].units: expected ...` speaks of. */
function innermost(problem: string, value: unknown, path: string, pointer: string): string {
  const entries = Array.isArray(value) ? [...value.entries()] : isFields(value) ? Object.entries(value) : [];
  for (const [key, inner] of entries) {
    const below = typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const isIn = problem.startsWith(below) && /^[:.[]/.test(problem.slice(below.length));
    if (isIn) return innermost(problem, inner, below, pointerBelow(pointer, key));
  }
  return pointer;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
