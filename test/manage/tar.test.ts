import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TarReader } from '../../src/manage/tar-read.ts';
import { type TarEntry, tarEnd, tarHeader, tarPadding } from '../../src/manage/tar-write.ts';
import { temporaryFolder } from '../cli/run-folders.ts';

const file = (name: string, size: number, mtime = 1e9): TarEntry => ({ name, kind: 'file', size, mode: 0o640, mtime });

function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const bytes = Buffer.from(text);
    return [tarHeader(file(name, bytes.length)), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, tarEnd()]);
}

function read(tar: Buffer, piece: number): [TarEntry, string][] {
  const entries: [TarEntry, string][] = [];
  const reader = new TarReader({
    onEntry: (entry) => entries.push([entry, '']),
    onData: (bytes) => {
      entries.at(-1)![1] += bytes.toString();
    },
    onEnd: () => {},
  });
  for (let at = 0; at < tar.length; at += piece) reader.push(tar.subarray(at, at + piece));
  reader.finish();
  return entries;
}

const NAMES = [
  'a',
  `${'long/'.repeat(80)}name`,
  'ünïcode/日本',
  'new\nline',
  ' spaces ',
  'x'.repeat(100),
  'x'.repeat(101),
];

describe('tar files', () => {
  it('come back in pieces of any size', () => {
    const files = Object.fromEntries(NAMES.map((name, index) => [name, 'x'.repeat(index * 300)]));
    for (const piece of [1, 7, 512, 1 << 20]) {
      expect(Object.fromEntries(read(tarOf(files), piece).map(([{ name }, text]) => [name, text]))).toEqual(files);
    }
  });

  it('keep links, folders, modes, exact times and sizes over 8 GiB', () => {
    const size = 9e9 + 1;
    const entries: TarEntry[] = [
      { name: 'folder', kind: 'folder', size: 0, mode: 0o2750, mtime: 1e9 + 0.123456 },
      { name: 'folder/link', kind: 'link', size: 0, mode: 0o777, mtime: 5, target: `${'../'.repeat(50)}x` },
      { ...file('big', size, -3.5), mode: 0o400 },
    ];
    const seen: TarEntry[] = [];
    const reader = new TarReader({ onEntry: (entry) => seen.push(entry), onData: () => {}, onEnd: () => {} });
    reader.push(Buffer.concat(entries.map(tarHeader)));
    expect(seen).toEqual(entries);
    expect(() => reader.finish()).toThrow('too early');
  });

  it('are read by the tar of the system', () => {
    const path = join(temporaryFolder(), 'x.tar');
    const names = NAMES.filter((name) => !name.includes('\n'));
    writeFileSync(path, tarOf(Object.fromEntries(names.map((name) => [name, name]))));
    const { stdout, stderr, status } = spawnSync('tar', ['-tf', path, '--quoting-style=literal'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, -1)).toEqual(names);
  });

  it('are refused when damaged', () => {
    const tar = tarOf({ a: 'text', b: 'more' });
    expect(() => read(tar.subarray(0, 2000), 512)).toThrow('too early');
    const damaged = Buffer.from(tar);
    damaged[3] = 0xff;
    expect(() => read(damaged, 512)).toThrow('damaged');
    expect(() => read(Buffer.alloc(2048, 'x'), 512)).toThrow('no tar file');
  });
});
