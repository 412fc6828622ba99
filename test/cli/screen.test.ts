import { describe, expect, it } from 'vitest';
import { harmless, harmlessJson, paint, screenOf } from '../../src/cli/screen.ts';

const terminal = { isTTY: true, columns: 100 } as NodeJS.WriteStream;
const pipe = {} as NodeJS.WriteStream;

describe('screenOf', () => {
  it('takes the width of the terminal, COLUMNS where there is none, else 80', () => {
    expect(screenOf(terminal, {}).columns).toBe(100);
    expect(screenOf(pipe, { COLUMNS: '60' }).columns).toBe(60);
    expect(screenOf(pipe, {}).columns).toBe(80);
    expect(screenOf(pipe, { COLUMNS: 'wide' }).columns).toBe(80);
    expect(screenOf({ isTTY: true, columns: 0 } as NodeJS.WriteStream, {}).columns).toBe(80);
  });

  it('has colour on a terminal only, and not on a dumb one', () => {
    expect(screenOf(terminal, {}).color).toBe(true);
    expect(screenOf(pipe, {}).color).toBe(false);
    expect(screenOf(terminal, { TERM: 'dumb' }).color).toBe(false);
  });

  it('has no colour with NO_COLOR, whatever else is set', () => {
    expect(screenOf(terminal, { NO_COLOR: '1' }).color).toBe(false);
    expect(screenOf(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }).color).toBe(false);
    expect(screenOf(terminal, { NO_COLOR: '' }).color).toBe(true);
  });

  it('has colour in a pipe with FORCE_COLOR, and none with FORCE_COLOR=0', () => {
    expect(screenOf(pipe, { FORCE_COLOR: '1' }).color).toBe(true);
    expect(screenOf(pipe, { FORCE_COLOR: '' }).color).toBe(true);
    expect(screenOf(terminal, { FORCE_COLOR: '0' }).color).toBe(false);
  });

  it('shows more than ASCII unless the locale says otherwise', () => {
    expect(screenOf(pipe, {}).unicode).toBe(true);
    expect(screenOf(pipe, { LANG: 'de_DE.UTF-8' }).unicode).toBe(true);
    expect(screenOf(pipe, { LANG: 'C' }).unicode).toBe(false);
    expect(screenOf(pipe, { LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }).unicode).toBe(false);
    expect(screenOf(pipe, { LC_ALL: 'C.UTF-8' }).unicode).toBe(true);
    expect(screenOf(pipe, { LANG: 'de_DE.ISO-8859-1' }).unicode).toBe(false);
  });
});

describe('paint', () => {
  it('leaves a text alone on a screen without colour', () => {
    expect(paint({ color: false }).red('x')).toBe('x');
  });

  it('ends each style, so that styles nest', () => {
    const { bold, red } = paint({ color: true });
    expect(bold(red('x'))).toBe('\x1b[1m\x1b[31mx\x1b[39m\x1b[22m');
    expect(bold('')).toBe('');
  });
});

describe('harmless', () => {
  it('shows escapes, control characters and line breaks as text', () => {
    expect(harmless('\x1b[31mred\x1b]0;title\x07')).toBe('\\x1b[31mred\\x1b]0;title\\x07');
    expect(harmless('a\nb\r\tc\x7f\x9b31m')).toBe('a\\nb\\r\\tc\\x7f\\x9b31m');
    expect(harmless('a\u2028b\u2029')).toBe('a\\u2028b\\u2029');
  });

  it('shows what reorders or hides text', () => {
    expect(harmless('abc\u202egnp.exe')).toBe('abc\\u202egnp.exe');
    expect(harmless('a\u200bb\ufeff')).toBe('a\\u200bb\\ufeff');
    expect(harmless('x\u{e0041}')).toBe('x\\u{e0041}');
    expect(harmless('\ud800')).toBe('\\ud800');
  });

  it('leaves ordinary text of any script alone', () => {
    for (const text of ['loss/train', '<script>alert(1)</script>', 'Größe', '損失', 'می‌خواهم', '👩‍👩‍👧', 'C:\\data']) {
      expect(harmless(text)).toBe(text);
    }
  });

  it('does not let marks pile up, nor joiners hide', () => {
    expect(harmless(`a${'\u0301'.repeat(1000)}b`)).toBe(`a${'\u0301'.repeat(4)}b`);
    expect(harmless('\u200d\u200d')).toBe('\\u200d\\u200d');
  });
});

describe('harmlessJson', () => {
  it('gives JSON of the same value without characters that do harm on a terminal', () => {
    const value = { 'a\x9b': ['\u202e', '\u{e0041}', '\x1b[31m', 'fine\n'] };
    const json = harmlessJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toMatch(/^[\x20-\x7e\n]*$/);
  });
});
