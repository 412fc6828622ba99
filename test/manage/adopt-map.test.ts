import { mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { mappedRuns, readMapRules } from '../../src/manage/adopt/map.ts';
import { temporaryFolder } from '../cli/run-folders.ts';
import { adopt, fingerprint, write } from './adopt-fixture.ts';

/** Folders of results as a script of long ago left them. */
function sweep(): string {
  const root = join(temporaryFolder(), 'sweeps');
  for (const model of ['cnn', 'rnn']) {
    for (const seed of [1, 2]) {
      write(join(root, `${model}_lr0.01_seed${seed}`), {
        'config.json': '{"batchSize": 32, "optimizer": {"name": "adam"}, "api_key": "sk-of-a-test-1234"}',
        'log.csv': 'epoch,loss,acc,remark\n1,0.9,,begins\n2,0.5,0.7,\n4,NaN,0.8,\n',
        'eval/test.csv': `case,score\na,${seed}\nb,0.5\n`,
        'train.log':
          '2025-03-01 10:00:00 start, key sk-of-a-test-1234\nno time\n2025-03-01T10:05:00,5 wall time: 300.5\n',
        'model.bin': 'weights',
        'train.py': 'print(1)\n',
      });
    }
  }
  return root;
}

const RULES = {
  runs: '*/',
  namespace: 'sweep',
  startedAt: { text: 'train.log', match: '^(\\S+ \\S+) start', type: 'string' },
  duration: { text: 'train.log', match: 'wall time: (\\S+)' },
  parameters: [{ folder: '(?<MODEL>\\w+?)_lr(?<LR>[\\d.]+)_seed(?<SEED>\\d+)' }, 'config.json'],
  data: { 'results/score': { csv: 'eval/*.csv', column: 'score', take: 'mean' } },
  series: { csv: 'log.csv', step: 'epoch' },
  log: 'train.log',
  code: '*.py',
  tags: ['old', 'paper'],
};

/** Adopts a folder by rules. */
async function map(root: string, rules: unknown, results = temporaryFolder()) {
  const folder = temporaryFolder();
  write(folder, { 'rules.json': JSON.stringify(rules) });
  const checked = await readMapRules(join(folder, 'rules.json'));
  return await adopt(root, results, { reader: (each) => mappedRuns(each, checked) });
}

async function one(files: Readonly<Record<string, string>>, rules: Readonly<Record<string, unknown>>, name = 'run-1') {
  const root = join(temporaryFolder(), name);
  write(root, files);
  const [adoption] = await map(root, { startedAt: '2025-01-01', ...rules });
  return { adoption: adoption!, run: adoption?.folder === undefined ? undefined! : loadRun(adoption.folder) };
}

describe('adopting folders by rules', () => {
  it('makes a run of each folder with parameters, data, series, log, code and artifacts', async () => {
    const root = sweep();
    const before = fingerprint(root);
    const adoptions = await map(root, RULES);
    expect(fingerprint(root)).toEqual(before);
    expect(adoptions.map(({ from, outcome, problems }) => [relative(root, from), outcome, problems])).toEqual(
      ['cnn_lr0.01_seed1', 'cnn_lr0.01_seed2', 'rnn_lr0.01_seed1', 'rnn_lr0.01_seed2'].map((name) => [
        name,
        'adopted',
        [],
      ]),
    );
    const run = loadRun(adoptions[1]!.folder!);
    expect(run).toMatchObject({
      namespace: 'sweep',
      status: 'done',
      durationMs: 300_500,
      tags: ['old', 'paper'],
      parameters: { MODEL: 'cnn', LR: 0.01, SEED: 2, BATCH_SIZE: 32, OPTIMIZER: { name: 'adam' }, API_KEY: undefined },
      data: { results: { score: 1.25 } },
      seriesNames: ['loss', 'acc'],
    });
    expect(run.meta).toMatchObject({ title: 'cnn_lr0.01_seed2', seed: { value: 2, drawn: false } });
    expect(run.startedAt.toISOString()).toBe('2025-03-01T10:00:00.000Z');
    expect(run.endedAt?.toISOString()).toBe('2025-03-01T10:05:00.500Z');
    expect([[...run.series('loss')!.steps], run.get('loss')]).toEqual([
      [1, 2, 4],
      [0.9, 0.5, Number.NaN],
    ]);
    expect([[...run.series('acc')!.steps], run.get('acc')]).toEqual([
      [2, 4],
      [0.7, 0.8],
    ]);
    expect(run.log()).toBe(
      '2025-03-01 10:00:00.000 start, key [redacted]\n2025-03-01 10:00:00.000 no time\n2025-03-01 10:05:00.500 wall time: 300.5\n',
    );
    expect(run.meta.snapshot.files).toEqual(['train.py']);
    expect(run.artifacts.map(({ path }) => path)).toEqual(['config.json', 'eval/test.csv', 'log.csv', 'model.bin']);
    expect(readFileSync(join(run.path, 'config.json'), 'utf8')).toContain('"api_key": "[redacted]"');
    expect(adoptions[0]?.remarks).toEqual([
      'parameters have other names now: batchSize -> BATCH_SIZE, optimizer -> OPTIMIZER, api_key -> API_KEY',
      'config.json holds a secret, which is blotted out in the copy',
    ]);
  });

  it('recognises a folder that it adopted, and says when the rules give something else', async () => {
    const [root, results] = [sweep(), temporaryFolder()];
    const first = await map(root, RULES, results);
    const again = await map(root, RULES, results);
    expect(again.map(({ outcome, id }) => [outcome, id])).toEqual(first.map(({ id }) => ['same', id]));
    const other = await map(root, { ...RULES, tags: [] }, results);
    expect(other[0]).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('comex delete') });
  });

  it('tells folders apart by the contents of all their files, and names the original of a copy', async () => {
    const root = join(temporaryFolder(), 'nest');
    for (const [name, bytes] of [
      ['s1', 'aaaa'],
      ['s2', 'bbbb'],
      ['s3', 'cccc'],
      ['s4', 'cccc'],
    ] as const) {
      write(join(root, name, 'out'), { 'model.bin': bytes, 'c.json': '{"A": 1}', 'train.log': `${bytes}\n` });
    }
    const results = temporaryFolder();
    const rules = { runs: '*/out', startedAt: '2025-01-01', parameters: 'c.json', artifacts: [], log: 'train.log' };
    const adoptions = await map(root, rules, results);
    expect(adoptions.map(({ outcome, original }) => [outcome, original])).toEqual([
      ['adopted', undefined],
      ['adopted', undefined],
      ['adopted', undefined],
      ['same', join(root, 's3/out')],
    ]);
    write(join(root, 's1/out'), { 'train.log': 'dddd\n' });
    expect((await map(root, rules, results))[0]).toMatchObject({ outcome: 'refused' });
  });

  it('tells the delimiter of a table by the columns that are asked for', async () => {
    const { run } = await one(
      { 'log.csv': 'epoch,loss [a;b]\n1,2\n' },
      { series: { csv: 'log.csv', step: 'epoch', column: 'loss [a;b]' } },
    );
    expect([...run.series('loss [a;b]')!.values]).toEqual([2]);
  });

  it('takes what rules cannot read for missing, names it, and keeps the rest', async () => {
    const { adoption, run } = await one(
      { 'config.json': '{"a": ', 'log.csv': 'epoch,loss\n1,2\nx,3\n', 'eval.csv': 'score\n1\n2\n' },
      {
        parameters: ['config.json', { B: 3 }],
        data: {
          score: { csv: 'eval.csv', column: 'score' },
          other: { csv: 'eval.csv', column: 'socre' },
          none: { json: 'none.json' },
          maybe: { json: 'none.json', optional: true },
          good: { csv: 'eval.csv', column: 'score', take: 'sum' },
        },
        series: { loss: { csv: 'log.csv', step: 'epoch' }, acc: { csv: 'log.csv' } },
        log: 'none.log',
      },
    );
    expect(adoption.problems).toEqual([
      expect.stringMatching(/^parameters: config.json.*Expected JSON/),
      expect.stringMatching(/^score: eval.csv: Expected one value.* got two: 1 and 2/),
      expect.stringMatching(/^other: eval.csv:1: .*Expected a column "socre".* Did you mean "score"\?/),
      expect.stringMatching(/^none: Expected a file "none.json" in the folder .*, but there is none\.$/),
      'log.csv: column "loss": Expected the step of row 2 to be a number, got "x".',
      expect.stringMatching(/^log.csv: Expected a column "acc", but there is none\./),
      expect.stringMatching(/^log: Expected a file "none.log" in the folder/),
    ]);
    expect(run).toMatchObject({ parameters: { B: 3 }, data: { good: 3 }, seriesNames: [] });
  });

  it('reads parameters from YAML, tables and texts', async () => {
    const files = {
      'a.yml': 'train:\n  width: 3\n  on: yes\n',
      'pairs.csv': 'name;value\ndepth;4\nwords;a b\n',
      'row.tsv': 'rate\tcode\n1e-3\t007\n',
      'x.log': 'Namespace: dropout=0.5 heads=8\nheads=9\n',
    };
    const parameters = [
      { yaml: 'a.yml', path: '$.train' },
      'pairs.csv',
      'row.tsv',
      { text: 'x.log', match: '(\\w+)=(\\S+)' },
    ];
    const { adoption, run } = await one(files, { parameters });
    expect(adoption.problems).toEqual([]);
    expect(run.parameters).toEqual({
      WIDTH: 3,
      ON: 'yes',
      DEPTH: 4,
      WORDS: 'a b',
      RATE: 0.001,
      CODE: '007',
      DROPOUT: 0.5,
      HEADS: 8,
    });
  });

  it('refuses parameters that would have one name', async () => {
    const both = await one({ 'c.json': '{"learning_rate": 1, "learningRate": 1}' }, { parameters: 'c.json' });
    expect(both.adoption.reason).toBe('"learning_rate" and "learningRate" would both be LEARNING_RATE');
    const two = await one({ 'c.json': '{"A": 1}' }, { parameters: ['c.json', { A: 2 }] });
    expect(two.adoption.reason).toBe('Two rules give different values for "A"');
    const none = await one({ 'c.json': '{"1x": 1}' }, { parameters: 'c.json' });
    expect(none.adoption.reason).toBe('Expected the name of a parameter to begin with a letter, got "1x"');
  });

  it.each([
    ['2025-11-17T09:20:00Z', '2025-11-17T09:20:00.000Z'],
    ['2025-11-17 09:20:00,5', '2025-11-17T09:20:00.500Z'],
    ['2025-11-17_09-20-00', '2025-11-17T09:20:00.000Z'],
    ['20251117-092000', '2025-11-17T09:20:00.000Z'],
    ['17_11_2025__09_20', '2025-11-17T09:20:00.000Z'],
    ['2025-11-17T10:20:00+0100', '2025-11-17T09:20:00.000Z'],
    [20_251_117, '2025-11-17T00:00:00.000Z'],
    [1_763_371_200, '2025-11-17T09:20:00.000Z'],
    [1_763_371_200_500, '2025-11-17T09:20:00.500Z'],
  ])('reads the date %s', async (startedAt, expected) => {
    const { run } = await one({ a: '' }, { startedAt });
    expect(run.startedAt.toISOString()).toBe(expected);
  });

  it.each([
    [{ startedAt: 'tomorrow' }, /^startedAt: Expected a date, got "tomorrow"/],
    [{ startedAt: '2025-02-30' }, /^startedAt: Expected a date, got "2025-02-30"/],
    [{ startedAt: '2025-13-01' }, /^startedAt: Expected a date/],
    [{ startedAt: true }, /^startedAt: Expected a date, got boolean/],
    [
      { startedAt: { folder: '(\\d{8})' } },
      /^startedAt: Expected the folder to fit \/\(\\d\{8\}\)\/, but it is "run-1"/,
    ],
    [{ duration: 'long' }, /^duration: Expected seconds, 90s, 20m or 1:02:03, got "long"/],
    [{ duration: -1 }, /^duration: Expected seconds/],
    [{ status: 'odd' }, /^status: Expected a status, got "odd"/],
    [{ endedAt: '2024-01-01' }, /^Expected a run to end after it starts/],
    [{ startedAt: undefined, endedAt: '2001-01-01' }, /^Expected a run to end after it starts, got .* oldest file/],
  ])('refuses a folder of which %o is said', async (rules, message) => {
    const { adoption } = await one({ a: '' }, rules);
    expect(adoption).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(message) });
  });

  it('knows the words of other programs for how a run ended', async () => {
    const status = async (word: string) =>
      (await one({ 's.txt': `state: ${word}\n` }, { status: { text: 's.txt', match: 'state: (.*)' } })).run;
    expect(
      [await status('Success'), await status('CRASHED'), await status('timeout')].map((run) => run.status),
    ).toEqual(['done', 'failed', 'timeout']);
    expect([(await status('aborted')).status, (await status('errored')).status]).toEqual(['interrupted', 'failed']);
    expect((await status('active')).status).toBe('killed');
    expect(await status('running')).toMatchObject({ status: 'killed', evidence: 'adopted: its files say "running"' });
    const { run } = await one({ 'e.txt': 'Error: too hot\n' }, { error: { text: 'e.txt', match: 'Error: (.*)' } });
    expect(run).toMatchObject({ status: 'failed', error: { name: 'Error', message: 'too hot' } });
  });

  it('takes the time of the oldest file where the rules have no start', async () => {
    const root = join(temporaryFolder(), 'x');
    write(root, { a: '', b: '' });
    for (const [name, time] of [
      ['a', 1_700_000_000],
      ['b', 1_600_000_000],
      ['', 1_800_000_000],
    ] as const) {
      utimesSync(join(root, name), time, time);
    }
    const [adoption] = await map(root, {});
    expect(adoption?.remarks).toEqual(['its start is the time of its oldest file: the rules have no "startedAt"']);
    expect(loadRun(adoption!.folder!).startedAt.getTime()).toBe(1_600_000_000_000);
  });

  it('takes only the artifacts that it is told to', async () => {
    const files = { 'a.csv': '1', 'b/c.csv': '2', 'b/d.bin': '3', '.hidden.csv': '4' };
    const paths = async (artifacts: unknown) => (await one(files, { artifacts })).run.artifacts.map(({ path }) => path);
    expect(await paths('**/*.csv')).toEqual(['.hidden.csv', 'a.csv', 'b/c.csv']);
    expect(await paths(['b/**', '!b/*.bin'])).toEqual(['b/c.csv']);
    expect(await paths([])).toEqual([]);
  });

  it('does not leave the folder through names or links', async () => {
    const outside = temporaryFolder();
    write(outside, { 'secret.json': '{"x": 1}' });
    const root = join(temporaryFolder(), 'x');
    mkdirSync(root);
    symlinkSync(join(outside, 'secret.json'), join(root, 'link.json'));
    symlinkSync(join(outside, 'secret.json'), join(root, 'link.yml'));
    const [adoption] = await map(root, {
      startedAt: '2025-01-01',
      data: {
        a: { json: '../secret.json' },
        b: { json: 'link.json' },
        c: { yaml: '/etc/hostname' },
        d: { yaml: 'link.yml' },
      },
      log: 'link.json',
    });
    expect(adoption?.problems).toEqual([
      expect.stringMatching(/^a: Expected a pattern inside of the folder/),
      expect.stringMatching(/^b: Expected files inside of the folder, but .* is a link that leaves it/),
      expect.stringMatching(/^c: Expected a pattern inside of the folder/),
      expect.stringMatching(/^d: Expected files inside of the folder, but .* is a link that leaves it/),
      expect.stringMatching(/^log: Expected files inside of the folder, but .* is a link that leaves it/),
    ]);
    expect(loadRun(adoption!.folder!).artifacts).toEqual([]);
  });

  it.each([
    ['[1]', /Expected rules.json to hold an object, got an array/],
    ['{', /Expected rules.json to be JSON: /],
    ['{"run": "*"}', /Expected a rule of adopt, got "run"\. Did you mean "runs"\?/],
    ['{"runs": 3}', /"runs": Expected a text, got number/],
    ['{"runs": "*"}', /Expected folders "\*" in .*, but there are none/],
    ['{"runs": "../*/"}', /"runs": Expected a pattern inside of the folder, got "\.\.\/\*\/"/],
    ['{"runs": "{..,a}/*"}', /"runs": Expected a pattern inside of the folder/],
    ['{"artifacts": ["a", "../../*"]}', /"artifacts": Expected a pattern inside of the folder/],
    ['{"code": "/etc/*"}', /"code": Expected a pattern inside of the folder/],
    ['{"parameters": 3}', /"parameters": Expected a file such as "config.json", or values by name, got number/],
    ['{"parameters": "x.log"}', /Expected a \.json, \.yml or \.csv file, got "x\.log"/],
    ['{"parameters": {"A": {"folder": "x"}}}', /"parameters\.A\.folder": Expected a regular expression with groups/],
    ['{"parameters": {"A": {"folder": "("}}}', /Expected a regular expression \(Unterminated group\)/],
    ['{"parameters": {"A": {"csv": "x"}}}', /rules\.json "parameters\.A\.column": Expected the name of a column/],
    ['{"data": {"a": {"yaml": "x.yml", "path": "train"}}}', /"data\.a\.path": Expected a JSONPath such as "\$\.train"/],
    ['{"data": {"a": {"yaml": 1}}}', /"data\.a\.yaml": Expected a text, got number/],
    ['{"data": {"a//b": 1}}', /Expected a path such as "results\/score", got "a\/\/b"/],
    ['{"data": {"a": {"jsn": "x"}}}', /rules\.json "data\.a": Expected one source/],
    ['{"series": {"a": {"csv": "x", "colum": "b"}}}', /got "colum"\. Did you mean "column"\?/],
    ['{"series": {"a": {"column": "b"}}}', /"series\.a\.csv": Expected the name of a file, got none/],
    ['{"artifacts": [1]}', /"artifacts": Expected a pattern of files/],
  ])('refuses the rules %s', async (text, message) => {
    const folder = temporaryFolder();
    write(folder, { 'rules.json': text, 'run/a': '' });
    const read = async () => {
      const rules = await readMapRules(join(folder, 'rules.json'));
      return await adopt(join(folder, 'run'), folder, { reader: (each) => mappedRuns(each, rules) });
    };
    await expect(read()).rejects.toThrow(message);
  });
});
