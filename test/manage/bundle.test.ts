import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, {
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
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { scanRuns } from '../../src/archive/scan.ts';
import { encode } from '../../src/codec/json.ts';
import { writeBundle } from '../../src/manage/bundle-export.ts';
import { type BundleHead, parseSums, sumLine } from '../../src/manage/bundle-format.ts';
import { importBundle } from '../../src/manage/bundle-import.ts';
import { whyBusy } from '../../src/manage/busy.ts';
import { walkTree } from '../../src/manage/folder-tree.ts';
import { type TarEntry, tarEnd, tarHeader, tarPadding } from '../../src/manage/tar-write.ts';
import { attemptOf } from '../archive/run-folder.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

const go = { dryRun: false };
const METADATA = '{"format":1}';

function fingerprint(folder: string): unknown[] {
  return [...walkTree(folder)].map(({ path, name, kind }) => {
    const { mode, mtimeMs } = lstatSync(path);
    const content = kind === 'file' ? readFileSync(path, 'hex') : kind === 'link' ? readlinkSync(path) : '';
    return [name, kind, mode, mtimeMs, content];
  });
}

/** Times in whole milliseconds, which every file system keeps. */
function settle(folder: string): void {
  for (const { path } of [...walkTree(folder)].reverse()) lutimesSync(path, 1e9, 1.1e9 + 0.25);
}

function bigRun(results: string, id = 'aaaaaaaa'): string {
  const deep = `${'deep/'.repeat(30)}file`;
  const files = { 'code/a.ts': 'x', 'out/model.bin': 'x'.repeat(700_000), [deep]: 'ü', 'ünï\ncode': '', 'a\\b': '1' };
  const folder = writeRun(results, id, { namespace: 'vision/digits' }, files);
  symlinkSync('out/model.bin', join(folder, 'latest'));
  mkdirSync(join(folder, 'empty'));
  chmodSync(join(folder, 'out/model.bin'), 0o440);
  chmodSync(join(folder, 'out'), 0o550);
  settle(folder);
  return folder;
}

/** A file as somebody may have made it. */
function forged(
  entries: ReadonlyArray<Partial<TarEntry> & { readonly name: string; readonly text?: string }>,
  runs: unknown,
): string {
  const head = { format: 1, comex: '1', createdAt: '', runs } as BundleHead;
  const all = [{ name: 'comex.json', text: encode(head) }, ...entries];
  const sums = all.filter(({ text }) => text !== undefined).map(({ name, text }) => sumLine(sha256(text!), name));
  const parts = [...all, { name: 'SHA256SUMS', text: sums.join('') }].flatMap(({ text = '', ...entry }) => {
    const bytes = Buffer.from(text);
    const header = tarHeader({ kind: 'file', size: bytes.length, mode: 0o644, mtime: 0, ...entry });
    return [header, bytes, tarPadding(bytes.length)];
  });
  const path = join(temporaryFolder(), 'forged.tar.gz');
  writeFileSync(path, gzipSync(Buffer.concat([...parts, tarEnd()])));
  return path;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('compress and import', () => {
  it('leave out what cannot be read, and say so', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {}, { 'kept.txt': 'kept', 'closed.txt': 'closed', 'inner/a': 'a' });
    const { openSync, readdirSync: list } = fs;
    const denied = (path: unknown): boolean => /closed\.txt$|inner$/.test(String(path));
    const refuse = (): never => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    // Nothing is forbidden to the super-user, who may run the tests.
    fs.openSync = ((...given: Parameters<typeof openSync>) =>
      denied(given[0]) ? refuse() : openSync(...given)) as typeof openSync;
    fs.readdirSync = ((...given: Parameters<typeof list>) =>
      denied(given[0]) ? refuse() : list(...given)) as typeof list;
    syncBuiltinESMExports();
    const file = join(temporaryFolder(), 'b.tar.gz');
    try {
      const { left } = await writeBundle([folder], results, file);
      const reason = 'it cannot be read: permission denied (EACCES)';
      expect(left).toEqual([
        { path: join(folder, 'closed.txt'), reason },
        { path: join(folder, 'inner'), reason },
      ]);
    } finally {
      Object.assign(fs, { openSync, readdirSync: list });
      syncBuiltinESMExports();
    }
    const target = temporaryFolder();
    const [imported] = await importBundle(file, target, go);
    expect(readdirSync(imported!.folder).sort()).toEqual(['experiment_meta.json', 'inner', 'kept.txt']);
  });

  it('make an equal run under another path', async () => {
    const [results, other] = [temporaryFolder(), join(temporaryFolder(), 'new', 'results')];
    const folder = bigRun(results);
    const before = fingerprint(folder);
    const file = join(temporaryFolder(), 'x.tar.gz');
    const bundle = await writeBundle([folder], results, file);
    expect(bundle).toMatchObject({ file, left: [], runs: [{ id: 'aaaaaaaa', path: relative(results, folder) }] });
    expect(bundle.bytes).toBe(lstatSync(file).size);
    expect(fingerprint(folder)).toEqual(before);
    const [run] = await importBundle(file, other, go);
    expect(run).toMatchObject({ outcome: 'imported', folder: join(other, relative(results, folder)) });
    expect(fingerprint(run!.folder)).toEqual(before);
    expect(readdirSync(other)).toEqual(['vision']);
  });

  it('make a file that the tar and the sha256sum of the system understand', async () => {
    const results = temporaryFolder();
    const folder = bigRun(results);
    const file = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle([folder], results, file);
    const listed = spawnSync('tar', ['-tzf', file], { encoding: 'utf8' });
    expect([listed.status, listed.stderr]).toEqual([0, '']);
    expect(listed.stdout).toContain(`runs/${relative(results, folder)}/experiment_meta.json\n`);
    const target = temporaryFolder();
    expect(spawnSync('tar', ['-xzf', file, '-C', target]).status).toBe(0);
    expect(fingerprint(join(target, 'runs', relative(results, folder)))).toEqual(fingerprint(folder));
    expect(spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: target, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(
      [...parseSums(readFileSync(join(target, 'SHA256SUMS'), 'utf8')).keys()].some((name) =>
        name.endsWith('ünï\ncode'),
      ),
    ).toBe(true);
    chmodSync(join(target, 'runs', relative(results, folder), 'out'), 0o700);
  });

  it('may be packed again by another program, with the folders above the runs', async () => {
    const [results, other, target] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const folder = bigRun(results);
    const file = join(target, 'x.tar.gz');
    await writeBundle([folder], results, file);
    spawnSync('tar', ['-xzf', file], { cwd: target });
    const head = spawnSync('tar', ['-tzf', file], { encoding: 'utf8' }).stdout.split('\n')[0]!;
    const pack = (...words: string[]) => spawnSync('tar', [...words, head, 'runs', 'SHA256SUMS'], { cwd: target });
    expect(pack('--format=posix', '-czf', 'again.tar.gz').status).toBe(0);
    const [run] = await importBundle(join(target, 'again.tar.gz'), other, go);
    expect(run).toMatchObject({ outcome: 'imported', folder: join(other, relative(results, folder)) });
    const long = `runs/${relative(results, folder)}/${'n'.repeat(120)}`;
    writeFileSync(join(target, long), '');
    expect(pack('--format=gnu', '-czf', 'gnu.tar.gz').status).toBe(0);
    await expect(importBundle(join(target, 'gnu.tar.gz'), temporaryFolder(), go)).rejects.toThrow(
      'an entry of type "L", which "comex compress" never writes; pack it with "tar --format=posix',
    );
  });

  it('bring the code of a run that is inside of another', async () => {
    const [results, other] = [temporaryFolder(), temporaryFolder()];
    const parent = writeRun(results, 'aaaaaaaa', {}, { 'code/main.ts': 'code', 'large.bin': 'x' });
    const child = join(parent, 'runs', 'child__bbbbbbbb');
    mkdirSync(join(parent, 'runs'));
    const snapshot = { hash: 'h', files: ['main.ts'], skipped: [], folder: '../../code' };
    renameSync(writeRun(results, 'bbbbbbbb', { parent: { id: 'aaaaaaaa' }, snapshot }), child);
    settle(child);
    const file = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle([child], results, file);
    const [run] = await importBundle(file, other, go);
    expect(fingerprint(run!.folder)).toEqual(fingerprint(child));
    expect(readFileSync(join(run!.folder, loadRun(run!.folder).meta.snapshot.folder!, 'main.ts'), 'utf8')).toBe('code');
    expect(existsSync(join(other, relative(results, parent), 'large.bin'))).toBe(false);
    expect((await importBundle(file, other, go))[0]).toMatchObject({ outcome: 'same' });
    // With its parent it is one run folder.
    const whole = join(temporaryFolder(), 'y.tar.gz');
    expect((await writeBundle([parent, child], results, whole)).runs).toHaveLength(1);
  });

  describe('of a run that was inside of another', () => {
    /** A run with two inside of it, and the files that each makes alone. */
    async function family() {
      const results = temporaryFolder();
      const files = { 'code/main.ts': 'code', 'experiment_environment.json': '{"node":"20"}', 'large.bin': 'x' };
      const parent = writeRun(results, 'aaaaaaaa', {}, files);
      mkdirSync(join(parent, 'runs'));
      const snapshot = { hash: 'h', files: ['main.ts'], skipped: [], folder: '../../code' };
      const children = ['bbbbbbbb', 'cccccccc'].map((id) => {
        const child = join(parent, 'runs', id);
        renameSync(writeRun(results, id, { parent: { id: 'aaaaaaaa' }, snapshot }, { 'attempts/1.json': '{}' }), child);
        return child;
      });
      settle(parent);
      const folder = temporaryFolder();
      const [whole, ...alone] = await Promise.all(
        [parent, ...children].map(async (path, index) => {
          return (await writeBundle([path], results, join(folder, `${index}.tar.gz`))).file;
        }),
      );
      return { parent, children, place: relative(results, parent), whole: whole!, alone };
    }

    it('bring its environment, and are one run each', async () => {
      const { alone, place } = await family();
      const other = temporaryFolder();
      for (const file of alone) expect(await importBundle(file, other, go)).toMatchObject([{ outcome: 'imported' }]);
      expect(readFileSync(join(other, place, 'experiment_environment.json'), 'utf8')).toBe('{"node":"20"}');
      expect(scanRuns(other)).toMatchObject({ runs: [{ id: 'bbbbbbbb' }, { id: 'cccccccc' }], broken: [] });
      writeFileSync(join(other, place, 'experiment_environment.json'), 'another');
      renameSync(join(other, place, 'runs/bbbbbbbb'), join(temporaryFolder(), 'x'));
      const [refused] = await importBundle(alone[0]!, other, go);
      expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('environment.json') });
    });

    it('make way for the run that they were inside of', async () => {
      const { parent, place, whole, alone } = await family();
      const other = temporaryFolder();
      for (const file of alone) await importBundle(file, other, go);
      expect(await importBundle(whole, other, { dryRun: true })).toMatchObject([{ outcome: 'would-import' }]);
      expect(await importBundle(whole, other, go)).toMatchObject([{ id: 'aaaaaaaa', outcome: 'imported' }]);
      expect(fingerprint(join(other, place))).toEqual(fingerprint(parent));
      expect(readdirSync(other)).toEqual(['digits']);
      expect(await importBundle(alone[0]!, other, go)).toMatchObject([{ outcome: 'same' }]);
    });

    it('stay when they differ from what the run has', async () => {
      const { place, whole, alone } = await family();
      const other = temporaryFolder();
      await importBundle(alone[0]!, other, go);
      const notes = join(other, place, 'runs/bbbbbbbb/experiment_notes.jsonl');
      writeFileSync(notes, '');
      const [refused] = await importBundle(whole, other, go);
      expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(notes) });
      expect(existsSync(notes)).toBe(true);
    });
  });

  it('mark the copy of a run that goes on, and leave that of a dead one as it is', async () => {
    const [results, other] = [temporaryFolder(), temporaryFolder()];
    const begun = { startedAt: new Date().toISOString(), status: 'running', endedAt: undefined };
    const live = writeRun(results, 'aaaaaaaa', begun, { 'attempts/1.json': encode(attemptOf(begun as object)) });
    const dead = writeRun(results, 'bbbbbbbb', begun, { 'attempts/1.json': encode(attemptOf({ processStart: '1' })) });
    expect([live, dead].map((path) => loadRun(path).status)).toEqual(['running', 'killed']);
    const file = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle([live, dead], results, file);
    expect(await importBundle(file, other, go)).toMatchObject([{ outcome: 'imported' }, { outcome: 'imported' }]);
    const [copy, same] = [live, dead].map((path) => join(other, relative(results, path)));
    expect(loadRun(copy!)).toMatchObject({ status: 'killed', evidence: expect.stringMatching(/^copied while it ran/) });
    expect(whyBusy(copy!)).toBeUndefined();
    expect(readFileSync(join(same!, 'attempts/1.json'))).toEqual(readFileSync(join(dead, 'attempts/1.json')));
    expect(await importBundle(file, other, go)).toMatchObject([{ outcome: 'same' }, { outcome: 'same' }]);
    expect(loadRun(live).status).toBe('running');
  });

  it('leave a run alone that is there already, and refuse one that differs', async () => {
    const [results, other] = [temporaryFolder(), temporaryFolder()];
    const folders = [
      writeRun(results, 'aaaaaaaa', {}, { x: '1' }),
      writeRun(results, 'bbbbbbbb'),
      writeRun(results, 'cccccccc'),
    ];
    const file = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle(folders, results, file);
    await importBundle(file, other, go);
    writeFileSync(join(other, relative(results, folders[0]!), 'x'), '2');
    renameSync(join(other, relative(results, folders[2]!)), join(other, '2026-01-31__12-00-00__cccccccc'));
    const outcomes = await importBundle(file, other, go);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['refused', 'same', 'refused']);
    expect(outcomes[0]!.reason).toContain('differs');
    expect(outcomes[2]!.reason).toContain('already');
    expect(readFileSync(join(other, relative(results, folders[0]!), 'x'), 'utf8')).toBe('2');
  });

  it('write nothing in a dry run', async () => {
    const results = temporaryFolder();
    const file = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle([writeRun(results, 'aaaaaaaa')], results, file);
    const other = join(temporaryFolder(), 'results');
    expect(await importBundle(file, other, { dryRun: true })).toMatchObject([{ outcome: 'would-import' }]);
    expect(existsSync(other)).toBe(false);
  });

  it('leave out links that lead out of the run, and say so', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {}, { 'a/file': 'x' });
    symlinkSync('/etc/hostname', join(folder, 'absolute'));
    symlinkSync('../../..', join(folder, 'a', 'up'));
    symlinkSync('../a/file', join(folder, 'a', 'inner'));
    const file = join(temporaryFolder(), 'x.tar.gz');
    const { left } = await writeBundle([folder], results, file);
    expect(left.map(({ path }) => relative(folder, path)).sort()).toEqual(['a/up', 'absolute']);
    const [run] = await importBundle(file, temporaryFolder(), go);
    expect(readFileSync(join(run!.folder, 'a/inner'), 'utf8')).toBe('x');
  });

  it('do not write over a file, nor leave half of one', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    const out = temporaryFolder();
    writeFileSync(join(out, 'x'), 'mine');
    await expect(writeBundle([folder], results, join(out, 'x'))).rejects.toMatchObject({ code: 'E_STORAGE' });
    await expect(writeBundle([folder], results, join(out, 'no/where'))).rejects.toMatchObject({ code: 'E_STORAGE' });
    await expect(writeBundle([join(results, 'nothing')], results, join(out, 'y'))).rejects.toMatchObject({
      code: 'E_RUN_NOT_FOUND',
    });
    expect(readdirSync(out)).toEqual(['x']);
    expect(readFileSync(join(out, 'x'), 'utf8')).toBe('mine');
  });

  it('import nothing of a file that is damaged', async () => {
    const results = temporaryFolder();
    const path = join(temporaryFolder(), 'x.tar.gz');
    await writeBundle([bigRun(results)], results, path);
    const whole = readFileSync(path);
    const tar = gunzipSync(whole);
    const flipped = Buffer.from(tar);
    const at = tar.indexOf('x'.repeat(5000));
    flipped[at + 100] = 0x79;
    const damaged = {
      cut: whole.subarray(0, whole.length - 30),
      flipped: gzipSync(flipped),
      text: Buffer.from('hello'),
    };
    for (const [name, bytes] of Object.entries({
      ...damaged,
      short: gzipSync(tar.subarray(0, at)),
      other: gzipSync(Buffer.alloc(4096)),
      noise: gzipSync(Buffer.alloc(3_000_000, 'no tar file ')),
      foreign: readFileSync(forged([{ name: 'elsewhere/x', text: 'x' }], [])),
    })) {
      const file = join(temporaryFolder(), name);
      writeFileSync(file, bytes);
      const target = temporaryFolder();
      await expect(importBundle(file, target, go)).rejects.toMatchObject({
        code: 'E_STORAGE',
        message: expect.stringMatching(/: (?!.*abort).* Nothing was imported\.$/),
      });
      expect(readdirSync(target)).toEqual([]);
    }
    truncateSync(path, 0);
    await expect(importBundle(path, results, go)).rejects.toMatchObject({ code: 'E_STORAGE' });
    await expect(importBundle(`${path}-not`, results, go)).rejects.toMatchObject({ code: 'E_FILE' });
  });

  it('refuse a file that would write elsewhere', async () => {
    const run = { id: 'aaaaaaaa', namespace: 'd', path: 'd/run' };
    const meta = { name: 'runs/d/run/experiment_meta.json', text: METADATA };
    const link = (name: string, target: string) => ({ name, kind: 'link' as const, size: 0, target });
    const cases: [string, unknown, ...Parameters<typeof forged>[0][]][] = [
      ['', [run]],
      ['up', [run], [{ name: 'runs/d/run/../../../evil', text: 'x' }]],
      ['absolute', [run], [{ name: '/tmp/evil', text: 'x' }]],
      ['beside', [run], [{ name: 'runs/d/other/evil', text: 'x' }]],
      ['empty part', [run], [{ name: 'runs/d/run//evil', text: 'x' }]],
      ['head', [{ ...run, path: '../evil' }]],
      ['trash', [{ ...run, path: '.trash/evil' }]],
      ['link up', [run], [link('runs/d/run/link', '../../evil')]],
      ['link away', [run], [link('runs/d/run/link', '/etc')]],
      ['through a link', [run], [link('runs/d/run/a', '.'), link('runs/d/run/a/b', '..')]],
      ['written through a link', [run], [link('runs/d/run/a', '..'), { name: 'runs/d/run/a/evil', text: 'x' }]],
      ['folder', [run], [{ name: 'runs/e', kind: 'folder' }]],
      ['twice', [run], [meta]],
      ['no metadata', [{ ...run, path: 'd/run/sub' }]],
    ];
    for (const [name, runs, entries = []] of cases) {
      const outer = temporaryFolder();
      const target = join(outer, 'results');
      const importing = importBundle(forged([meta, ...entries], runs), target, go);
      if (name === '') await expect(importing).resolves.toMatchObject([{ outcome: 'imported' }]);
      else await expect(importing, name).rejects.toMatchObject({ code: 'E_STORAGE' });
      expect(readdirSync(outer)).toEqual(['results']);
      expect(readdirSync(target)).toEqual(name === '' ? ['d'] : []);
    }
  });
});
