import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { DIFF_PARTS, diffParts, diffRuns } from '../../src/manage/diff.ts';
import { diffCode, readSnapshot } from '../../src/manage/diff-code.ts';
import { ABSENT, differences } from '../../src/manage/diff-values.ts';
import { jsonLines, trackOf } from '../cli/looking.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

type Meta = Readonly<Record<string, unknown>>;
type Files = Readonly<Record<string, string>>;

const ALL = new Set(DIFF_PARTS);
const given = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'given' }]));

function diffOf(...sides: ReadonlyArray<readonly [Meta, Files?]>) {
  const results = temporaryFolder();
  const ids = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'];
  return diffRuns(
    sides.map(([meta, files], index) => loadRun(writeRun(results, ids[index]!, meta, files ?? {}))),
    ALL,
  );
}

describe('differences', () => {
  it('compares numbers exactly: NaN with itself is the same, 0 and -0 are not, nor are 1 and "1"', () => {
    const a = { nan: Number.NaN, zero: 0, one: 1, big: 10n, inf: Number.POSITIVE_INFINITY };
    const b = { nan: Number.NaN, zero: -0, one: '1', big: 10n, inf: Number.NEGATIVE_INFINITY };
    expect(differences([a, b], '.').map(({ name }) => name)).toEqual(['zero', 'one', 'inf']);
  });

  it('goes through objects field by field, and takes lists, Maps and typed arrays as wholes', () => {
    const a = { MODEL: { width: 1, deep: { x: [1, 2] } }, map: new Map([['k', 1]]), typed: Float32Array.of(1, 2) };
    const b = { MODEL: { width: 2, deep: { x: [1, 3] } }, map: new Map([['k', 1]]), typed: Float32Array.of(1, 2) };
    expect(differences([a, b], '.')).toEqual([
      { name: 'MODEL.width', values: [1, 2], relative: 1 },
      {
        name: 'MODEL.deep.x',
        values: [
          [1, 2],
          [1, 3],
        ],
      },
    ]);
  });

  it('gives no part of the other by which a seed or an id is larger', () => {
    const names = [
      'seed',
      'SEED',
      '__SEED__',
      'DATA_SEED',
      'dataSeed',
      'JOB_ID',
      'userId',
      'NEED',
      'IDLE',
      'SEED_COUNT',
    ];
    const of = (value: number) => Object.fromEntries(names.map((name) => [name, value]));
    const found = differences(
      [
        { ...of(2), MODEL: { seed: 2 } },
        { ...of(4), MODEL: { seed: 4 } },
      ],
      '.',
    );
    expect(found.filter(({ relative }) => relative !== undefined).map(({ name }) => name)).toEqual([
      'NEED',
      'IDLE',
      'SEED_COUNT',
    ]);
    expect(found).toHaveLength(names.length + 1);
  });

  it('tells what is absent from undefined and from an empty object', () => {
    const found = differences([{ a: undefined, b: {} }, {}], '.');
    expect(found).toEqual([
      { name: 'a', values: [undefined, ABSENT] },
      { name: 'b', values: [{}, ABSENT] },
    ]);
  });

  it('treats a key such as __proto__ as a name like any other', () => {
    const odd = JSON.parse('{"__proto__": {"x": 1}}') as Record<string, unknown>;
    expect(differences([odd, {}], '.')).toEqual([{ name: '__proto__.x', values: [1, ABSENT] }]);
  });

  it('gives the relative difference of two numbers, none from 0 and none that is not finite', () => {
    const found = differences(
      [
        { a: 2, b: 0, c: -1, d: 1 },
        { a: 3, b: 1, c: 1, d: Number.NaN },
      ],
      '.',
    );
    expect(found.map(({ relative }) => relative)).toEqual([0.5, undefined, 2, undefined]);
  });
});

