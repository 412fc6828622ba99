import type { CallExpression, Expression, Node, Program } from 'oxc-parser';
import type { ImportedName } from '../definition.ts';
import type { Scopes } from './scopes.ts';
import { eachChild, unwrap } from './tree.ts';

/** Functions of comex that say something about an experiment before it runs. */
export type LibraryFunction = 'extend' | 'inherit' | 'replace' | 'append' | 'prepend' | 'hookPoint';

const FUNCTIONS: ReadonlySet<string> = new Set(['extend', 'inherit', 'replace', 'append', 'prepend', 'hookPoint']);

/** A call of one of them. */
export interface LibraryCall {
  readonly name: LibraryFunction;
  readonly node: CallExpression;
  /** Offset of the function's name (of `comex` in `comex.extend`). */
  readonly start: number;
  /** The first argument, unless it is spread. */
  readonly argument: Expression | undefined;
}

/** Tells which names of a module mean functions of comex: imported from it, under whatever name, and not shadowed. */
export class Library {
  private readonly locals = new Map<string, LibraryFunction>();
  private readonly namespaces = new Set<string>();
  /** Where names mean what the top of the module declares. */
  private readonly references: ReadonlySet<number>;

  constructor(imported: ReadonlyMap<string, ImportedName>, scopes: Scopes) {
    for (const [local, { specifier, name }] of imported) {
      if (specifier !== 'comex') continue;
      if (name === '*') this.namespaces.add(local);
      else if (FUNCTIONS.has(name)) this.locals.set(local, name as LibraryFunction);
    }
    this.references = new Set(this.isEmpty ? [] : scopes.references.map(({ start }) => start));
  }

  /** Whether the module can name none of the functions. */
  get isEmpty(): boolean {
    return this.locals.size === 0 && this.namespaces.size === 0;
  }

  /** The call that an expression is, inside parentheses and type-only wrappers. */
  call(expression: Expression): LibraryCall | undefined {
    if (this.isEmpty) return undefined;
    const node = unwrap(expression);
    if (node.type !== 'CallExpression') return undefined;
    const callee = unwrap(node.callee);
    const name = this.named(callee);
    if (name === undefined) return undefined;
    const [first] = node.arguments;
    return { name, node, start: callee.start, argument: first?.type === 'SpreadElement' ? undefined : first };
  }

  /** Every place that names one of the functions, called or not. */
  uses(program: Program): { readonly name: LibraryFunction; readonly start: number }[] {
    const found: { name: LibraryFunction; start: number }[] = [];
    if (this.isEmpty) return found;
    const visit = (node: Node): void => {
      const name = this.named(node);
      if (name === undefined) eachChild(node, visit);
      else found.push({ name, start: node.start });
    };
    eachChild(program, visit);
    return found;
  }

  private named(node: Node): LibraryFunction | undefined {
    if (node.type === 'Identifier') {
      const name = this.locals.get(node.name);
      return name !== undefined && this.references.has(node.start) ? name : undefined;
    }
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined;
    const { object, property } = node;
    if (object.type !== 'Identifier' || !this.namespaces.has(object.name) || !this.references.has(object.start)) {
      return undefined;
    }
    return FUNCTIONS.has(property.name) ? (property.name as LibraryFunction) : undefined;
  }
}
