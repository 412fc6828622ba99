import type { ParameterRecord, RunMeta } from '../../archive/layout.ts';
import { isSpecialName } from '../../experiment/special.ts';
import { compareValues, type ValueScope } from './compare-values.ts';

/**
 * Compares the values that parameters had at the end: what neither the code nor what was given tells - the environment,
 * the clock - shows in them. Secrets were not kept; what comex reads itself is no matter of the code.
 *
 * @param given names that were given anew, with the fields: they differ as it was asked for
 */
export function compareParameters(then: RunMeta, now: RunMeta, given: ReadonlySet<string>, scope: ValueScope): void {
  const anew = new Set([...given].map((path) => path.split('.')[0]!));
  for (const [name, before] of Object.entries(then.parameters ?? {})) {
    const after: ParameterRecord | undefined = now.parameters?.[name];
    if (after === undefined || isSpecialName(name) || anew.has(name)) continue;
    if (before.redacted === true || after.redacted === true) {
      compareSecrets(name, before, after, scope);
      continue;
    }
    if (!Object.hasOwn(before, 'value') || !Object.hasOwn(after, 'value')) continue;
    const note = isFromEnvironment(before) ? { note: `it comes from the environment: give it again by --${name}` } : {};
    compareValues(name, before.value, after.value, {
      ...scope,
      found: (finding) => scope.found({ ...note, ...finding }),
    });
  }
}

/** Of a secret it is known whether there was one. */
function compareSecrets(name: string, before: ParameterRecord, after: ParameterRecord, scope: ValueScope): void {
  if (before.redacted === after.redacted || scope.ignored(name)) return;
  const only = before.redacted === true ? 'original' : 'reproduction';
  scope.found({ part: scope.part, name, note: `a secret that only the ${only} had` });
}

function isFromEnvironment({ default: text }: ParameterRecord): boolean {
  return typeof text === 'string' && /\bprocess\.env\b/.test(text);
}
