import type { Node, Program, Statement } from 'oxc-parser';
import type { Reference, Scopes } from './scopes.ts';

/** A check to be inserted into a module's text: that the parameters named there have their values. */
export interface Guard {
  readonly start: number;
  readonly text: string;
  /** Text behind a statement that has to become a block to hold the check, and where. */
  readonly closing?: { readonly end: number; readonly text: string };
}

/**
 * Finds where top-level code names parameters directly, not in a function: `__comexUse("LR");` goes before each
 * innermost statement that does. Declarations of parameters are no such places: they run when their values are asked for.
 */
export function findGuards(program: Program, scopes: Scopes, parameters: ReadonlySet<string>): Guard[] {
  const direct = scopes.references.filter(({ name, nested, write }) => !nested && !write && parameters.has(name));
  if (direct.length === 0) return [];
  return new GuardSearch(direct, parameters).inside(program.body);
}

class GuardSearch {
  private readonly uses: readonly Reference[];
  private readonly parameters: ReadonlySet<string>;

  constructor(uses: readonly Reference[], parameters: ReadonlySet<string>) {
    this.uses = uses;
    this.parameters = parameters;
  }

  inside(statements: readonly Statement[]): Guard[] {
    return statements.flatMap((statement) => this.of(statement, true));
  }

  /** @param inList Whether other statements may stand before it: not so for the body of an `if` without braces. */
  private of(node: Statement, inList: boolean): Guard[] {
    const bodies = bodiesOf(node);
    const inner = bodies.flatMap((body) => ('list' in body ? this.inside(body.list) : this.of(body.single, false)));
    const spans = bodies.flatMap((body) => ('list' in body ? body.list : [body.single]));
    const names = this.names(node, [...spans, ...this.lazyParts(node)]);
    if (names.length === 0) return inner;
    const text = `__comexUse(${names.map((name) => JSON.stringify(name)).join(', ')});`;
    if (inList) return [{ start: node.start, text }, ...inner];
    return [{ start: node.start, text: `{ ${text}`, closing: { end: node.end, text: ' }' } }, ...inner];
  }

  /** Parameters that are named in a node outside of some parts of it. */
  private names(node: Node, parts: readonly { readonly start: number; readonly end: number }[]): string[] {
    const declaration = declarationOf(node);
    if (declaration === null || IGNORED.has(declaration.type)) return [];
    const found = this.uses.filter(({ start }) => within(start, node) && !parts.some((part) => within(start, part)));
    return [...new Set(found.map(({ name }) => name))].filter((name) => !declares(declaration, name));
  }

  /** Initialisers of parameters. */
  private lazyParts(node: Statement): Node[] {
    const declaration = declarationOf(node);
    if (declaration?.type !== 'VariableDeclaration') return [];
    return declaration.declarations.filter(({ id }) => id.type === 'Identifier' && this.parameters.has(id.name));
  }
}

const IGNORED: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'TSImportEqualsDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
]);

type Body = { readonly list: readonly Statement[] } | { readonly single: Statement };

/** Statements inside a statement that may never run though it does, or that run many times. */
function bodiesOf(node: Statement): Body[] {
  switch (node.type) {
    case 'BlockStatement':
      return [{ list: node.body }];
    case 'IfStatement':
      return [node.consequent, node.alternate].flatMap((body) => (body === null ? [] : [{ single: body }]));
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return [{ single: node.body }];
    case 'LabeledStatement':
      // `continue label` wants the loop directly behind its label.
      return bodiesOf(node.body);
    case 'TryStatement':
      return [node.block, node.handler?.body, node.finalizer].flatMap((block) =>
        block === null || block === undefined ? [] : [{ list: block.body }],
      );
    case 'SwitchStatement':
      return node.cases.map(({ consequent }) => ({ list: consequent }));
    default:
      return [];
  }
}

/** What a statement declares when it is an export; itself otherwise. */
function declarationOf(node: Node): Node | null {
  return node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration' ? node.declaration : node;
}

function declares(node: Node, name: string): boolean {
  if (node.type !== 'VariableDeclaration') return false;
  return node.declarations.some(({ id }) => id.type === 'Identifier' && id.name === name);
}

function within(offset: number, span: { readonly start: number; readonly end: number }): boolean {
  return span.start <= offset && offset < span.end;
}