describe('diffRuns', () => {
  it('finds nothing between a run and its equal, whatever their times are', () => {
    const found = diffOf([{}], [{ startedAt: '2026-02-01T00:00:00.000Z', durationMs: 1 }]);
    expect(found).toEqual({ same: true, parts: {}, code: [], problems: [], secrets: [] });
  });

  it('names status, error, seed, parameters, inputs, git, results and series that differ, and no others', () => {
    const series = (last: unknown) => ({ loss: { count: 2, kind: 'number', last, min: 0, max: 1 } });
    const found = diffOf(
      [
        {
          parameters: { ...given({ RATE: 0.1, SAME: 1, MODEL: { width: 1, name: 'x' } }), ONLY: { source: 'default' } },
          inputs: [{ path: 'a.csv', bytes: 1, sha256: 'one' }],
          git: { commit: 'abc', branch: 'main', dirty: false },
          result: { accuracy: 0.5 },
          series: series(0.5),
        },
        { 'experiment_data.jsonl': jsonLines(['results/f1', 1], ['same', 2]) },
      ],
      [
        {
          status: 'failed',
          error: { name: 'TypeError', message: 'no' },
          seed: { value: 43, drawn: true },
          parameters: given({ RATE: 0.2, SAME: 1, MODEL: { width: 2, name: 'x' }, MORE: true }),
          inputs: [{ path: 'a.csv', bytes: 1, sha256: 'two' }],
          git: { commit: 'abc', branch: 'main', dirty: true },
          result: { accuracy: 0.25 },
          series: series({ $number: 'NaN' }),
        },
        { 'experiment_data.jsonl': jsonLines(['results/f1', 3], ['same', 2]) },
      ],
    );
    const names = Object.fromEntries(
      Object.entries(found.parts).map(([part, all]) => [part, all.map(({ name }) => name)]),
    );
    expect(names).toEqual({
      run: ['status', 'seed', 'error'],
      parameters: ['RATE', 'MODEL.width', 'MORE'],
      git: ['dirty'],
      inputs: ['a.csv'],
      results: ['result/accuracy', 'results/f1'],
      series: ['loss:last'],
    });
    expect(found.parts.results?.map(({ relative }) => relative)).toEqual([-0.5, 2]);
  });

  it('names what was given where another value came into force', () => {
    const record = (value: unknown, first: unknown) => ({ LR: { value, given: first, source: 'assigned' } });
    const found = diffOf([{ parameters: record(3, 1) }], [{ parameters: record(3, 2) }]);
    expect(found.parts.parameters).toEqual([{ name: 'LR (given)', values: [1, 2], relative: 1 }]);
  });

  it('compares no secrets, and says which they are', () => {
    const secret = { API_KEY: { value: '[redacted]', redacted: true, source: 'given' } };
    const found = diffOf([{ parameters: secret }], [{ parameters: given({ API_KEY: 1 }) }]);
    expect(found.secrets).toEqual(['API_KEY']);
  });

  it('compares the environment with versions of dependencies, of a child that of the run around it', () => {
    const environment = (node: string, left: string): Files => ({
      'experiment_environment.json': JSON.stringify({ node, dependencies: { left }, lockFile: { sha256: left } }),
    });
    const results = temporaryFolder();
    const parent = writeRun(results, 'aaaaaaaa', {}, environment('v20', '1.0'));
    const child = writeChild(parent, {});
    const other = writeRun(results, 'bbbbbbbb', {}, environment('v22', '2.0'));
    const found = diffRuns([loadRun(child), loadRun(other)], new Set(['environment']));
    expect(found.parts.environment?.map(({ name }) => name)).toEqual(['node', 'dependencies.left', 'lockFile.sha256']);
  });

  it('reads the series of a run that wrote no summary', () => {
    const track = { 'experiment_track.jsonl': trackOf(['loss', 0, 1, 5], ['loss', 1, 2, 3]) };
    const found = diffOf([{}, track], [{}, { 'experiment_track.jsonl': trackOf(['loss', 0, 1, 5]) }]);
    expect(found.parts.series).toEqual([
      { name: 'loss:count', values: [2, 1], relative: -0.5 },
      { name: 'loss:last', values: [3, 5], relative: 2 / 3 },
      { name: 'loss:min', values: [3, 5], relative: 2 / 3 },
    ]);
  });

  it('names a part that cannot be read, does not call it different, and compares the rest', () => {
    const found = diffOf(
      [{ result: 1 }, { 'experiment_environment.json': '{"node":' }],
      [{ result: 2 }, { 'experiment_environment.json': '{"node":"v20"}' }],
    );
    expect(found.problems).toEqual([expect.stringContaining('experiment_environment.json')]);
    expect(Object.keys(found.parts)).toEqual(['results']);
  });

  it('refuses a part that there is not, with the nearest', () => {
    expect(() => diffParts('parametres')).toThrow('Did you mean "parameters"?');
    expect([...diffParts('status,dependencies,data')]).toEqual(['run', 'environment', 'results']);
  });
});

