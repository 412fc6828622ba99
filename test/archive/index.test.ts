import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openIndex, readSummaries } from '../../src/archive/index-open.ts';
import { appendNote } from '../../src/archive/notes.ts';
import type { RunSummary } from '../../src/archive/summary.ts';
import { encode } from '../../src/codec/json.ts';
import { temporaryFolder, trackHeader, write, writeRun } from './run-folder.ts';

const OLD = new Date(Date.now() - 60_000);
const given = (value: unknown) => ({ value, source: 'given' });

/** As if nobody had touched it for a minute. */
function settle(folder: string): void {
  utimesSync(join(folder, 'experiment_meta.json'), OLD, OLD);
}

function makeRun(results: string, i: number, changes: Parameters<typeof writeRun>[1] = {}): string {
  const id = String(i).padStart(8, '0');
  const values = [
    Number.NaN,
    i,
    -0,
    10n,
    `text ${i}`,
    null,
    new Date(i),
    { $: i, ['__proto__']: 1 },
    [1, 'a'],
    i % 2 === 0,
  ];
  const folder = writeRun(join(results, ['a', 'b/c'][i % 2]!, `run__${id}`), {
    id,
    name: `run__${id}`,
    namespace: ['a', 'b/c'][i % 2],
    endedAt: '2026-01-31T12:00:05.000Z',
    durationMs: i,
    tags: i % 3 === 0 ? ['x', `t${i}`] : [],
    parameters: {
      SAME: given('s'),
      VALUE: given(values[i % 10]),
      ...(i % 7 === 0 ? { SPARSE: given(i) } : {}),
      KEY: { redacted: true, source: 'given' },
    },
    series: { 'loss/val': { count: 1, kind: 'number', last: { $number: 'NaN' }, min: i, max: i } },
    ...(i % 5 === 0 ? { result: { deep: [i] } } : {}),
    ...changes,
  });
  settle(folder);
  return folder;
}

function makeArchive(count = 100): string {
  const results = temporaryFolder();
  for (let i = 0; i < count; i++) makeRun(results, i);
  const claim = { pid: 999_999, processStart: '1', bootId: 'before' };
  const killed = writeRun(join(results, 'a', 'run__killed'), { id: 'killed00', status: 'running' }, claim);
  write(killed, 'experiment_track.jsonl', `${trackHeader()}\n${encode(['loss/val', 0, 0, 2])}\n`);
  settle(killed);
  settle(writeRun(join(results, 'a', 'run__alive'), { id: 'alive000', status: 'running' }, {}));
  settle(writeRun(join(results, 'a', 'run__queued'), { id: 'queued00', status: 'queued' }));
  settle(writeRun(join(results, 'a', 'run__killed', 'runs', 'child'), { id: 'child000', parent: { id: 'killed00' } }));
  write(join(results, 'b', 'damaged'), 'experiment_meta.json', '{');
  write(join(results, 'b', 'newer'), 'experiment_meta.json', '{"format":99}');
  return results;
}

/** Times of files are good for some milliseconds here. */
function open(results: string, children = false): ReturnType<typeof openIndex> {
  const until = performance.now() + 25;
  while (performance.now() < until);
  return openIndex(results, { children, settledMs: 20 });
}

/** Everything that can be asked of a run. What runs gets older while it is looked at. */
function plain(run: RunSummary): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(run)).filter(
    (name) => !['constructor', 'parameter', 'seriesSummary', 'prefetch'].includes(name),
  );
  const all = Object.fromEntries(names.map((name) => [name, run[name as keyof RunSummary]]));
  return {
    ...all,
    path: run.path,
    ...(run.status === 'running' ? { durationMs: 0 } : {}),
    one: run.parameter('VALUE'),
    other: run.seriesSummary('loss/val'),
  };
}

function answer(reading: { runs: readonly RunSummary[]; broken: unknown }): unknown {
  return { runs: reading.runs.map(plain), broken: reading.broken };
}

/** Opens the archive by its index, twice, and compares with reading every run. */
function expectSame(results: string, children = false): void {
  for (let time = 0; time < 2; time++) {
    const index = open(results, children);
    expect(answer(index)).toEqual(answer(readSummaries(results, { children })));
    index.save();
  }
}

const folderOf = (results: string): string => join(results, '.comex', 'index');
const filesOf = (results: string): string[] =>
  readdirSync(folderOf(results)).map((name) => join(folderOf(results), name));

