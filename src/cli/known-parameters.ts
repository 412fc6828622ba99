import type { Resolved } from '../experiment/define.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { isSpecialName } from '../experiment/special.ts';
import { showValue } from '../run/parameter-lines.ts';
import { isSecret } from '../run/parameters-record.ts';
import { REDACTED, redactText, redactValue } from '../run/redact.ts';
import { Secrets } from '../run/secrets.ts';
import type { ShownParameter } from './parameter-grid.ts';
import { isComexDefault, NOT_KNOWN } from './recorded-parameters.ts';

/** What is known of the parameters when a run starts: special ones only where they differ from comex's default. */
export function startParameters(resolved: Resolved): ShownParameter[] {
  const isShown = (name: string): boolean =>
    !isSpecialName(name) || !isComexDefault(name, resolved.known.get(name)?.value?.value);
  return knownParameters(resolved).filter(([name]) => isShown(name));
}

/** What is known of all parameters before a run, without secrets. */
export function knownParameters(resolved: Resolved): ShownParameter[] {
  const shown: ShownParameter[] = [];
  const { scrub } = secretsOf(resolved);
  for (const [name, declaration] of resolved.definition.declared) {
    const known = resolved.known.get(name);
    const secret = isSecret(declaration);
    const value =
      known?.value === undefined ? NOT_KNOWN : secret ? REDACTED : scrub(showValue(name, known.value.value));
    shown.push([name, value, known?.source ?? 'default', defaultOf(declaration)]);
  }
  return shown;
}

/** The secrets among the values: what is derived from one holds it, too. */
export function secretsOf({ definition, known }: Resolved): Secrets {
  const secrets = new Secrets();
  for (const [name, parameter] of definition.declared) {
    const value = known.get(name)?.value;
    if (value === undefined) continue;
    redactValue(value.value, name, { paths: [], texts: secrets.texts }, isSecret(parameter));
  }
  return secrets;
}

/** Source text of a default without the secrets in it; undefined when there is none. */
export function defaultOf(declaration: Parameter): string | undefined {
  const { name, defaultText, defaultValue } = declaration;
  if (defaultText === undefined) return undefined;
  if (isSecret(declaration)) return REDACTED;
  const texts = new Set<string>();
  if (defaultValue.known) redactValue(defaultValue.value, name, { paths: [], texts });
  let clean = redactText(defaultText).text;
  for (const text of texts) clean = clean.replaceAll(text, REDACTED);
  return clean;
}
