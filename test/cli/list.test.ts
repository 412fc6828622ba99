import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ListOptions, list } from '../../src/cli/list.ts';
import { decode, encode } from '../../src/codec/json.ts';
import { STARTED, temporaryFolder, writeRun } from './run-folders.ts';

const MINUTE = 60_000;
const screen = { columns: 80, color: false, unicode: true };

async function listed(
  results: string,
  how: { json?: boolean; tty?: boolean; columns?: number; color?: boolean } = {},
  asked: Partial<ListOptions> = {},
) {
  const seen = { out: '', err: '', status: -1 };
  seen.status = await list({
    ...asked,
    results,
    json: how.json ?? false,
    tty: how.tty ?? true,
    out: (text) => {
      expect(text).toMatch(/\n$/);
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
    screen: { ...screen, columns: how.columns ?? 80, color: how.color ?? false },
    now: STARTED + 60 * MINUTE,
  });
  return seen;
}

const at = (minutes: number): { startedAt: string } => ({
  startedAt: new Date(STARTED + minutes * MINUTE).toISOString(),
});
const given = (value: unknown) => ({ value, source: 'given', default: '0' });

function archive(): string {
  const results = temporaryFolder();
  const same = { OPTIMIZER: { value: 'adam', source: 'default' } };
  writeRun(results, 'aaaaaaaa', { ...at(0), parameters: { ...same, RATE: given(0.1) } });
  writeRun(results, 'bbbbbbbb', {
    ...at(10),
    status: 'failed',
    parameters: { ...same, RATE: given(Number.NaN), MODEL: given('mlp') },
  });
  writeRun(results, 'cccccccc', {
    ...at(20),
    namespace: 'vision/faces',
    status: 'queued',
    endedAt: undefined,
    parameters: { SIZE: given(3) },
  });
  return results;
}

describe('list', () => {
  it('shows the runs, newest first, with the parameters that tell the runs of an experiment apart', async () => {
    const { out, err, status } = await listed(archive());
    expect(out).toBe(`\
id        status  experiment    started           took  differs in
cccccccc  queued  vision/faces  40 min ago
bbbbbbbb  failed  digits        50 min ago  3 min 05 s  RATE=NaN  MODEL='mlp'
aaaaaaaa  done    digits        1 h ago     3 min 05 s  RATE=0.1
`);
    expect(err).toBe('');
    expect(status).toBe(0);
  });

  it('fits a narrow screen', async () => {
    expect((await listed(archive(), { columns: 40 })).out).toBe(`\
id        status  experiment  started
cccccccc  queued  vision/fa…  40 min ago
bbbbbbbb  failed  digits      50 min ago
aaaaaaaa  done    digits      1 h ago
`);
  });

  it('colours the status', async () => {
    const { out } = await listed(archive(), { color: true });
    expect(out).toContain('\x1b[32mdone  \x1b[39m');
    expect(out).toContain('\x1b[31mfailed\x1b[39m');
  });

  it('gives tab-separated values to programs', async () => {
    expect((await listed(archive(), { tty: false })).out).toBe(
      [
        'id\tstatus\texperiment\tstarted\tduration_ms\tparameters',
        'cccccccc\tqueued\tvision/faces\t2026-01-31T12:20:00.000Z\t\t',
        'bbbbbbbb\tfailed\tdigits\t2026-01-31T12:10:00.000Z\t185000\tRATE=NaN MODEL="mlp"',
        'aaaaaaaa\tdone\tdigits\t2026-01-31T12:00:00.000Z\t185000\tRATE=0.1',
        '',
      ].join('\n'),
    );
  });

  it('gives programs values in full, and tells values apart that differ at their end', async () => {
    const results = temporaryFolder();
    const text = (end: string) => `${'x'.repeat(10_000)}\n\t"${end}"`;
    const object = (end: number) => ({
      ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i])),
      end,
    });
    writeRun(results, 'aaaaaaaa', { parameters: { TEXT: given(text('a')), MODEL: given(object(1)) } });
    writeRun(results, 'bbbbbbbb', { parameters: { TEXT: given(text('b')), MODEL: given(object(2)) } });
    const { out } = await listed(results, { tty: false });
    const rows = out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    expect(rows.map(([id, , , , , parameters]) => [id, parameters]).sort()).toEqual([
      ['aaaaaaaa', `TEXT=${JSON.stringify(text('a'))} MODEL=${JSON.stringify(object(1))}`],
      ['bbbbbbbb', `TEXT=${JSON.stringify(text('b'))} MODEL=${JSON.stringify(object(2))}`],
    ]);
  });

  it('gives one JSON array in which all numbers survive', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa', {
      tags: ['demo'],
      parameters: {
        RATE: given(Number.NaN),
        API_KEY: { value: '[redacted]', redacted: true, source: 'given' },
        LATER: { source: 'derived', default: 'RATE * 2' },
        ['__proto__']: given(1),
        __SEED__: { value: 7, source: 'given', default: 'null' },
        __DEBUG__: { value: false, source: 'default', default: 'false' },
      },
      series: { loss: { count: 2, kind: 'number', last: Number.POSITIVE_INFINITY, min: 1, max: 2, lastStep: 1 } },
    });
    const { out } = await listed(results, { json: true });
    expect(decode(out)).toEqual([
      {
        id: 'aaaaaaaa',
        path: folder,
        namespace: 'digits',
        name: '2026-01-31__12-00-00__aaaaaaaa',
        status: 'done',
        startedAt: '2026-01-31T12:00:00.000Z',
        endedAt: '2026-01-31T12:03:05.000Z',
        durationMs: 185_000,
        parameters: Object.assign(JSON.parse('{"__proto__": 1}'), { RATE: Number.NaN, API_KEY: null, __SEED__: 7 }),
        tags: ['demo'],
        series: { loss: { count: 2, last: Number.POSITIVE_INFINITY, min: 1, max: 2 } },
      },
    ]);
    expect(out).toContain('"RATE": {\n');
  });

  it('keeps the array whole with several runs', async () => {
    const runs = JSON.parse((await listed(archive(), { json: true })).out);
    expect(runs.map(({ id }: { id: string }) => id)).toEqual(['cccccccc', 'bbbbbbbb', 'aaaaaaaa']);
    expect(runs[0]).toMatchObject({ endedAt: null, durationMs: null });
  });

  it('works out the series of a run that could not write a summary', async () => {
    const results = temporaryFolder();
    const track = [{ format: 1, attempt: 1, origin: at(0).startedAt }, ['loss', 0, 0, 2], ['loss', 1, 5, 0.5]];
    const attempt = {
      attempt: 1,
      host: 'elsewhere',
      bootId: null,
      pid: 1,
      processStart: null,
      pidNamespace: null,
      ...at(0),
      reason: 'start',
    };
    writeRun(
      results,
      'aaaaaaaa',
      { status: 'running', endedAt: undefined, durationMs: undefined },
      {
        'experiment_track.jsonl': track.map((line) => `${encode(line)}\n`).join(''),
        'attempts/1.json': encode(attempt),
      },
    );
    const [run] = JSON.parse((await listed(results, { json: true })).out);
    expect(run.series).toEqual({ loss: { count: 2, last: 0.5, min: 0.5, max: 2 } });
    expect(run.endedAt).toBe(null);
  });

  it('says so when there are no runs', async () => {
    const results = temporaryFolder();
    expect(await listed(results)).toEqual({
      out: '',
      err: `No runs in ${results} yet. Start one with "comex run FILE".\n`,
      status: 0,
    });
    expect(await listed(join(results, 'nowhere'), { json: true })).toEqual({ out: '[]\n', err: '', status: 0 });
  });

  it('names broken folders and lists the rest', async () => {
    const results = archive();
    const broken = join(results, 'digits', 'broken\x1b[31m');
    mkdirSync(broken);
    writeFileSync(join(broken, 'experiment_meta.json'), '{"format":1');
    writeRun(results, 'dddddddd', { format: 99 });
    for (const json of [false, true]) {
      const { out, err, status } = await listed(results, { json });
      expect(status).toBe(0);
      expect(out).toContain('aaaaaaaa');
      expect(err).toContain('broken\\x1b[31m');
      expect(err).toContain('newer version');
      expect(err.split('\n')).toHaveLength(3);
      expect(err).not.toContain('\x1b');
    }
  });

  it('makes hostile metadata harmless', async () => {
    const results = temporaryFolder();
    const hostile = `\x1b[2J<script>\n\u202e\x9b${'x'.repeat(10_000)}`;
    writeRun(results, 'aaaaaaaa', {
      namespace: hostile,
      parameters: { [hostile]: given(hostile), A: { value: { a: hostile }, source: { toString: 1 } } },
      tags: [hostile],
      series: { [hostile]: null, b: { count: hostile, toString: 1 } },
      seed: null,
    });
    writeRun(results, 'bbbbbbbb', { namespace: hostile, parameters: { A: given(1) } });
    for (const how of [{}, { tty: false }, { json: true }]) {
      const { out, err } = await listed(results, how);
      expect(err).toBe('');
      expect(out).not.toMatch(/(?![\n\t])\p{Cc}|\u202e/u);
      expect(out).toContain('aaaaaaaa');
    }
    for (const line of (await listed(results)).out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
