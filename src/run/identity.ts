import { createHash } from 'node:crypto';
import type { ParameterRecord } from '../archive/layout.ts';
import { canonical, decode, encodeWithFunctions } from '../codec/json.ts';
import { isSpecialName } from '../experiment/special.ts';

/**
 * What identifies the work of a run: experiment, code and parameter values. A drawn seed is no part of it, a given one
 * is; so is testing mode, because it changes what the run does. SHA-256, the first 32 hexadecimal digits.
 */
export function identify(
  namespace: string,
  codeHash: string,
  parameters: Readonly<Record<string, ParameterRecord>>,
  seed: { readonly value: number | string; readonly drawn: boolean },
): string {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, record] of Object.entries(parameters)) {
    if (!isSpecialName(name) || name === '__TESTING__') values[name] = record.value;
  }
  // Functions count by their source.
  const identity = decode(encodeWithFunctions({ namespace, codeHash, values, seed: seed.drawn ? null : seed.value }));
  return createHash('sha256').update(canonical(identity)).digest('hex').slice(0, 32);
}
