import type { ParameterRecord } from '../archive/layout.ts';
import type { Resolved } from '../experiment/define.ts';
import type { Declaration } from '../experiment/definition.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from '../experiment/special.ts';
import { showValue } from '../run/parameter-lines.ts';
import { isSecret } from '../run/parameters-record.ts';
import { REDACTED, redactText, redactValue } from '../run/redact.ts';
import type { ShownParameter } from './parameter-grid.ts';
import { valueText } from './value-text.ts';

/** What stands where only running the module tells the value. */
export const NOT_KNOWN = '(known when it runs)';

/** What is known of the parameters when a run starts: special ones only where they differ from comex's default. */
export function startParameters(resolved: Resolved): ShownParameter[] {
  const isShown = (name: string): boolean =>
    !isSpecialName(name) || !isComexDefault(name, resolved.known.get(name)?.value?.value);
  return knownParameters(resolved).filter(([name]) => isShown(name));
}

/** What is known of all parameters before a run, without secrets. */
export function knownParameters(resolved: Resolved): ShownParameter[] {
  const shown: ShownParameter[] = [];
  for (const [name, declaration] of resolved.definition.declared) {
    const known = resolved.known.get(name);
    const secret = isSecret(declaration);
    const value = known?.value === undefined ? NOT_KNOWN : secret ? REDACTED : showValue(name, known.value.value);
    shown.push([name, value, known?.source ?? 'default', defaultOf(declaration)]);
  }
  return shown;
}

/** Source text of a default without the secrets in it; undefined when there is none. */
export function defaultOf(declaration: Declaration): string | undefined {
  const { name, defaultText, defaultValue } = declaration;
  if (defaultText === undefined) return undefined;
  if (isSecret(declaration)) return REDACTED;
  const texts = new Set<string>();
  if (defaultValue.known) redactValue(defaultValue.value, name, { paths: [], texts });
  let clean = redactText(defaultText).text;
  for (const text of texts) clean = clean.replaceAll(text, REDACTED);
  return clean;
}

/** The parameters that the metadata of a run keeps, in the same form. */
export function recordedParameters(parameters: Readonly<Record<string, ParameterRecord>>): ShownParameter[] {
  return Object.entries(parameters)
    .filter(([name, { value }]) => !isSpecialName(name) || !isComexDefault(name, value))
    .map(([name, record]): ShownParameter => {
      const value = Object.hasOwn(record, 'value') ? valueText(record.value) : NOT_KNOWN;
      const shown = record.redacted === true && record.value === REDACTED ? REDACTED : value;
      return [name, shown, record.source, typeof record.default === 'string' ? record.default : undefined];
    });
}

/** Whether a special parameter has the value that it has when nobody mentions it. */
export function isComexDefault(name: string, value: unknown): boolean {
  const special = Object.hasOwn(SPECIAL_PARAMETERS, name) ? SPECIAL_PARAMETERS[name] : undefined;
  return special === undefined ? value === undefined : Object.is(special.default, value);
}
