import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PlotOptions, plot } from '../../src/cli/plot.ts';
import { decode } from '../../src/codec/json.ts';
import { TestProject } from '../project.ts';
import { CONTROLS, HARMFUL, scopeOf, trackOf, widthOf } from './looking.ts';
import { temporaryFolder, writeRun } from './run-folders.ts';

const given = (values: Readonly<Record<string, unknown>>) => ({
  parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'given' }])),
});

function archive(): string {
  const results = temporaryFolder();
  const add = (id: string, rate: number, seed: number, offset: number): void => {
    const points = [0, 1, 2, 3].flatMap((step) => [
      ['loss/train', step, step * 1000, offset + step, { epoch: Math.floor(step / 2) }],
      ['loss/val', step, step * 1000, offset - step],
    ]);
    const track = trackOf(...points, ['words', 0, 0, 'hello']);
    writeRun(
      results,
      id,
      { ...given({ RATE: rate }), seed: { value: seed, drawn: false } },
      { 'experiment_track.jsonl': track },
    );
  };
  add('aaaaaaaa', 0.1, 1, 0);
  add('bbbbbbbb', 0.1, 2, 2);
  add('cccccccc', 0.2, 1, 10);
  return results;
}

async function plotted(
  results: string,
  words: readonly string[],
  options: PlotOptions = {},
  how: Parameters<typeof scopeOf>[1] = {},
) {
  const scope = scopeOf(results, how);
  const status = await plot(words, {}, options, scope);
  return { ...scope.seen, status };
}

interface Line {
  readonly series: string;
  readonly runs: readonly string[];
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly unknown[];
  readonly deviation?: readonly number[];
}

async function linesOf(results: string, words: readonly string[], options: PlotOptions = {}): Promise<Line[]> {
  const { out } = await plotted(results, words, options, { json: true });
  return out
    .trimEnd()
    .split('\n')
    .map((line) => decode(line) as Line);
}

