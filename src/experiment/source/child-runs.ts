import type { Node, Program } from 'oxc-parser';
import type { IncludeReference } from '../definition.ts';
import { literalText } from './exported.ts';
import type { Locator } from './location.ts';
import { eachChild, unwrap } from './tree.ts';

/** The experiments that a source runs as children, `e.run('./train.ts')`, each once. */
export function findChildRuns(program: Program, text: string, at: Locator): IncludeReference[] {
  if (!/\.\s*run\b/.test(text)) return [];
  const runs = new Map<string, IncludeReference>();
  const visit = (node: Node): void => {
    if (node.type === 'CallExpression') {
      const callee = unwrap(node.callee);
      const isRun =
        callee.type === 'MemberExpression' &&
        callee.property.type === 'Identifier' &&
        callee.property.name === 'run' &&
        !callee.computed &&
        unwrap(callee.object).type === 'Identifier';
      const specifier = isRun ? literalText(node.arguments[0]) : undefined;
      if (specifier !== undefined && isExperimentPath(specifier) && !runs.has(specifier)) {
        runs.set(specifier, { specifier, line: at.line(node.start) });
      }
    }
    eachChild(node, visit);
  };
  eachChild(program, visit);
  return [...runs.values()];
}

function isExperimentPath(text: string): boolean {
  return /^\.\.?\/|\.(m?[jt]s|ya?ml)$/.test(text);
}
