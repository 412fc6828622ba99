import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scanRuns, selectRun } from '../../src/archive/index.ts';
import { attemptFile, ENVIRONMENT_FILE, META_FILE } from '../../src/archive/layout.ts';
import { encode } from '../../src/codec/json.ts';
import { attemptOf, temporaryFolder, thrown, write, writeRun } from './run-folder.ts';

let results: string;

beforeEach(() => {
  results = join(temporaryFolder(), 'results');
});

/** A run folder where its namespace and id put it. */
function put(namespace: string, id: string, startedAt = '2026-01-31T12:00:00.000Z', below = results): string {
  const name = `2026-01-31__12-00-00__${id}`;
  return writeRun(join(below, namespace, name), { id, name, namespace, startedAt });
}

describe('scanning', () => {
  test('finds runs at any depth and nothing inside of them', () => {
    const runs = [put('a', 'aaaaaaaa'), put('deep/er/name', 'bbbbbbbb'), put('deep', 'cccccccc')];
    put('inner', 'dddddddd', undefined, join(runs[0] as string, 'artifacts'));
    const found = scanRuns(results);
    expect(found.runs.map(({ path }) => path).sort()).toEqual([...runs].sort());
    expect(found.runs.map(({ id }) => id)).toEqual(['aaaaaaaa', 'cccccccc', 'bbbbbbbb']);
    expect(found.broken).toEqual([]);
  });

  test('finds the runs inside of runs when they are asked for', () => {
    const parent = put('a', 'aaaaaaaa');
    const child = writeRun(join(parent, 'runs', 'bbbbbbbb'), { id: 'bbbbbbbb' });
    writeRun(join(child, 'runs', 'cccccccc'), { id: 'cccccccc' });
    expect(scanRuns(results).runs).toHaveLength(1);
    expect(scanRuns(results, { children: true }).runs.map(({ id }) => id)).toEqual([
      'aaaaaaaa',
      'bbbbbbbb',
      'cccccccc',
    ]);
  });

  test('leaves out what was deleted and the index', () => {
    for (const hidden of ['.trash', '.comex', '.trash-x1']) put('a', 'aaaaaaaa', undefined, join(results, hidden));
    expect(scanRuns(results)).toEqual({ runs: [], broken: [] });
  });

  test('names each broken folder with its reason and finds the rest', () => {
    const good = put('a', 'aaaaaaaa');
    const torn = put('a', 'bbbbbbbb');
    writeFileSync(join(torn, META_FILE), '{"form');
    const newer = writeRun(join(results, 'b', 'newer'), { format: 7 });
    const folderInPlace = join(results, 'c', 'folder');
    mkdirSync(join(folderInPlace, META_FILE), { recursive: true });
    const without = join(results, 'd', 'without');
    write(without, 'experiment_log.txt', 'x');
    utimesSync(without, 0, 0);
    const { runs, broken } = scanRuns(results);
    expect(runs.map(({ path }) => path)).toEqual([good]);
    expect(broken.map(({ path }) => path)).toEqual([torn, newer, folderInPlace, without]);
    for (const [i, reason] of ['no JSON', 'newer version', 'it is a folder', 'no experiment_meta.json'].entries()) {
      expect(broken[i]?.reason).toContain(reason);
    }
  });

  test('a run that is only just beginning, without metadata yet, is no broken one', () => {
    write(results, 'a/new/attempts/1.json', '{}');
    expect(scanRuns(results)).toEqual({ runs: [], broken: [] });
  });

  test("a user's own files between the runs do no harm", () => {
    const run = put('a', 'aaaaaaaa');
    write(results, 'experiment_ideas.md', 'x');
    write(results, 'a/experiment_x.csv', 'x');
    expect(scanRuns(results)).toEqual({ runs: [{ path: run, id: 'aaaaaaaa' }], broken: [] });
  });

  test('loops of links end, and a link outside is followed once', () => {
    const outside = join(temporaryFolder(), 'scratch');
    put('far', 'bbbbbbbb', undefined, outside);
    const run = put('a', 'aaaaaaaa');
    const links: [string, string][] = [
      [results, 'loop'],
      ['..', 'a/up'],
      ['/', 'root'],
      [run, 'latest'],
      [outside, 'one'],
      [outside, 'two'],
      ['nowhere', 'broken'],
      ['circle', 'circle'],
    ];
    for (const [target, name] of links) symlinkSync(target, join(results, name));
    symlinkSync(results, join(outside, 'back'));
    symlinkSync(outside, join(outside, 'self'));
    expect(scanRuns(results).runs.map(({ path }) => path)).toEqual([
      run,
      join(results, 'one', 'far', '2026-01-31__12-00-00__bbbbbbbb'),
    ]);
  });

  test('a results folder that does not exist holds no runs', () => {
    expect(scanRuns(results)).toEqual({ runs: [], broken: [] });
  });
});

