import { type Expression, type Node, parseSync } from 'oxc-parser';
import type { Chain } from '../experiment/chain.ts';
import { hookPointsOf } from '../experiment/hooks.ts';
import { literalText } from '../experiment/source/exported.ts';
import { eachChild, keyName, unwrap } from '../experiment/source/tree.ts';
import { docComment, quoted } from './new-source.ts';

/** How the files of an experiment apply a hook. */
export interface HookUse {
  readonly name: string;
  readonly doc?: string;
  /** Names of the arguments that it is given, where the source tells them. */
  readonly args: readonly string[];
  /** Whether what it returns matters. */
  readonly returns: boolean;
}

/** The hooks that an experiment applies, in the order of its root. */
export function hookUses(chain: Chain): HookUse[] {
  const args = new Map<string, readonly string[]>();
  const returning = new Set<string>();
  for (const { path, text } of [...chain.modules, ...chain.mixins.map(({ module }) => module)]) {
    if (!/applyHook|hookPoint/.test(text)) continue;
    const ignored = new Set<Node>();
    const visit = (node: Node): void => {
      if (node.type === 'ExpressionStatement') ignored.add(called(node.expression));
      if (node.type === 'CallExpression' && isApply(node.callee)) {
        const name = literalText(node.arguments[0]);
        if (name !== undefined) {
          args.set(name, keysOf(node.arguments[1]));
          if (!ignored.has(node)) returning.add(name);
        }
      }
      if (node.type === 'Property') {
        const name = keyName(node.key, node.computed);
        if (name !== undefined && declaresResult(node.value)) returning.add(name);
      }
      eachChild(node, visit);
    };
    visit(parseSync(path, text, { astType: 'ts' }).program);
  }
  return [...hookPointsOf(chain)].map(([name, { doc }]) => ({
    name,
    ...(doc === undefined ? {} : { doc }),
    args: args.get(name) ?? [],
    returns: returning.has(name),
  }));
}

/** The call that a statement consists of, awaited or not. */
function called(expression: Expression): Node {
  const inner = unwrap(expression);
  if (inner.type === 'AwaitExpression') return called(inner.argument);
  return inner.type === 'UnaryExpression' && inner.operator === 'void' ? called(inner.argument) : inner;
}

function isApply(callee: Node): boolean {
  const inner = unwrap(callee as Expression);
  return (
    inner.type === 'MemberExpression' && inner.property.type === 'Identifier' && inner.property.name === 'applyHook'
  );
}

function keysOf(node: Node | undefined): string[] {
  if (node === undefined) return [];
  const inner = unwrap(node as Expression);
  if (inner.type !== 'ObjectExpression') return [];
  return inner.properties.flatMap((property) => {
    const name = property.type === 'Property' ? keyName(property.key, property.computed) : undefined;
    return name === undefined ? [] : [name];
  });
}

/** `hookPoint<Args, Result>()` with a result. */
function declaresResult(node: Node): boolean {
  const inner = unwrap(node as Expression);
  if (inner.type !== 'CallExpression' || inner.callee.type !== 'Identifier' || inner.callee.name !== 'hookPoint') {
    return false;
  }
  const result = inner.typeArguments?.params[1];
  return result !== undefined && result.type !== 'TSVoidKeyword';
}

/** An entry of `hooks` that only logs; one whose result matters throws until it is written. */
export function hookStub({ name, doc, args, returns }: HookUse): string {
  const isPlain = args.length > 0 && args.every((key) => PLAIN.test(key) && !RESERVED.has(key));
  const given = isPlain ? `{ ${args.join(', ')} }` : 'args';
  const key = PLAIN.test(name) && name !== '__proto__' ? name : name === '__proto__' ? "['__proto__']" : quoted(name);
  const shown = isPlain ? args.join(', ') : 'args';
  const body = returns
    ? `    e.log(${quoted(name)}, ${shown});\n    throw new Error('Return here what the experiment is to go on with.');`
    : `    e.log(${quoted(name)}, ${shown});`;
  const comment = doc === undefined ? '' : `${docComment(doc, '  ')}\n`;
  return `${comment}  ${key}(e, ${given}) {\n${body}\n  },`;
}

const PLAIN = /^[A-Za-z_$][\w$]*$/;
/** What no variable can be called; `e` is taken. */
const RESERVED = new Set(
  'e arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);
