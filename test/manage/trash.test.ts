import {
  chmodSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { processIdentity } from '../../src/archive/process.ts';
import { scanRuns } from '../../src/archive/scan.ts';
import { encode } from '../../src/codec/json.ts';
import { moveFolder, removeFolder, walkTree } from '../../src/manage/folder-tree.ts';
import { findGarbage } from '../../src/manage/gc.ts';
import { deleteRun, purgeRun, restoreRun } from '../../src/manage/trash.ts';
import { listTrash } from '../../src/manage/trash-list.ts';
import { thrown } from '../archive/run-folder.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

const no = { force: false };

/** Everything of a folder: bytes, times, modes. */
function fingerprint(folder: string): unknown[] {
  return [...walkTree(folder)].map(({ path, name, kind }) => {
    const { mode, mtimeMs } = lstatSync(path);
    const content = kind === 'file' ? readFileSync(path, 'hex') : kind === 'link' ? readlinkSync(path) : '';
    return [name, kind, mode, mtimeMs, content];
  });
}

function bigRun(results: string, id = 'aaaaaaaa', meta = {}): string {
  const folder = writeRun(
    results,
    id,
    { namespace: 'vision/digits', ...meta },
    { 'code/a.ts': 'x', 'out/model.bin': '\0\xff' },
  );
  symlinkSync('out/model.bin', join(folder, 'latest'));
  symlinkSync('/nowhere/at/all', join(folder, 'dangling'));
  mkdirSync(join(folder, 'empty'));
  chmodSync(join(folder, 'out/model.bin'), 0o440);
  // Whole milliseconds, which every file system keeps.
  for (const { path } of [...walkTree(folder)].reverse()) lutimesSync(path, 1e9, 1.1e9);
  return folder;
}

function running(results: string, id: string, host?: string): string {
  const claim = { ...processIdentity(), attempt: 1, startedAt: new Date().toISOString(), reason: 'start' };
  const there = host === undefined ? claim : { ...claim, host };
  return writeRun(results, id, { status: 'running', endedAt: undefined }, { 'attempts/1.json': encode(there) });
}

/** Renames as if there were two file systems. */
function fromAnotherDevice(folder: string, place: string): typeof renameSync {
  return (from, to) => {
    if (from === folder && to === place) throw Object.assign(new Error('other device'), { code: 'EXDEV' });
    renameSync(from, to);
  };
}

describe('the trash', () => {
  it('gives a run back with the same bytes, times and modes', () => {
    const results = temporaryFolder();
    const folder = bigRun(results);
    const before = fingerprint(folder);
    const { name } = deleteRun(folder, results, no);
    expect(existsSync(folder)).toBe(false);
    expect(scanRuns(results, { children: true })).toEqual({ runs: [], broken: [] });
    const { runs } = listTrash(results);
    expect(runs).toMatchObject([{ name, id: 'aaaaaaaa', namespace: 'vision/digits', path: relative(results, folder) }]);
    expect(runs[0]!.bytes).toBeGreaterThan(0);
    removeFolder(join(results, 'vision'));
    expect(restoreRun('aaaa', results).folder).toBe(folder);
    expect(fingerprint(folder)).toEqual(before);
    expect(listTrash(results).runs).toEqual([]);
  });

  it('moves a folder to another file system with bytes, times and modes', () => {
    const results = temporaryFolder();
    const folder = bigRun(results);
    const before = fingerprint(folder);
    const other = join(results, 'other');
    moveFolder(folder, other, fromAnotherDevice(folder, other));
    expect(existsSync(folder)).toBe(false);
    expect(fingerprint(other)).toEqual(before);
  });

  it('shows neither a copy before it is whole, nor what is left of the original', () => {
    const results = temporaryFolder();
    const folder = bigRun(results);
    const place = join(results, 'other', 'run');
    mkdirSync(dirname(place));
    const seen: string[][] = [];
    const device = fromAnotherDevice(folder, place);
    moveFolder(folder, place, (from, to) => {
      device(from, to);
      seen.push(scanRuns(results, { children: true }).runs.map(({ path }) => path));
    });
    // When the copy has got its name, and when the original has lost its own, before any of it is removed.
    expect(seen).toEqual([[place, folder], [place]]);
    // As when the process is killed before the copy has its name: what is there then is garbage after a day.
    const again = join(results, 'again', 'run');
    mkdirSync(dirname(again));
    const killed = (from: unknown): void => {
      if (from !== place) {
        const { runs, broken } = scanRuns(results, { children: true });
        expect([runs.map(({ path }) => path), broken]).toEqual([[place], []]);
        const { garbage } = findGarbage(results, Date.now() + 25 * 3_600_000);
        expect(garbage).toMatchObject([{ path: from, kind: 'leftover' }]);
      }
      throw Object.assign(new Error('other device'), { code: 'EXDEV' });
    };
    expect(thrown(() => moveFolder(place, again, killed)).message).toBe('other device');
    expect([readdirSync(dirname(again)), existsSync(place)]).toEqual([[], true]);
  });

  it('keeps a run that may be alive, unless forced', () => {
    const results = temporaryFolder();
    for (const folder of [running(results, 'aaaaaaaa'), running(results, 'bbbbbbbb', 'elsewhere')]) {
      const error = thrown(() => deleteRun(folder, results, no));
      expect(error).toMatchObject({ code: 'E_RUN_BUSY' });
      expect(error.message).toContain('--force');
      expect(existsSync(folder)).toBe(true);
      deleteRun(folder, results, { force: true });
      expect(existsSync(folder)).toBe(false);
    }
  });

  it('keeps a run in which another one is alive', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    const child = running(results, 'bbbbbbbb');
    mkdirSync(join(folder, 'runs'));
    renameSync(child, join(folder, 'runs', 'child'));
    expect(thrown(() => deleteRun(folder, results, no)).message).toContain('inside of it is running');
  });

  it('moves a run inside of a run alone, and restores it only where its parent is', () => {
    const results = temporaryFolder();
    const parent = writeRun(results, 'aaaaaaaa');
    const child = join(parent, 'runs', 'child');
    mkdirSync(dirname(child));
    renameSync(writeRun(results, 'bbbbbbbb', { parent: { id: 'aaaaaaaa' } }), child);
    deleteRun(child, results, no);
    deleteRun(parent, results, no);
    expect(thrown(() => restoreRun('bbbbbbbb', results)).message).toContain('Restore that one first');
    restoreRun('aaaaaaaa', results);
    restoreRun('bbbbbbbb', results);
    expect(loadRun(child).id).toBe('bbbbbbbb');
  });

  it('refuses what is not in the archive, also where a link leads out', () => {
    const results = temporaryFolder();
    const outside = temporaryFolder();
    const folder = writeRun(outside, 'aaaaaaaa');
    symlinkSync(outside, join(results, 'linked'));
    const name = relative(outside, folder);
    for (const path of [folder, join(results, 'linked', name)]) {
      expect(thrown(() => deleteRun(path, results, no))).toMatchObject({ code: 'E_USAGE' });
    }
    expect(existsSync(folder)).toBe(true);
  });

  it('deletes a run whose metadata cannot be read, and gives it back', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    writeFileSync(join(folder, 'experiment_meta.json'), '{"form');
    expect(deleteRun(folder, results, no).id).toBe('aaaaaaaa');
    restoreRun('aaaaaaaa', results);
    expect(existsSync(folder)).toBe(true);
  });

  it('does not put a run back over another', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    deleteRun(folder, results, no);
    mkdirSync(folder);
    expect(thrown(() => restoreRun('aaaaaaaa', results)).message).toContain('exists already');
    expect(listTrash(results).runs).toHaveLength(1);
  });

  it('tells two deleted runs of one id apart', () => {
    const results = temporaryFolder();
    for (const note of ['one', 'two']) deleteRun(writeRun(results, 'aaaaaaaa', { note }), results, no);
    const { runs } = listTrash(results);
    expect(runs).toHaveLength(2);
    expect(thrown(() => restoreRun('aaaaaaaa', results))).toMatchObject({ code: 'E_RUN_AMBIGUOUS' });
    expect(loadRun(restoreRun(runs[1]!.name, results).folder).meta.note).toBe('two');
    expect(thrown(() => restoreRun('zzz', results))).toMatchObject({ code: 'E_RUN_NOT_FOUND' });
  });

  it('removes for good also what may not be written', () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {}, { 'locked/file': 'x' });
    chmodSync(join(folder, 'locked'), 0o500);
    deleteRun(folder, results, no);
    for (const run of listTrash(results).runs) purgeRun(run, results);
    expect(readdirSync(results)).not.toContain('.trash');
  });

  it('names a record that leads out of the archive, and follows none', () => {
    const results = temporaryFolder();
    const entry = join(results, '.trash', 'x__aaaaaaaa');
    mkdirSync(join(entry, 'run'), { recursive: true });
    const record = { id: 'aaaaaaaa', namespace: '', path: '../../evil', deletedAt: '2026-01-31T12:00:00.000Z' };
    writeFileSync(join(entry, 'deleted.json'), encode(record));
    const { runs, broken } = listTrash(results);
    expect(runs).toEqual([]);
    expect(broken).toHaveLength(1);
  });
});
