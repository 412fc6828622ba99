/** Lines that were taken away and put there, one after the other. */
export interface LineEdit {
  /** In both, only in the first, only in the second. */
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

/** So many lines taken away and put there are told apart; beyond that, all in between counts as replaced. */
const MAX_EDITS = 2500;
const CONTEXT = 3;
const NO_END = '\\ No newline at end of file';

/**
 * The shortest way from one list of lines to another (E. W. Myers, An O(ND) Difference Algorithm and Its Variations,
 * 1986); of very different ones, a longer way.
 */
export function diffLines(before: readonly string[], after: readonly string[]): LineEdit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const kept = (line: string): LineEdit => ({ kind: ' ', line });
  return [
    ...before.slice(0, start).map(kept),
    ...between(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(kept),
  ];
}

function between(a: readonly string[], b: readonly string[]): LineEdit[] {
  const removed = a.map((line): LineEdit => ({ kind: '-', line }));
  const added = b.map((line): LineEdit => ({ kind: '+', line }));
  if (a.length === 0 || b.length === 0) return [...removed, ...added];
  const trace = shortestTrace(...numbered(a, b));
  return trace === undefined ? [...removed, ...added] : pathOf(trace, a, b);
}

/** Equal lines have equal numbers: comparing these is fast. */
function numbered(a: readonly string[], b: readonly string[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    if (known === numbers.size) numbers.set(line, known);
    return known;
  };
  return [Int32Array.from(a, numberOf), Int32Array.from(b, numberOf)];
}

/** For each count of edits d, how far each diagonal from -d to d was reached before it. */
function shortestTrace(a: Int32Array, b: Int32Array): Int32Array[] | undefined {
  const most = Math.min(a.length + b.length, MAX_EDITS);
  const reached = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(reached.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reached[middle + k - 1]! < reached[middle + k + 1]!);
      let x = down ? reached[middle + k + 1]! : reached[middle + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reached[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return undefined;
}

/** Back from the ends of both lists to their beginnings. */
function pathOf(trace: readonly Int32Array[], a: readonly string[], b: readonly string[]): LineEdit[] {
  const edits: LineEdit[] = [];
  let x = a.length;
  let y = b.length;
  const keepTo = (toX: number, toY: number): void => {
    for (; x > toX && y > toY; y--) edits.push({ kind: ' ', line: a[--x]! });
  };
  for (let d = trace.length - 1; d > 0; d--) {
    const at = (k: number): number => trace[d]![k + d + 1]!;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromX = down ? at(k + 1) : at(k - 1);
    const fromY = fromX - (down ? k + 1 : k - 1);
    keepTo(fromX, fromY);
    edits.push(down ? { kind: '+', line: b[fromY]! } : { kind: '-', line: a[fromX]! });
    x = fromX;
    y = fromY;
  }
  keepTo(0, 0);
  return edits.reverse();
}

/** The two texts as a unified diff without a head; nothing when they are equal. */
export function unifiedDiff(before: string, after: string): { text: string; removed: number; added: number } {
  const edits = diffLines(linesOf(before), linesOf(after));
  const changed = edits.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]));
  const lines: string[] = [];
  for (let i = 0; i < changed.length; ) {
    const from = Math.max(0, changed[i]! - CONTEXT);
    let to = changed[i]!;
    while (i < changed.length && changed[i]! - to <= 2 * CONTEXT) to = changed[i++]!;
    lines.push(...hunk(edits, from, Math.min(edits.length, to + CONTEXT + 1)));
  }
  const count = (kind: string): number => edits.filter((edit) => edit.kind === kind).length;
  return { text: lines.map((line) => `${line}\n`).join(''), removed: count('-'), added: count('+') };
}

/** A line keeps its end, so that a last one without it is another. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop()!;
  return [...lines.map((line) => `${line}\n`), ...(last === '' ? [] : [last])];
}

function hunk(edits: readonly LineEdit[], from: number, to: number): string[] {
  const range = (side: '-' | '+'): string => {
    const counted = (edit: LineEdit): boolean => edit.kind === ' ' || edit.kind === side;
    const before = edits.slice(0, from).filter(counted).length;
    const count = edits.slice(from, to).filter(counted).length;
    return `${side}${count === 0 ? before : before + 1}${count === 1 ? '' : `,${count}`}`;
  };
  const lines = [`@@ ${range('-')} ${range('+')} @@`];
  for (const { kind, line } of edits.slice(from, to)) {
    if (line.endsWith('\n')) lines.push(kind + line.slice(0, -1));
    else lines.push(kind + line, NO_END);
  }
  return lines;
}
