import type { ParameterRecord } from '../archive/layout.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from '../experiment/special.ts';
import { REDACTED } from '../run/redact.ts';
import type { ShownParameter } from './parameter-grid.ts';
import { valueText } from './value-text.ts';

/** What stands where only running the module tells the value. */
export const NOT_KNOWN = '(known when it runs)';

/** The parameters that the metadata of a run keeps; special ones only where they differ from comex's default. */
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
