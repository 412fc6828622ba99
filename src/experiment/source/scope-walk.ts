import type {
  ArrowFunctionExpression,
  Class,
  Expression,
  Function as FunctionNode,
  Node,
  Program,
  VariableDeclaration,
} from 'oxc-parser';
import { blockScope, functionScope, type Scope, ScopeRecord } from './scope-record.ts';
import type { Binding } from './scopes.ts';
import { eachChild, leftmost, unwrap } from './tree.ts';

/** One pass over a module that records declarations by scope, and uses of names to be resolved once all is declared. */
export class ScopeWalk {
  readonly found = new ScopeRecord();

  program(program: Program): void {
    for (const statement of program.body) this.visit(statement, this.found.top);
  }

  private visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'Identifier':
        this.found.use(node.name, node.start, false, scope);
        return;
      case 'VariableDeclaration':
        this.variables(node, scope);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.functionBody(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression':
        if (node.declare) this.found.ambient(node.id?.name, scope);
        else this.classBody(node, scope);
        return;
      case 'StaticBlock':
        this.each(node.body, functionScope(scope, true));
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        this.each(node.decorators, scope);
        if (node.computed) this.visit(node.key, scope);
        if (node.value !== null) this.visit(node.value, functionScope(scope, true));
        return;
      case 'Property':
        if (node.computed) this.visit(node.key, scope);
        this.visit(node.value, scope);
        return;
      case 'MemberExpression':
        this.visit(node.object, scope);
        if (node.computed) this.visit(node.property, scope);
        return;
      case 'AssignmentExpression':
        this.target(node.left, scope);
        this.visit(node.right, scope);
        return;
      case 'UpdateExpression':
        this.target(node.argument, scope);
        return;
      case 'UnaryExpression':
        if (node.operator === 'delete') this.found.mutation(node.argument, scope);
        this.visit(node.argument, scope);
        return;
      case 'CallExpression':
        this.found.call(node, scope);
        this.children(node, scope);
        return;
      case 'ImportExpression':
        this.found.loads.push({ kind: 'dynamic', argument: node.source, start: node.start, scope });
        this.children(node, scope);
        return;
      case 'AwaitExpression':
        if (!scope.nested) this.found.awaits.push(node.start);
        this.visit(node.argument, scope);
        return;
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = blockScope(scope);
        if (node.left.type === 'VariableDeclaration') this.visit(node.left, inner);
        else this.target(node.left, inner);
        this.visit(node.right, inner);
        this.visit(node.body, inner);
        return;
      }
      case 'BlockStatement':
      case 'ForStatement':
      case 'SwitchStatement':
        this.children(node, blockScope(scope));
        return;
      case 'CatchClause': {
        const inner = blockScope(scope);
        if (node.param !== null) this.pattern(node.param, undefined, inner, inner);
        this.visit(node.body, inner);
        return;
      }
      case 'LabeledStatement':
        this.visit(node.body, scope);
        return;
      case 'ImportDeclaration':
        for (const specifier of node.specifiers) {
          const kind = specifier.type === 'ImportSpecifier' ? specifier.importKind : undefined;
          const { name, start } = specifier.local;
          if (node.importKind === 'type' || kind === 'type') this.found.ambient(name, scope);
          else this.found.declare(name, { kind: 'import', start }, scope);
        }
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration !== null) this.visit(node.declaration, scope);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ExportAllDeclaration':
      case 'MetaProperty':
      case 'JSXClosingElement':
        return;
      case 'JSXAttribute':
      case 'JSXIdentifier':
      case 'JSXMemberExpression':
        this.jsx(node, scope);
        return;
      default:
        if (node.type.startsWith('TS')) this.typescript(node, scope);
        else this.children(node, scope);
    }
  }

  /** The parts of TypeScript that hold values; types are passed over. */
  private typescript(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
      case 'TSInstantiationExpression':
      case 'TSExportAssignment':
        this.visit(node.expression, scope);
        return;
      case 'TSTypeAliasDeclaration':
      case 'TSInterfaceDeclaration':
        this.found.ambient(node.id.name, scope);
        return;
      case 'TSDeclareFunction':
        if (node.declare) this.found.ambient(node.id?.name, scope);
        return;
      case 'TSEnumDeclaration': {
        if (node.declare) this.found.ambient(node.id.name, scope);
        else this.found.declare(node.id.name, { kind: 'enum', start: node.id.start }, scope);
        const inner = blockScope(scope);
        for (const { id } of node.body.members) if (id.type === 'Identifier') inner.names.add(id.name);
        for (const { initializer } of node.body.members) if (initializer !== null) this.visit(initializer, inner);
        return;
      }
      case 'TSModuleDeclaration': {
        if (node.declare || node.global || node.body === null) return;
        const root = leftmost(node.id);
        if (root.type === 'Identifier') this.found.declare(root.name, { kind: 'namespace', start: root.start }, scope);
        this.each(node.body.body, functionScope(scope, scope.nested));
        return;
      }
      case 'TSImportEqualsDeclaration': {
        if (node.importKind === 'type') {
          this.found.ambient(node.id.name, scope);
          return;
        }
        this.found.declare(node.id.name, { kind: 'import', start: node.id.start }, scope);
        const root = leftmost(node.moduleReference);
        if (root.type === 'Identifier') this.found.use(root.name, root.start, false, scope);
        return;
      }
      default:
    }
  }

  private jsx(node: Node, scope: Scope): void {
    if (node.type === 'JSXAttribute' && node.value !== null) this.visit(node.value, scope);
    if (node.type === 'JSXMemberExpression') this.visit(node.object, scope);
    // <div> is a tag, <Chart> is a variable.
    if (node.type === 'JSXIdentifier' && !/^[a-z]/.test(node.name)) this.found.use(node.name, node.start, false, scope);
  }

  private variables(node: VariableDeclaration, scope: Scope): void {
    const target = node.kind === 'var' ? (scope.hoist ?? scope) : scope;
    for (const declarator of node.declarations) {
      if (node.declare) {
        if (declarator.id.type === 'Identifier') this.found.ambient(declarator.id.name, scope, true);
        continue;
      }
      const binding = (start: number): Binding => ({ kind: 'variable', start, declaration: node, declarator });
      this.pattern(declarator.id, binding, target, scope);
      if (declarator.init !== null) this.visit(declarator.init, scope);
    }
  }

  /** Declares the names of a binding pattern; its defaults and computed keys are code of `code`. */
  private pattern(
    node: Node | null,
    binding: ((start: number) => Binding) | undefined,
    target: Scope,
    code: Scope,
  ): void {
    const down = (child: Node | null): void => this.pattern(child, binding, target, code);
    switch (node?.type) {
      case 'Identifier':
        this.each(node.decorators ?? [], code);
        this.found.declare(node.name, binding?.(node.start), target);
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'Property' && property.computed) this.visit(property.key, code);
          down(property.type === 'Property' ? property.value : property);
        }
        return;
      case 'ArrayPattern':
        for (const element of node.elements) down(element);
        return;
      case 'RestElement':
        down(node.argument);
        return;
      case 'AssignmentPattern':
        down(node.left);
        this.visit(node.right, code);
        return;
      case 'TSParameterProperty':
        this.each(node.decorators, code);
        down(node.parameter);
        return;
      default:
    }
  }

  /** Records what an assignment writes to. */
  private target(node: Node | null, scope: Scope): void {
    switch (node?.type) {
      case undefined:
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'Property' && property.computed) this.visit(property.key, scope);
          this.target(property.type === 'Property' ? property.value : property, scope);
        }
        return;
      case 'ArrayPattern':
        for (const element of node.elements) this.target(element, scope);
        return;
      case 'RestElement':
        this.target(node.argument, scope);
        return;
      case 'AssignmentPattern':
        this.target(node.left, scope);
        this.visit(node.right, scope);
        return;
      default: {
        const inner = unwrap(node as Expression);
        if (inner.type === 'Identifier') this.found.use(inner.name, inner.start, true, scope);
        else {
          this.found.mutation(inner, scope);
          this.visit(inner, scope);
        }
      }
    }
  }

  private functionBody(node: FunctionNode | ArrowFunctionExpression, scope: Scope): void {
    if (node.type === 'FunctionDeclaration' && node.id !== null) {
      this.found.declare(node.id.name, { kind: 'function', start: node.id.start }, scope);
    }
    // Defaults of parameters do not see what the body declares: two scopes.
    const outer = functionScope(scope, true);
    if (node.type !== 'ArrowFunctionExpression') outer.names.add('arguments');
    if (node.type === 'FunctionExpression' && node.id !== null) outer.names.add(node.id.name);
    for (const param of node.params) this.pattern(param, undefined, outer, outer);
    const inner = functionScope(outer, true);
    if (node.body?.type === 'BlockStatement') this.each(node.body.body, inner);
    else if (node.body !== null) this.visit(node.body, inner);
  }

  private classBody(node: Class, scope: Scope): void {
    if (node.type === 'ClassDeclaration' && node.id !== null) {
      this.found.declare(node.id.name, { kind: 'class', start: node.id.start }, scope);
    }
    this.each(node.decorators, scope);
    const inner = blockScope(scope);
    if (node.id !== null) inner.names.add(node.id.name);
    if (node.superClass !== null) this.visit(node.superClass, inner);
    this.each(node.body.body, inner);
  }

  private each(nodes: readonly Node[], scope: Scope): void {
    for (const node of nodes) this.visit(node, scope);
  }

  private children(node: Node, scope: Scope): void {
    eachChild(node, (child) => this.visit(child, scope));
  }
}