describe('comex plot', () => {
  it('names a run whose series cannot be read, and draws the others, also their means', async () => {
    const results = archive();
    const track = join(results, 'digits/2026-01-31__12-00-00__bbbbbbbb/experiment_track.jsonl');
    rmSync(track);
    mkdirSync(track);
    const all = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'loss/train'];
    const { status, out, err } = await plotted(results, all, {}, { json: true });
    expect([status, out.trimEnd().split('\n').length]).toEqual([0, 2]);
    expect(err).toContain('bbbbbbbb/experiment_track.jsonl: it is a folder');
    const means = await linesOf(results, all, { mean: true });
    expect(means.map(({ runs }) => runs)).toEqual([['aaaaaaaa'], ['cccccccc']]);
    const none = await plotted(results, ['bbbbbbbb', 'loss/train']);
    expect([none.status, none.out]).toEqual([1, '']);
    expect(none.err).toContain('it is a folder');
  });

  it('takes runs, and behind them series, also by a glob', async () => {
    const results = archive();
    const lines = await linesOf(results, ['aaaaaaaa', 'cccccccc', 'loss/*']);
    expect(lines.map(({ series, runs, label }) => [series, runs, label])).toEqual([
      ['loss/train', ['aaaaaaaa'], 'loss/train RATE=0.1'],
      ['loss/train', ['cccccccc'], 'loss/train RATE=0.2'],
      ['loss/val', ['aaaaaaaa'], 'loss/val RATE=0.1'],
      ['loss/val', ['cccccccc'], 'loss/val RATE=0.2'],
    ]);
    expect(lines[0]).toMatchObject({ x: [0, 1, 2, 3], y: [0, 1, 2, 3] });
  });

  it('takes all words for runs where series are named by an option, and options for the runs', async () => {
    const results = archive();
    const lines = await linesOf(results, ['aaaaaaaa', 'bbbbbbbb'], { series: ['loss/val', 'loss/train'] });
    expect(lines.map(({ runs, series }) => [...runs, series])).toEqual([
      ['aaaaaaaa', 'loss/val'],
      ['bbbbbbbb', 'loss/val'],
      ['aaaaaaaa', 'loss/train'],
      ['bbbbbbbb', 'loss/train'],
    ]);
    const project = new TestProject();
    const words = ['plot', '--status', 'done', '--series', 'loss/val', '--json', '--results', results];
    const { stdout, status } = project.comex(words);
    expect([status, stdout.trimEnd().split('\n').length]).toEqual([0, 3]);
  });

  it('takes a query for the runs, and names runs by what differs between them', async () => {
    const lines = await linesOf(archive(), ['RATE < 1', 'loss/train']);
    expect(lines.map(({ label }) => label).sort()).toEqual(['RATE=0.1 seed=1', 'RATE=0.1 seed=2', 'RATE=0.2']);
  });

  it('draws over time and over an axis', async () => {
    const results = archive();
    expect((await linesOf(results, ['aaaaaaaa', 'loss/train'], { x: 'time' }))[0]?.x).toEqual([0, 1, 2, 3]);
    expect((await linesOf(results, ['aaaaaaaa', 'loss/train'], { x: 'epoch' }))[0]).toMatchObject({
      x: [0, 1],
      y: [0.5, 2.5],
    });
    const wrong = plotted(results, ['aaaaaaaa', 'loss/train'], { x: 'epohc' });
    expect(await wrong).toMatchObject({ status: 1, err: expect.stringContaining('Did you mean "epoch"?') });
  });

  it('takes the mean of runs that differ in nothing but their seed', async () => {
    const lines = await linesOf(archive(), ['RATE < 1', 'loss/train'], { mean: true });
    const byRate = new Map(lines.map((line) => [line.label, line]));
    expect([...byRate.keys()].sort()).toEqual(['RATE=0.1 (mean ± sd of 2)', 'RATE=0.2 (one run)']);
    const mean = byRate.get('RATE=0.1 (mean ± sd of 2)');
    expect(mean?.y).toEqual([1, 2, 3, 4]);
    for (const deviation of mean?.deviation ?? []) expect(deviation).toBeCloseTo(Math.SQRT2);
  });

  it('leaves out of a logarithmic axis what is not above 0, and says so', async () => {
    const { out, err } = await plotted(archive(), ['aaaaaaaa', 'loss/train'], { log: true });
    expect(err).toContain('1 of the values of "loss/train" in the run aaaaaaaa are not above 0');
    expect(out).toContain('1 value not finite');
  });

  it('names a series that no run has with the nearest, and those that there are when none was named', async () => {
    const results = archive();
    await expect(plotted(results, ['aaaaaaaa', 'loss/trian'])).rejects.toThrow('Did you mean "loss/train"?');
    await expect(plotted(results, ['aaaaaaaa'])).rejects.toThrow('They have loss/train, loss/val, words.');
    await expect(plotted(results, ['zzzzzzzz', 'loss/train'])).rejects.toMatchObject({ code: 'E_RUN_NOT_FOUND' });
    const none = plotted(results, ['aaaaaaaa', 'words']);
    expect(await none).toMatchObject({ status: 1, out: '', err: expect.stringContaining('nothing left to draw') });
  });

  it('goes on without a run that lacks a series, and names it', async () => {
    const results = archive();
    writeRun(results, 'dddddddd', given({ RATE: 3 }), { 'experiment_track.jsonl': trackOf(['other', 0, 0, 1]) });
    const { err, out } = await plotted(results, ['aaaaaaaa', 'dddddddd', 'loss/train'], {}, { json: true });
    expect(err).toContain('The run dddddddd has no series "loss/train".');
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [80, true],
    [40, true],
    [80, false],
    [20, false],
  ])('draws into a terminal of %d columns (Unicode: %s), harmless', async (columns, unicode) => {
    const results = temporaryFolder();
    const points = Array.from({ length: 5000 }, (_, i) => [HARMFUL, i, i, Math.sin(i / 500)]);
    for (const id of ['aaaaaaaa', 'bbbbbbbb']) {
      writeRun(
        results,
        id,
        { namespace: HARMFUL, ...given({ A: `${HARMFUL}${id}` }) },
        { 'experiment_track.jsonl': trackOf(...points) },
      );
    }
    const words = ['aaaaaaaa', 'bbbbbbbb'];
    const { out } = await plotted(results, words, { series: [HARMFUL] }, { columns, unicode });
    expect(out).not.toMatch(CONTROLS);
    expect(widthOf(out)).toBeLessThanOrEqual(columns);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is no ASCII
    if (!unicode) expect(out).toMatch(/^[\x00-\x7f]*$/);
  });

  it.each([
    ['one value', [1]],
    ['a constant', [5, 5, 5]],
    ['huge values', [-1e308, 1e308]],
    ['tiny values', [1e-300, 3e-300]],
    ['values between gaps', [Number.NaN, 1, Number.POSITIVE_INFINITY, 2]],
  ])('draws %s', async (_, values) => {
    const results = temporaryFolder();
    const track = trackOf(...values.map((value, step) => ['loss', step, step, value]));
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_track.jsonl': track });
    for (const log of [false, true]) {
      const { out } = await plotted(results, ['aaaaaaaa'], { log });
      expect(out).not.toContain('NaN');
      expect(widthOf(out)).toBeLessThanOrEqual(80);
    }
    const { status } = await plotted(results, ['aaaaaaaa'], { out: 'plot.svg', log: true });
    expect(status).toBe(0);
  });

  it('names a series of which nothing can be drawn, and fails when there is no other', async () => {
    const results = temporaryFolder();
    const nothing = [Number.NaN, Number.POSITIVE_INFINITY].map((value, step) => ['nan', step, step, value]);
    const track = trackOf(...nothing, ['loss', 0, 0, 1], ['loss', 1, 1, 2], ['zero', 0, 0, 0]);
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_track.jsonl': track });
    const said = 'The series "nan" of the run aaaaaaaa holds no numbers that can be drawn.';
    for (const out of [undefined, 'plot.svg']) {
      const none = await plotted(results, ['aaaaaaaa', 'nan'], { out });
      expect(none).toEqual({ out: '', err: `comex: ${said}\n`, status: 1 });
      expect(existsSync(join(results, 'plot.svg'))).toBe(false);
    }
    const some = await plotted(results, ['aaaaaaaa', 'nan', 'loss']);
    expect(some).toMatchObject({ err: `comex: ${said}\n`, status: 0 });
    expect(some.out).toContain('digits aaaaaaaa: loss\n');
    expect(await plotted(results, ['aaaaaaaa', 'zero'], { log: true })).toMatchObject({ out: '', status: 1 });
    const [line] = await linesOf(results, ['aaaaaaaa', 'nan']);
    expect(line?.y).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it('says which scale it has, also where the title has no room', async () => {
    const results = temporaryFolder();
    const points = Array.from({ length: 20 }, (_, step) => ['loss', step, step, 10 ** -step]);
    writeRun(results, 'aaaaaaaa', { namespace: 'x'.repeat(99) }, { 'experiment_track.jsonl': trackOf(...points) });
    for (const columns of [80, 20]) {
      const titleOf = async (log: boolean) =>
        (await plotted(results, ['aaaaaaaa'], { log }, { columns })).out.split('\n')[0]!;
      expect(await titleOf(false)).not.toContain('log scale');
      expect(await titleOf(true)).toMatch(/ \(log scale\)$/);
      expect(widthOf(await titleOf(true))).toBeLessThanOrEqual(columns);
    }
  });

  it('cuts long names of series where it lists them', async () => {
    const results = temporaryFolder();
    const names = ['x'.repeat(10_000), `a\nb${HARMFUL}`];
    const track = trackOf(...names.map((name) => [name, 0, 0, 1]));
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_track.jsonl': track });
    const wrong = await plotted(results, ['aaaaaaaa', 'zzz']).catch(({ message }) => message as string);
    expect(wrong).toMatch(/They have x+…x+, a b/);
    expect(String(wrong).length).toBeLessThan(300);
    expect(wrong).not.toContain('\n');
  });

  it('writes a picture into a file, and refuses other kinds of files', async () => {
    const results = archive();
    for (const [file, magic] of [
      ['a.png', '\x89PNG'],
      ['a.SVG', '<?xml'],
    ] as const) {
      const { out } = await plotted(results, ['RATE < 1', 'loss/*'], { out: file, mean: true });
      expect(out).toBe(`${file}\n`);
      expect(readFileSync(join(results, file), 'latin1').slice(0, magic.length)).toBe(magic);
    }
    const jpeg = plotted(results, ['aaaaaaaa', 'loss/*'], { out: 'a.jpeg' });
    await expect(jpeg).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(existsSync(join(results, 'a.jpeg'))).toBe(false);
  });

  it('draws at most 24 lines, and says how many are left out', async () => {
    const results = temporaryFolder();
    const points = Array.from({ length: 30 }, (_, i) => [`s${i}`, 0, 0, i]);
    writeRun(results, 'aaaaaaaa', {}, { 'experiment_track.jsonl': trackOf(...points) });
    const { err } = await plotted(results, ['aaaaaaaa', 's*'], {}, { json: true });
    expect(err).toContain('6 more lines are left out');
  });
});
