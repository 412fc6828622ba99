import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trackFile } from '../../src/archive/layout.ts';
import { readSeries, type Series, SeriesReader, scanSeries, summarise } from '../../src/archive/series.ts';
import { TrackLineParser } from '../../src/archive/track-line.ts';
import { decode, encode } from '../../src/codec/json.ts';
import { temporaryFolder, thrown, trackHeader, write, writeRun, writeTrack } from './run-folder.ts';

function runWith(lines: readonly unknown[], torn = false): string {
  const folder = temporaryFolder();
  writeTrack(folder, 1, [trackHeader(), ...lines], torn);
  return folder;
}

/** A series by both ways of reading, which must be the same. */
function read(folder: string, name: string): Series | undefined {
  const one = readSeries(folder, name);
  const of = new SeriesReader(folder).get(name);
  expect(plain(one)).toEqual(plain(of));
  return one;
}

function plain(series: Series | undefined): unknown {
  if (series === undefined) return undefined;
  const { name, kind, count, steps, times, values, axes, damaged } = series;
  return {
    name,
    kind,
    count,
    steps,
    times,
    values,
    axes,
    damaged,
    points: [...series.points()],
    texts: series.texts(),
  };
}

test('a series of numbers is read into columns', () => {
  const folder = runWith([
    ['loss', 0, 1.5, 0.5],
    ['accuracy', 0, 2, 0.1],
    ['loss', 1, 3.25, -0.25],
  ]);
  const loss = read(folder, 'loss') as Series;
  expect(loss).toMatchObject({ name: 'loss', kind: 'number', count: 2, damaged: 0 });
  expect([...loss.steps]).toEqual([0, 1]);
  expect([...loss.times]).toEqual([1.5, 3.25]);
  expect([...loss.values]).toEqual([0.5, -0.25]);
  expect([...loss.points()]).toEqual([
    { step: 0, time: 1.5, value: 0.5 },
    { step: 1, time: 3.25, value: -0.25 },
  ]);
  expect(loss.at(-1)).toEqual({ step: 1, time: 3.25, value: -0.25 });
  expect(loss.at(2)).toBeUndefined();
  expect(new SeriesReader(folder).names()).toEqual(['loss', 'accuracy']);
});

test('NaN, the infinities and -0 come back as what they are', () => {
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];
  const series = read(runWith(values.map((value, i) => ['x', i, i, value])), 'x') as Series;
  expect([...series.values]).toEqual(values);
  expect(series.kind).toBe('number');
  expect([...series.points()].map(({ value }) => value)).toEqual(values);
});

test('texts and images have their own columns', () => {
  const folder = runWith([
    ['sample', 0, 0, 'grüße "你好"'],
    ['sample', 1, 1, { $image: 'media/sample/1.png' }],
    ['sample', 2, 2, 3],
    ['words', 0, 0, 'one'],
    ['picture', 0, 0, { $image: 'media/picture/0.png' }],
    ['picture', 1, 1, { $image: '../../etc/passwd' }],
  ]);
  const sample = read(folder, 'sample') as Series;
  expect(sample.kind).toBe('mixed');
  expect([...sample.values]).toEqual([Number.NaN, Number.NaN, 3]);
  expect(sample.texts()).toEqual(['grüße "你好"', null, null]);
  expect(sample.images()).toEqual([null, 'media/sample/1.png', null]);
  expect(read(folder, 'words')?.kind).toBe('text');
  expect(read(folder, 'picture')?.kind).toBe('image');
  expect(read(folder, 'picture')?.images()).toEqual(['media/picture/0.png', null]);
});

test('further axes are columns with NaN where a point has none', () => {
  const folder = runWith([
    ['x', 0, 0, 1],
    ['x', 1, 0, 2, { epoch: 3, ['__proto__']: 7 }],
    ['x', 2, 0, 3, { epoch: 4, bad: 'no' }],
  ]);
  const series = read(folder, 'x') as Series;
  expect(Object.keys(series.axes).sort()).toEqual(['__proto__', 'epoch']);
  expect([...(series.axes.epoch as Float64Array)]).toEqual([Number.NaN, 3, 4]);
  expect([...series.points()].map(({ axes }) => axes?.epoch)).toEqual([undefined, 3, 4]);
});

