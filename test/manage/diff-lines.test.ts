import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, unifiedDiff } from '../../src/manage/diff-lines.ts';

const fewLines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 });

describe('diffLines', () => {
  it('leads from the first list to the second, and in no more edits than needed', () => {
    fc.assert(
      fc.property(fewLines, fewLines, (before, after) => {
        const edits = diffLines(before, after);
        expect(edits.filter(({ kind }) => kind !== '+').map(({ line }) => line)).toEqual(before);
        expect(edits.filter(({ kind }) => kind !== '-').map(({ line }) => line)).toEqual(after);
        const kept = edits.filter(({ kind }) => kind === ' ').length;
        expect(kept).toBe(longestCommon(before, after));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('ends soon on two long texts that have nothing in common', () => {
    const before = Array.from({ length: 20_000 }, (_, i) => `old ${i}`);
    const after = Array.from({ length: 20_000 }, (_, i) => `new ${i}`);
    const edits = diffLines(['same', ...before], ['same', ...after]);
    expect(edits).toHaveLength(40_001);
    expect(edits[0]).toEqual({ kind: ' ', line: 'same' });
  });
});

describe('unifiedDiff', () => {
  it('says nothing of equal texts', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n')).toEqual({ text: '', added: 0, removed: 0 });
  });

  it('keeps three lines around a change, and joins changes that are near', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `${i + 1}`);
    const changed = lines.map((line) => (['5', '10', '25'].includes(line) ? `${line}!` : line));
    const { text, added, removed } = unifiedDiff(`${lines.join('\n')}\n`, `${changed.join('\n')}\n`);
    expect(text.match(/^@@.*@@$/gm)).toEqual(['@@ -2,12 +2,12 @@', '@@ -22,7 +22,7 @@']);
    expect({ added, removed }).toEqual({ added: 3, removed: 3 });
  });

  it('makes the second text of the first when it is applied, also with ends of lines that are missing', () => {
    const text = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', '', '+x', '-y', '\\ z'), { maxLength: 40 }), fc.boolean())
      .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + (end ? '\n' : '')));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, unifiedDiff(before, after).text)).toBe(after);
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});

/** Applies a unified diff as its format says, by the line numbers of its hunks. */
function applied(text: string, diff: string): string {
  const before = text.split(/(?<=\n)/).filter((line) => line !== '');
  const after: string[] = [];
  let next = 0;
  for (const [, at, count, body] of diff.matchAll(/^@@ -(\d+)(?:,(\d+))? \+[\d,]+ @@\n((?:[ +\\-].*\n)*)/gm)) {
    const from = count === '0' ? Number(at) : Number(at) - 1;
    after.push(...before.slice(next, from));
    next = from;
    for (const [line, kind, rest, noEnd] of body!.matchAll(/^([ +-])(.*\n)(\\ No newline.*\n)?/gm)) {
      const own = noEnd === undefined ? rest! : rest!.slice(0, -1);
      if (kind !== '+') expect(before[next++], line).toBe(own);
      if (kind !== '-') after.push(own);
    }
  }
  return [...after, ...before.slice(next)].join('');
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row: number[] = b.map(() => 0);
  for (const line of a) {
    const next: number[] = [];
    for (const [j, other] of b.entries()) {
      next.push(line === other ? (row[j - 1] ?? 0) + 1 : Math.max(row[j]!, next[j - 1] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
