import type { Comment, Expression, Node, Program } from 'oxc-parser';
import type { HookPoint } from '../definition.ts';
import { docBefore } from './comments.ts';
import { literalText } from './exported.ts';
import type { Locator } from './location.ts';
import { eachChild, unwrap } from './tree.ts';

const METHOD = 'applyHook';

/**
 * The hooks that a source applies by a literal name, `e.applyHook('name', …)`, with the JSDoc of the first statement
 * that does; and whether these are all that it applies.
 */
export function findHookPoints(
  program: Program,
  text: string,
  comments: readonly Comment[],
  at: Locator,
): { readonly points: readonly HookPoint[]; readonly known: boolean } {
  if (!text.includes(METHOD)) return { points: [], known: true };
  const points = new Map<string, HookPoint>();
  let known = true;
  const visit = (node: Node, statement: Node): void => {
    // Names in types apply nothing.
    if (/^TS(TypeAlias|Interface|TypeAnnotation|TypeParameter)/.test(node.type)) return;
    const inner = node.type.endsWith('Statement') || node.type === 'VariableDeclaration' ? node : statement;
    const callee = node.type === 'CallExpression' ? unwrap(node.callee) : undefined;
    if (node.type === 'CallExpression' && callee?.type === 'MemberExpression' && isMethod(callee)) {
      const name = literalText(node.arguments[0]);
      if (name === undefined) known = false;
      else if (!points.has(name)) {
        const doc = docBefore(inner.start, text, comments);
        points.set(name, { name, line: at.line(node.start), ...(doc === undefined ? {} : { doc }) });
      }
      visit(callee.object, inner);
      for (const argument of node.arguments) visit(argument, inner);
      return;
    }
    // Taken out of `e`, or called under another name.
    if (node.type === 'Identifier' && node.name === METHOD) known = false;
    if (node.type === 'MemberExpression' && isMethod(node)) known = false;
    eachChild(node, (child) => visit(child, inner));
  };
  for (const statement of program.body) visit(statement, statement);
  return { points: [...points.values()], known };
}

function isMethod({ property, computed }: Extract<Expression, { type: 'MemberExpression' }>): boolean {
  if (!computed) return property.type === 'Identifier' && property.name === METHOD;
  return literalText(property) === METHOD;
}
