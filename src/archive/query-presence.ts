import type { ASTNode } from '@marcbachmann/cel-js';
import type { Replacement } from './query-literals.ts';
import type { RunSummary } from './summary.ts';
import { below, SUMMARY_NAMES } from './summary-fields.ts';

/** A field of a run that is compared with null, which asks whether the run has it: `note == null`, `error.code != null`. */
export interface Presence {
  readonly node: ASTNode;
  readonly root: string;
  readonly path: readonly string[];
}

/** What stands for these fields: a list, so that no name of a run's is taken. */
const ASKED = 'askedForNull';

/** The field that a comparison with null asks for. @param realName of a name in the query */
export function presenceIn(
  node: ASTNode,
  free: (node: ASTNode) => string | undefined,
  realName: (name: string) => string,
): Presence | undefined {
  if (node.op !== '==' && node.op !== '!=') return undefined;
  const [a, b] = node.args as [ASTNode, ASTNode];
  const operand = isNull(b) ? a : isNull(a) ? b : undefined;
  if (operand === undefined) return undefined;
  const path: string[] = [];
  let at = operand;
  for (; at.op === '.' || at.op === '[]'; at = at.args[0] as ASTNode) {
    const key = at.args[1] as ASTNode | string;
    const text =
      typeof key === 'string' ? key : key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
    if (text === undefined) return undefined;
    path.unshift(text);
  }
  const root = free(at);
  // A parameter may be null itself: `has(parameters.SIZE)` asks whether there is one.
  if (root === undefined || !Object.hasOwn(SUMMARY_NAMES, realName(root))) return undefined;
  return { node: operand, root: realName(root), path };
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null;
}

/** The query with elements of a list in the place of the fields. */
export function presenceReplacements(all: readonly Presence[]): Replacement[] {
  return all.map(({ node }, index) => ({ ...node.range, text: `${ASKED}[${index}]` }));
}

/** That list, for one run. */
export function presenceContext(all: readonly Presence[], run: RunSummary): Readonly<Record<string, unknown>> {
  return all.length === 0 ? {} : { [ASKED]: all.map((presence) => read(presence, run) ?? null) };
}

function read({ root, path }: Presence, run: RunSummary): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return SUMMARY_NAMES[root]!(run);
  if (root === 'series') return below(run.seriesSummary(key), rest);
  if (root === 'parameters') return below(run.parameter(key), rest);
  if (root === 'data') return below(run.datum(key), rest);
  return below(SUMMARY_NAMES[root]!(run), path);
}
