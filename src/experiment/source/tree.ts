import { type Expression, type ModuleExportName, type Node, type PropertyKey, visitorKeys } from 'oxc-parser';

/** A name that makes an exported variable a parameter: `LEARNING_RATE`, `__DEBUG__`, `Ä1`. */
export function isParameterName(name: string): boolean {
  return /^_*\p{Lu}[\p{Lu}\p{Nd}_]*$/u.test(name);
}

/** `learningRate`, `learning-rate` and `learning rate` as `LEARNING_RATE`; what has no letter at its start is no name yet. */
export function upperSnake(name: string): string {
  return name
    .replace(/([\p{Ll}\p{Nd}])(\p{Lu})/gu, '$1_$2')
    .replace(/[^\p{L}\p{Nd}]+/gu, '_')
    .replace(/^_|_$/g, '')
    .toUpperCase();
}

/** Calls back with each child node, in source order; a chain of operators counts as one node with many operands. */
export function eachChild(node: Node, visit: (child: Node) => void): void {
  if (node.type === 'BinaryExpression' || node.type === 'LogicalExpression') {
    // A sum of thousands of terms would overflow the stack of whoever goes down term by term.
    const operands: Node[] = [];
    let first: Node = node;
    for (; first.type === 'BinaryExpression' || first.type === 'LogicalExpression'; first = first.left) {
      operands.push(first.right);
    }
    visit(first);
    for (const operand of operands.reverse()) visit(operand);
    return;
  }
  const fields = node as unknown as Record<string, unknown>;
  for (const key of visitorKeys[node.type] ?? []) {
    const value = fields[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item);
    } else if (isNode(value)) visit(value);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The expression inside parentheses and type-only wrappers (`as`, `satisfies`, `!`, `<T>x`). */
export function unwrap(node: Expression): Expression {
  let inner = node;
  for (;;) {
    switch (inner.type) {
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
      case 'TSInstantiationExpression':
        inner = inner.expression;
        break;
      default:
        return inner;
    }
  }
}

/** `x` of `export { x }` and `'x'` of `export { y as 'x' }`. */
export function exportedName(node: ModuleExportName): string {
  return node.type === 'Literal' ? node.value : node.name;
}

/** The key of a property when the source alone tells it. */
export function keyName(key: PropertyKey, computed: boolean): string | undefined {
  if (key.type === 'Identifier' && !computed) return key.name;
  if (key.type !== 'Literal') return undefined;
  const { value } = key;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : undefined;
}

/** `A` of the qualified name `A.b.c`; the node itself when it is no qualified name. */
export function leftmost(node: Node): Node {
  let root = node;
  while (root.type === 'TSQualifiedName') root = root.left;
  return root;
}
