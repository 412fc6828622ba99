import type { Program, TSType } from 'oxc-parser';
import type { Locator } from './location.ts';

/** A path that a type names, and where. */
export interface TypePath {
  readonly specifier: string;
  readonly line: number;
}

/** Tells which module a type stands for: `typeof import('./x.ts')`, or an alias of it. */
export class TypeImports {
  private readonly aliases = new Map<string, TSType>();
  private readonly namespaces = new Map<string, TypePath>();
  private readonly at: Locator;

  constructor(program: Program, at: Locator) {
    this.at = at;
    for (const statement of program.body) {
      const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      if (node?.type === 'TSTypeAliasDeclaration' && node.typeParameters === null) {
        this.aliases.set(node.id.name, node.typeAnnotation);
      }
      if (node?.type !== 'ImportDeclaration') continue;
      for (const { type, local } of node.specifiers) {
        if (type !== 'ImportNamespaceSpecifier') continue;
        this.namespaces.set(local.name, { specifier: node.source.value, line: at.line(node.source.start) });
      }
    }
  }

  pathOfAlias(name: string): TypePath | undefined {
    const type = this.aliases.get(name);
    return type === undefined ? undefined : this.pathOf(type);
  }

  pathOf(type: TSType): TypePath | undefined {
    const seen = new Set<TSType>();
    for (let inner: TSType | undefined = type; inner !== undefined && !seen.has(inner); ) {
      seen.add(inner);
      if (inner.type === 'TSParenthesizedType') inner = inner.typeAnnotation;
      else if (inner.type === 'TSTypeReference' && inner.typeName.type === 'Identifier') {
        inner = this.aliases.get(inner.typeName.name);
      } else if (inner.type === 'TSTypeQuery') {
        const { exprName } = inner;
        if (exprName.type === 'Identifier') return this.namespaces.get(exprName.name);
        if (exprName.type !== 'TSImportType' || exprName.qualifier !== null) return undefined;
        return { specifier: exprName.source.value, line: this.at.line(exprName.source.start) };
      } else return undefined;
    }
    return undefined;
  }
}
