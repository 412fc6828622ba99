import { type RunTree, readTree } from '../archive/children.ts';
import { selectRun } from '../archive/select.ts';
import { encodePretty } from '../codec/json.ts';
import type { ArchiveOptions } from './list.ts';
import { nameBroken } from './look-scope.ts';
import { OWN_SOURCES } from './parameter-grid.ts';
import { durationText, groupedText } from './quantity.ts';
import { recordedParameters } from './recorded-parameters.ts';
import { errorText } from './run-facts.ts';
import { runRecord } from './run-record.ts';
import { harmless, harmlessJson, paint, type Screen, statusStyle } from './screen.ts';
import { shortText } from './value-text.ts';
import { cut, displayWidth } from './width.ts';

/** So many children of one run are shown; of more, those that did not end well and the first. */
const MAX_CHILDREN = 40;
const SHORTEST_NAME = 8;

/**
 * `comex tree RUN`: the run and the runs below it. Returns the exit status: 1 when one of them cannot be read.
 *
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, or what reading the run's metadata throws
 */
export function tree(selector: string, options: ArchiveOptions & { readonly cwd: string }): number {
  const { results, cwd, json, screen, out } = options;
  const root = readTree(selectRun(selector, { results, cwd }));
  out(json ? `${harmlessJson(encodePretty(treeRecord(root), 'the tree'))}\n` : treeLines(root, screen).join('\n'));
  const broken = brokenOf(root);
  nameBroken(broken, options);
  return broken.length === 0 ? 0 : 1;
}

/** A run and what is below it, a line a run, with the lines that a tree is drawn with. */
export function treeLines(root: RunTree, screen: Screen): string[] {
  return [nodeText(root, screen, screen.columns), ...childLines(root, '', screen)];
}

/** The same of the children alone. */
export function childLines({ children, broken }: RunTree, indent: string, screen: Screen): string[] {
  const [branch, last, bar] = screen.unicode ? ['├─ ', '└─ ', '│  '] : ['|- ', '`- ', '|  '];
  const shown = shownOf(children);
  const left = children.length - shown.length;
  const more = [
    ...(left > 0 ? [`and ${groupedText(left)} more: ${outcomes(children)} in all`] : []),
    ...(broken.length > 0 ? [`${groupedText(broken.length)} that cannot be read`] : []),
  ];
  const lines: string[] = [];
  for (const [index, child] of shown.entries()) {
    const isLast = index === shown.length - 1 && more.length === 0;
    const width = Math.max(20, screen.columns - indent.length - 3);
    lines.push(`${indent}${isLast ? last : branch}${nodeText(child, screen, width)}`);
    lines.push(...childLines(child, indent + (isLast ? '   ' : bar), screen));
  }
  for (const [index, text] of more.entries()) {
    lines.push(`${indent}${index === more.length - 1 ? last : branch}${paint(screen).dim(text)}`);
  }
  return lines;
}

function shownOf(children: readonly RunTree[]): readonly RunTree[] {
  if (children.length <= MAX_CHILDREN) return children;
  const failed = children.filter(({ run }) => run.status !== 'done').slice(0, MAX_CHILDREN / 2);
  const first = children.filter((child) => !failed.includes(child)).slice(0, MAX_CHILDREN - failed.length);
  return children.filter((child) => failed.includes(child) || first.includes(child));
}

/** `3 failed, 97 done`. */
function outcomes(children: readonly RunTree[]): string {
  const counts = new Map<string, number>();
  for (const { run } of children) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${groupedText(count)} ${status}`).join(', ');
}

function nodeText({ run }: RunTree, screen: Screen, width: number): string {
  const styles = paint(screen);
  const status = harmless(run.status);
  const took = run.durationMs === undefined ? '' : `  ${durationText(run.durationMs)}`;
  const facts = `  ${run.id}  ${status}${took}`;
  const name = cut(harmless(run.namespace), Math.max(SHORTEST_NAME, width - facts.length), screen);
  const rest = cut(harmless(restOf(run)), Math.max(0, width - displayWidth(name) - facts.length - 2), screen);
  const painted = `${styles.bold(name)}  ${styles.cyan(harmless(run.id))}  ${statusStyle(run.status, styles)(status)}${took}`;
  return rest === '' ? painted : `${painted}  ${styles.dim(rest)}`;
}

/** Why it failed, or what was given to it and what came of it. */
function restOf(run: RunTree['run']): string {
  if (run.error !== undefined) return errorText(run.error);
  const given = recordedParameters(run.meta.parameters).filter(([, , source]) => !OWN_SOURCES.has(source));
  const parameters = given.map(([name, value]) => `${name}=${value}`).join(' ');
  const result = run.result === undefined ? '' : `-> ${shortText(run.result)}`;
  return [parameters, result].filter((text) => text !== '').join(' ');
}

function treeRecord({ run, children, broken }: RunTree): Record<string, unknown> {
  return {
    ...runRecord(run),
    result: run.result ?? null,
    error: run.error ?? null,
    children: children.map(treeRecord),
    broken,
  };
}

function brokenOf({ children, broken }: RunTree): RunTree['broken'] {
  return [...broken, ...children.flatMap(brokenOf)];
}
