import type { Comment, Node, Program } from 'oxc-parser';
import type { HookPoint } from '../definition.ts';
import { docBefore } from './comments.ts';
import type { Locator } from './location.ts';
import { eachChild } from './tree.ts';

/** The hooks that a source applies by a literal name, `e.applyHook('name', …)`, with the JSDoc of the first statement that does. */
export function findHookPoints(program: Program, text: string, comments: readonly Comment[], at: Locator): HookPoint[] {
  if (!text.includes('applyHook')) return [];
  const points = new Map<string, HookPoint>();
  const visit = (node: Node, statement: Node): void => {
    const inner = node.type.endsWith('Statement') || node.type === 'VariableDeclaration' ? node : statement;
    if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
      const { property, computed } = node.callee;
      const [first] = node.arguments;
      const isHook = !computed && property.type === 'Identifier' && property.name === 'applyHook';
      if (isHook && first?.type === 'Literal' && typeof first.value === 'string' && !points.has(first.value)) {
        const doc = docBefore(inner.start, text, comments);
        points.set(first.value, {
          name: first.value,
          line: at.line(node.start),
          ...(doc === undefined ? {} : { doc }),
        });
      }
    }
    eachChild(node, (child) => visit(child, inner));
  };
  for (const statement of program.body) visit(statement, statement);
  return [...points.values()];
}
