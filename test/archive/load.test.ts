import { appendFileSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRun } from '../../src/archive/index.ts';
import {
  attemptFile,
  DATA_FILE,
  DATA_JOURNAL_FILE,
  ENVIRONMENT_FILE,
  logFile,
  META_FILE,
  trackFile,
} from '../../src/archive/layout.ts';
import { encode } from '../../src/codec/json.ts';
import { metaOf, temporaryFolder, thrown, trackHeader, write, writeRun, writeTrack } from './run-folder.ts';

test('a finished run is read back whole', () => {
  const folder = writeRun(temporaryFolder(), {
    endedAt: '2026-01-31T12:00:10.000Z',
    durationMs: 9876.5,
    description: 'Digits.',
    tags: ['best'],
    result: { accuracy: 0.9 },
    parameters: {
      RATE: { value: 0.1, source: 'given' },
      LIMIT: { value: Number.POSITIVE_INFINITY, source: 'default' },
    },
  });
  write(folder, DATA_FILE, encode({ results: { accuracy: 0.9, loss: Number.NaN } }));
  writeTrack(folder, 1, [trackHeader(), ['loss/train', 0, 1, 0.5], ['loss/train', 1, 2, 0.25], ['note', 0, 3, 'hi']]);
  write(folder, 'tables/cases.jsonl', '{"n":1}\n');
  write(folder, logFile(1), 'hello\n');
  write(folder, 'plot.png', '123');
  const run = loadRun(relative(process.cwd(), folder));
  expect(run).toMatchObject({
    id: 'k3v9x2ab',
    path: folder,
    name: '2026-01-31__12-00-00__k3v9x2ab',
    namespace: 'vision/digits',
    status: 'done',
    durationMs: 9876.5,
    description: 'Digits.',
    tags: ['best'],
    result: { accuracy: 0.9 },
  });
  expect(run.startedAt).toEqual(new Date('2026-01-31T12:00:00.000Z'));
  expect(run.endedAt).toEqual(new Date('2026-01-31T12:00:10.000Z'));
  expect(run.error).toBeUndefined();
  expect(run.parameters).toEqual({ RATE: 0.1, LIMIT: Number.POSITIVE_INFINITY });
  expect(run.data).toEqual({ results: { accuracy: 0.9, loss: Number.NaN } });
  expect(run.get('results/accuracy')).toBe(0.9);
  expect(run.get('results')).toEqual({ accuracy: 0.9, loss: Number.NaN });
  expect(run.seriesNames).toEqual(['loss/train', 'note']);
  expect([...(run.series('loss/train')?.values ?? [])]).toEqual([0.5, 0.25]);
  expect(run.series('none')).toBeUndefined();
  expect([...run.series().keys()]).toEqual(['loss/train', 'note']);
  expect(run.seriesSummary['loss/train']).toMatchObject({ count: 2, last: 0.25, min: 0.25, max: 0.5 });
  expect([run.tableNames, run.table('cases'), run.table('none')]).toEqual([['cases'], [{ n: 1 }], []]);
  expect(run.log()).toBe('hello\n');
  expect(run.artifacts).toEqual([{ path: 'plot.png', bytes: 3 }]);
});

test('a path without a datum gives the values of the series of that name', () => {
  const folder = writeRun(temporaryFolder());
  write(folder, DATA_FILE, encode({ both: 'datum' }));
  writeTrack(folder, 1, [
    trackHeader(),
    ['loss/train', 0, 0, 3],
    ['loss/train', 1, 0, Number.NaN],
    ['both', 0, 0, 1],
    ['a//b', 0, 0, 'text'],
  ]);
  const run = loadRun(folder);
  expect([run.get('loss/train'), run.get('both'), run.get('a//b'), run.get('none'), run.get('')]).toEqual([
    [3, Number.NaN],
    'datum',
    ['text'],
    undefined,
    undefined,
  ]);
});

test('a failed run has its error', () => {
  const error = {
    name: 'RangeError',
    message: 'too far',
    stack: 'RangeError: too far\n at x',
    cause: { name: 'Error', message: 'why' },
  };
  const run = loadRun(writeRun(temporaryFolder(), { status: 'failed', error }));
  expect([run.status, run.error]).toEqual(['failed', error]);
});

