import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { encode } from '../../src/codec/json.ts';
import { PACKAGE, type Printed, TestProject } from '../project.ts';
import { writeRun } from './run-folders.ts';

type Fields = Record<string, unknown>;

const given = (values: Fields): Fields =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'given' }]));

const track = (points: readonly unknown[]): string =>
  `{"format":1,"attempt":1,"origin":"2026-01-31T12:00:00.000Z"}\n${points.map((point) => `${encode(point)}\n`).join('')}`;

/** Nine runs of three rates and three seeds, one that failed, one that runs elsewhere, and one of another experiment. */
function archive(): TestProject {
  const project = new TestProject();
  const results = join(project.root, 'results');
  for (const [rate, level] of [
    [0.1, 0.9],
    [0.2, 0.899],
    [0.3, 0.5],
  ] as const) {
    for (const seed of [1, 2, 3]) {
      const accuracy = level + seed / 100;
      const at = (seed - 1) * 60 + Math.round(rate * 600);
      writeRun(
        results,
        `r${rate * 10}s${seed}aaaa`,
        {
          parameters: {
            ...given({ LEARNING_RATE: rate, MODEL: { kind: 'linear', width: 8 }, __SEED__: seed, __DEBUG__: false }),
            API_KEY: { value: '[redacted]', redacted: true, source: 'given' },
          },
          startedAt: new Date(Date.parse('2026-01-31T12:00:00.000Z') + at * 1000).toISOString(),
          description: 'Fits a line.',
          tags: ['sweep', 'paper'],
          result: { accuracy, best: { step: 3 }, note: '=1+1' },
          git: { commit: 'abc', branch: 'main', dirty: true },
          series: {
            'loss/val': { count: 2, kind: 'number', last: 1 - accuracy, min: 1 - accuracy, max: 4 },
            text: { count: 1, kind: 'text', last: null },
            image: { count: 2, kind: 'image', last: null },
          },
        },
        {
          'experiment_data.json': encode({ results: { accuracy, name: 'ü', list: [1, 2] }, ['__proto__']: { x: 1 } }),
          'experiment_track.jsonl': track([
            ['loss/val', 0, 1.5, 4, { epoch: 0 }],
            ['text', 0, 1.6, '=say "hi"'],
            ['loss/val', 1, 2.5, 1 - accuracy, { epoch: 1 }],
            ['image', 0, 3, { $image: 'media/image/0.png' }],
            ['image', 1, 3, { $image: '../../secret.png' }],
          ]),
          'tables/cases.jsonl': `${encode({ id: seed, label: 'a,b' })}\n${encode({ id: 9, score: Number.NaN })}\n7\n`,
        },
      );
    }
  }
  const failing = { parameters: given({ LEARNING_RATE: 0.1, MODEL: { kind: 'linear', width: 8 }, __SEED__: 4 }) };
  writeRun(results, 'failed00', {
    ...failing,
    status: 'failed',
    title: 'Broke',
    startedAt: '2026-01-30T12:00:00.000Z',
  });
  writeRun(results, 'other000', {
    namespace: 'other',
    startedAt: '2026-01-29T12:00:00.000Z',
    parameters: given({ SIZE: 3 }),
  });
  return project;
}

let project: TestProject;
beforeAll(() => {
  project = archive();
});

function csv(path: string): Record<string, string>[] {
  return parse(project.read(path), { bom: true, columns: true }) as Record<string, string>[];
}