describe('the code', () => {
  const code = (files: Files): readonly [Meta, Files] => [
    { snapshot: { hash: 'h', files: Object.keys(files), skipped: [] } },
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`code/${path}`, text])),
  ];

  it('is told by a unified diff, and files that came, went and were renamed', () => {
    const long = Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join('');
    const found = diffOf(
      code({ 'a.ts': 'one\ntwo\n', 'gone.ts': 'gone\n', 'old.ts': long, 'same.ts': 'same\n', 'moved.ts': 'exact\n' }),
      code({
        'a.ts': 'one\n2\n',
        'come.ts': 'come\n',
        'new.ts': `${long}more\n`,
        'same.ts': 'same\n',
        'to.ts': 'exact\n',
      }),
    );
    expect(found.code.map(({ path, from, change, added, removed }) => [change, from, path, added, removed])).toEqual([
      ['changed', undefined, 'a.ts', 1, 1],
      ['added', undefined, 'come.ts', 1, 0],
      ['removed', undefined, 'gone.ts', 0, 1],
      ['renamed', 'old.ts', 'new.ts', 1, 0],
      ['renamed', 'moved.ts', 'to.ts', 0, 0],
    ]);
    expect(found.code[0]?.diff).toBe('@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
  });

  it('of three runs is a hash for each file and run', () => {
    const found = diffOf(code({ 'a.ts': '1', 'b.ts': '0' }), code({ 'a.ts': '2', 'b.ts': '0' }), code({ 'b.ts': '0' }));
    expect(found.code).toEqual([]);
    const [first] = found.parts.code ?? [];
    expect(found.parts.code).toHaveLength(1);
    expect(first?.values).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.anything(), ABSENT]);
  });

  it('of a child run is that of the run around it', () => {
    const results = temporaryFolder();
    const [meta, files] = code({ 'a.ts': 'one\n' });
    const parent = writeRun(results, 'aaaaaaaa', meta, files);
    const child = writeChild(parent, {
      snapshot: { hash: 'h', folder: '../../code', files: ['a.ts'], skipped: [] },
    });
    expect([...readSnapshot(loadRun(child)).keys()]).toEqual(['a.ts']);
  });

  it('summarises what is no text or too much of it', () => {
    const [binary] = diffCode(new Map([['x.bin', Buffer.from([0, 1])]]), new Map([['x.bin', Buffer.from([0, 2, 3])]]));
    expect(binary).toMatchObject({ change: 'changed', summary: 'binary, 2 bytes -> 3 bytes' });
    const large = Buffer.alloc(3_000_000, 'x\n');
    const [file] = diffCode(new Map([['x', large]]), new Map());
    expect(file).toMatchObject({ change: 'removed', summary: 'large, 3000000 bytes -> none' });
  });

  it('never reads a file outside of the snapshot, whatever the metadata say', () => {
    const results = temporaryFolder();
    const outside = join(results, 'secret.txt');
    writeFileSync(outside, 'secret');
    for (const [id, snapshot] of [
      ['aaaaaaaa', { files: ['../../../secret.txt', 'link.txt', 'a.ts'] }],
      ['bbbbbbbb', { folder: '../..', files: ['secret.txt'] }],
      ['cccccccc', { folder: 3, files: 'no list' }],
    ] as const) {
      const run = writeRun(results, id, { snapshot: { hash: 'h', skipped: [], ...snapshot } }, { 'code/a.ts': 'own' });
      symlinkSync(outside, join(run, 'code', 'link.txt'));
      let paths: string[] = [];
      try {
        paths = [...readSnapshot(loadRun(run)).keys()];
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_FILE' });
      }
      expect(paths.filter((path) => path !== 'a.ts')).toEqual([]);
    }
  });
});

/** A run inside of another. */
function writeChild(parent: string, changes: Meta): string {
  const child = join(parent, 'runs', 'cccccccc');
  mkdirSync(child, { recursive: true });
  const meta = { ...loadRun(parent).original, id: 'cccccccc', ...changes };
  writeFileSync(join(child, 'experiment_meta.json'), JSON.stringify(meta));
  return child;
}
