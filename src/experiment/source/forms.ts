import type { Expression, Program } from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import type { DeclarationForm } from '../definition.ts';
import type { Library } from './library.ts';
import type { Locator } from './location.ts';
import type { ParameterNode } from './parameters.ts';
import { unwrap } from './tree.ts';

/** How a declaration with this initialiser stands to the same parameter of a parent. */
export function formOf(init: Expression | null, library: Library): DeclarationForm {
  if (init === null) return 'plain';
  if (unwrap(init).type === 'ObjectExpression') return 'fields';
  const name = library.call(init)?.name;
  return name === 'inherit' || name === 'replace' ? name : 'plain';
}

/**
 * Refuses `inherit` where the runner would not see it.
 *
 * @throws ComexError `E_PARAMETER` for one that is neither an initialiser of a parameter nor a field of an object
 * literal there.
 */
export function refuseMisplaced(
  program: Program,
  parameters: readonly ParameterNode[],
  library: Library,
  at: Locator,
): void {
  const uses = library.uses(program).filter(({ name }) => name === 'inherit');
  if (uses.length === 0) return;
  const allowed = new Set<number>();
  const allow = (expression: Expression): void => {
    const call = library.call(expression);
    if (call?.name === 'inherit') allowed.add(call.start);
    const inner = unwrap(expression);
    if (inner.type !== 'ObjectExpression') return;
    for (const property of inner.properties) {
      if (property.type === 'Property' && property.kind === 'init') allow(property.value);
    }
  };
  for (const { declarator } of parameters) if (declarator.init !== null) allow(declarator.init);
  for (const { start } of uses) {
    if (allowed.has(start)) continue;
    at.refuse(
      new ComexError(
        'E_PARAMETER',
        `${at.place(start)}: Expected inherit() directly behind "export const NAME =" or as a field of an object ` +
          'literal there, got it elsewhere; what is derived goes into its function: inherit((value) => value * 2).',
      ),
    );
  }
}