test('axes that come late in a long series are laid out right', () => {
  const lines = Array.from({ length: 100 }, (_, i) => (i < 20 ? ['x', i, 0, i] : ['x', i, 0, i, { epoch: i }]));
  const { epoch } = (read(runWith(lines), 'x') as Series).axes;
  expect([...(epoch as Float64Array)]).toEqual(lines.map((_, i) => (i < 20 ? Number.NaN : i)));
});

test('names that are hostile, or hard to write, are names', () => {
  const names = [
    '__proto__',
    'constructor',
    'a"b',
    'a\\b',
    'a,b]',
    'loss/train',
    'Größe',
    '损失',
    '\ud800',
    '',
    '["x",1',
    '\n',
    'toString',
  ];
  const folder = runWith(
    names.flatMap((name, i) => [
      [name, 0, 0, i],
      [name, 1, 0, -i],
    ]),
  );
  expect(new SeriesReader(folder).names()).toEqual(names);
  for (const [i, name] of names.entries()) expect([...(read(folder, name) as Series).values]).toEqual([i, -i]);
  expect(read(folder, 'hasOwnProperty')).toBeUndefined();
});

test('a damaged line costs that line and is counted', () => {
  const folder = runWith([
    ['x', 0, 0, 1],
    '["x",1,0,2',
    ['x', 2, 0, 3],
    '\0\0\0["x",3,0,4]',
    ['y', 0, 0, 1],
    '["y",1,0,oops]',
    '["z"',
    '["w",1,0,}',
    '["x",4,0,01]',
    '["x",5,0,1.]',
    '["x",6,0,5]["x",7,0,6]',
  ]);
  const x = read(folder, 'x') as Series;
  expect([...x.steps]).toEqual([0, 2]);
  expect(x.damaged).toBe(6);
  expect(read(folder, 'y')?.damaged).toBe(3);
  expect(new SeriesReader(folder).damaged).toBe(8);
});

test('a torn last line is no damage, and a whole one without a newline counts', () => {
  const torn = read(runWith([['x', 0, 0, 1], '["x",1,0,2'], true), 'x') as Series;
  expect([torn.count, torn.damaged]).toEqual([1, 0]);
  const whole = read(runWith([['x', 0, 0, 1], '["x",1,0,2]'], true), 'x') as Series;
  expect([whole.count, whole.damaged]).toEqual([2, 0]);
});

test('records of an unknown kind and empty lines are passed over', () => {
  const folder = runWith([
    '',
    ['x', 0, 0, 1],
    { kind: 'mark' },
    ['x'],
    [1, 2, 3, 4],
    ['x', '1', 0, 2],
    'null',
    '\r',
    '["x",1,0,2]\r',
  ]);
  const x = read(folder, 'x') as Series;
  expect([x.count, x.damaged]).toEqual([2, 0]);
});

test('spaces, long forms of numbers and escapes of another writer are read', () => {
  const folder = runWith([
    '[ "x" , 0 , 1 , 2 ]',
    '["x", 1, 1e1, 2.5E-1]',
    '["\\u0078",2,1e+2,-0.0]',
    '["x" ,3,0,1]',
    '["y" ,3,0,1]',
  ]);
  const x = read(folder, 'x') as Series;
  expect([...x.times]).toEqual([1, 10, 100, 0]);
  expect([...x.values]).toEqual([2, 0.25, -0, 1]);
});

test('a run that tracked nothing has no series', () => {
  expect(readSeries(temporaryFolder(), 'x')).toBeUndefined();
  expect(new SeriesReader(runWith([])).names()).toEqual([]);
});

test('a track file that cannot be read is a storage error', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, trackFile(1)));
  expect(thrown(() => readSeries(folder, 'x')).code).toBe('E_STORAGE');
});

test('a track file of a newer format is refused', () => {
  const folder = temporaryFolder();
  writeTrack(folder, 1, [{ format: 2, attempt: 1, origin: '2026-01-31T12:00:00.000Z' }, ['x', 0, 0, 1]]);
  expect(thrown(() => readSeries(folder, 'x'))).toMatchObject({
    code: 'E_RUN_FORMAT',
    message: expect.stringContaining('newer'),
  });
});

