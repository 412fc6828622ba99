import type { Node, Program } from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import type { IncludeReference } from '../definition.ts';
import { findExported, literalText } from './exported.ts';
import type { Locator } from './location.ts';
import type { Scopes } from './scopes.ts';

/**
 * The mixins that `export const include = ['./mixin.ts']` names.
 *
 * @throws ComexError `E_EXPERIMENT` for anything but literal paths.
 */
export function findInclude(program: Program, scopes: Scopes, at: Locator): IncludeReference[] {
  const exported = findExported(program, scopes, 'include');
  if (exported === undefined) return [];
  const refuse = (start: number, got: string): ComexError =>
    new ComexError(
      'E_EXPERIMENT',
      `${at.place(start)}: Expected include to be a literal path or an array of literal paths, got ${got}; ` +
        "write: export const include = ['./mixin.ts'].",
    );
  const { expression, start, isMutated } = exported;
  if (expression === undefined) throw refuse(start, 'another kind of export');
  if (isMutated) throw refuse(start, 'an array that the module changes');
  const reference = (node: Node | null): IncludeReference => {
    const specifier = literalText(node);
    if (specifier === undefined) throw refuse(node?.start ?? expression.start, 'a computed one');
    if (specifier === '') throw refuse(node!.start, 'an empty one');
    return { specifier, line: at.line(node!.start) };
  };
  return expression.type === 'ArrayExpression' ? expression.elements.map(reference) : [reference(expression)];
}
