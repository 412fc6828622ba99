import { relative, sep } from 'node:path';
import { hasSeveralFiles } from '../experiment/chain.ts';
import type { Resolved } from '../experiment/define.ts';
import { contributing, type Level, type Parameter } from '../experiment/parameter.ts';

/**
 * Where the value of a parameter comes from, in one line: `given, inherit in child.ts:4`, or the places that
 * make it, the weakest first.
 *
 * @param from folder that the paths are relative to
 */
export function originText(parameter: Parameter, { definition, given }: Resolved, from: string): string {
  const place = ({ file, line }: Level): string => `${relative(from, file).split(sep).join('/')}:${line}`;
  const { above, below } = contributing(parameter.levels);
  const through = above.length === 0 ? '' : `, inherit in ${above.toReversed().map(place).join(', ')}`;
  const follows = parameter.uses.length === 0 ? '' : `, follows ${parameter.uses.join(', ')}`;
  const own = given.get(parameter.name);
  if (own?.whole !== undefined) return `given${through}`;
  if (parameter.levels.length === 0) return own === undefined ? 'default' : 'given';
  const [base, ...over] = below.toReversed();
  const verb = ({ form }: Level): string => (form === 'inherit' ? 'inherit in' : 'fields from');
  const steps = over.map((level) => `, ${verb(level)} ${place(level)}`).join('');
  const fields = own === undefined ? '' : `, given: ${[...own.fields.keys()].join(', ')}`;
  return hasSeveralFiles(definition.chain) ? `${place(base!)}${steps}${fields}${through}${follows}` : 'default';
}
