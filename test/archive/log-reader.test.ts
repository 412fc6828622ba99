import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogReader } from '../../src/archive/log-reader.ts';
import { temporaryFolder } from './run-folder.ts';

function allOf(reader: LogReader): string[] {
  const all: string[] = [];
  for (let lines = reader.read(); lines !== undefined; lines = reader.read()) all.push(...lines);
  return all;
}

function folderWith(...segments: string[]): string {
  const folder = temporaryFolder();
  for (const [index, text] of segments.entries()) {
    writeFileSync(join(folder, index === 0 ? 'experiment_log.txt' : `experiment_log.${index + 1}.txt`), text);
  }
  return folder;
}

describe('LogReader', () => {
  it('gives the lines of all attempts, one after the other, also a last one that was never ended', () => {
    const reader = new LogReader(folderWith('a\nb', 'c\n', 'd'));
    expect(allOf(reader)).toEqual(['a', 'b', 'c']);
    expect(reader.rest()).toBe('d');
    expect(reader.rest()).toBeUndefined();
  });

  it('has nothing to give of a run that logged nothing', () => {
    expect(allOf(new LogReader(temporaryFolder()))).toEqual([]);
  });

  it.each([
    [0, []],
    [1, ['f']],
    [2, ['e', 'f']],
    [3, ['d', 'e', 'f']],
    [4, ['c', 'd', 'e', 'f']],
    [99, ['a', 'b', 'c', 'd', 'e', 'f']],
  ])('begins %d lines before the end, over several files', (last, lines) => {
    const reader = new LogReader(folderWith('a\nb\nc\n', '', 'd\ne\nf\n'), last);
    expect(allOf(reader)).toEqual(lines);
  });

  it('goes on where it was when more is written, and waits for the end of a line', () => {
    const folder = folderWith('a\n');
    const path = join(folder, 'experiment_log.txt');
    const reader = new LogReader(folder);
    expect(allOf(reader)).toEqual(['a']);
    appendFileSync(path, 'half');
    expect(allOf(reader)).toEqual([]);
    appendFileSync(path, Buffer.from(' ä', 'utf8').subarray(0, 2));
    expect(allOf(reader)).toEqual([]);
    appendFileSync(path, Buffer.concat([Buffer.from('ä').subarray(1), Buffer.from('\nnext\n')]));
    expect(allOf(reader)).toEqual(['half ä', 'next']);
    writeFileSync(join(folder, 'experiment_log.2.txt'), 'second attempt\n');
    expect(allOf(reader)).toEqual(['second attempt']);
  });

  it('begins again with a file that became shorter, or is another one', () => {
    const folder = folderWith('a long first line\n');
    const path = join(folder, 'experiment_log.txt');
    const reader = new LogReader(folder);
    allOf(reader);
    truncateSync(path, 0);
    appendFileSync(path, 'b\n');
    expect(allOf(reader)).toEqual(['b']);
    writeFileSync(join(folder, 'other'), 'c\nd and more than before\n');
    renameSync(join(folder, 'other'), path);
    expect(allOf(reader)).toEqual(['c', 'd and more than before']);
  });

  it('gives a very long line in pieces rather than hold it', () => {
    const folder = folderWith(`${'x'.repeat(40_000_000)}\nend\n`);
    const lines = allOf(new LogReader(folder));
    expect(lines.at(-1)).toBe('end');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.slice(0, -1).join('')).toHaveLength(40_000_000);
  });

  it('says which file cannot be read', () => {
    const folder = folderWith('a\n');
    mkdirSync(join(folder, 'experiment_log.2.txt'));
    expect(() => allOf(new LogReader(folder))).toThrow(expect.objectContaining({ code: 'E_STORAGE' }));
  });
});