describe('several attempts', () => {
  const origins = ['2026-01-31T12:00:00.000Z', '2026-01-31T12:01:00.000Z', '2026-01-31T12:02:00.000Z'];

  test('a later attempt wins from its first step on, for each series by itself', () => {
    const folder = temporaryFolder();
    writeTrack(folder, 1, [
      trackHeader(1, origins[0]),
      ...[0, 1, 2, 3].flatMap((i) => [
        ['a', i, i, i],
        ['b', i, i, i],
      ]),
    ]);
    writeTrack(folder, 2, [trackHeader(2, origins[1]), ['a', 2, 0.5, 20], ['a', 3, 1, 30]]);
    const a = read(folder, 'a') as Series;
    expect([...a.steps]).toEqual([0, 1, 2, 3]);
    expect([...a.values]).toEqual([0, 1, 20, 30]);
    expect([...a.times]).toEqual([0, 1, 60_000.5, 60_001]);
    expect([...(read(folder, 'b') as Series).values]).toEqual([0, 1, 2, 3]);
  });

  test('a third attempt cuts both before it, and the tenth comes behind the ninth', () => {
    const folder = temporaryFolder();
    writeTrack(folder, 1, [trackHeader(), ...[0, 1, 2, 3, 4].map((i) => ['a', i, 0, i])]);
    writeTrack(folder, 9, [trackHeader(9, origins[1]), ...[3, 4, 5].map((i) => ['a', i, 0, i * 10])]);
    writeTrack(folder, 10, [trackHeader(10, origins[2]), ...[1, 2].map((i) => ['a', i, 0, i * 100])]);
    expect([...(read(folder, 'a') as Series).values]).toEqual([0, 100, 200]);
    const streamed: unknown[] = [];
    scanSeries(folder, (name, point) => streamed.push([name, point.step, point.value]));
    expect(streamed).toEqual([
      ['a', 0, 0],
      ['a', 1, 100],
      ['a', 2, 200],
    ]);
  });

  test('a first attempt that tracked nothing still starts the clock', () => {
    const folder = writeRun(temporaryFolder(), {}, { attempt: 1, startedAt: origins[0] as string });
    writeTrack(folder, 2, [trackHeader(2, origins[1]), ['a', 0, 1, 1]]);
    expect([...(read(folder, 'a') as Series).times]).toEqual([60_001]);
  });

  test('without claims the metadata tell the start', () => {
    const folder = writeRun(temporaryFolder(), { startedAt: origins[0] });
    writeTrack(folder, 3, [trackHeader(3, origins[2]), ['a', 0, 1, 1]]);
    expect([...(read(folder, 'a') as Series).times]).toEqual([120_001]);
  });

  test('a damaged header costs the exact origin: the claim of the attempt stands in', () => {
    const folder = writeRun(temporaryFolder(), {}, { attempt: 2, startedAt: origins[1] as string });
    writeTrack(folder, 1, [trackHeader(1, origins[0]), ['a', 0, 0, 1]]);
    writeTrack(folder, 2, ['{"format":1,"att', ['a', 1, 5, 2]]);
    const a = read(folder, 'a') as Series;
    expect([...a.times]).toEqual([0, 60_005]);
    expect(a.damaged).toBe(1);
  });
});

describe('summaries', () => {
  const summaryOf = (lines: readonly unknown[]) => summarise(read(runWith(lines), 'x') as Series);

  test('of numbers count them, with extremes that leave NaN out', () => {
    expect(
      summaryOf([
        ['x', 5, 0, 2],
        ['x', 6, 0, Number.NaN],
        ['x', 9, 0, -1],
      ]),
    ).toEqual({
      count: 3,
      kind: 'number',
      last: -1,
      min: -1,
      max: 2,
      firstStep: 5,
      lastStep: 9,
    });
    expect(
      summaryOf([
        ['x', 0, 0, 1],
        ['x', 1, 0, Number.NaN],
      ]).last,
    ).toBeNaN();
  });

  test('of texts have no extremes and no last number', () => {
    expect(summaryOf([['x', 0, 0, 'a']])).toEqual({ count: 1, kind: 'text', last: null, firstStep: 0, lastStep: 0 });
  });

  test('of a mixed series tell the last value when it is a number', () => {
    expect(
      summaryOf([
        ['x', 0, 0, 'a'],
        ['x', 1, 0, 4],
      ]),
    ).toMatchObject({ kind: 'mixed', last: 4, min: 4, max: 4 });
    expect(
      summaryOf([
        ['x', 0, 0, 4],
        ['x', 1, 0, 'a'],
      ]),
    ).toMatchObject({ last: null });
  });
});