describe('a run that has lost its metadata', () => {
  /** What a process writes before the metadata. */
  const claimed = (name: string, startedAt: Date): string => {
    const folder = join(results, 'a', name);
    write(folder, attemptFile(1), encode(attemptOf({ startedAt: startedAt.toISOString() })));
    return folder;
  };

  test('is named by the age of its claim, whatever was put into the folder just now', () => {
    const lost = claimed('2026-01-31__12-00-00__aaaaaaaa', new Date(Date.now() - 60_000));
    claimed('2026-01-31__12-00-00__bbbbbbbb', new Date());
    expect(scanRuns(results).broken).toEqual([{ path: lost, reason: expect.stringContaining(META_FILE) }]);
    const ahead = join(results, 'ahead');
    write(ahead, 'experiment_log.txt', 'x');
    utimesSync(ahead, 4e9, 4e9);
    expect(scanRuns(results).broken).toHaveLength(2);
  });

  test('is said to be one by its path and by the id in its name', () => {
    const lost = claimed('2026-01-31__12-00-00__aaaaaaaa', new Date(0));
    for (const word of [lost, 'a/2026-01-31__12-00-00__aaaaaaaa', 'aaaaaaaa']) {
      const error = thrown(() => selectRun(word, { results, cwd: '/' }));
      expect(error).toMatchObject({ code: 'E_RUN_FORMAT', message: expect.stringContaining(`${lost}: it has files`) });
      expect(error.message).toContain('comex delete');
    }
  });

  test('is not the folder that a child run has around it which was imported alone', () => {
    const shell = join(results, 'a', '2026-01-31__12-00-00__aaaaaaaa');
    const child = writeRun(join(shell, 'runs', 'bbbbbbbb'), { id: 'bbbbbbbb' });
    write(shell, ENVIRONMENT_FILE, '{}');
    expect(scanRuns(results)).toEqual({ runs: [{ path: child, id: 'bbbbbbbb' }], broken: [] });
  });
});

