import { describe, expect, it } from 'vitest';
import { cut, displayWidth, pad, wrap } from '../../src/cli/width.ts';

const unicode = { unicode: true };

describe('displayWidth', () => {
  it('counts two cells for East Asian letters and emoji, none for combining marks', () => {
    expect(displayWidth('loss')).toBe(4);
    expect(displayWidth('損失')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👍')).toBe(2);
    expect(displayWidth('👩‍👩‍👧')).toBe(2);
    expect(displayWidth('한글')).toBe(4);
    expect(displayWidth('\u1112\u1161\u11ab')).toBe(2);
    expect(displayWidth('▁█…•')).toBe(4);
  });
});

describe('cut', () => {
  it('leaves a text that fits', () => {
    expect(cut('abcdef', 6, unicode)).toBe('abcdef');
    expect(cut('損失', 4, unicode)).toBe('損失');
  });

  it('marks what is left out within the width', () => {
    expect(cut('abcdefg', 6, unicode)).toBe('abcde…');
    expect(cut('abcdefg', 6, { unicode: false })).toBe('abc...');
    expect(cut('損失関数', 6, unicode)).toBe('損失…');
    expect(cut('損失関数', 4, unicode)).toBe('損…');
    expect(cut('abcdefg', 2, { unicode: false })).toBe('..');
    expect(cut('abc', 0, unicode)).toBe('');
  });

  it('is quick with a very long text', () => {
    for (let i = 0; i < 100; i++) expect(cut('損'.repeat(1_000_000), 9, unicode)).toBe('損損損損…');
  });
});

describe('pad', () => {
  it('fills up to the width in cells', () => {
    expect(pad('損失', 6)).toBe('損失  ');
    expect(pad('7', 3, 'right')).toBe('  7');
    expect(pad('long', 2)).toBe('long');
  });
});

describe('wrap', () => {
  it('breaks at words, and inside of words that are too long', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('a abcdefghij b', 4)).toEqual(['a', 'abcd', 'efgh', 'ij b']);
    expect(wrap('損失関数', 4)).toEqual(['損失', '関数']);
    expect(wrap('  ', 10)).toEqual([]);
  });
});
