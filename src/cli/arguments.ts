import { ComexError } from '../errors.ts';
import type { ParameterType } from '../experiment/definition.ts';
import type { Declared, GivenValue } from '../experiment/given.ts';
import { typeAt } from '../experiment/source/patch.ts';

/** A command line of `run`, taken apart: `--NAME` words are the experiment's, the rest is comex's own. */
export interface SplitArguments {
  readonly own: readonly string[];
  readonly parameters: readonly ParameterWord[];
}

/** One `--NAME`, `--NAME=text`, `--NAME text` or `--no-NAME`. */
export interface ParameterWord {
  /** `NAME` or `NAME.field`. */
  readonly path: string;
  /** Behind `=`, or the word that follows when it is no option. */
  readonly text?: string;
  readonly attached: boolean;
  readonly negated: boolean;
}

const PARAMETER = /^--(no-)?(_*\p{Lu}[\p{Lu}\p{Nd}_]*(?:\.[^=]+)?)(?:=([\s\S]*))?$/u;

/** Takes the parameters out of the words behind `comex run`. The first word that is no option is FILE. */
export function splitArguments(words: readonly string[]): SplitArguments {
  const own: string[] = [];
  const parameters: ParameterWord[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const match = PARAMETER.exec(word);
    if (match === null) {
      own.push(word);
      continue;
    }
    const [, no, path, attached] = match;
    const negated = no !== undefined;
    if (attached !== undefined) parameters.push({ path: path!, text: attached, attached: true, negated });
    else {
      const next = words[i + 1];
      const takes = !negated && next !== undefined && !next.startsWith('--');
      if (takes) i++;
      parameters.push({ path: path!, ...(takes ? { text: next } : {}), attached: false, negated });
    }
  }
  return { own, parameters };
}

/**
 * The values that the words give to declared parameters.
 *
 * @throws ComexError `E_USAGE` for a parameter without a value, or `--no-` before one that is no boolean.
 */
export function givenValues(words: readonly ParameterWord[], declared: ReadonlyMap<string, Declared>): GivenValue[] {
  return words.map(({ path, text, negated }) => {
    const type = typeOf(path, declared);
    const isBoolean = type !== undefined && acceptsBoolean(type);
    if (negated) {
      if (text !== undefined || (type !== undefined && !isBoolean)) {
        throw new ComexError(
          'E_USAGE',
          `Expected --no-${path} for a boolean parameter and without a value. Give --${path}=VALUE instead.`,
        );
      }
      return { path, value: { text: 'false' } };
    }
    if (text !== undefined) return { path, value: { text } };
    if (type !== undefined && !isBoolean)
      throw new ComexError(
        'E_USAGE',
        `Expected a value behind --${path}. Values that begin with -- need --${path}=VALUE.`,
      );
    return { path, value: { text: 'true' } };
  });
}

/** The type of a parameter or of a field of one; undefined where there is no such parameter. */
function typeOf(path: string, declared: ReadonlyMap<string, Declared>): ParameterType | undefined {
  const [name = '', ...fields] = path.split('.');
  const type = declared.get(name)?.type;
  return type === undefined || fields.length === 0 ? type : typeAt(type, fields.join('.'), name);
}

function acceptsBoolean(type: ParameterType): boolean {
  if (type.kind === 'boolean' || type.kind === 'any' || type.kind === 'opaque') return true;
  if (type.kind === 'literal') return typeof type.value === 'boolean';
  return type.kind === 'union' && type.members.some(acceptsBoolean);
}
