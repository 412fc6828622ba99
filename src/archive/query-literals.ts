import type { ASTNode } from '@marcbachmann/cel-js';
import { durationMs, TIME_SPANS } from '../codec/duration.ts';
import { momentMs } from '../codec/moment.ts';
import { ComexError } from '../errors.ts';
import { statusOfWord } from './statuses.ts';

/** A piece of a query that is replaced before it is asked. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);
const MOMENTS: ReadonlySet<string> = new Set(['startedAt', 'endedAt']);

/**
 * Looks at the texts that a status or a moment is compared with: one that can equal none would match nothing, and nobody
 * would know.
 *
 * @param pointer two lines that show a place of the query
 * @returns what stands for a word that is another name of a status, and for moments as the language writes them
 * @throws ComexError `E_QUERY`
 */
export function checkLiterals(ast: ASTNode, pointer: (node: ASTNode) => string): Replacement[] {
  const found: Replacement[] = [];
  const bound = boundNames(ast);
  const isFree = (node: ASTNode, name: string): boolean => node.op === 'id' && node.args === name && !bound.has(name);
  const replace = (node: ASTNode, text: string): void => {
    found.push({ ...node.range, text: JSON.stringify(text) });
  };

  const compare = (a: ASTNode, b: ASTNode): void => {
    const texts = b.op === 'list' ? b.args.filter(isText) : isText(b) ? [b] : [];
    for (const node of texts) {
      const text = node.args as string;
      if (isFree(a, 'status')) {
        const status = statusOfWord(text, pointer(node));
        if (status !== text) replace(node, status);
      }
      if (a.op === 'id' && MOMENTS.has(a.args) && !bound.has(a.args)) momentOf(text, pointer(node));
    }
  };

  for (const node of nodesOf(ast)) {
    if (COMPARISONS.has(node.op)) {
      const [a, b] = node.args as [ASTNode, ASTNode];
      compare(a, b);
      if (node.op !== 'in') compare(b, a);
    } else if (node.op === 'call') {
      const [name, [argument]] = node.args;
      if (argument === undefined || !isText(argument)) continue;
      const text = argument.args as string;
      if (name === 'timestamp') replace(argument, new Date(momentOf(text, pointer(argument))).toISOString());
      if (name === 'duration') {
        const ms = spanOf(text, pointer(argument));
        if (ms !== undefined && Number.isSafeInteger(Math.round(ms))) replace(argument, `${Math.round(ms)}ms`);
      }
    }
  }
  return found;
}

/** A text with pieces of it replaced. */
export function replaced(text: string, pieces: readonly Replacement[]): string {
  let made = text;
  for (const { start, end, text: piece } of [...pieces].sort((a, b) => b.start - a.start)) {
    made = made.slice(0, start) + piece + made.slice(end);
  }
  return made;
}

function momentOf(text: string, place: string): number {
  const ms = momentMs(text);
  if (ms !== undefined) return ms;
  throw new ComexError('E_QUERY', `Expected a moment such as 2026-01-31 or 2026-01-31T12:00, got "${text}".${place}`);
}

/** Undefined for what only the language itself reads, such as `-1h` and `5us`. */
function spanOf(text: string, place: string): number | undefined {
  const ms = durationMs(text);
  if (ms !== undefined || /^[+-]?(?:0|(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.test(text)) return ms;
  throw new ComexError('E_QUERY', `Expected a time such as ${TIME_SPANS}, got "${text}".${place}`);
}

function isText(node: ASTNode): boolean {
  return node.op === 'value' && typeof node.args === 'string';
}

/** The names that macros such as `tags.exists(t, ...)` bind: these are no fields of the run. */
export function boundNames(ast: ASTNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesOf(ast)) {
    const first = node.op === 'rcall' ? node.args[2][0] : undefined;
    if (first?.op === 'id') names.add(first.args);
  }
  return names;
}

export function* nodesOf(node: ASTNode): Generator<ASTNode> {
  yield node;
  for (const child of childNodes(node.args)) yield* nodesOf(child);
}

function childNodes(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childNodes);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}