test('a killed run is read from its journal and its torn series, and lasted until its last sign of life', () => {
  const folder = writeRun(
    temporaryFolder(),
    { status: 'running', series: { stale: { count: 1, kind: 'number', last: 1 } } },
    { processStart: '1' },
  );
  write(folder, DATA_JOURNAL_FILE, '["results/a",1]\n["results/b",[1]]\n["results/b",[2],"append"]\n["results/c",');
  writeTrack(folder, 1, [trackHeader(), ['loss', 0, 1, 0.5], '["loss",1,'], true);
  write(folder, logFile(1), 'half a li');
  const times: [string, number][] = [
    [attemptFile(1), 95],
    [trackFile(1), 85],
    [logFile(1), 60],
  ];
  const began = Date.parse('2026-01-31T12:00:00.000Z');
  for (const [name, seconds] of times) utimesSync(join(folder, name), new Date(), new Date(began + seconds * 1000));
  const run = loadRun(folder);
  expect(run).toMatchObject({ status: 'killed', durationMs: 95_000, data: { results: { a: 1, b: [1, 2] } } });
  expect(run.evidence).toMatch(/^process \d+ is another one by now$/);
  expect(run.endedAt).toBeUndefined();
  expect(run.seriesNames).toEqual(['loss']);
  expect(run.seriesSummary.loss).toMatchObject({ count: 1, last: 0.5 });
  expect(run.log()).toBe('half a li');
});

describe('how long a killed run lasted', () => {
  const began = Date.parse('2026-01-31T12:00:00.000Z');
  const local = (ms: number): string => {
    const date = new Date(began + ms);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '');
  };
  const names = [attemptFile(1), trackFile(1), logFile(1), ENVIRONMENT_FILE];

  /** Modification times in seconds after the start. */
  function killed(
    lines: { log?: string; track?: unknown[] },
    times: number | Readonly<Record<string, number>>,
  ): string {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { processStart: '1' });
    write(folder, ENVIRONMENT_FILE, '{}');
    write(folder, logFile(1), lines.log ?? '');
    if (lines.track !== undefined) writeTrack(folder, 1, [trackHeader(), ...lines.track]);
    for (const name of names) {
      const seconds = typeof times === 'number' ? times : (times[name] ?? 0);
      if (existsSync(join(folder, name))) utimesSync(join(folder, name), new Date(), new Date(began + seconds * 1000));
    }
    return folder;
  }

  test('is told by its last line and its last point, whatever has been done to the files', () => {
    const log = `${local(2)} first\n${local(59)} last\n`;
    expect(loadRun(killed({ log }, { [logFile(1)]: 283 })).durationMs).toBe(59);
    expect(loadRun(killed({ log }, 86_400)).durationMs).toBe(59);
    expect(loadRun(killed({ log, track: [['loss', 0, 1500, 0.5]] }, 86_400)).durationMs).toBe(1500);
  });

  test('goes on as long as its heartbeat, which no other file outlives by more than one', () => {
    const log = `${local(2)} first\n`;
    expect(loadRun(killed({ log }, { [attemptFile(1)]: 60 })).durationMs).toBe(60_000);
    expect(loadRun(killed({}, { [attemptFile(1)]: 60, [logFile(1)]: 65 })).durationMs).toBe(65_000);
    expect(loadRun(killed({}, { [attemptFile(1)]: 60, [logFile(1)]: 283 })).durationMs).toBe(60_000);
  });

  test('is the same on a file server with another clock, and not known of a copy without any sign', () => {
    const skewed = { [ENVIRONMENT_FILE]: 600, [logFile(1)]: 600, [attemptFile(1)]: 660 };
    expect(loadRun(killed({}, skewed)).durationMs).toBe(60_000);
    expect(loadRun(killed({}, 86_400)).durationMs).toBeUndefined();
  });

  test('takes no line of another time zone', () => {
    const log = `${local(3_600_002)} first\n${local(3_600_059)} last\n`;
    expect(loadRun(killed({ log }, { [attemptFile(1)]: 15 })).durationMs).toBe(15_000);
  });
});

