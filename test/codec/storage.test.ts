import { describe, expect, it } from 'vitest';
import { storageError } from '../../src/codec/storage.ts';
import { ComexError } from '../../src/errors.ts';

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as Node says it`), { code });
}

describe('storageError', () => {
  it('says what failed, why, and what to do', () => {
    const cause = failure('ENOSPC');
    const error = storageError(cause, 'write', 'results/a');
    expect(error.code).toBe('E_STORAGE');
    expect(error.cause).toBe(cause);
    expect(error.message).toBe(
      'Cannot write results/a: no space left on the device (ENOSPC). Free some space, or choose a results folder on another disk.',
    );
  });

  it('explains every failure that storage commonly has', () => {
    const codes = 'ENOSPC EDQUOT EIO EACCES EPERM EMFILE ENFILE EROFS EXDEV ENAMETOOLONG ENOTDIR EISDIR ENOENT EBUSY';
    for (const code of codes.split(' ')) {
      const { message } = storageError(failure(code), 'read', 'p');
      expect(message).toMatch(new RegExp(`^Cannot read p: [^.]+ \\(${code}\\)\\. [A-Z][^.]+\\.$`));
    }
  });

  it('passes on the words of any other failure', () => {
    expect(storageError(failure('EWEIRD'), 'open', 'p').message).toBe('Cannot open p: EWEIRD: as Node says it.');
    expect(storageError(failure('constructor'), 'open', 'p').message).toContain('as Node says it');
    expect(storageError('gone.', 'open', 'p').message).toBe('Cannot open p: gone.');
    expect(storageError(undefined, 'open', 'p').message).toBe('Cannot open p: undefined.');
  });

  it('returns an error of comex as it is', () => {
    const error = new ComexError('E_DATA', 'x');
    expect(storageError(error, 'write', 'p')).toBe(error);
  });
});
