import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { ran } from './ran.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Code that tries statements, and gives the code of each one's error, or what it gave. */
const TRY = `const attempt = async (action: () => unknown) => { try { return ['fine', await action()]; } catch (error: any) { return [error.code ?? error.name, error.message]; } };`;

describe('e.track', () => {
  const chart = `{ type: 'bar', data: { labels: ['a'], datasets: [{ label: 'b', data: [1] }] } }`;
  let run: LoadedRun;
  beforeAll(() => {
    run = ran(`const png = Buffer.from('${PNG}', 'base64');
for (let i = 0; i < 3; i++) e.track('loss', 1 / (i + 1));
e.track('loss', 9, 10); e.track('loss', 8); e.track('loss', 7, 5);
for (const [step, value] of [NaN, Infinity, -Infinity, -0, 2n ** 53n, true, false].entries()) e.track('odd', value, step);
e.track('half', 1, 0.5);
e.track('axes', 1, { step: 100, epoch: 3, x: -0 }); e.track('axes', 2, { epoch: 4 });
e.track('note', 'first'); e.track('note', 'zweitens: "é"\\n');
e.track('image', png); e.track('image', png, 7); e.track('svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
await e.track('figure', ${chart}); e.track('figure', ${chart}, 5);
e.track('mixed', 1); e.track('mixed', 'one');
e.trackMany({ 'm/a': 1, 'm/b': true, 'm/c': 'text' }, 4); e.trackMany({ 'm/a': 2 });
e.track('Loss', 1); e.track('a b/ü', 1); e.track('__proto__', 1);
return [e.get('loss'), e.get('note'), e.get('image'), e['m/a'], e.has('loss'), e.has('nothing'), e.get('mixed'), e.get('odd').slice(0, 3)];`).run;
    expect(run.error).toBeUndefined();
  });
  const points = (name: string): unknown[] => [...run.series(name)!.points()].map(({ step, value }) => [step, value]);

  it('counts steps on from the last one where none is given', () => {
    expect(points('loss')).toEqual([
      [0, 1],
      [1, 0.5],
      [2, 1 / 3],
      [10, 9],
      [11, 8],
      [5, 7],
    ]);
    expect(points('half')).toEqual([[0.5, 1]]);
  });

  it('keeps every number', () => {
    expect(points('odd').map((point) => (point as unknown[])[1])).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
      -0,
      2 ** 53,
      1,
      0,
    ]);
    expect(run.seriesSummary['odd']).toMatchObject({ count: 7, kind: 'number', last: 0 });
    expect(run.seriesSummary['loss']).toMatchObject({
      count: 6,
      last: 7,
      min: 1 / 3,
      max: 9,
      firstStep: 0,
      lastStep: 11,
    });
  });

  it('keeps further axes beside the step', () => {
    expect([...run.series('axes')!.points()].map(({ step, axes }) => [step, axes])).toEqual([
      [100, { epoch: 3, x: -0 }],
      [101, { epoch: 4 }],
    ]);
  });

  it('keeps texts, pictures and charts, each at its step', () => {
    expect(points('note')).toEqual([
      [0, 'first'],
      [1, 'zweitens: "é"\n'],
    ]);
    expect(points('image').map((point) => (point as unknown[])[0])).toEqual([0, 7]);
    for (const path of [
      'media/image/0.png',
      'media/image/7.png',
      'media/svg/0.svg',
      'media/figure/0.png',
      'media/figure/5.png',
    ]) {
      expect(existsSync(join(run.path, path)), path).toBe(true);
    }
    expect(readFileSync(join(run.path, 'media/image/7.png')).toString('base64')).toBe(PNG);
    expect(run.seriesSummary['image']).toMatchObject({ kind: 'image', count: 2, last: null });
    expect(run.seriesSummary['mixed']?.kind).toBe('mixed');
  });

  it('several at once share the step', () => {
    expect([points('m/a'), points('m/b'), points('m/c')]).toEqual([
      [
        [4, 1],
        [5, 2],
      ],
      [[4, 1]],
      [[4, 'text']],
    ]);
  });

  it('is read back while the run goes on', () => {
    const [loss, note, image, ma, has, hasNot, mixed, odd] = run.result as unknown[];
    expect(loss).toEqual([1, 0.5, 1 / 3, 9, 8, 7]);
    expect(note).toEqual(['first', 'zweitens: "é"\n']);
    expect(image).toHaveLength(2);
    expect([ma, has, hasNot]).toEqual([[1, 2], true, false]);
    expect(mixed).toEqual([1, 'one']);
    expect(odd).toEqual([Number.NaN, Infinity, -Infinity]);
  });

  it('draws a picture of each series of numbers', () => {
    expect(existsSync(join(run.path, 'plots/loss.png'))).toBe(true);
    expect(existsSync(join(run.path, 'plots/+loss.png'))).toBe(true);
    expect(existsSync(join(run.path, 'plots/note.png'))).toBe(false);
  });

  it('refuses what it cannot keep, and keeps the rest', () => {
    const { run: refused } = ran(`${TRY}
const seen = [];
for (const [name, value, step] of [['x', undefined], ['x', null], ['x', {}], ['x', [1]], ['x', new Float32Array(1)], ['x', () => 1], ['x', 2n ** 53n + 1n], ['x', Buffer.from('none')], ['', 1], [5, 1], [undefined, 1], ['x', 1, NaN], ['x', 1, Infinity], ['x', 1, '1'], ['x', 1, null], ['x', 1, [3]], ['x', 1, { step: 'a' }], ['x', 1, { epoch: 'a' }], ['x', 'text', NaN]]) seen.push(await attempt(() => e.track(name, value, step)));
seen.push(await attempt(() => e.trackMany({ x: 1, y: null })));
e.track('x', 2);
return seen;`);
    const seen = refused.result as [string, string][];
    expect(seen.map(([code]) => code)).toEqual(seen.map(() => 'E_TRACK'));
    expect(seen[2]![1]).toMatch(
      /"x" to be a number, a text, the bytes of a picture or a chart, got an object \(Object\)\..*e\.record/,
    );
    expect(seen[7]![1]).toContain('other bytes');
    expect(refused.get('x')).toEqual([2]);
    expect(refused.seriesNames).toEqual(['x']);
  });
});

describe('e.record', () => {
  it('appends rows to tables of any name', () => {
    const { run } = ran(
      `for (let i = 0; i < 3; i++) e.record('cases', { i, ok: i > 0 }); e.record('A/b c', { n: { m: [1] } }); e.record('a/b c', { n: 2 });`,
    );
    expect(run.table('cases')).toEqual([
      { i: 0, ok: false },
      { i: 1, ok: true },
      { i: 2, ok: true },
    ]);
    expect([run.table('A/b c'), run.table('a/b c'), run.table('none')]).toEqual([[{ n: { m: [1] } }], [{ n: 2 }], []]);
    expect(run.tableNames).toHaveLength(3);
  });
});