describe('selecting', () => {
  const select = (selector: string, cwd = '/'): string => selectRun(selector, { results, cwd });

  test('a folder is meant by its path, from the working directory or from the results', () => {
    const run = put('a', 'aaaaaaaa');
    const name = '2026-01-31__12-00-00__aaaaaaaa';
    expect(select(run)).toBe(run);
    expect(select(`a/${name}/`, results)).toBe(run);
    expect(select(`a/${name}`)).toBe(run);
    expect(select('.', run)).toBe(run);
    expect(select(join(run, META_FILE))).toBe(run);
    expect(select(name)).toBe(run);
  });

  test('a run is meant by its id or a beginning that no other has', () => {
    const run = put('a', 'abc12345');
    const other = put('a', 'abd12345');
    expect([select('abc12345'), select('abc'), select('abd1')]).toEqual([run, run, other]);
    const child = writeRun(join(run, 'runs', 'xyz00000'), { id: 'xyz00000' });
    expect([select('xyz00000'), select('xy')]).toEqual([child, child]);
  });

  test('a run whose folder was renamed is found by the id in its metadata', () => {
    const run = writeRun(join(results, 'a', 'my-best-run'), { id: 'abc12345' });
    expect([select('abc12345'), select('my-best-run')]).toEqual([run, run]);
  });

  test('a beginning of several ids is refused with at most five of them', () => {
    for (let i = 1; i <= 7; i++) put('a', `ab${i}00000`, `2026-01-31T12:00:0${i}.000Z`);
    const error = thrown(() => select('ab'));
    expect(error.code).toBe('E_RUN_AMBIGUOUS');
    expect(error.message).toContain('fits 7');
    expect(error.message.match(/ab\d00000 \(/g)).toEqual([7, 6, 5, 4, 3].map((i) => `ab${i}00000 (`));
  });

  test('two copies of a run are told apart by their paths only', () => {
    put('a', 'abc12345');
    put('b', 'abc12345');
    expect(thrown(() => select('abc12345')).code).toBe('E_RUN_AMBIGUOUS');
  });

  test.each([
    ['in another folder', 'b/2026-01-31__12-00-00__abc12345'],
    ['under another name', 'a/copy of my best'],
    ['with something behind its name', 'a/2026-01-31__12-00-00__abc12345-copy'],
    ['inside of a run', 'a/2026-01-31__12-00-00__zzzzzzzz/runs/abc12345'],
  ])('a copy of a run %s has its id, too: each is meant by its path only', (_where, place) => {
    put('a', 'zzzzzzzz');
    const run = put('a', 'abc12345');
    const copy = writeRun(join(results, place), { id: 'abc12345' });
    const error = thrown(() => select('abc12345'));
    expect(error.code).toBe('E_RUN_AMBIGUOUS');
    for (const path of [run, copy]) expect(error.message).toContain(`abc12345 (${path})`);
    expect(error.message).toMatch(/ Give the path of the folder\.$/);
    expect([select(run), select(copy), select(place)]).toEqual([run, copy, copy]);
  });

  test('an experiment means its latest run by start time, not by the name of the folder', () => {
    put('vision/digits', 'zzzzzzzz', '2026-01-01T00:00:00.000Z');
    const latest = put('vision/digits', 'aaaaaaaa', '2026-03-01T00:00:00.000Z');
    const other = put('vision/faces', 'mmmmmmmm', '2026-02-01T00:00:00.000Z');
    expect([select('digits'), select('vision/digits'), select('vision/digits/'), select('faces')]).toEqual([
      latest,
      latest,
      latest,
      other,
    ]);
    expect(select('latest')).toBe(latest);
  });

  test('runs inside of runs are not the latest of an experiment that also ran by itself', () => {
    const top = put('train', 'aaaaaaaa', '2026-01-01T00:00:00.000Z');
    const sweep = put('sweep', 'bbbbbbbb', '2026-01-02T00:00:00.000Z');
    writeRun(join(sweep, 'runs', 'cccccccc'), {
      id: 'cccccccc',
      namespace: 'train',
      startedAt: '2026-01-03T00:00:00.000Z',
    });
    const only = writeRun(join(sweep, 'runs', 'dddddddd'), {
      id: 'dddddddd',
      namespace: 'part',
      startedAt: '2026-01-03T00:00:00.000Z',
    });
    expect([select('train'), select('latest'), select('part')]).toEqual([top, sweep, only]);
  });

  test('a name of two experiments is refused with their namespaces', () => {
    put('vision/digits', 'aaaaaaaa');
    put('audio/digits', 'bbbbbbbb');
    const error = thrown(() => select('digits'));
    expect(error).toMatchObject({
      code: 'E_RUN_AMBIGUOUS',
      message: expect.stringContaining('audio/digits, vision/digits'),
    });
  });

  test('what is not there is refused with what is near', () => {
    put('vision/digits', 'aaaaaaaa');
    expect(thrown(() => select('digitz'))).toMatchObject({
      code: 'E_RUN_NOT_FOUND',
      message: expect.stringContaining('Did you mean "digits"?'),
    });
    expect(thrown(() => select(''))).toMatchObject({ code: 'E_RUN_NOT_FOUND' });
    expect(thrown(() => select('../../etc/passwd'))).toMatchObject({ code: 'E_RUN_NOT_FOUND' });
  });

  test('an archive without runs says so', () => {
    expect(thrown(() => select('latest'))).toMatchObject({
      code: 'E_RUN_NOT_FOUND',
      message: expect.stringContaining('holds no runs'),
    });
  });

  test('a broken run keeps nobody from finding another', () => {
    const run = put('a', 'abc12345');
    writeFileSync(join(put('a', 'abd12345'), META_FILE), '');
    expect([select('ab'), select('latest'), select('a')]).toEqual([run, run, run]);
  });
});
