import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { selectSummaries } from '../../src/archive/summaries.ts';
import { knownRuns } from '../../src/manage/adopt/known.ts';
import { writeBundle } from '../../src/manage/bundle-export.ts';
import { importBundle } from '../../src/manage/bundle-import.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';
import { ARCHIVE, adopt, copyOf, DONE, edit, FAILED, fingerprint, KILLED, NANS, write } from './adopt-fixture.ts';

/** Adopts one run, and opens it. */
async function adopted(source: string) {
  const results = temporaryFolder();
  const [adoption] = await adopt(source, results);
  expect(adoption).toMatchObject({ outcome: 'adopted' });
  return { run: loadRun(adoption!.folder!), adoption: adoption!, results };
}

describe('adopting an archive of PyComex', () => {
  it('makes a run of each folder, and leaves the originals as they are', async () => {
    const results = temporaryFolder();
    const before = fingerprint(ARCHIVE);
    const adoptions = await adopt(ARCHIVE, results);
    expect(adoptions.map(({ from, outcome, status }) => [relative(ARCHIVE, from), outcome, status])).toEqual([
      [DONE, 'adopted', 'done'],
      [KILLED, 'adopted', 'killed'],
      [NANS, 'adopted', 'done'],
      [FAILED, 'adopted', 'failed'],
    ]);
    expect(fingerprint(ARCHIVE)).toEqual(before);
    const { runs, broken } = await selectSummaries(results, { sort: 'startedAt' });
    expect(broken).toEqual([]);
    expect(runs.map(({ namespace, status, startedAt }) => [namespace, status, startedAt])).toEqual([
      ['line', 'done', '2025-11-17T09:20:00.250Z'],
      ['line', 'killed', '2025-11-17T09:30:00.250Z'],
      ['line', 'done', '2025-11-17T09:40:00.250Z'],
      ['line', 'failed', '2025-11-17T09:50:00.250Z'],
    ]);
    expect(readdirSync(results)).not.toContainEqual(expect.stringMatching(/^\.trash/));
  });

  it('keeps everything of a run that is done', async () => {
    const { run, adoption } = await adopted(join(ARCHIVE, DONE));
    expect(run).toMatchObject({
      id: adoption.id,
      namespace: 'line',
      status: 'done',
      durationMs: 62_500,
      error: undefined,
    });
    expect(run.endedAt?.toISOString()).toBe('2025-11-17T09:21:02.750Z');
    expect(run.name).toMatch(/^2025-11-17__\d\d-20-00__[0-9a-z]{8}$/);
    expect(run.description).toMatch(/^Fits a line to noisy points\.\n\nThe weight/);
    expect(run.parameters).toMatchObject({
      LEARNING_RATE: 0.1,
      EPOCHS: 5,
      SEED: 7,
      OPTIMIZER: '<object object at 0x7f>',
    });
    expect(run.meta.parameters['LEARNING_RATE']).toEqual({
      value: 0.1,
      type: 'float',
      doc: 'How far a step goes.',
      source: 'default',
    });
    expect(run.meta.seed).toEqual({ value: 7, drawn: false });
    expect(run.meta.hooks).toEqual({ before_run: { doc: 'Makes the points.' } });
    expect(run.data).toEqual({
      results: { weight: 1.9375, bias: 1.5, residuals: [0.125, -0.0625, 0.25] },
      seed_used: 12345678901234567890n,
    });
    expect(run.seriesNames).toEqual(['loss', 'weight', 'fit']);
    expect(run.get('loss')).toEqual([9.8125, 4.25, 2.0625, 1.125, 0.71875]);
    expect([...(run.series('loss')?.steps ?? [])]).toEqual([0, 1, 2, 3, 4]);
    expect(run.seriesSummary['weight']).toEqual({
      count: 5,
      kind: 'number',
      last: 1.9375,
      min: 0.75,
      max: 1.9375,
      firstStep: 0,
      lastStep: 4,
    });
    expect(run.series('fit')?.images()).toEqual(['media/fit/0.png', 'media/fit/1.png']);
    const picture = (path: string): Buffer => readFileSync(path);
    expect(picture(join(run.path, 'media/fit/1.png'))).toEqual(picture(join(ARCHIVE, DONE, '.track/fit_002.png')));
    expect(run.artifacts.map(({ path }) => path)).toEqual(['loss.png', 'points.json']);
    expect(run.meta.artifacts).toEqual(run.artifacts);
    expect(run.meta.snapshot.files).toEqual(['analysis.py', 'experiment_code.py', 'experiment_config.yml']);
    expect(readFileSync(join(run.path, 'code/experiment_code.py'))).toEqual(
      readFileSync(join(ARCHIVE, DONE, 'experiment_code.py')),
    );
    expect(run.meta.adopted).toMatchObject({ from: join(ARCHIVE, DONE), format: 'pycomex' });
  });

  it('keeps the log with its times, and no secret', async () => {
    const { run } = await adopted(join(ARCHIVE, DONE));
    expect(run.log().split('\n')).toEqual([
      '2025-11-17 09:20:00.250 +-- EXPERIMENT STARTED --+',
      '2025-11-17 09:20:00.251 begins',
      '2025-11-17 09:20:01.000 ○ API_KEY (str)',
      '2025-11-17 09:20:01.000     [redacted]',
      '2025-11-17 09:21:02.750 +-- EXPERIMENT ENDED --+',
      '',
    ]);
    expect(run.parameters['API_KEY']).toBeUndefined();
    expect(run.meta.redacted).toEqual(['parameters.API_KEY']);
    const texts = readdirSync(run.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of texts) {
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain('sk-not-a-real-key');
    }
  });

  it('blots known secrets out of data and series, too, and says so', async () => {
    const folder = copyOf(DONE);
    const secret = 'sk-not-a-real-key-1234';
    const data = {
      said: ['a', `with ${secret}`],
      seen: { key: secret, n: 1 },
      calls: { last: { none: null, x: [2] } },
    };
    edit(folder, { __track__: ['said'] });
    write(folder, { 'experiment_data.json': JSON.stringify(data) });
    const { run, adoption } = await adopted(folder);
    expect(run.series('said')?.texts()).toEqual(['a', 'with [redacted]']);
    expect(run.data).toEqual({ seen: { key: '[redacted]', n: 1 }, calls: data.calls });
    expect(adoption.remarks).toContain('experiment_data.json is without the secrets of its original');
    for (const { parentPath, name } of readdirSync(run.path, { recursive: true, withFileTypes: true })) {
      if (!name.includes('.')) continue;
      expect(readFileSync(join(parentPath, name), 'latin1'), name).not.toContain(secret);
    }
  });

  it('tells by the evidence that a run was killed, and what is left of it', async () => {
    const { run } = await adopted(join(ARCHIVE, KILLED));
    expect(run).toMatchObject({
      status: 'killed',
      evidence: 'adopted: PyComex wrote "running" and no data',
      // From its start to the last line of its log.
      durationMs: 200_000,
      endedAt: undefined,
      data: {},
    });
    expect(run.series('fit')?.images()).toEqual(['media/fit/0.png']);
    expect(run.artifacts.map(({ path }) => path)).toEqual(['early.json']);
    expect(run.log()).toContain('2025-11-17 09:33:20.250 step 101\n');
  });

  it('refuses a run that may go on', async () => {
    const folder = copyOf(KILLED);
    edit(folder, { start_time: Date.now() / 1000 - 205 });
    const [adoption] = await adopt(folder, temporaryFolder());
    expect(adoption).toMatchObject({
      outcome: 'refused',
      reason: expect.stringMatching(/^it may be running still: it wrote something \d+ s ago$/),
    });
  });

  it('reads NaN and Infinity, which are no JSON, and leaves texts alone that say so', async () => {
    const { run } = await adopted(join(ARCHIVE, NANS));
    expect(run.data).toEqual({
      results: {
        weight: Number.NaN,
        bias: Number.NEGATIVE_INFINITY,
        text: 'NaN and Infinity, "quoted"',
      },
    });
    expect(run.get('loss')).toEqual([9.8125, Number.POSITIVE_INFINITY, Number.NaN, Number.NaN]);
    expect(run.seriesSummary['weight']).toMatchObject({ count: 4, last: Number.NaN, max: 0.75 });
  });

  it('takes the message of an error from the log', async () => {
    const { run } = await adopted(join(ARCHIVE, FAILED));
    expect(run.status).toBe('failed');
    expect(run.error).toEqual({
      name: 'ValueError',
      message: 'EPOCHS is below zero',
      stack: expect.stringMatching(/^Traceback[\s\S]*line 27[\s\S]*ValueError: EPOCHS is below zero$/),
    });
    expect(run.meta.title).toBe('small__17_11_2025__09_50__aR7x');
  });

  it('is recognised when it is adopted again, from wherever, and makes the same id', async () => {
    const results = temporaryFolder();
    const [first] = await adopt(join(ARCHIVE, DONE), results);
    const before = fingerprint(results);
    expect(await adopt(join(ARCHIVE, DONE), results)).toMatchObject([
      { outcome: 'same', id: first!.id, folder: first!.folder },
    ]);
    expect(await adopt(copyOf(DONE), results)).toMatchObject([{ outcome: 'same', id: first!.id }]);
    expect(fingerprint(results)).toEqual(before);
    expect(await adopt(join(ARCHIVE, DONE), temporaryFolder())).toMatchObject([{ outcome: 'adopted', id: first!.id }]);
  });

  it('is refused when the original has changed since, with what to do', async () => {
    const [folder, results] = [copyOf(DONE), temporaryFolder()];
    const [first] = await adopt(folder, results);
    edit(folder, { description: 'Another.' });
    const [second] = await adopt(folder, results);
    expect(second).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining(`"comex delete ${first!.id}"`),
    });
  });

  it.each(['experiment_data.json', 'points.json', 'experiment_code.py', 'experiment_out.log', '.track/fit_001.png'])(
    'is refused when its %s has changed since, however links lead to it',
    async (file) => {
      const [folder, results] = [copyOf(DONE), temporaryFolder()];
      await adopt(folder, results);
      const path = join(folder, file);
      writeFileSync(path, file.endsWith('.json') ? '{}' : Buffer.concat([readFileSync(path), Buffer.from('\n')]));
      const link = join(temporaryFolder(), 'link');
      symlinkSync(folder, link);
      for (const each of [folder, link]) {
        expect(await adopt(each, results)).toMatchObject([
          { outcome: 'refused', reason: expect.stringContaining('it has changed since') },
        ]);
      }
    },
  );

  it('is known by its metadata when it was moved and changed; a changed copy is said to be one', async () => {
    const [folder, copy, results] = [copyOf(DONE), copyOf(DONE), temporaryFolder()];
    const [first] = await adopt(folder, results);
    write(copy, { 'points.json': '{}' });
    const [planned] = await adopt(copy, results, { dryRun: true });
    expect(planned).toMatchObject({ outcome: 'adopted' });
    expect(planned!.remarks).toContain(
      `it has the metadata of ${first!.id}, which was made of ${folder}, and other files`,
    );
    rmSync(folder, { recursive: true });
    expect(await adopt(copy, results)).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining(`adopted before as ${first!.id}, and it has changed`) },
    ]);
  });

  it('is there already when another process adopts it at the same time', async () => {
    const results = temporaryFolder();
    const known = knownRuns(results);
    const [first] = await adopt(join(ARCHIVE, DONE), results);
    const before = fingerprint(first!.folder!);
    expect(await adopt(join(ARCHIVE, DONE), results, { known })).toMatchObject([{ outcome: 'same', id: first!.id }]);
    expect(fingerprint(first!.folder!)).toEqual(before);
    expect(readdirSync(results)).toEqual(['line']);
  });

  it('is refused when its place is taken by something else', async () => {
    const [results, other] = [temporaryFolder(), temporaryFolder()];
    const [first] = await adopt(join(ARCHIVE, DONE), other);
    const known = knownRuns(results);
    const place = join(results, relative(other, first!.folder!));
    mkdirSync(place, { recursive: true });
    expect(await adopt(join(ARCHIVE, DONE), results, { known })).toMatchObject([
      { outcome: 'refused', reason: `its place ${place} is taken by something else; move that away` },
    ]);
  });

  it('says with a dry run what would be made, and makes nothing', async () => {
    const results = join(temporaryFolder(), 'results');
    const [planned] = await adopt(join(ARCHIVE, DONE), results, { dryRun: true });
    expect(existsSync(results)).toBe(false);
    const [made] = await adopt(join(ARCHIVE, DONE), results);
    expect(made).toEqual(planned);
  });

  it('puts runs into a namespace of choice', async () => {
    const results = temporaryFolder();
    const [adoption] = await adopt(join(ARCHIVE, DONE), results, { into: 'old/python' });
    expect(relative(results, adoption!.folder!)).toMatch(/^old\/python\/2025-11-17__/);
    await expect(adopt(ARCHIVE, results, { into: '../out' })).rejects.toThrow(
      /Expected the namespace to be a relative path/,
    );
  });

  it('goes on its way through compress and import', async () => {
    const [results, other] = [temporaryFolder(), temporaryFolder()];
    const folders = (await adopt(ARCHIVE, results)).map(({ folder }) => folder!);
    const file = join(temporaryFolder(), 'all.tar.gz');
    await writeBundle(folders, results, file);
    const imported = await importBundle(file, other, { dryRun: false });
    expect(imported.map(({ outcome }) => outcome)).toEqual(Array(4).fill('imported'));
    const killed = imported.map(({ folder }) => loadRun(folder)).find(({ status }) => status === 'killed');
    expect(killed?.durationMs).toBe(200_000);
  });
});

