import type { CallExpression, Expression, Node } from 'oxc-parser';
import type { Binding } from './scopes.ts';
import { unwrap } from './tree.ts';

const MUTATING_METHODS = /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|set|add|delete|clear)$/;
const CHANGING_FUNCTIONS = /^(assign|define\w+|set\w*|deleteProperty)$/;

export interface Scope {
  readonly names: Set<string>;
  readonly parent: Scope | undefined;
  /** Where `var` declarations go; undefined: here. */
  readonly hoist: Scope | undefined;
  /** Whether code here runs as part of a function rather than of the module. */
  readonly nested: boolean;
}

/** A scope of a block. */
export function blockScope(parent: Scope): Scope {
  return { names: new Set(), parent, hoist: parent.hoist ?? parent, nested: parent.nested };
}

/** A scope of a function body, or of what behaves like one. */
export function functionScope(parent: Scope | undefined, nested: boolean): Scope {
  return { names: new Set(), parent, hoist: undefined, nested };
}

/** What a pass over a module finds: declarations by scope, and uses of names, resolved once all is declared. */
export class ScopeRecord {
  readonly top: Scope = functionScope(undefined, false);
  readonly bindings = new Map<string, Binding[]>();
  readonly typeNames = new Set<string>();
  readonly ambientVariables = new Set<string>();
  readonly uses: { name: string; start: number; write: boolean; scope: Scope }[] = [];
  readonly mutations: { name: string; scope: Scope }[] = [];
  readonly awaits: number[] = [];
  readonly loads: { kind: 'dynamic' | 'require'; argument: Node | undefined; start: number; scope: Scope }[] = [];

  use(name: string, start: number, write: boolean, scope: Scope): void {
    this.uses.push({ name, start, write, scope });
  }

  declare(name: string, binding: Binding | undefined, scope: Scope): void {
    scope.names.add(name);
    if (scope !== this.top || binding === undefined) return;
    const known = this.bindings.get(name);
    if (known === undefined) this.bindings.set(name, [binding]);
    else known.push(binding);
  }

  /** A name that exists for the type checker only. */
  ambient(name: string | undefined, scope: Scope, isVariable = false): void {
    if (scope !== this.top || name === undefined) return;
    this.typeNames.add(name);
    if (isVariable) this.ambientVariables.add(name);
  }

  /** Marks the variable at the root of `x.a.b` as changed in place. */
  mutation(node: Expression, scope: Scope): void {
    let root = unwrap(node);
    while (root.type === 'MemberExpression' || root.type === 'ChainExpression') {
      root = unwrap(root.type === 'MemberExpression' ? root.object : root.expression);
    }
    if (root.type === 'Identifier') this.mutations.push({ name: root.name, scope });
  }

  /** A call that loads a module, or that changes an object in place. */
  call(node: CallExpression, scope: Scope): void {
    const callee = unwrap(node.callee);
    const [first] = node.arguments;
    if (callee.type === 'Identifier' && callee.name === 'require') {
      this.loads.push({ kind: 'require', argument: first, start: node.start, scope });
    }
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
    const { object, property } = callee;
    if (MUTATING_METHODS.test(property.name)) this.mutation(object, scope);
    const isObject = object.type === 'Identifier' && (object.name === 'Object' || object.name === 'Reflect');
    if (!isObject || !CHANGING_FUNCTIONS.test(property.name)) return;
    if (first !== undefined && first.type !== 'SpreadElement') this.mutation(first, scope);
  }
}
