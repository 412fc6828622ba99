import type { ASTNode } from '@marcbachmann/cel-js';
import { ComexError, didYouMean } from '../errors.ts';
import { boundNames, nodesOf } from './query-literals.ts';
import { SERIES_STATISTICS } from './summary-fields.ts';

const STATISTICS: readonly string[] = [...SERIES_STATISTICS, 'kind'];
const OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%', '-_']);

/**
 * Looks at what is asked of series: a statistic that there is not, or a series where a number stands, would match nothing,
 * and nobody would know.
 *
 * @param pointer two lines that show a place of the query
 * @throws ComexError `E_QUERY`
 */
export function checkSeries(ast: ASTNode, pointer: (node: ASTNode) => string): void {
  if (boundNames(ast).has('series')) return;
  for (const node of nodesOf(ast)) {
    if (node.op === '.' || node.op === '[]') {
      const object = objectOf(node);
      const statistic = literalKey(node);
      if (seriesOf(object) === undefined || statistic === undefined || STATISTICS.includes(statistic)) continue;
      const hint = didYouMean(statistic, STATISTICS) || ` There are ${STATISTICS.join(', ')}.`;
      throw new ComexError(
        'E_QUERY',
        `Expected a statistic of a series, got ${JSON.stringify(statistic)}.${hint}${pointer(node)}`,
      );
    }
    if (!OPERATORS.has(node.op)) continue;
    const operands = (Array.isArray(node.args) ? node.args : [node.args]) as ASTNode[];
    if (operands.some(({ op, args }) => op === 'value' && args === null)) continue;
    for (const operand of node.op === 'in' ? operands.slice(0, 1) : operands) {
      const series = seriesOf(operand);
      if (series === undefined) continue;
      const example = `series[${JSON.stringify(series)}].last`;
      throw new ComexError(
        'E_QUERY',
        `Expected a statistic of the series, such as ${example}. There are ${STATISTICS.join(', ')}.${pointer(operand)}`,
      );
    }
  }
}

/** The name of the series that `series["loss"]` or `series.loss` is. */
function seriesOf(node: ASTNode): string | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const object = objectOf(node);
  return object.op === 'id' && object.args === 'series' ? literalKey(node) : undefined;
}

function objectOf({ args }: ASTNode): ASTNode {
  return (args as [ASTNode, unknown])[0];
}

function literalKey({ args }: ASTNode): string | undefined {
  const [, key] = args as [ASTNode, ASTNode | string];
  if (typeof key === 'string') return key;
  return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
}