describe('reading by hand', () => {
  const parse = (line: string): unknown => {
    const parser = new TrackLineParser();
    if (parser.parse(line) !== 'point') return undefined;
    const { name, step, time, value, axes } = parser;
    return { name, step, time, value, axes };
  };
  const slow = (line: string): unknown => {
    const [name, step, time, value, axes] = decode(line) as unknown[];
    return { name, step, time, value, axes };
  };

  test('gives what the codec gives, for any point', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.float(),
      fc.constantFrom(0, -0, 5e-324, 1.7976931348623157e308, 0.1, 1e21, 123456789012345680),
    );
    const value = fc.oneof(number, fc.string({ unit: 'binary' }), fc.constant({ $image: 'media/x.png' }));
    const axes = fc.option(fc.dictionary(fc.string(), fc.double({ noNaN: true })), { nil: undefined });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), number, number, value, axes, (name, step, time, held, further) => {
        const line = encode(further === undefined ? [name, step, time, held] : [name, step, time, held, further]);
        expect(parse(line)).toEqual(slow(line));
      }),
      { numRuns: 2000 },
    );
  });

  test('gives what JSON.parse gives, for any spelling of a number', () => {
    const digits = fc.stringMatching(/^\d{1,25}$/);
    const spelling = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.option(fc.stringMatching(/^\d{0,25}$/)),
        fc.constantFrom('', 'e5', 'E-7', 'e+30', 'e', 'e400', 'e-400'),
      )
      .map(([sign, whole, fraction, exponent]) => sign + whole + (fraction === null ? '' : `.${fraction}`) + exponent);
    fc.assert(
      fc.property(spelling, (text) => {
        const line = `["x",0,0,${text}]`;
        let expected: unknown;
        try {
          expected = slow(line);
        } catch {
          expected = undefined;
        }
        expect(parse(line)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test('gives one series from a file of many just as reading them all does', () => {
    const name = fc.constantFrom('a', 'ab', 'a"', 'ä', 'x\\');
    const value = fc.oneof(fc.double(), fc.string(), fc.integer());
    const damage = fc.constantFrom('["a",1', '["ab",2,0,]', '["ä",]', 'x', '["q",0,0,?]', '["a" ,1,2');
    const point = fc.tuple(name, fc.nat(20), fc.nat(1000), value);
    const lines = fc.array(fc.oneof({ weight: 9, arbitrary: point }, { weight: 1, arbitrary: damage }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1, maxLength: 3 }), (attempts) => {
        const folder = temporaryFolder();
        for (const [i, each] of attempts.entries()) writeTrack(folder, i + 1, [trackHeader(i + 1), ...each]);
        for (const each of ['a', 'ab', 'a"', 'ä', 'x\\']) read(folder, each);
      }),
      { numRuns: 60 },
    );
  });
});

test('a million points of one series are read whole and right', () => {
  const folder = temporaryFolder();
  write(folder, trackFile(1), `${trackHeader()}\n`);
  const count = 1_000_000;
  let block: string[] = [];
  for (let i = 0; i < count; i++) {
    block.push(`["loss/train",${i},${(i * 1.25).toFixed(2)},${1 / (i + 1)}]\n`);
    if (block.length < 100_000) continue;
    appendFileSync(join(folder, trackFile(1)), block.join(''));
    block = [];
  }
  const series = readSeries(folder, 'loss/train') as Series;
  expect(series.count).toBe(count);
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    if (series.steps[i] !== i || series.times[i] !== i * 1.25 || series.values[i] !== 1 / (i + 1)) wrong += 1;
  }
  expect(wrong).toBe(0);
});