describe('comex export', () => {
  it('writes a master table: what is known of each run, its parameters, its result and its data', () => {
    const { status, stdout, stderr } = project.comex(['export', 'all.csv', '--namespace', 'digits']);
    expect([status, stdout]).toEqual([0, `${join(project.root, 'all.csv')}: 10 runs, 20 columns\n`]);
    expect(stderr).toBe('comex: Secret parameters have no column: API_KEY.\n');
    const rows = csv('all.csv');
    expect(Object.keys(rows[0]!)).toEqual([
      ...[
        'id',
        'name',
        'description',
        'tags',
        'status',
        'startedAt',
        'endedAt',
        'duration',
        'git.commit',
        'git.dirty',
        'jobs',
      ],
      ...['LEARNING_RATE', 'MODEL.kind', 'MODEL.width', '__SEED__'],
      ...['result.accuracy', 'result.note', 'results/accuracy', 'results/name', '__proto__/x'],
    ]);
    expect(rows[0]).toMatchObject({
      id: 'r3s3aaaa',
      description: 'Fits a line.',
      tags: 'sweep, paper',
      startedAt: '2026-01-31T12:05:00.000Z',
      duration: '185',
      'git.dirty': 'true',
      LEARNING_RATE: '0.3',
      'MODEL.width': '8',
      'result.note': "'=1+1",
      'results/name': 'ü',
    });
    expect(rows.at(-1)).toMatchObject({ id: 'failed00', name: 'Broke', status: 'failed', 'results/accuracy': '' });
  });

  it('writes the columns that are named, in their order and under their heads', () => {
    const columns =
      'PDM=results/accuracy,"LR, =x"=LEARNING_RATE,loss/val:min,MODEL,results/list/1,data.results/name,id';
    const words = [
      'export',
      'some.json',
      '--columns',
      columns.slice(0, -3),
      '--columns',
      'id',
      '--sort',
      '-results/accuracy',
      '--limit',
      '2',
    ];
    expect(project.comex(words).status).toBe(0);
    const rows = JSON.parse(project.read('some.json'));
    expect(Object.keys(rows[0])).toEqual([
      'PDM',
      'LR, =x',
      'loss/val:min',
      'MODEL',
      'results/list/1',
      'data.results/name',
      'id',
    ]);
    expect(rows.map(({ id }: { id: string }) => id)).toEqual(['r1s3aaaa', 'r2s3aaaa']);
    expect(rows[0]).toMatchObject({
      PDM: 0.93,
      MODEL: { kind: 'linear', width: 8 },
      'results/list/1': 2,
      'data.results/name': 'ü',
    });
  });

  it('writes typed Parquet, and what is left out of it as null', async () => {
    const words = [
      'export',
      't.parquet',
      '--columns',
      'id,LEARNING_RATE,results/accuracy,startedAt,git.dirty,__SEED__',
    ];
    expect(project.comex(words).status).toBe(0);
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(join(project.root, 't.parquet'));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBe(11);
    expect(rows[0]).toEqual({
      id: 'r3s3aaaa',
      LEARNING_RATE: 0.3,
      'results/accuracy': 0.53,
      startedAt: new Date('2026-01-31T12:05:00.000Z'),
      'git.dirty': true,
      __SEED__: 3n,
    });
    expect(rows.at(-1)).toMatchObject({ id: 'other000', LEARNING_RATE: null, __SEED__: null });
  });

  it('takes queries and runs, as every command that takes several', () => {
    const ids = (words: readonly string[]): string[] => {
      const { stdout } = project.comex(['export', '-', '--format', 'csv', '--columns', 'id', ...words]);
      return stdout.trimEnd().split('\r\n').slice(1);
    };
    expect(ids(['LEARNING_RATE < 0.2 && status == "done"'])).toEqual(['r1s3aaaa', 'r1s2aaaa', 'r1s1aaaa']);
    expect(ids(['r2s1aaaa', 'r1s1aaaa'])).toEqual(['r2s1aaaa', 'r1s1aaaa']);
    expect(ids(['--status', 'failed'])).toEqual(['failed00']);
    expect(ids(['--tag', 'paper', '--sort', 'LEARNING_RATE,-__SEED__', '--limit', '2'])).toEqual([
      'r1s3aaaa',
      'r1s2aaaa',
    ]);
  });

  it('writes nothing where no run matches, and leaves the table alone that is there', () => {
    project.write({ 'keep.csv': 'old\n' });
    const { status, stdout, stderr } = project.comex(['export', 'keep.csv', '--tag', 'none']);
    expect([status, stdout, stderr]).toEqual([0, '', 'comex: No runs match; nothing was written.\n']);
    expect(project.read('keep.csv')).toBe('old\n');
    expect(project.comex(['export', 'keep.csv', '--tag', 'none', '--json']).stdout).toBe('null\n');
  });

  it('says with --json what it wrote', () => {
    const { stdout } = project.comex(['export', 'j.csv', '--columns', 'id,LR=LEARNING_RATE', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      file: join(project.root, 'j.csv'),
      format: 'csv',
      rows: 11,
      columns: ['id', 'LR'],
      leftOut: [],
    });
  });

  it('writes numbers as in a language, and no byte order mark where none is wanted', () => {
    const words = ['--columns', 'id,LEARNING_RATE', '--limit', '1', '--locale', 'de-AT', '--no-bom'];
    expect(project.comex(['export', 'de.csv', ...words]).status).toBe(0);
    expect(project.read('de.csv')).toBe('id;LEARNING_RATE\r\nr3s3aaaa;0,3\r\n');
  });

  it('ends in peace when whoever reads its output goes away', () => {
    const results = join(project.root, 'large');
    writeRun(
      results,
      'large000',
      { series: { x: { count: 1, kind: 'number', last: 1 } } },
      {
        'experiment_track.jsonl': track(Array.from({ length: 50_000 }, (_, step) => ['x', step, step, step / 7])),
      },
    );
    const command = `"${process.execPath}" "${join(PACKAGE, 'dist/bin.js')}" export - --format csv --series x --results large`;
    const { stdout, stderr } = spawnSync('sh', ['-c', `${command} | head -n 1`], {
      cwd: project.root,
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['id,series,step,time,value\r\n', '']);
  });

  it.skipIf(process.platform === 'win32')(
    'keeps what goes to a pipe to itself meanwhile, and leaves nothing',
    async () => {
      const results = join(project.root, 'wide');
      const points = Array.from({ length: 50_000 }, (_, step) => ['x', step, step, step / 7]);
      const series = { x: { count: 1, kind: 'number', last: 1 } };
      writeRun(results, 'wide0000', { series }, { 'experiment_track.jsonl': track(points) });
      const temporary = join(project.root, 'temporary');
      mkdirSync(temporary);
      const words = [
        join(PACKAGE, 'dist/bin.js'),
        'export',
        '-',
        '--format',
        'csv',
        '--series',
        'x',
        '--results',
        'wide',
      ];
      const child = spawn(process.execPath, words, {
        cwd: project.root,
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // Its output is not read until then.
      await once(child.stdout, 'readable');
      const [folder = ''] = readdirSync(temporary).filter((name) => name.startsWith('comex-export-'));
      const [file = ''] = readdirSync(join(temporary, folder));
      const modes = [folder, join(folder, file)].map((path) => statSync(join(temporary, path)).mode & 0o777);
      expect(modes).toEqual([0o700, 0o600]);
      child.kill('SIGTERM');
      expect((await once(child, 'exit'))[1]).toBe('SIGTERM');
      expect(readdirSync(temporary).filter((name) => name.startsWith('comex-export-'))).toEqual([]);
    },
  );

  it('leaves out a run whose data cannot be read, and names it', () => {
    const broken = new TestProject();
    const results = join(broken.root, 'results');
    writeRun(results, 'good0000');
    const path = writeRun(results, 'bad00000');
    mkdirSync(join(path, 'experiment_data.json'));
    const { status, stdout, stderr } = broken.comex(['export', 'x.csv']);
    expect(status).toBe(0);
    expect(stdout).toContain('1 run, 11 columns; 1 run left out');
    expect(stderr).toContain('bad00000');
  });
});

/** What the command line prints, and its exit status, without a process of its own: where many commands are to be tried. */
async function printedHere(words: readonly string[]): Promise<Omit<Printed, 'signal'>> {
  const before = process.cwd();
  const listeners = [process.stdout, process.stderr].map((stream) => ({ stream, known: stream.listeners('error') }));
  const [stdout, stderr] = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation(() => true),
  );
  const printed = (spy: typeof stdout): string => spy!.mock.calls.map(([text]) => String(text)).join('');
  const { argv } = process;
  process.argv = [process.execPath, join(PACKAGE, 'dist/bin.js'), ...words];
  process.chdir(project.root);
  try {
    await main(words);
    return { status: Number(process.exitCode ?? 0), stdout: printed(stdout), stderr: printed(stderr) };
  } finally {
    process.exitCode = undefined;
    process.argv = argv;
    process.chdir(before);
    stdout!.mockRestore();
    stderr!.mockRestore();
    for (const { stream, known } of listeners) {
      for (const listener of stream.listeners('error')) {
        if (!known.includes(listener)) stream.off('error', listener as (error: Error) => void);
      }
    }
  }
}

describe('comex export refuses', () => {
  it.each([
    [['x.xlsx'], 'Expected FILE to end in .csv, .tsv, .json, .jsonl, .parquet, .md, .tex, or to be - with --format'],
    [['x.cvs'], 'Did you mean ".csv"?'],
    [['-'], 'Expected --format with -'],
    [['-', '--format', 'cvs'], 'Did you mean "csv"?'],
    [['-', '--format', 'csv', '--json'], 'Expected a file with --json'],
    [['x.csv', '--format', 'json'], 'Expected --format to fit the file, got json for x.csv'],
    [['x.csv', '--columns', 'results/acuracy'], 'Did you mean "results/accuracy"?'],
    [['x.csv', '--columns', 'data.results/acuracy'], 'Did you mean "data.results/accuracy"?'],
    [['x.csv', '--columns', 'LEARNING_RAT'], 'Did you mean "LEARNING_RATE"?'],
    [['x.csv', '--columns', 'loss/val:mim'], 'Of a series there are last, min, max, count, firstStep, lastStep.'],
    [['x.csv', '--columns', 'API_KEY'], 'It is a secret, and no run keeps it.'],
    [['x.csv', '--columns', 'a=id,a=name'], 'got two "a"'],
    [['x.csv', '--sort', '-results/acuracy'], 'Did you mean "results/accuracy"?'],
    [['x.csv', '--series', 'los/val'], 'Did you mean "loss/val"?'],
    [['x.csv', '--series', '*', '--columns', 'step=id'], 'got two "step"'],
    [['x.csv', '--tables', 'case'], 'Did you mean "cases"?'],
    [['x.csv', '--tables', 'cases', '--series', '*'], 'Expected --series or --tables, got both'],
    [['x.md', '--series', '*'], 'Expected --series with .csv, .tsv, .json, .jsonl or .parquet, got .md.'],
    [['x.csv', '--series', '*', '--fold-by', 'MODEL'], 'Expected --fold-by or --series, got both'],
    [['x.csv', '--best', 'max:x'], 'Expected --fold-by with --best'],
    [['x.csv', '--spread', 'sd'], 'Expected --fold-by with --spread'],
    [['x.csv', '--fold-by', 'MODEL', '--best', 'results/accuracy'], 'Expected --best to be max:NAME or min:NAME'],
    [['x.csv', '--fold-by', 'MODEL', '--best', 'max:results/acuracy'], 'Did you mean "results/accuracy"?'],
    [['x.csv', '--fold-by', 'MODEL', '--alpha', '0.1'], 'Expected --best with --alpha'],
    [['x.csv', '--fold-by', 'MODLE'], 'Did you mean "MODEL"?'],
    [['x.csv', '--fold-by', 'MODEL', '--sort', 'id'], 'Expected --sort to name a column of the folded table'],
    [['x.csv', '--fold-by', 'MODEL', '--spread', 'std'], 'Expected --spread to be one of sd, sem, ci95, minmax'],
    [['x.csv', '--locale', 'klingon'], 'Expected --locale to be a language with a decimal point or comma'],
    [['x.csv', '--locale', 'fa'], 'Expected --locale to be a language with a decimal point or comma'],
    [['x.json', '--locale', 'de'], '--locale is for .csv and .tsv'],
    [['x.csv', '--digits', '3'], '--digits is for .md and .tex'],
    [['x.csv', '--format', 'csv', '--format', 'tsv'], 'Expected --format once, got "csv" and "tsv".'],
    [['x.csv', '--fold-by', 'MODEL', '--spread', 'sd', '--spread', 'sem'], 'Expected --spread once'],
    [['x.csv', '--columns', ' , '], 'no name in it'],
    [['x.csv', '--series', ''], 'no name in it'],
    [['x.md', '--digits', 'many'], 'Expected --digits to be a whole number'],
    [['x.csv', '--fold-by', 'MODEL', '--best', 'max:results/accuracy', '--alpha', '5%'], 'got "5%"'],
    [['x.csv', '--fold-by', 'MODEL', '--best', 'max:results/accuracy', '--alpha', '5'], 'got 5.'],
    [['x.csv', '--limit', '1.5'], 'Expected --limit to be a whole number'],
    [['x.csv', '--view', 'paper'], 'It has none yet; --save-view NAME makes one.'],
    [['x.csv', 'r1s1aaaa', '--save-view', 'v'], 'Expected a query with --save-view, got the run "r1s1aaaa"'],
  ])('%j', async (words, message) => {
    const { status, stdout, stderr } = await printedHere(['export', ...words]);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
    expect(existsSync(join(project.root, 'x.csv'))).toBe(false);
  });

  it('a folder, a file that no export made, and one that cannot be written; nothing is left behind', () => {
    mkdirSync(join(project.root, 'folder.csv'));
    project.write({ 'README.md': '# Project\n', 'paper.tex': '\\documentclass{article}\n' });
    for (const file of ['folder.csv', 'package.json', 'README.md', 'paper.tex']) {
      const { status, stderr } = project.comex(['export', file]);
      expect([file, status]).toEqual([file, 2]);
      expect(stderr).toContain(file);
    }
    const { status, stderr } = project.comex(['export', 'nowhere/x.csv']);
    expect(status).toBe(1);
    expect(stderr).toContain('(E_STORAGE)');
    expect(project.comex(['export', 'README.md', '--force']).status).toBe(0);
    expect(project.read('README.md').startsWith('<!-- Made by comex export -->\n| id')).toBe(true);
    expect(readdirSync(project.root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('comex export replaces', () => {
  /** Exports onto a file of that content; whether it was replaced. */
  const replaces = async (file: string, content: string, words: readonly string[]): Promise<boolean> => {
    project.write({ [file]: content });
    const { status, stderr } = await printedHere(['export', file, ...words]);
    const isReplaced = project.read(file) !== content;
    expect([status, stderr.includes(`${file} does not look like a table`)]).toEqual(
      isReplaced ? [0, false] : [2, true],
    );
    return isReplaced;
  };

  it('no table of somebody else, in whatever format', async () => {
    const named = ['--columns', 'id,LEARNING_RATE'];
    for (const [file, content, words] of [
      ['own.csv', 'x,y,label\n1,2,a\n', []],
      ['own.csv', 'id,name,description\nr1s1aaaa,a,b\n1,2,3\n'.replace('r1s1aaaa', '17'), []],
      ['own.csv', 'id,verdict\nr1s1aaaa,good\n', []],
      ['own.csv', 'id,LEARNING_RATE,verdict\nr1s1aaaa,0.1,good\n', named],
      ['own.csv', 'id\n17\n', named],
      ['own.csv', 'a "b\nc', []],
      ['own.tsv', 'id,LEARNING_RATE\nr1s1aaaa,0.1\n', named],
      ['own.csv', 'LEARNING_RATE,n\n0.1,3\n', ['--fold-by', 'LEARNING_RATE']],
      ['own.csv', 'step,value\n0,1\n', ['--series', 'loss/val']],
      ['own.json', '[\n{"x":1}\n]\n', []],
      ['own.json', '[]\n', []],
      ['own.jsonl', '{"prompt":"a","text":"b"}\n', []],
      ['own.md', '| id | name |\n| --- | --- |\n', []],
      ['own.tex', '\\begin{tabular}{l}\n', []],
      ['own.parquet', 'PAR1 of somebody elsePAR1', []],
    ] as const) {
      expect([file, content, await replaces(file, content, words)]).toEqual([file, content, false]);
    }
    expect(project.comex(['export', 'own.csv', '--force']).status).toBe(0);
  });

  it('keeps no view of a command that was refused', () => {
    project.write({ 'own.csv': 'x,y\n' });
    expect(project.comex(['export', 'own.csv', '--save-view', 'never']).status).toBe(2);
    expect(existsSync(join(project.root, 'comex.config.json')) && project.read('comex.config.json')).not.toContain(
      'never',
    );
  });

  it('an export of before whose rows and columns have changed since', async () => {
    const named = ['--columns', 'id,LEARNING_RATE,results/accuracy'];
    const rates = ['--columns', 'LEARNING_RATE,__SEED__'];
    const folded = ['--fold-by', 'LEARNING_RATE'];
    for (const file of ['again.csv', 'again.jsonl'] as const) {
      for (const [first, ...later] of [
        [
          ['--namespace', 'digits'],
          ['--namespace', 'other'],
          ['--namespace', 'digits'],
        ],
        [['--columns', 'id,LEARNING_RATE'], named],
        [rates, ['--columns', '__SEED__,LEARNING_RATE']],
        [
          ['--tag', 'paper', ...folded],
          [...folded, '--columns', 'LEARNING_RATE,results/accuracy'],
        ],
        [
          ['--series', 'loss/*', '--tag', 'paper'],
          ['--series', 'text', '--status', 'done', '--limit', '1'],
        ],
      ] as const) {
        expect((await printedHere(['export', file, '--force', ...first])).status).toBe(0);
        for (const words of later) {
          const { status, stderr } = await printedHere(['export', file, ...words]);
          expect([file, words, status, stderr]).toEqual([file, words, 0, expect.not.stringContaining('look like')]);
        }
      }
    }
    for (const words of [['--locale', 'de'], [], ['--no-bom']]) {
      expect((await printedHere(['export', 'decimal.csv', ...rates, ...words])).status).toBe(0);
    }
    expect(await replaces('empty.csv', '', [])).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'a file and keeps its mode, whatever the umask; so does the configuration',
    () => {
      const modeOf = (file: string): string => (statSync(join(project.root, file)).mode & 0o777).toString(8);
      for (const mode of [0o600, 0o664]) {
        expect(project.comex(['export', 'mode.csv']).status).toBe(0);
        chmodSync(join(project.root, 'mode.csv'), mode);
        project.write({ 'comex.config.json': '{}\n' });
        chmodSync(join(project.root, 'comex.config.json'), mode);
        expect(project.comex(['export', 'mode.csv', '--save-view', 'v']).status).toBe(0);
        expect([modeOf('mode.csv'), modeOf('comex.config.json')]).toEqual([mode.toString(8), mode.toString(8)]);
      }
    },
  );

  it('a table of before, also behind a link', async () => {
    for (const file of ['a.json', 'a.jsonl', 'a.md', 'a.tex', 'a.parquet', 'a.tsv']) {
      for (const limit of ['2', '1']) {
        expect((await printedHere(['export', file, '--limit', limit])).status).toBe(0);
      }
    }
    symlinkSync('a.jsonl', join(project.root, 'link.jsonl'));
    expect(project.comex(['export', 'link.jsonl', '--limit', '3']).status).toBe(0);
    expect(project.read('a.jsonl').trimEnd().split('\n').length).toBe(3);
  });
});

describe('comex export --view', () => {
  it('takes the options that --save-view kept, and those of the command line first', () => {
    project.write({ 'comex.config.json': '{\n  "tags": ["kept", "as-is"]\n}\n' });
    const words = [
      '--columns',
      'Rate=LEARNING_RATE,Acc=results/accuracy',
      '--fold-by',
      'LEARNING_RATE',
      '--sort',
      '-Acc',
    ];
    const saved = project.comex([
      'export',
      'v.csv',
      'status == "done"',
      '--tag',
      'paper',
      ...words,
      '--save-view',
      'paper',
    ]);
    expect(saved.status).toBe(0);
    expect(project.read('comex.config.json')).toContain('"tags": ["kept", "as-is"],\n  "views": {\n    "paper": {');
    expect(JSON.parse(project.read('comex.config.json')).views.paper).toEqual({
      columns: 'Rate=LEARNING_RATE,Acc=results/accuracy',
      query: 'status == "done"',
      tag: ['paper'],
      sort: '-Acc',
      foldBy: 'LEARNING_RATE',
    });
    const before = project.read('v.csv');
    expect(project.comex(['export', 'w.csv', '--view', 'paper']).status).toBe(0);
    expect(project.read('w.csv')).toBe(before);
    expect(project.comex(['export', 'w.md', '--view', 'paper', '--sort', 'Rate', '--limit', '1']).status).toBe(0);
    expect(project.read('w.md')).toBe(
      '<!-- Made by comex export -->\n| Rate |   n |           Acc |\n| ---: | --: | ------------: |\n|  0.1 |   3 | 0.920 ± 0.010 |\n',
    );
    const { stderr } = project.comex(['export', 'w.csv', '--view', 'papper']);
    expect(stderr).toContain('Did you mean "paper"?');
  });
});

describe('comex export --series', () => {
  it('writes all points with the parameters that tell the runs apart', () => {
    const words = [
      '--series',
      'loss/*,image,text',
      '--tag',
      'paper',
      '--sort',
      'LEARNING_RATE,__SEED__',
      '--limit',
      '4',
    ];
    const { status, stdout } = project.comex(['export', 's.jsonl', ...words]);
    expect(stdout).toContain('20 points, 7 columns');
    expect(status).toBe(0);
    const points = project
      .read('s.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(points.slice(0, 5)).toEqual([
      { id: 'r1s1aaaa', LEARNING_RATE: 0.1, series: 'loss/val', step: 0, time: 1.5, value: 4, 'axes.epoch': 0 },
      {
        id: 'r1s1aaaa',
        LEARNING_RATE: 0.1,
        series: 'text',
        step: 0,
        time: 1.6,
        value: '=say "hi"',
        'axes.epoch': null,
      },
      { id: 'r1s1aaaa', LEARNING_RATE: 0.1, series: 'loss/val', step: 1, time: 2.5, value: 1 - 0.91, 'axes.epoch': 1 },
      {
        id: 'r1s1aaaa',
        LEARNING_RATE: 0.1,
        series: 'image',
        step: 0,
        time: 3,
        value: 'media/image/0.png',
        'axes.epoch': null,
      },
      { id: 'r1s1aaaa', LEARNING_RATE: 0.1, series: 'image', step: 1, time: 3, value: null, 'axes.epoch': null },
    ]);
    expect(points.at(-1)).toMatchObject({ id: 'r2s1aaaa', LEARNING_RATE: 0.2 });
  });

  it('writes them with columns that are named, typed in Parquet and escaped in CSV', async () => {
    const words = ['--tag', 'paper', '--columns', 'run=id,seed=__SEED__'];
    expect(project.comex(['export', 's.parquet', '--series', 'loss/val', ...words]).status).toBe(0);
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(join(project.root, 's.parquet'));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBe(18);
    expect(rows[0]).toEqual({
      run: 'r3s3aaaa',
      seed: 3n,
      series: 'loss/val',
      step: 0n,
      time: 1.5,
      value: 4,
      'axes.epoch': 0n,
    });
    expect(project.comex(['export', 's.csv', '--series', 'text', ...words]).status).toBe(0);
    expect(csv('s.csv')[0]).toEqual({
      run: 'r3s3aaaa',
      seed: '3',
      series: 'text',
      step: '0',
      time: '1.6',
      value: `'=say "hi"`,
    });
  });

  it('says so where the runs have no such points', () => {
    const { status, stderr } = project.comex(['export', 'none.csv', '--series', 'loss/val', '--status', 'failed']);
    expect([status, stderr]).toEqual([0, 'comex: The runs have no such points; nothing was written.\n']);
    expect(existsSync(join(project.root, 'none.csv'))).toBe(false);
  });
});

describe('comex export --tables', () => {
  it('writes the rows that were recorded, with their run', () => {
    const words = ['--tables', 'cas*', '--columns', 'id,LR=LEARNING_RATE', 'r1s2aaaa'];
    expect(project.comex(['export', 't.json', ...words]).status).toBe(0);
    expect(JSON.parse(project.read('t.json'))).toEqual([
      { id: 'r1s2aaaa', LR: 0.1, table: 'cases', 'row.id': 2, label: 'a,b', score: null, value: null },
      { id: 'r1s2aaaa', LR: 0.1, table: 'cases', 'row.id': 9, label: null, score: { $number: 'NaN' }, value: null },
      { id: 'r1s2aaaa', LR: 0.1, table: 'cases', 'row.id': null, label: null, score: null, value: 7 },
    ]);
  });
});

describe('comex export --fold-by', () => {
  const columns = 'LR=LEARNING_RATE,Acc=results/accuracy,Loss=loss/val:min,tags,id';

  it('folds repeats to mean and deviation, with the runs that failed counted and named', () => {
    const words = ['--namespace', 'digits', '--fold-by', 'LEARNING_RATE', '--columns', columns];
    const { stderr } = project.comex(['export', 'f.csv', ...words]);
    expect(stderr).toBe(
      'comex: 1 run is not done: it is left out of the means, and counted as failed.\n' +
        'comex: id is not the same in all runs of a group, and is left empty there. Fold by it, or leave it out.\n',
    );
    const rows = csv('f.csv');
    expect(Object.keys(rows[0]!)).toEqual([
      'LR',
      'n',
      'failed',
      'Acc mean',
      'Acc sd',
      'Loss mean',
      'Loss sd',
      'tags',
      'id',
    ]);
    expect(rows.map(({ LR, n, failed, tags, id }) => [LR, n, failed, tags, id])).toEqual([
      ['0.1', '3', '1', 'sweep, paper', ''],
      ['0.2', '3', '0', 'sweep, paper', ''],
      ['0.3', '3', '0', 'sweep, paper', ''],
    ]);
    expect(Number(rows[0]!['Acc mean'])).toBeCloseTo(0.92, 12);
    expect(Number(rows[0]!['Acc sd'])).toBeCloseTo(0.01, 12);
  });

  it('marks the best where it can be told by pairs of seeds', () => {
    const words = ['--tag', 'paper', '--fold-by', 'LEARNING_RATE', '--columns', columns.replace(',tags,id', '')];
    expect(project.comex(['export', 'b.csv', ...words, '--best', 'max:Acc,min:loss/val:min']).status).toBe(0);
    expect(csv('b.csv').map((row) => [row['Acc best'], row['Loss best']])).toEqual([
      ['best', 'best'],
      ['', ''],
      ['', ''],
    ]);
    project.comex(['export', 'b.tex', ...words, '--best', 'max:Acc', '--spread', 'minmax']);
    expect(project.read('b.tex')).toContain(
      '0.1 & 3 & $\\mathbf{0.920}\\ [0.910, 0.930]$ & $0.080\\ [0.070, 0.090]$ \\\\',
    );
    project.comex(['export', 'b.json', ...words, '--spread', 'ci95', '--limit', '1']);
    const [row] = JSON.parse(project.read('b.json'));
    expect(row['Acc ci95']).toBeCloseTo((4.302652729911275 * 0.01) / Math.sqrt(3), 10);
  });

  it('marks ties where the best cannot be told, and nothing where runs have no repeats', () => {
    const ties = new TestProject();
    for (const [rate, values] of [
      [0.1, [0.9, 0.91]],
      [0.2, [0.905, 0.9]],
      [0.3, [0.1, 0.11]],
    ] as const) {
      for (const [seed, accuracy] of values.entries()) {
        writeRun(join(ties.root, 'results'), `t${rate * 10}s${seed}aaaa`, {
          parameters: given({ LEARNING_RATE: rate }),
          seed: { value: rate * 100 + seed, drawn: true },
          result: { accuracy },
        });
      }
    }
    const words = [
      '--fold-by',
      'LEARNING_RATE',
      '--columns',
      'LEARNING_RATE,result.accuracy',
      '--best',
      'max:result.accuracy',
    ];
    const { stderr } = ties.comex(['export', 't.md', ...words]);
    expect(stderr).toBe('comex: result.accuracy: no group is marked as the best; 2 are not told apart (alpha 0.05).\n');
    expect(ties.read('t.md')).toBe(
      [
        '<!-- Made by comex export -->',
        '| LEARNING_RATE |   n | result.accuracy |',
        '| ------------: | --: | --------------: |',
        '|           0.1 |   2 | 0.905 ± 0.007 † |',
        '|           0.2 |   2 | 0.903 ± 0.004 † |',
        '|           0.3 |   2 |   0.105 ± 0.007 |',
        '',
        '† not told from the best of its column (t-tests, two-sided, Holm, alpha = 0.05)',
        '',
      ].join('\n'),
    );
    const alone = ties.comex(['export', 'o.md', ...words, '--limit', '3', 't1s0', 't2s0']);
    expect(alone.stderr).toContain('nothing is marked, since of one run nobody can tell how far its repeats lie apart');
    expect(ties.read('o.md')).not.toMatch(/\*\*|†/);
  });

  it('marks the best only where it is told from every other group, also from one with a worse mean and a wide spread', () => {
    const wide = new TestProject();
    for (const [rate, values] of [
      [0.1, [9.99, 10, 10.01]],
      [0.2, [8.99, 9, 9.01]],
      [0.3, [0.5, 8.5, 17.7]],
    ] as const) {
      for (const [seed, accuracy] of values.entries()) {
        writeRun(join(wide.root, 'results'), `w${rate * 10}s${seed}aaaa`, {
          parameters: given({ LEARNING_RATE: rate }),
          result: { accuracy },
        });
      }
    }
    const words = ['--fold-by', 'LEARNING_RATE', '--columns', 'LEARNING_RATE,A=result.accuracy', '--best', 'max:A'];
    expect(wide.comex(['export', 'w.json', ...words]).status).toBe(0);
    const rows = JSON.parse(wide.read('w.json')) as Fields[];
    expect(rows.map((row) => row['A best'])).toEqual(['tie', null, 'tie']);
    // One of one run is told from none, and keeps no other from being judged.
    expect(wide.comex(['export', 'w.json', ...words, 'w1s0', 'w1s1', 'w2s0', 'w2s1', 'w3s0']).status).toBe(0);
    const few = JSON.parse(wide.read('w.json')) as Fields[];
    expect(few.map((row) => row['A best'])).toEqual(['tie', null, 'tie']);
  });

  describe('of runs without some values', () => {
    let gaps: TestProject;
    beforeAll(() => {
      gaps = new TestProject();
      const results = join(gaps.root, 'results');
      for (const [planner, values] of [
        ['a', [1.1, 1.2, 1.3]],
        ['b', [2.1, 2.2, 2.3, Number.NaN, undefined]],
      ] as const) {
        for (const [seed, x] of values.entries()) {
          const result = x === undefined ? { huge: 1e308 } : { x, huge: 1e308 };
          writeRun(results, `${planner}${seed}aaaaaa`, { parameters: given({ PLANNER: planner, SEED: seed }), result });
        }
      }
      for (const seed of [0, 1, 2]) {
        const parameters = given({ SEED: seed, ...(seed === 0 ? { WIDTH: 1 } : {}) });
        writeRun(results, `z${seed}aaaaaa`, { namespace: 'other', parameters, result: { x: 9 + seed / 10 } });
      }
    });
    const folded = ['--fold-by', 'PLANNER', '--columns', 'PLANNER,x=result.x,huge=result.huge'];

    it('marks a mean over fewer runs than n in the table, and says of how many it is', () => {
      const markdown = gaps.comex(['export', '-', '--format', 'md', ...folded]);
      expect(markdown.stdout).toBe(
        [
          '<!-- Made by comex export -->',
          '| PLANNER |   n |                        x |      huge |',
          '| ------- | --: | -----------------------: | --------: |',
          '| a       |   3 |              1.20 ± 0.10 | 1e308 ± 0 |',
          '| b       |   5 | 2.20 ± 0.10 <sup>a</sup> | 1e308 ± 0 |',
          '',
          '<sup>a</sup> of 3 runs; NaN 1, missing 1',
          '',
        ].join('\n'),
      );
      const latex = gaps.comex(['export', '-', '--format', 'tex', ...folded, '--best', 'max:x', '--alpha', '1e-2']);
      expect(latex.stdout).toContain('b & 5 & $\\mathbf{2.20} \\pm 0.10^{\\mathrm{a}}$ &');
      expect(latex.stdout).toContain('$^{\\mathrm{a}}$ of 3 runs; NaN 1, missing 1} \\\\\n\\end{tabular}');
      const first = gaps.comex(['export', '-', '--format', 'md', ...folded, '--limit', '1']);
      expect(first.stdout).not.toContain('sup');
    });

    it('leaves out, and counts, runs that have nothing of what is folded by', () => {
      const words = ['--fold-by', 'PLANNER', '--columns', 'PLANNER,x=result.x', '--best', 'max:x'];
      const { stderr } = gaps.comex(['export', 'k.json', ...words]);
      const rows = JSON.parse(gaps.read('k.json')) as Fields[];
      expect(rows.map((row) => [row.PLANNER, row['x best']])).toEqual([
        ['a', null],
        ['b', 'best'],
      ]);
      expect(stderr).toContain('comex: 3 runs without PLANNER were left out.\n');
      const two = gaps.comex(['export', 'k.json', '--fold-by', 'PLANNER,WIDTH', '--columns', 'result.x']);
      for (const part of [
        '8 runs without WIDTH were',
        '2 runs without PLANNER and WIDTH were',
        '1 run without PLANNER was',
      ]) {
        expect(two.stderr).toContain(part);
      }
      expect(two.stderr).toContain('nothing was written');
    });

    it('sorts by a head with a comma in the same words, folded or not, and takes it with --best', () => {
      const columns = ['--columns', 'PLANNER,"PDM, %"=result.x', '--sort', '-"PDM, %"'];
      const plain = gaps.comex(['export', '-', '--format', 'csv', ...columns, '--namespace', 'digits', '--limit', '1']);
      expect(plain.stdout).toBe('PLANNER,"PDM, %"\r\nb,2.3\r\n');
      const words = ['--fold-by', 'PLANNER', '--best', 'max:"PDM, %"'];
      const { stdout } = gaps.comex(['export', '-', '--format', 'csv', ...columns, ...words]);
      expect(stdout.split('\r\n').map((line) => line[0])).toEqual(['P', 'b', 'a', undefined]);
    });
  });

  it('counts a pruned run as neither done nor failed', () => {
    const pruned = new TestProject();
    for (const [id, status] of [
      ['a0000000', 'done'],
      ['b0000000', 'failed'],
      ['c0000000', 'pruned'],
    ] as const) {
      writeRun(join(pruned.root, 'results'), id, { parameters: given({ LR: 1 }), status, result: { x: 1 } });
    }
    const { stderr } = pruned.comex(['export', 'p.json', '--fold-by', 'LR', '--columns', 'LR,result.x']);
    expect(JSON.parse(pruned.read('p.json'))).toMatchObject([{ n: 1, failed: 1 }]);
    expect(stderr).toContain('1 run is pruned or not at an end: it is left out.');
  });

  it('has the numbers of the result and the data when no columns are named', () => {
    const { status } = project.comex(['export', 'd.csv', '--tag', 'paper', '--fold-by', 'LEARNING_RATE']);
    expect(status).toBe(0);
    expect(Object.keys(csv('d.csv')[0]!)).toEqual([
      ...['LEARNING_RATE', 'n', 'failed', 'duration mean', 'duration sd'],
      ...['result.accuracy mean', 'result.accuracy sd', 'results/accuracy mean', 'results/accuracy sd'],
      ...['__proto__/x mean', '__proto__/x sd'],
    ]);
  });
});