describe('what PyComex left damaged', () => {
  it('says that a run which ended has no data', async () => {
    const folder = copyOf(DONE);
    rmSync(join(folder, 'experiment_data.json'));
    const { run, adoption } = await adopted(folder);
    expect(run.status).toBe('done');
    expect(adoption.problems).toEqual(['its data were left out: there is no experiment_data.json, though it is done']);
  });

  it('keeps the rest of a run whose data were lost, and the file as it is', async () => {
    for (const [text, why] of [
      ['', 'is empty'],
      ['{"a": [1, 2', 'is damaged: '],
      ['[1]', 'holds no object'],
    ] as const) {
      const folder = copyOf(DONE);
      write(folder, { 'experiment_data.json': text });
      const { run, adoption } = await adopted(folder);
      expect(adoption.problems[0]).toContain(`its data were left out: experiment_data.json ${why}`);
      expect(run.data).toEqual({});
      expect(run.log()).toContain('begins');
      expect(readFileSync(join(run.path, 'original/experiment_data.json'), 'utf8')).toBe(text);
    }
  });

  it('refuses data that are larger than it can hold', async () => {
    const folder = copyOf(DONE);
    truncateSync(join(folder, 'experiment_data.json'), 256 * 1024 * 1024 + 1);
    const [adoption] = await adopt(folder, temporaryFolder(), { dryRun: true });
    expect(adoption?.problems[0]).toContain('has 268435457 bytes, more than 268435456');
  });

  it('names each folder of which no run can be made, and goes on', async () => {
    const root = temporaryFolder();
    const bad = (name: string, meta: string): void => write(root, { [`${name}/experiment_meta.json`]: meta });
    bad('a', '');
    bad('b', '{"start_time": 1');
    bad('c', '[]');
    bad('d', '{"other": 1}');
    bad('e', '{"start_time": "yesterday", "status": "done", "parameters": {}}');
    bad('f', '{"start_time": 1763371200, "status": "odd", "parameters": {}}');
    bad('g', '{"start_time": 1763371200, "status": "done", "parameters": {}, "namespace": "../../out"}');
    bad('h', '{"start_time": 1763371200, "status": "done", "parameters": {}, "namespace": "a\\u001b[31m"}');
    bad('i', '{"start_time": 1763371200, "status": "done", "parameters": {}, "namespace": "results/fine"}');
    writeRun(root, 'aaaaaaaa', { namespace: 'j' });
    const results = temporaryFolder();
    const adoptions = await adopt(root, results);
    expect(adoptions.map(({ reason }) => reason)).toEqual([
      'its experiment_meta.json is damaged: it is empty',
      expect.stringMatching(/^its experiment_meta.json is damaged: .*JSON/),
      'its experiment_meta.json holds no object',
      'its experiment_meta.json is not one of PyComex: it needs "start_time" and "parameters"',
      'its "start_time" is "yesterday", and not seconds since 1970',
      'its "status" is "odd", and not running, done or failed',
      'its namespace is "../../out", which can be no path in an archive. Give another: --into NAMESPACE',
      'its namespace is "a\\u001b[31m", which can be no path in an archive. Give another: --into NAMESPACE',
      undefined,
      expect.stringMatching(/^it is a comex run already; .*"comex import"/),
    ]);
    expect(readdirSync(results)).toEqual(['fine']);
  });

  it('passes over runs of comex in its own archive, which may be the same folder', async () => {
    const root = temporaryFolder();
    writeRun(root, 'aaaaaaaa');
    await adopt(ARCHIVE, root);
    await expect(adopt(root, root)).rejects.toThrow(/Expected runs of PyComex in/);
  });

  it('refuses what is no folder, and a folder with nothing to adopt', async () => {
    const root = temporaryFolder();
    write(root, { 'a/x.csv': '1' });
    await expect(adopt(join(root, 'none'), root)).rejects.toThrow(/found nothing at/);
    await expect(adopt(join(root, 'a/x.csv'), root)).rejects.toThrow(/is a file\. Give the folder that holds it/);
    await expect(adopt(root, root)).rejects.toThrow(/Expected runs of PyComex in .*--map RULES/);
  });

  it('looks at each folder once, wherever links lead', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'x'));
    symlinkSync('..', join(root, 'x/up'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync(join(ARCHIVE, DONE), join(root, 'one'));
    symlinkSync(join(ARCHIVE, DONE), join(root, 'two'));
    expect(await adopt(root, temporaryFolder())).toMatchObject([{ outcome: 'adopted', from: join(root, 'one') }]);
  });

  it('says what it leaves out, and where it puts what has a name of comex', async () => {
    const folder = copyOf(DONE);
    write(folder, {
      '.env': 'A=1',
      'media/a.txt': 'a',
      'experiment_error.log': 'e',
      '__pycache__/x.pyc': 'x',
      'sub/b.txt': 'b',
    });
    symlinkSync('/etc', join(folder, 'etc'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    const { run, adoption } = await adopted(folder);
    expect(adoption.remarks).toEqual(
      expect.arrayContaining([
        '.env was left out: it is a file of secrets',
        'etc was left out: it is a link to a folder',
        'media/a.txt is now original/media/a.txt: the name belongs to comex',
        'experiment_error.log is now original/experiment_error.log: the name belongs to comex',
      ]),
    );
    expect(adoption.problems).toEqual([expect.stringMatching(/^dangling was left out: .*no such file/)]);
    expect(run.artifacts.map(({ path }) => path)).toEqual([
      'loss.png',
      'original/experiment_error.log',
      'original/media/a.txt',
      'points.json',
      'sub/b.txt',
    ]);
  });

  it('leaves out links that lead out of the folder, or to secrets, and says where they lead', async () => {
    const folder = copyOf(DONE);
    const outside = temporaryFolder();
    write(outside, { key: 'PRIVATE KEY', 'data.json': '{"stolen": 1}', 'x.log': 'stolen' });
    for (const name of ['experiment_data.json', 'experiment_out.log']) rmSync(join(folder, name));
    symlinkSync(join(outside, 'key'), join(folder, 'model.bin'));
    symlinkSync(join(outside, 'data.json'), join(folder, 'experiment_data.json'));
    symlinkSync(join(outside, 'x.log'), join(folder, 'experiment_out.log'));
    write(folder, { id_rsa: 'PRIVATE KEY' });
    symlinkSync('id_rsa', join(folder, 'weights.bin'));
    symlinkSync('points.json', join(folder, 'same.json'));
    const { run, adoption } = await adopted(folder);
    expect(adoption.remarks).toEqual(
      expect.arrayContaining([
        `model.bin was left out: it is a link out of the folder, to ${join(outside, 'key')}`,
        'weights.bin was left out: it is a link to a file of secrets',
      ]),
    );
    expect(adoption.problems).toEqual([
      'its data were left out: experiment_data.json is a link that leads out of the folder',
    ]);
    expect(run.data).toEqual({});
    expect(run.log()).toBe('');
    expect(run.artifacts.map(({ path }) => path)).toEqual(['loss.png', 'points.json', 'same.json']);
    expect(run.meta.adopted?.remarks).toEqual([...adoption.problems, ...adoption.remarks]);
  });

  it('says which tracked series are not as they were', async () => {
    const folder = copyOf(DONE);
    edit(folder, { __track__: ['large', 'none'] });
    write(folder, { 'experiment_data.json': '{"large": [1, 9007199254740993], "none": []}' });
    const { run, adoption } = await adopted(folder);
    expect(run.seriesNames).toContain('large');
    expect(adoption.remarks).toEqual(
      expect.arrayContaining([
        'large has whole numbers beyond 2^53, which are rounded in its series',
        'none was tracked and has no points: there is no series of it',
      ]),
    );
  });

  it('keeps that a run was for debugging, under a name that nothing replaces', async () => {
    const folder = join(copyOf(DONE), '../debug');
    renameSync(join(folder, '..', basename(DONE)), folder);
    const { run } = await adopted(folder);
    expect(run.meta).toMatchObject({ debug: true });
    expect(run.meta.title).toBeUndefined();
    expect(run.name).not.toBe('debug');
  });

  it('names a picture that is not there, and keeps its name as a text', async () => {
    const folder = copyOf(DONE);
    rmSync(join(folder, '.track/fit_002.png'));
    writeFileSync(join(folder, '.track/fit_001.png'), 'no picture');
    const { run, adoption } = await adopted(folder);
    expect(adoption.problems).toEqual([
      'fit has a text at step 0: .track/fit_001.png is no picture',
      'fit has a text at step 1: .track/fit_002.png is not there',
    ]);
    expect(run.series('fit')?.texts()).toEqual(['.track/fit_001.png', '.track/fit_002.png']);
    expect(run.artifacts.map(({ path }) => path)).toContain('.track/fit_001.png');
  });

  it('finds a series under a name with slashes, and leaves in the data what is none', async () => {
    const folder = copyOf(DONE);
    edit(folder, { __track__: ['metrics/value', 'metrics/value', 'odd', 'gone', 'flags'] });
    write(folder, {
      'experiment_data.json':
        '{"metrics": {"value": [3.5], "kept": 1}, "odd": [[1]], "flags": [true, false], "__proto__": {"x": NaN}}',
    });
    const { run, adoption } = await adopted(folder);
    expect(run.get('metrics/value')).toEqual([3.5]);
    expect(run.get('flags')).toEqual([1, 0]);
    expect(run.get('metrics/kept')).toBe(1);
    expect(run.get('odd')).toEqual([[1]]);
    expect(Object.keys(run.data)).toContain('__proto__');
    expect(adoption.remarks).toContain('odd stays in the data: not all of it are points of a series');
  });

  it('leaves nothing half-made when something of a run cannot be written', async () => {
    const [folder, results] = [copyOf(DONE), temporaryFolder()];
    write(folder, { 'experiment_data.json': `{"deep": ${'['.repeat(1500)}${']'.repeat(1500)}}` });
    expect(await adopt(folder, results)).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('nested more than 1000 levels') },
    ]);
    expect(readdirSync(results)).toEqual([]);
  });

  it('leaves nothing half-made when the archive cannot be written', async () => {
    const results = join(temporaryFolder(), 'results');
    writeFileSync(results, 'a file');
    expect(await adopt(join(ARCHIVE, DONE), results)).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('not a folder') },
    ]);
    expect(readFileSync(results, 'utf8')).toBe('a file');
  });
});
