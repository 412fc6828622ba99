import { inspect } from 'node:util';
import type { Resolved } from '../experiment/define.ts';
import { unknownParameter } from '../experiment/given.ts';
import type { ParameterScope } from '../experiment/scope.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isSecret } from './parameters-record.ts';
import { isSecretName, REDACTED, redactValue } from './redact.ts';

/** Longest text of a value. */
const LONGEST = 200;

/** The parameters as lines `NAME  value`, aligned; all but the special ones when no names are given. */
export function parameterLines(
  { definition: { declared } }: Pick<Resolved, 'definition'>,
  scope: Pick<ParameterScope, 'get'>,
  names?: readonly string[],
): string[] {
  for (const name of names ?? []) if (!declared.has(name)) throw unknownParameter(name, declared.keys());
  const shown = names ?? [...declared.keys()].filter((name) => !isSpecialName(name));
  const width = Math.max(0, ...shown.map((name) => name.length));
  return shown.map((name) => {
    const secret = isSecret(declared.get(name)!);
    return `${name.padEnd(width)}  ${secret ? REDACTED : showValue(name, scope.get(name))}`;
  });
}

/** A value on one line, cut where it is long, without secrets. */
export function showValue(name: string, value: unknown): string {
  const clean = redactValue(value, name, { paths: [], texts: new Set() }, isSecretName(name));
  const text = inspect(clean, { breakLength: Number.POSITIVE_INFINITY, depth: 4, compact: true });
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
