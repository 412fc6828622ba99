import { linkSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureDisk, measureFolder } from '../../src/manage/disk.ts';
import { deleteRun } from '../../src/manage/trash.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

const kilobytes = (count: number): string => 'x'.repeat(count * 1000);
const sumOf = (groups: ReadonlyArray<{ bytes: number; inodes: number }>) =>
  groups.reduce((sum, { bytes, inodes }) => ({ bytes: sum.bytes + bytes, inodes: sum.inodes + inodes }), {
    bytes: 0,
    inodes: 0,
  });

describe('measureDisk', () => {
  it('groups blocks and inodes by namespace, kind and run, with equal totals', () => {
    const results = temporaryFolder();
    const a = writeRun(
      results,
      'aaaaaaaa',
      { namespace: 'vision/digits' },
      {
        'experiment_track.jsonl': kilobytes(200),
        'experiment_log.2.txt': kilobytes(40),
        'experiment_data.jsonl': '{}',
        'experiment_environment.json': '{}',
        'code/main.ts': 'x',
        'tables/t.jsonl': 'x',
        'media/i.png': 'x',
        'plots/p.png': 'x',
        'model.bin': kilobytes(90),
        'sub/other.bin': 'x',
      },
    );
    mkdirSync(join(a, 'runs'));
    renameSync(writeRun(results, 'cccccccc', {}, { big: kilobytes(60) }), join(a, 'runs', 'c'));
    writeRun(results, 'bbbbbbbb', { namespace: 'text' });
    deleteRun(writeRun(results, 'dddddddd', { namespace: 'text' }), results, { force: false });
    mkdirSync(join(results, '.comex/index'), { recursive: true });
    const usage = measureDisk(results);
    const names = usage.kinds.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['series', 'artifacts']);
    const all = [
      'log',
      'data',
      'tables',
      'code',
      'environment',
      'media',
      'plots',
      'child runs',
      'trash',
      'index',
      'metadata',
      'other',
    ];
    expect(names).toEqual(expect.arrayContaining(all));
    expect(usage.namespaces[0]!.name).toBe('vision/digits');
    expect(usage.namespaces.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['text', '(trash)', '(index)', '(other)']),
    );
    const { bytes, inodes } = usage;
    expect(sumOf(usage.kinds)).toEqual({ bytes, inodes });
    expect(sumOf(usage.namespaces)).toEqual({ bytes, inodes });
    expect(measureFolder(results)).toEqual({ bytes, inodes });
    expect(usage.runs).toHaveLength(2);
    const one = measureDisk(results, [a, join(a, 'runs', 'c')]);
    expect(one).toMatchObject(measureFolder(a));
  });

  it('counts a file with two names once, and follows no links', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {}, { big: kilobytes(100) });
    const before = measureDisk(results);
    linkSync(join(folder, 'big'), join(folder, 'again'));
    expect(measureDisk(results)).toMatchObject({ bytes: before.bytes, inodes: before.inodes });
    const outside = temporaryFolder();
    writeRun(outside, 'bbbbbbbb', {}, { big: kilobytes(100) });
    symlinkSync(outside, join(folder, 'link'));
    symlinkSync('.', join(folder, 'loop'));
    expect(measureDisk(results).inodes).toBe(before.inodes + 2);
  });

  it('finds nothing where there is no archive', () => {
    expect(measureDisk(join(temporaryFolder(), 'nowhere'))).toMatchObject({ bytes: 0, inodes: 0, kinds: [] });
  });
});