describe('the index', () => {
  it('gives what reading every run gives, also with the runs inside of runs', () => {
    const results = makeArchive();
    expectSame(results);
    expect(filesOf(results).length).toBeGreaterThan(0);
    expectSame(results, true);
    expectSame(results);
  });

  it('does not read the metadata of a run that it knows', () => {
    const results = makeArchive();
    open(results).save();
    const path = join(results, 'a', 'run__00000000', 'experiment_meta.json');
    const { ino } = statSync(path);
    const { atimeMs } = statSync(path);
    open(results).save();
    expect(statSync(path)).toMatchObject({ ino, atimeMs });
  });

  it('is not begun for a few runs', () => {
    const results = makeArchive(5);
    open(results).save();
    expect(existsSync(join(results, '.comex'))).toBe(false);
  });

  it.each<[string, (file: string) => void]>([
    ['absent', (file) => rmSync(file)],
    ['empty', (file) => truncateSync(file, 0)],
    ['cut off', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['without its last byte', (file) => truncateSync(file, statSync(file).size - 1)],
    ['of another version', (file) => writeFileSync(file, readFileSync(file).fill('9', 12, 13))],
    ['random', (file) => writeFileSync(file, Buffer.from('not an index at all '.repeat(100)))],
    ['longer', (file) => appendFileSync(file, 'more')],
    [
      'a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('changes no answer when it is %s', (_, damage) => {
    const results = makeArchive();
    open(results).save();
    for (const file of filesOf(results)) damage(file);
    expectSame(results);
  });

  it('changes no answer when any of its bytes is another one', () => {
    const results = makeArchive(70);
    open(results).save();
    const [file] = filesOf(results) as [string];
    const whole = readFileSync(file);
    const expected = answer(readSummaries(results, { children: false }));
    for (let at = 1; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x15;
      for (const other of filesOf(results)) rmSync(other);
      writeFileSync(file, damaged);
      expect(answer(open(results))).toEqual(expected);
    }
  });

  it('sees every change of the archive', () => {
    const results = makeArchive();
    const first = join(results, 'a', 'run__00000000');
    const meta = join(first, 'experiment_meta.json');
    const changes: (() => void)[] = [
      () => makeRun(results, 500),
      () => rmSync(join(results, 'a', 'run__00000002'), { recursive: true }),
      () => renameSync(join(results, 'a', 'run__00000004'), join(results, 'b', 'moved')),
      () => writeFileSync(meta, readFileSync(meta, 'utf8').replace('"s"', '"t"')),
      () => {
        // In place, as long as before, and with the time that it had.
        writeFileSync(meta, readFileSync(meta, 'utf8').replace('"t"', '"u"'));
        settle(first);
      },
      () => appendNote(first, { at: '2026-02-01T00:00:00.000Z', by: 'test', kind: 'tag', add: ['new'] }),
      () =>
        appendNote(first, { at: '2026-02-01T00:00:00.000Z', by: 'test', kind: 'edit', path: 'parameters.SAME', to: 5 }),
      () => writeFileSync(meta, '{'),
      () => rmSync(meta),
      () => {
        mkdirSync(meta);
      },
      () => rmSync(join(results, 'a'), { recursive: true }),
    ];
    expectSame(results);
    for (const change of changes) {
      change();
      expectSame(results);
      expectSame(results, true);
    }
  });

  it('judges anew a run that runs, and a killed one that is taken up again', () => {
    const results = makeArchive();
    const killed = join(results, 'a', 'run__killed');
    const status = (): string => open(results).runs.find(({ path }) => path === killed)!.status;
    const index = open(results);
    expect(index.runs.find(({ path }) => path === killed)!.seriesSummary('loss/val')?.min).toBe(2);
    index.save();
    expect(status()).toBe('killed');
    write(killed, 'attempts/2.json', readFileSync(join(results, 'a', 'run__alive', 'attempts', '1.json'), 'utf8'));
    expect(status()).toBe('running');
    expectSame(results);
  });

  it('stays small, however often it is added to', () => {
    const results = makeArchive();
    for (let i = 200; i < 280; i++) {
      makeRun(results, i);
      // Whatever changed just now is not kept: a change in the same moment would not be seen.
      open(results).save();
    }
    expect(filesOf(results).length).toBeLessThan(24);
    rmSync(join(results, 'a'), { recursive: true });
    const before = filesOf(results).reduce((sum, file) => sum + statSync(file).size, 0);
    open(results, true).save();
    expect(filesOf(results).reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThanOrEqual(before);
    expectSame(results);
  });

  it('goes to the cache folder of the user where the archive takes none', () => {
    const results = makeArchive();
    const cache = temporaryFolder();
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = cache;
    try {
      writeFileSync(join(results, '.comex'), 'in the way');
      expectSame(results);
      expect(readdirSync(join(cache, 'comex'))).toHaveLength(1);
      process.env.XDG_CACHE_HOME = join(results, '.comex');
      expectSame(results);
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });

  it('answers for the rest of an archive with links in a circle and files in the place of folders', () => {
    const results = makeArchive(66);
    symlinkSync(results, join(results, 'a', 'loop'));
    symlinkSync(join(results, 'nowhere'), join(results, 'dangling'));
    writeFileSync(join(results, 'file'), '');
    const outside = temporaryFolder();
    makeRun(outside, 900);
    symlinkSync(outside, join(results, 'outside'));
    mkdirSync(join(results, 'closed'));
    chmodSync(join(results, 'closed'), 0);
    expectSame(results);
    chmodSync(join(results, 'closed'), 0o755);
  });
});
