import { describe, expect, it } from 'vitest';
import { commandText, errorText, gitText, pathText } from '../../src/cli/run-facts.ts';

describe('pathText', () => {
  it('is relative below the working directory only', () => {
    expect(pathText('/p/results/x', '/p')).toBe('results/x');
    expect(pathText('/p', '/p')).toBe('.');
    expect(pathText('/q/results', '/p')).toBe('/q/results');
    expect(pathText('/p/..hidden', '/p')).toBe('..hidden');
  });
});

describe('gitText', () => {
  it('says which commit, branch and changes', () => {
    expect(gitText({ commit: '1a2b3c4d5e', branch: 'main', dirty: false })).toBe('1a2b3c4 on main');
    expect(gitText({ commit: null, branch: null, dirty: true, patch: { bytes: 1234, file: 'code/git.patch' } })).toBe(
      'no commit, with changes (patch of 1.2 kB)',
    );
    expect(
      gitText({ commit: 'abcdefgh', branch: null, dirty: true, patch: { bytes: 9e9, skipped: 'too large' } }),
    ).toBe('abcdefg, with changes (no patch: too large)');
  });
});

describe('commandText', () => {
  it('can be typed again', () => {
    expect(commandText(['run', 'a.ts', '--X', "it's", '--Y=1'])).toBe("comex run a.ts --X 'it'\\''s' --Y=1");
    expect(commandText([])).toBe('');
  });
});

describe('errorText', () => {
  it('is one line, whatever was thrown', () => {
    expect(errorText({ name: 'Error', message: 'a\nb' })).toBe('Error: a');
    expect(errorText({ name: 'Error', message: '' })).toBe('Error');
    expect(errorText({ name: { toString: 1 }, message: 7 } as never)).toBe('{ toString: 1 }: 7');
  });
});
