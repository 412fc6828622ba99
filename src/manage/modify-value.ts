import { Environment } from '@marcbachmann/cel-js';
import type { ParameterRecord } from '../archive/layout.ts';
import { mixNumbers } from '../archive/query-numbers.ts';
import { withFractions } from '../archive/query-source.ts';
import { ComexError } from '../errors.ts';
import type { ParameterType } from '../experiment/definition.ts';
import { checkValue } from '../experiment/source/check.ts';
import { convertText } from '../experiment/source/convert.ts';
import { readModule } from '../experiment/source/read-module.ts';

const MAX_LENGTH = 10_000;

/** A new value of a parameter, as a person wrote it. */
export interface NewValue {
  /** @throws Error that says why there is none for this run */
  of(name: string, parameters: Readonly<Record<string, ParameterRecord>>): unknown;
}

/**
 * A text is the value that it would be on the command line of a run, by the recorded type of the parameter; one that is
 * no such value is an expression in the Common Expression Language over the parameters of the run.
 *
 * @throws ComexError `E_QUERY`, when a value is asked for, for a text that is neither
 */
export function newValue(text: string): NewValue {
  let evaluate: ((context: Record<string, unknown>) => unknown) | undefined;
  return {
    of(name, parameters) {
      const record = parameters[name];
      const type = typeOf(record);
      const literal = asLiteral(text, type, name);
      if (literal !== undefined) return literal.value;
      evaluate ??= parsed(text, name, record?.type);
      const context: Record<string, unknown> = Object.create(null);
      for (const [each, { value, redacted }] of Object.entries(parameters))
        if (redacted !== true) context[each] = value;
      const value = plain(
        evaluated(evaluate, context, `${text.slice(0, 200)} is no ${whatOf(name, record?.type)}, and as an expression`),
        type,
      );
      const problem = checkValue(value, type);
      if (problem !== undefined) throw new Error(`${name}: ${problem}`);
      return value;
    },
  };
}

/** The type that the run recorded; where that says nothing, the kind of the value. */
function typeOf(record: ParameterRecord | undefined): ParameterType {
  const type = record?.type === undefined ? ANY : readType(record.type);
  if (type.kind !== 'any' && type.kind !== 'opaque') return type;
  const kind = typeof record?.value;
  return kind === 'number' || kind === 'boolean' || kind === 'string' || kind === 'bigint' ? { kind } : type;
}

const ANY: ParameterType = { kind: 'any' };
const types = new Map<string, ParameterType>();

function readType(text: string): ParameterType {
  const known = types.get(text);
  if (known !== undefined) return known;
  let type = ANY;
  try {
    const { parameters } = readModule('type.ts', `export const X: ${text} = null as never;`);
    if (parameters.length === 1) type = parameters[0]!.type;
  } catch {
    // Anybody may have written the metadata.
  }
  types.set(text, type);
  return type;
}

function asLiteral(text: string, type: ParameterType, name: string): { readonly value: unknown } | undefined {
  try {
    return { value: convertText(text, type, name) };
  } catch {
    return undefined;
  }
}

/** Whole numbers of the language are big; a parameter's are not, but for one whose type says so. */
function plain(value: unknown, type: ParameterType): unknown {
  if (typeof value === 'bigint' && checkValue(value, type) !== undefined) return Number(value);
  return typeof value === 'bigint' && (type.kind === 'any' || type.kind === 'opaque') ? Number(value) : value;
}

let environment: Environment | undefined;

function parsed(text: string, name: string, type: string | undefined): (context: Record<string, unknown>) => unknown {
  environment ??= makeEnvironment();
  try {
    if (text.length > MAX_LENGTH) throw new Error(`it has more than ${MAX_LENGTH} characters`);
    return environment.parse(withFractions(text).text) as (context: Record<string, unknown>) => unknown;
  } catch (error) {
    const said = `Expected a ${whatOf(name, type)} or an expression such as ${name} * 10, got ${JSON.stringify(text.slice(0, 200))}`;
    throw new ComexError('E_QUERY', `${said}: ${firstLine(error)}.`, { cause: error });
  }
}

function evaluated(
  evaluate: (context: Record<string, unknown>) => unknown,
  context: Record<string, unknown>,
  what: string,
): unknown {
  try {
    return evaluate(context);
  } catch (error) {
    throw new Error(`${what}: ${firstLine(error)}`);
  }
}

function whatOf(name: string, type: string | undefined): string {
  return type === undefined ? `value of ${name}` : `value of ${name} (${type})`;
}

function firstLine(error: unknown): string {
  return (error as Error).message.split('\n')[0]!.replace(/\.$/, '');
}

function makeEnvironment(): Environment {
  const env = new Environment({ unlistedVariablesAreDyn: true, limits: { maxAstNodes: 2000, maxDepth: 100 } });
  mixNumbers(env);
  return env;
}
