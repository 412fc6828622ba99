import type { Resolved } from '../experiment/define.ts';
import { ParameterScope } from '../experiment/scope.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isSecret } from './parameters-record.ts';
import { redactValue } from './redact.ts';
import type { Secrets } from './secrets.ts';

/** A seed, and whether it was drawn because none was given. */
export interface Seed {
  readonly value: number | string;
  readonly drawn: boolean;
}

/** The value of a special parameter as it is known before the module runs. */
export function specialOf(resolved: Resolved, name: string): unknown {
  return resolved.known.get(name)?.value?.value;
}

/** The values of a run's parameters, those included that the module does not declare; its secrets are noted. */
export function openScope(resolved: Resolved, secrets: Secrets): ParameterScope {
  const { declared } = resolved.definition;
  const scope = new ParameterScope(declared, resolved.given);
  // What is logged before the metadata are written has to be kept clean, too.
  scope.onValue = (name, value) => {
    redactValue(value, name, { paths: [], texts: secrets.texts }, isSecret(declared.get(name)!));
  };
  // They steer comex before any module is evaluated.
  for (const [name, { value, source }] of resolved.known) {
    if (isSpecialName(name) && value !== undefined) scope.preset(name, value.value, source);
  }
  return scope;
}

/** The seed that was given, or one drawn now: from the parent's, where there is one. */
export function seedOf(resolved: Resolved, drawn: number | undefined): Seed {
  const given = specialOf(resolved, '__SEED__') as Seed['value'] | null;
  if (given !== null) return { value: given, drawn: false };
  return { value: drawn ?? Math.floor(Math.random() * 2 ** 32), drawn: true };
}
