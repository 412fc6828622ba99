import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolders } from '../../src/codec/folders.ts';

const root = mkdtempSync(join(tmpdir(), 'comex-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('making folders', () => {
  it('makes those above as well, and tells the first of them', () => {
    expect(makeFolders(join(root, 'a/b/c'))).toBe(join(root, 'a'));
    expect(makeFolders(join(root, 'a/b/d'))).toBe(join(root, 'a/b/d'));
    expect(makeFolders(join(root, 'a/b/c'))).toBeUndefined();
    expect(existsSync(join(root, 'a/b/c'))).toBe(true);
  });

  it('has an end where nothing can be made', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolders(join(root, 'file'))).toThrow('EEXIST');
    expect(() => makeFolders(join(root, 'file/a/b'))).toThrow('ENOTDIR');
    // Where Node's own way goes on for ever.
    if (existsSync('/proc/self')) expect(() => makeFolders('/proc/nope/comex/index')).toThrow('ENOENT');
  });
});
