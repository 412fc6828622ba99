import type { Expression, Node, Program } from 'oxc-parser';
import type { Scopes } from './scopes.ts';
import { exportedName, unwrap } from './tree.ts';

/** What a module exports under a name. */
export interface Exported {
  /** Offset of the export. */
  readonly start: number;
  /** The value, with constants followed to their initialisers and type-only wrappers off; absent for other forms. */
  readonly expression?: Expression;
  /** Whether the module changes the value in place somewhere. */
  readonly isMutated: boolean;
}

/** Finds an export by its name; undefined when the module itself has none. */
export function findExported(program: Program, scopes: Scopes, name: string): Exported | undefined {
  for (const node of program.body) {
    if (node.type === 'ExportDefaultDeclaration' && name === 'default') {
      const { declaration } = node;
      return exportedAs(isExpression(declaration) ? declaration : undefined, declaration.start, scopes);
    }
    if (node.type !== 'ExportNamedDeclaration' || node.exportKind === 'type') continue;
    const { declaration } = node;
    if (declaration?.type === 'VariableDeclaration') {
      const declarator = declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
      if (declarator !== undefined) return exportedAs(declarator.id as Expression, declarator.start, scopes);
    } else if (declaration !== null && 'id' in declaration && declaration.id?.type === 'Identifier') {
      if (declaration.id.name === name && scopes.top.has(name)) return exportedAs(undefined, declaration.start, scopes);
    }
    for (const specifier of node.specifiers) {
      if (specifier.exportKind === 'type' || exportedName(specifier.exported) !== name) continue;
      const local = node.source === null && specifier.local.type === 'Identifier' ? specifier.local : undefined;
      return exportedAs(local as Expression | undefined, specifier.start, scopes);
    }
  }
  return undefined;
}

/** The initialiser behind the names of constants; the expression itself when it names none. Wrappers are taken off. */
export function followed(expression: Expression, scopes: Scopes): Expression {
  return follow(expression, scopes).expression;
}

function exportedAs(expression: Expression | undefined, start: number, scopes: Scopes): Exported {
  if (expression === undefined) return { start, isMutated: false };
  return { start, ...follow(expression, scopes) };
}

function follow(expression: Expression, scopes: Scopes): { expression: Expression; isMutated: boolean } {
  let inner = unwrap(expression);
  let isMutated = false;
  const seen = new Set<string>();
  while (inner.type === 'Identifier' && !seen.has(inner.name)) {
    const { name } = inner;
    seen.add(name);
    const [binding, ...others] = scopes.top.get(name) ?? [];
    if (binding?.kind !== 'variable' || others.length > 0 || binding.declarator.id.type !== 'Identifier') break;
    const { init } = binding.declarator;
    if (init === null || scopes.references.some((use) => use.write && use.name === name)) break;
    isMutated ||= scopes.mutated.has(name);
    inner = unwrap(init);
  }
  return { expression: inner, isMutated };
}

function isExpression(node: Node): node is Expression {
  return !/Declaration$|^TSDeclareFunction$/.test(node.type);
}

/** The text of a literal, or of a template without expressions. */
export function literalText(node: Node | null | undefined): string | undefined {
  if (node === null || node === undefined) return undefined;
  const inner = unwrap(node as Expression);
  if (inner.type === 'Literal') return typeof inner.value === 'string' ? inner.value : undefined;
  if (inner.type !== 'TemplateLiteral' || inner.expressions.length > 0) return undefined;
  return inner.quasis[0]?.value.cooked ?? undefined;
}
