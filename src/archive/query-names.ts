import type { ASTNode } from '@marcbachmann/cel-js';
import { type Presence, presenceIn } from './query-presence.ts';

/** What a query asks of a run. */
export interface QueryNames {
  /** Names of the run's that it needs: fields of the summary, parameters. */
  readonly names: ReadonlySet<string>;
  /** Of maps of the summary that are asked for by literal keys only, these keys: `series["loss"].min`. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /** Those without which no run matches, whatever else holds. */
  readonly required: ReadonlySet<string>;
  /** The fields that are compared with null: a run without them may match. */
  readonly presences: readonly Presence[];
  /** The regular expressions, where they are literal texts. */
  readonly patterns: ReadonlyArray<{ readonly node: ASTNode; readonly text: string | undefined }>;
}

/** Methods that bind their first argument as a name. */
const MACROS: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'map',
  'filter',
  'sortBy',
  'transformList',
]);

/**
 * @param isConstant whether the language itself has such a name, such as `double`
 * @param realName what a name in the query stands for
 */
export function namesOf(
  ast: ASTNode,
  isConstant: (name: string) => boolean,
  realName: (name: string) => string,
): QueryNames {
  const names = new Set<string>();
  const keys = new Map<string, Set<string>>();
  const whole = new Set<string>();
  const patterns: { node: ASTNode; text: string | undefined }[] = [];
  const required = new Set<string>();
  const presences: Presence[] = [];
  const lenient = new Set<string>();
  let isStrict = true;

  const visit = (node: ASTNode, bound: ReadonlySet<string>): void => {
    const free = (each: ASTNode): string | undefined =>
      each.op === 'id' && !bound.has(each.args) && !isConstant(each.args) ? each.args : undefined;
    const presence = presenceIn(node, free, realName);
    if (presence !== undefined) {
      const [key] = presence.path;
      presences.push(presence);
      lenient.add(presence.root);
      if (key === undefined) whole.add(presence.root);
      else keys.set(presence.root, (keys.get(presence.root) ?? new Set()).add(key));
      return;
    }
    switch (node.op) {
      case 'id': {
        const name = free(node);
        if (name !== undefined) names.add(name);
        if (name !== undefined) whole.add(name);
        return;
      }
      case 'value':
        return;
      case '.':
      case '[]': {
        const [object, key] = node.args as [ASTNode, ASTNode | string];
        const text =
          typeof key === 'string' ? key : key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
        const name = free(object);
        if (name !== undefined && text !== undefined) {
          names.add(name);
          keys.set(name, (keys.get(name) ?? new Set()).add(text));
        } else visit(object, bound);
        if (typeof key !== 'string') visit(key, bound);
        return;
      }
      case 'call':
        if (node.args[0] === 'has') isStrict = false;
        for (const argument of node.args[1]) visit(argument, bound);
        return;
      case 'rcall': {
        const [method, object, given] = node.args;
        if (method === 'matches') {
          const [pattern] = given;
          const isText = pattern?.op === 'value' && typeof pattern.args === 'string';
          patterns.push({ node, text: isText ? (pattern.args as string) : undefined });
        }
        visit(object, bound);
        const variable = MACROS.has(method) && given[0]?.op === 'id' ? given[0].args : undefined;
        if (variable !== undefined) isStrict = false;
        const inner = variable === undefined ? bound : new Set([...bound, variable]);
        for (const argument of given) visit(argument, inner);
        return;
      }
      default:
        if (node.op === '||' || node.op === '&&' || node.op === '?:') isStrict = false;
        for (const child of childrenOf(node.args)) visit(child, bound);
    }
  };
  for (const part of conjuncts(ast)) {
    const before = new Set(names);
    names.clear();
    isStrict = true;
    visit(part, new Set());
    // What is missing there is an error, and with "&&" no error ever becomes true.
    if (isStrict) for (const name of names) required.add(name);
    for (const name of before) names.add(name);
  }
  for (const name of lenient) names.add(name);
  for (const name of whole) keys.delete(name);
  return { names, keys, required, presences, patterns };
}

/** The parts of `a && b && c`. */
function conjuncts(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjuncts) : [node];
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}
