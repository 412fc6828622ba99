import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overview } from '../../src/cli/overview.ts';
import { decode } from '../../src/codec/json.ts';
import { CONTROLS, HARMFUL, scopeOf, widthOf } from './looking.ts';
import { STARTED, temporaryFolder, writeRun } from './run-folders.ts';

function archive(): string {
  const results = temporaryFolder();
  writeRun(results, 'aaaaaaaa', {}, { 'big.bin': 'x'.repeat(100_000) });
  writeRun(results, 'bbbbbbbb', { durationMs: 5000, startedAt: '2026-01-29T12:00:00.000Z' });
  writeRun(results, 'cccccccc', { status: 'failed', error: { name: 'TypeError', message: 'x is not a function' } });
  writeRun(results, 'dddddddd', { namespace: 'words', status: 'interrupted' });
  writeFileSync(join(writeRun(results, 'eeeeeeee'), 'experiment_meta.json'), '{');
  return results;
}

describe('comex overview', () => {
  it('says what the selection takes on the disk, also where runs were named', async () => {
    const bytesOf = async (words: readonly string[]): Promise<number> => {
      const scope = scopeOf(results, { json: true });
      await overview(words, {}, scope);
      return (decode(scope.seen.out) as { disk: { bytes: number } }).disk.bytes;
    };
    const results = archive();
    const [whole, big, small] = [await bytesOf([]), await bytesOf(['aaaaaaaa']), await bytesOf(['bbbbbbbb'])];
    expect(big).toBeGreaterThan(100_000);
    expect(small).toBeLessThan(100_000);
    expect(whole).toBeGreaterThan(big + small);
  });

  it('says how runs ended, how long they took, what is on the disk, and which errors there were', async () => {
    const scope = scopeOf(archive());
    expect(await overview([], {}, scope)).toBe(0);
    const { out, err } = scope.seen;
    expect(err).toContain('eeeeeeee');
    expect(out).toContain('4 runs  and 1 that cannot be read\n');
    expect(out).toContain('2 done · 1 failed · 1 interrupted');
    expect(out).toContain('50 % of those that have ended (2 runs done)');
    expect(out).toMatch(/time +9 min 20 s in all, median 3 min 05 s, longest 3 min 05 s/);
    expect(out).toMatch(/per day +\S{3} up to 3 \(2026-01-31\), over 3 days/);
    expect(out).toMatch(/disk +\d+ kB, \d+ inodes/);
    expect(out).toMatch(/digits +3 +2 +1/);
    expect(out).toMatch(/TypeError +1 +cccccccc +x is not a function/);
  });

  it('says so when the last days had no runs, and cuts no sentence in 40 columns', async () => {
    const scope = { ...scopeOf(archive(), { columns: 40 }), now: STARTED + 300 * 24 * 3_600_000 };
    await overview([], {}, scope);
    const { out } = scope.seen;
    expect(out).toContain('per day    none in the last 60 days\n');
    expect(out.replace(/\s+/g, ' ')).toContain('50 % of those that have ended (2 runs done)');
    expect(widthOf(out)).toBeLessThanOrEqual(40);
  });

  it('gives the same as JSON, of the runs that a query lets through', async () => {
    const scope = scopeOf(archive(), { json: true });
    await overview(['namespace == "words"'], {}, scope);
    expect(decode(scope.seen.out)).toMatchObject({
      runs: 1,
      statuses: { interrupted: 1 },
      successRate: 0,
      disk: { bytes: expect.any(Number), inodes: 2 },
      experiments: [{ namespace: 'words', runs: 1 }],
    });
  });

  it('leaves the disk out when that is not wanted', async () => {
    const scope = scopeOf(archive(), { json: true });
    await overview([], { disk: false }, scope);
    expect(decode(scope.seen.out)).toMatchObject({ runs: 4, disk: null });
  });

  it('says that an empty archive, and one that is not there, holds no runs', async () => {
    for (const results of [temporaryFolder(), join(temporaryFolder(), 'none')]) {
      const scope = scopeOf(results);
      expect(await overview([], {}, scope)).toBe(0);
      expect(scope.seen).toEqual({ out: '', err: expect.stringMatching(/^No runs in .* yet\./) });
      const json = scopeOf(results, { json: true });
      expect(await overview([], {}, json)).toBe(0);
      expect(decode(json.seen.out)).toMatchObject({ runs: 0, successRate: null, disk: null });
    }
  });

  it.each([80, 40])('fits %d columns, harmless, without colour', async (columns) => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', { namespace: HARMFUL, status: HARMFUL, error: { name: HARMFUL, message: HARMFUL } });
    writeRun(results, 'bbbbbbbb', { namespace: 'x'.repeat(10_000), startedAt: '2025-01-01T00:00:00.000Z' });
    for (const unicode of [true, false]) {
      const scope = scopeOf(results, { columns, unicode });
      await overview([], {}, scope);
      expect(scope.seen.out).not.toMatch(CONTROLS);
      expect(widthOf(scope.seen.out)).toBeLessThanOrEqual(columns);
    }
  });
});
