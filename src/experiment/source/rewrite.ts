import type { Comment, Expression } from 'oxc-parser';
import type { Guard } from './guards.ts';
import type { ParameterNode } from './parameters.ts';
import { unwrap } from './tree.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with each parameter's declaration handed to `__comex(name, initialiser, setter)`, so that a run can give it
 * its value: `export const LR = 0.1` becomes `export let   LR = __comex("LR", () => (0.1), (__v) => { LR = __v; })`.
 * No line is added or removed, and columns shift only behind the name of a parameter and behind a guard.
 */
export function rewrite(
  text: string,
  parameters: ReadonlyArray<ParameterNode & { readonly awaits: boolean }>,
  comments: readonly Comment[],
  guards: readonly Guard[] = [],
): string {
  // A check comes before what else changes at its place, and a block that holds it ends after that.
  const edits: Edit[] = guards.map(({ start, text: check }) => ({ start, end: start, text: check }));
  const constants = new Set<number>();
  for (const { name, declaration, declarator, awaits } of parameters) {
    if (declaration.kind === 'const' && !constants.has(declaration.start)) {
      constants.add(declaration.start);
      edits.push({ start: declaration.start, end: declaration.start + 5, text: 'let  ' });
    }
    // Without the semicolon, a next line that begins with ( or [ would now continue this one.
    const isLast = declaration.declarations.at(-1) === declarator;
    const semicolon = isLast && text[declaration.end - 1] !== ';' ? ';' : '';
    const quoted = JSON.stringify(name);
    const closing = `, (__v) => { ${name} = __v; })${semicolon}`;
    if (declarator.init === null) {
      if (declarator.definite) edits.push(withoutDefinite(declarator, text, comments));
      edits.push({ start: declarator.end, end: declarator.end, text: ` = __comex(${quoted}, undefined${closing}` });
      continue;
    }
    const { start, end } = declarator.init;
    const call = awaits ? `await __comex(${quoted}, async () => (` : `__comex(${quoted}, () => (`;
    // An anonymous function takes its name from what it is assigned to: here, a property.
    const named = isAnonymousFunction(declarator.init);
    edits.push({ start, end: start, text: named ? `${call}{ ${name}: ` : call });
    edits.push({ start: end, end, text: named ? ` }).${name}${closing}` : `)${closing}` });
  }
  for (const { closing } of guards) {
    if (closing !== undefined) edits.push({ start: closing.end, end: closing.end, text: closing.text });
  }
  return apply(text, edits);
}

function isAnonymousFunction(node: Expression): boolean {
  const inner = unwrap(node);
  if (inner.type === 'ArrowFunctionExpression') return true;
  return (inner.type === 'FunctionExpression' || inner.type === 'ClassExpression') && inner.id === null;
}

/** Blanks the `!` of `let X!: number`, which may not have an initialiser. */
function withoutDefinite(declarator: ParameterNode['declarator'], text: string, comments: readonly Comment[]): Edit {
  let start = declarator.id.start;
  for (;;) {
    start = text.indexOf('!', start);
    const comment = comments.find((candidate) => candidate.start <= start && start < candidate.end);
    if (comment === undefined) return { start, end: start + 1, text: ' ' };
    start = comment.end;
  }
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = '';
  let last = 0;
  for (const { start, end, text: inserted } of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(last, start) + inserted;
    last = end;
  }
  return result + text.slice(last);
}