test('a running run lasts until now, and a queued one has not begun', () => {
  const startedAt = new Date(Date.now() - 5000).toISOString();
  const run = loadRun(writeRun(temporaryFolder(), { status: 'running', startedAt }, { attempt: 1 }));
  expect(run.status).toBe('running');
  expect(run.durationMs).toBeGreaterThanOrEqual(5000);
  expect(run.durationMs).toBeLessThan(60_000);
  expect(loadRun(writeRun(temporaryFolder(), { status: 'queued' })).durationMs).toBeUndefined();
});

test('a secret reads as undefined, not as its placeholder', () => {
  const parameters = {
    API_KEY: { value: '<redacted>', given: '<redacted>', source: 'given', redacted: true },
    LATER: { source: 'derived' },
  };
  const run = loadRun(writeRun(temporaryFolder(), { parameters }));
  expect(Object.entries(run.parameters)).toEqual([
    ['API_KEY', undefined],
    ['LATER', undefined],
  ]);
});

test('hostile names of parameters, data and series stay data', () => {
  const folder = temporaryFolder();
  const meta = encode(metaOf()).replace('"parameters":{}', '"parameters":{"__proto__":{"value":1}}');
  write(folder, META_FILE, meta);
  write(folder, DATA_FILE, '{"__proto__":{"polluted":1},"constructor":{"prototype":2}}');
  writeTrack(folder, 1, [trackHeader(), ['__proto__', 0, 0, 1]]);
  const run = loadRun(folder);
  expect(Object.entries(run.parameters)).toEqual([['__proto__', 1]]);
  expect(Object.keys(run.data)).toEqual(['__proto__', 'constructor']);
  expect(run.get('__proto__/polluted')).toBe(1);
  expect(Object.keys(run.seriesSummary)).toEqual(['__proto__']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('only the metadata are read at first, so a broken rest shows when it is asked for', () => {
  const folder = writeRun(temporaryFolder());
  for (const name of [DATA_FILE, trackFile(1), logFile(1)]) mkdirSync(join(folder, name));
  const run = loadRun(folder);
  expect(run.status).toBe('done');
  for (const read of [() => run.data, () => run.series('x'), () => run.log()])
    expect(thrown(read).code).toBe('E_STORAGE');
});

test('the summary that a run wrote at its end is taken instead of its series', () => {
  const summary = { count: 3, kind: 'number', last: Number.NaN };
  const run = loadRun(writeRun(temporaryFolder(), { series: { loss: summary } }));
  expect([run.seriesNames, run.seriesSummary.loss]).toEqual([['loss'], summary]);
});

test('a run that goes on is read anew by loading it anew', () => {
  const folder = writeRun(temporaryFolder(), { status: 'running' }, { attempt: 1 });
  writeTrack(folder, 1, [trackHeader(), ['x', 0, 0, 1]]);
  const run = loadRun(folder);
  expect(run.series('x')?.count).toBe(1);
  appendFileSync(join(folder, trackFile(1)), '["x",1,0,2]\n');
  expect(run.series('x')?.count).toBe(1);
  expect(loadRun(folder).series('x')?.count).toBe(2);
});

test('looking at a run executes and changes nothing in it', () => {
  const folder = writeRun(temporaryFolder());
  const proof = join(folder, 'executed');
  write(folder, 'analysis.ts', `require('fs').writeFileSync(${JSON.stringify(proof)}, '')`);
  write(folder, 'code/main.ts', `require('fs').writeFileSync(${JSON.stringify(proof)}, '')`);
  const before = readdirSync(folder, { recursive: true }).sort();
  const run = loadRun(folder);
  void [run.data, run.series(), run.log(), run.artifacts, run.tableNames, run.seriesSummary, run.parameters];
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
});

test('what is no run, or of a newer format, is refused', () => {
  expect(thrown(() => loadRun(temporaryFolder())).code).toBe('E_RUN_NOT_FOUND');
  const folder = temporaryFolder();
  writeFileSync(join(folder, META_FILE), encode(metaOf({ format: 99 })));
  expect(thrown(() => loadRun(folder)).code).toBe('E_RUN_FORMAT');
});
