import { describe, expect, it } from 'vitest';
import { progress, progressLine } from '../../src/run/progress.ts';

describe('the line of a progress bar', () => {
  it.each([
    ['half way', ['fit', 50, 100, 10_000], 'fit ████████████──────────── 50/100 50% 10s left'],
    ['at its beginning, without a label', ['', 0, 3, 0], '──────────────────────── 0/3 0% '],
    ['at its end', ['', 3, 3, 90_000], '████████████████████████ 3/3 100% 0s left'],
    ['past its end', ['', 5, 3, 1000], '████████████████████████ 5/3 100% 0s left'],
    ['of a loop that lasts hours', ['', 1, 10_000, 3_000], '──────────────────────── 1/10000 0% 8h19m left'],
    ['of a loop of unknown length', ['rows', 1234, undefined, 65_000], 'rows 1234 (1m5s)'],
  ] as const)('%s', (_, [label, done, total, elapsed], line) => {
    expect(progressLine(label, done, total, elapsed)).toBe(line);
  });
});

describe('a progress bar on a screen', () => {
  it('is drawn within its width, and cleared at the end of the loop, also when it breaks', () => {
    for (const breaks of [false, true]) {
      const drawn: string[] = [];
      const screen = {
        columns: 20,
        draw: (text: string) => void drawn.push(text),
        clear: () => void drawn.push('cleared'),
      };
      for (const item of progress([1, 2, 3], { label: 'a long label for it' }, screen)) if (breaks && item === 3) break;
      expect(drawn.length).toBeGreaterThan(1);
      expect(drawn.every((text) => text.length < 20)).toBe(true);
      expect(drawn.at(-1)).toBe('cleared');
    }
  });
});
