import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryOwner, writeFileAtomic } from '../../src/codec/atomic.ts';
import { ComexError } from '../../src/errors.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'comex-atomic-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('writeFileAtomic', () => {
  it('writes texts and bytes, and replaces what was there', () => {
    const path = join(folder, 'a.json');
    writeFileAtomic(path, 'first é');
    expect(readFileSync(path, 'utf8')).toBe('first é');
    writeFileAtomic(path, Uint8Array.of(1, 2, 3), { sync: true });
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    writeFileAtomic(path, '');
    expect(statSync(path).size).toBe(0);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('takes a name as long as the file system allows', () => {
    const path = join(folder, 'x'.repeat(255));
    writeFileAtomic(path, 'long');
    expect(readFileSync(path, 'utf8')).toBe('long');
  });

  it.skipIf(process.platform === 'win32')('gives a new file the mode that was asked for', () => {
    writeFileAtomic(join(folder, 'a'), 'x', { mode: 0o600 });
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o600);
  });

  it('leaves the old content and no temporary file when the rename fails', () => {
    const path = join(folder, 'target');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'kept');
    expect(() => writeFileAtomic(path, 'x')).toThrow(ComexError);
    expect(readdirSync(folder)).toEqual(['target']);
    expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('kept');
  });

  it('names the file and the reason when its folder is missing or no folder', () => {
    expect(() => writeFileAtomic(join(folder, 'no', 'a'), 'x')).toThrow(
      /^Cannot write .*no.a: no such file or folder \(ENOENT\)/,
    );
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeFileAtomic(join(folder, 'file', 'a'), 'x')).toThrow(ComexError);
  });

  it('never lets another thread see a part', async () => {
    const path = join(folder, 'a');
    writeFileAtomic(path, 'a'.repeat(100_000));
    const reader = new Worker(
      `const { readFileSync } = require('node:fs');
       const { parentPort, workerData } = require('node:worker_threads');
       parentPort.postMessage('ready');
       let parts = 0;
       for (let i = 0; i < 500; i++) {
         const text = readFileSync(workerData, 'latin1');
         if (text.length !== 100000 || text !== text[0].repeat(100000)) parts++;
       }
       parentPort.postMessage(parts);`,
      { eval: true, workerData: path },
    );
    const parts = await new Promise<number>((resolve, reject) => {
      reader.on('error', reject);
      reader.on('message', (message: number | 'ready') => {
        if (message !== 'ready') return resolve(message);
        for (let i = 0; i < 200; i++) writeFileAtomic(path, String.fromCharCode(97 + (i % 26)).repeat(100_000));
      });
    });
    expect(parts).toBe(0);
    await reader.terminate();
  });
});

describe('temporaryOwner', () => {
  it.each([
    ['.12-abc-0.tmp', 12],
    ['.4194304-1d9x0-77.tmp', 4194304],
    ['12-abc-0.tmp', undefined],
    ['.12-abc-0.tmp.txt', undefined],
    ['.12-abc.tmp', undefined],
    ['.12-ABC-0.tmp', undefined],
    ['.tmp', undefined],
  ])('of %s is %s', (name, owner) => {
    expect(temporaryOwner(name)).toBe(owner);
  });
});
