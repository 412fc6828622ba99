import { ComexError, isComexError } from '../errors.ts';
import { type ConfigContent, writeConfig } from '../experiment/config/write.ts';
import type { Definition } from '../experiment/define.ts';
import { knownValues } from '../experiment/known.ts';
import type { Parameter } from '../experiment/parameter.ts';
import { isSpecialName } from '../experiment/special.ts';
import { isSecret } from '../run/parameters-record.ts';
import { sampleOf } from './new-sample.ts';
import { commented, flat } from './new-source.ts';
import type { NewValue } from './new-values.ts';

/** More of a default helps nobody. */
const MAX_DEFAULT = 2000;

/**
 * The text of a YAML experiment with some values; with none, the parent's parameters are listed in comments.
 *
 * @throws ComexError `E_CONFIG` for a value that YAML does not hold
 */
export function configText(
  parent: Definition,
  content: Omit<ConfigContent, 'parameters'>,
  values: readonly NewValue[],
): string {
  const head = writeConfig({ ...content, parameters: {} }).replace(/parameters: \{\}\n$/, '');
  const listed = [...parent.declared.values()].filter(({ name }) => !isSpecialName(name));
  if (values.length > 0) return `${head}parameters:\n${values.map(valueText).join('')}`;
  if (listed.length === 0) return `${head}parameters: {}\n`;
  const known = knownValues(parent.chain, parent.declared, new Map());
  const lines = listed.map((parameter) => defaultText(parameter, known.get(parameter.name)));
  return `${head}parameters:\n${lines.join('\n')}`;
}

/** A parameter with its comments. An object is marked so that it is set whole, where all of it was given. */
function valueText({ parameter, value, whole }: NewValue): string {
  if (value === undefined) {
    const advice = 'Write a module, which holds it: --ts.';
    throw new ComexError(
      'E_CONFIG',
      `Expected ${parameter.name} to be a value that YAML has, got undefined. ${advice}`,
    );
  }
  const text = entry(parameter, value);
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
  if (!whole || !isMapping || isSpecialName(parameter.name)) return text;
  return text.replace(new RegExp(`^( {2}${parameter.name}:)`, 'mu'), '$1 !replace');
}

/** A parameter in comments: uncommented, it says what the parent says. */
function defaultText(parameter: Parameter, known: { readonly known: boolean; readonly value?: unknown } | undefined) {
  const { name } = parameter;
  const comments = entry(parameter, null).replace(/ {2}\S+: null\n$/, '');
  if (isSecret(parameter)) return `${comments}  # ${name}: ${'${'}${name}}\n`;
  const sample = known?.known === true ? { value: known.value } : missing(parameter);
  const text = sample === undefined ? undefined : valueOnly(name, sample.value);
  if (text !== undefined) return `${comments}${commented(text, '  #')}\n`;
  const there = flat(parameter.defaultText ?? '').slice(0, 100);
  return `${comments}  # ${name}:${there === '' ? '' : `  # ${there}`}\n`;
}

function missing(parameter: Parameter): { readonly value: unknown } | undefined {
  return parameter.defaultText === undefined ? sampleOf(parameter.type) : undefined;
}

/** `NAME: value`; undefined for what YAML does not hold, and for what is too long. */
function valueOnly(name: string, value: unknown): string | undefined {
  try {
    const text = writeConfig({ extend: '', parameters: { [name]: value } });
    const lines = text.slice(text.indexOf('\nparameters:\n') + '\nparameters:\n'.length, -1).replace(/^ {2}/gm, '');
    return lines.length > MAX_DEFAULT ? undefined : lines;
  } catch (error) {
    if (isComexError(error)) return undefined;
    throw error;
  }
}

function entry({ name, doc, typeText, uses }: Parameter, value: unknown): string {
  const follows = uses.length === 0 ? '' : `Follows ${uses.join(', ')} in the parent.`;
  const said = [doc ?? '', follows].filter((part) => part !== '').join('\n');
  const comment = { type: flat(typeText), ...(said === '' ? {} : { doc: said }) };
  const text = writeConfig({ extend: '', parameters: { [name]: value } }, { [name]: comment });
  return text.slice(text.indexOf('\nparameters:\n') + '\nparameters:\n'.length);
}
