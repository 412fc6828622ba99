import type { TSEnumDeclaration } from 'oxc-parser';
import type { ParameterType } from '../definition.ts';
import { unionOf } from './type-text.ts';

/** The values of an enum as a union of literals; opaque when one of them is computed. */
export function enumType(node: TSEnumDeclaration): ParameterType {
  const members: ParameterType[] = [];
  let next: number | undefined = 0;
  for (const { initializer } of node.body.members) {
    let value: unknown = next;
    if (initializer?.type === 'Literal') value = initializer.value;
    else if (initializer?.type === 'UnaryExpression' && initializer.operator === '-') {
      const { argument } = initializer;
      value = argument.type === 'Literal' && typeof argument.value === 'number' ? -argument.value : undefined;
    } else if (initializer !== null) value = undefined;
    if (typeof value !== 'string' && typeof value !== 'number') return { kind: 'opaque', text: node.id.name };
    members.push({ kind: 'literal', value });
    next = typeof value === 'number' ? value + 1 : undefined;
  }
  return members.length === 0 ? { kind: 'opaque', text: node.id.name } : unionOf(members);
}
