import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../src/archive/process.ts';
import { encode } from '../../src/codec/json.ts';
import { findGarbage, removeGarbage } from '../../src/manage/gc.ts';
import { deleteRun } from '../../src/manage/trash.ts';
import { listTrash } from '../../src/manage/trash-list.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

const DAY = 86_400_000;

function make(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(root, path), text);
  }
}

/** What is dropped two days later. */
function found(results: string, later = 2 * DAY): string[] {
  const { garbage, broken } = findGarbage(results, Date.now() + later);
  expect(broken).toEqual([]);
  return garbage.map(({ kind, path }) => `${kind}: ${relative(results, path)}`).sort();
}

describe('gc', () => {
  it('finds what processes left that were killed, and the index', () => {
    const results = temporaryFolder();
    const run = writeRun(
      results,
      'aaaaaaaa',
      {},
      { '.12345-abc-0.tmp': 'x', 'plots/.12345-abc-1.tmp': 'x', 'my.tmp': 'mine' },
    );
    deleteRun(writeRun(results, 'bbbbbbbb', {}, { '.12345-abc-2.tmp': 'x' }), results, { force: false });
    make(results, {
      '.comex/index/one': 'x',
      '.trash-import-1-1/half': 'x',
      'digits/.trash-debug-aaaaaaaa/debug/file': 'x',
      '.trash/.doomed-1-x/file': 'x',
      '.trash/begun__cccccccc/deleted.json': '{}',
      'digits/2026-01-31__12-00-00__dddddddd/attempts/1.json': '{',
      'digits/2026-01-31__12-00-00__dddddddd/experiment_environment.json': '{}',
    });
    mkdirSync(join(results, 'digits/2026-01-31__12-00-00__eeeeeeee'));
    const inRun = relative(results, run);
    expect(found(results)).toEqual([
      'abandoned folder: digits/2026-01-31__12-00-00__dddddddd',
      'abandoned folder: digits/2026-01-31__12-00-00__eeeeeeee',
      'index: .comex/index',
      'leftover: .trash-import-1-1',
      'leftover: .trash/.doomed-1-x',
      'leftover: .trash/begun__cccccccc',
      'leftover: digits/.trash-debug-aaaaaaaa',
      `temporary file: ${inRun}/.12345-abc-0.tmp`,
      `temporary file: ${inRun}/plots/.12345-abc-1.tmp`,
    ]);
    expect(found(results, 0)).toEqual(['index: .comex/index']);
    for (const item of findGarbage(results, Date.now() + 2 * DAY).garbage) removeGarbage(item);
    expect(found(results)).toEqual([]);
    expect(readdirSync(join(results, 'digits'))).toEqual([run.split('/').at(-1)]);
    expect(existsSync(join(run, 'my.tmp'))).toBe(true);
    expect(listTrash(results).runs).toHaveLength(1);
  });

  it('keeps what a run may still need, and what somebody else made', () => {
    const results = temporaryFolder();
    const claim = { ...processIdentity(), attempt: 1, startedAt: new Date().toISOString(), reason: 'start' };
    writeRun(results, 'aaaaaaaa', { status: 'running' }, { 'attempts/1.json': encode(claim), '.12345-abc-0.tmp': 'x' });
    make(results, {
      'digits/damaged/experiment_track.jsonl': '{}',
      'digits/damaged/attempts/1.json': '{}',
      'digits/beginning/attempts/1.json': encode(claim),
      'digits/mine/notes.txt': 'x',
      'digits/kept/experiment_environment.json': '{}',
      'digits/kept/model.bin': 'x',
      'empty/': '',
    });
    expect(found(results)).toEqual([]);
    expect(found(join(results, 'nowhere'))).toEqual([]);
    utimesSync(results, 1, 1);
  });
});
