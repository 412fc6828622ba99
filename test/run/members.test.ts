import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { type Printed, TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Runs the body of a main function. */
function ran(
  body: string,
  more = '',
  words: readonly string[] = [],
): { readonly run: LoadedRun; readonly printed: Printed } {
  return new TestProject({ [MAIN]: `${more}\nexport default async function experiment(e: any) {\n${body}\n}\n` }).run(
    MAIN,
    words,
  );
}

/** Code that tries statements, and gives the code of each one's error, or what it gave. */
const TRY = `const attempt = async (action: () => unknown) => { try { return ['fine', await action()]; } catch (error: any) { return [error.code ?? error.name, error.message]; } };`;

describe('e.log', () => {
  it('takes any value, in the log with times and without colours, on the terminal without times', () => {
    const { run, printed } = ran(`e.log('text', 1, { a: [NaN, new Map([[1, 2]])] }, null, undefined, 5n, Symbol('s'));
e.log('%s is %d', 'this', 5); e.log(); e.log('two\\nlines'); e.log('\\x1b[31mred\\x1b[0m'); e.log(Object.create(null), () => 1, new Error('as a value').message, '\\ud800');
console.log('by console'); console.error('to stderr'); process.stdout.write('in '); process.stdout.write('pieces\\n'); console.log('10%\\r20%\\r30%');`);
    const log = run.log();
    expect(log).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} text 1 /);
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(24));
    expect(lines.slice(0, 6)).toEqual([
      'text 1 { a: [ NaN, Map(1) { 1 => 2 } ] } null undefined 5n Symbol(s)',
      'this is 5',
      '',
      'two',
      'lines',
      'red',
    ]);
    expect(lines.slice(7)).toEqual(['by console', 'to stderr', 'in pieces', '30%']);
    expect(printed.stderr).toContain('two\nlines\n\x1b[31mred');
    expect(
      log
        .trimEnd()
        .split('\n')
        .every((line) => /^\d{4}-\d\d-\d\d [\d:.]{12} /.test(`${line} `)),
    ).toBe(true);
  });
});

describe('e.logParameters', () => {
  const more = `export const RATE = 0.5;\nexport const API_KEY = 'sk-live-1';\n/** @secret */\nexport const DSN = 'postgres://u:pw@h';\nexport const MODEL = { hidden: 8, auth: { password: 'hush-hush' } };\nexport const LONG = 'x'.repeat(500);\nexport const DOUBLE = RATE * 2;`;
  it('logs all parameters but the special ones, aligned, cut, and without secrets', () => {
    const { run } = ran('e.logParameters();', more);
    const lines = run
      .log()
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(24));
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(['RATE', 'API_KEY', 'DSN', 'MODEL', 'LONG', 'DOUBLE']);
    expect(lines[0]).toBe('RATE     0.5');
    expect(lines[1]).toBe('API_KEY  [redacted]');
    expect(lines[2]).toBe('DSN      [redacted]');
    expect(lines[3]).toBe("MODEL    { hidden: 8, auth: { password: '[redacted]' } }");
    expect(lines[4]).toHaveLength(9 + 200);
    expect(run.log()).not.toMatch(/sk-live|postgres|hush/);
  });

  it('logs those named, and refuses an unknown name with the nearest', () => {
    const { run } = ran(`e.logParameters(['DOUBLE', '__DEBUG__']); e.logParameters(['RAT']);`, more);
    expect(run.log()).toMatch(/DOUBLE {5}1\n.*__DEBUG__ {2}false\n/);
    expect(run.error).toMatchObject({ code: 'E_PARAMETER_NAME', message: expect.stringContaining('"RATE"') as string });
  });
});

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
    expect(refused.get('x')).toEqual([1, 2]);
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

describe('e.random', () => {
  const source = `export default function experiment(e: any) {
  const r = e.random;
  const few = [e.random(), r.normal(), r.int(1, 6), r.choice(['a', 'b', 'c']), r.shuffle([1, 2, 3, 4, 5]), Math.random()];
  const many = (draw: () => number) => { let sum = 0, square = 0; for (let i = 0; i < 20_000; i++) { const x = draw(); sum += x; square += x * x; } return [sum / 20_000, Math.sqrt(square / 20_000 - (sum / 20_000) ** 2)]; };
  const dice = [0, 0, 0, 0, 0, 0, 0]; for (let i = 0; i < 60_000; i++) dice[r.int(1, 6)]!++;
  const firsts: Record<string, number> = {}; for (let i = 0; i < 6_000; i++) { const key = r.shuffle(['a', 'b', 'c']).join(''); firsts[key] = (firsts[key] ?? 0) + 1; }
  const items = [1, 2, 3]; r.shuffle(items);
  return { few, uniform: many(r), normal: many(() => r.normal(5, 2)), builtIn: many(Math.random), dice, firsts, items };
}`;
  const project = new TestProject({ [MAIN]: source });
  interface Drawn {
    few: unknown[];
    uniform: number[];
    normal: number[];
    builtIn: number[];
    dice: number[];
    firsts: Record<string, number>;
    items: number[];
  }
  const draw = (words: readonly string[]): { readonly run: LoadedRun; readonly drawn: Drawn } => {
    const { run } = project.run(MAIN, words);
    return { run, drawn: run.result as Drawn };
  };

  it('draws the same numbers from the same seed, others from another, for Math.random too', () => {
    const [one, again, two, text, number] = ['1', '1', '2', 'one', '1.0'].map(
      (seed) => draw([`--__SEED__=${seed}`]).drawn.few,
    );
    expect(again).toEqual(one);
    expect(number).toEqual(one);
    expect(one![0]).not.toBe(one![5]);
    for (const other of [two!, text!]) {
      expect(other[0]).not.toBe(one![0]);
      expect(other[5]).not.toBe(one![5]);
    }
  });

  it('draws other numbers without a seed, which is recorded so that they can be drawn again', () => {
    const first = draw([]);
    const second = draw([]);
    expect(second.drawn.few).not.toEqual(first.drawn.few);
    expect(first.run.meta.seed.drawn).toBe(true);
    expect(draw([`--__SEED__=${first.run.meta.seed.value}`]).drawn.few).toEqual(first.drawn.few);
  });

  it('is distributed as it says', () => {
    const { uniform, normal, builtIn, dice, firsts, items } = draw(['--__SEED__=1']).drawn;
    for (const [mean, deviation] of [uniform, builtIn]) {
      expect(mean).toBeCloseTo(0.5, 1);
      expect(deviation).toBeCloseTo(Math.sqrt(1 / 12), 1);
    }
    expect(normal[0]).toBeCloseTo(5, 1);
    expect(normal[1]).toBeCloseTo(2, 1);
    expect(dice[0]).toBe(0);
    for (const count of dice.slice(1)) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(Object.keys(firsts)).toHaveLength(6);
    for (const count of Object.values(firsts)) expect(Math.abs(count - 1_000)).toBeLessThan(200);
    expect(items).toEqual([1, 2, 3]);
  });

  it('refuses ranges and lists that have nothing to draw from', () => {
    const { run } = ran(
      `${TRY}\nreturn [await attempt(() => e.random.int(2, 1)), await attempt(() => e.random.int(0.5, 1)), await attempt(() => e.random.choice([])), e.random.shuffle([])];`,
    );
    const [empty, half, none, shuffled] = run.result as [string, string][];
    expect([empty![0], half![0], none![0], shuffled]).toEqual(['RangeError', 'RangeError', 'RangeError', []]);
  });
});

describe('e.progress', () => {
  it('passes on every item of what is iterable, at once or later, and stops with the loop', () => {
    const { run, printed } = ran(`const seen: unknown[] = [];
for (const x of e.progress([1, 2, 3], { label: 'l' })) seen.push(x);
for (const x of e.progress(new Set(['a']))) seen.push(x);
let closed = false;
function* endless() { try { for (let i = 0; ; i++) yield i; } finally { closed = true; } }
for (const x of e.progress(endless(), { total: 5 })) { seen.push(x); if (x === 1) break; }
async function* later() { yield 'later'; await null; yield 'still'; }
for await (const x of e.progress(later())) seen.push(x);
try { for (const _ of e.progress([1])) throw new Error('inside'); } catch (error: any) { seen.push(error.message); }
return [seen, closed];`);
    expect(run.result).toEqual([[1, 2, 3, 'a', 0, 1, 'later', 'still', 'inside'], true]);
    expect(printed.stderr).not.toContain('█');
  });
});

describe('e.applyHook', () => {
  it('calls the hook of that name with e and its arguments, and gives the fallback where there is none', () => {
    const { run } = ran(
      `return [await e.applyHook('double', { n: 4 }), await e.applyHook('later', {}), await e.applyHook('none', { n: 1 }, 'fallback'), await e.applyHook('none')];`,
      `export const N = 3;\nexport const hooks = { double: (e: any, { n }: any) => n * 2 + e.N, later: async () => { await null; return 'later'; } };`,
    );
    expect(run.result).toEqual([11, 'later', 'fallback', undefined]);
  });

  it('passes on the error of a hook, and refuses hooks that are no functions', () => {
    const failed = ran(
      `await e.applyHook('bad');`,
      `export const hooks = { bad() { throw new Error('from the hook'); } };`,
    ).run;
    expect(failed.error?.message).toBe('from the hook');
    const wrong = ran(`await e.applyHook('bad');`, 'export const hooks = { bad: 5 };').run;
    expect(wrong.error).toMatchObject({
      code: 'E_EXPERIMENT',
      message: expect.stringContaining('"bad" to be a function, got number') as string,
    });
  });
});

describe('e.flush, e.path, e.id and e.signal', () => {
  it('tell what they say', () => {
    const { run } = ran(`e.track('x', 1); e['a/b'] = 1; await e.flush();
return [(await import('node:fs')).readFileSync(e.path() + '/experiment_track.jsonl', 'utf8').includes('["x",0,'), e.path(), e.id, e.signal.aborted, e.signal instanceof AbortSignal];`);
    expect(run.result).toEqual([true, run.path, run.id, false, true]);
  });
});

describe('what e does not have', () => {
  it.each([
    ['e.commit_fig()', 'E_MEMBER', /e\.commit_fig does not exist\. Did you mean "commitFig"\?/],
    ['e.Track', 'E_MEMBER', /Did you mean "track"/],
    ['e.LEARNING_RAT', 'E_MEMBER', /Did you mean "LEARNING_RATE"/],
    ['e.zzz', 'E_MEMBER', /It has: .*applyHook.*trackMany.*e\['results\/zzz'\]/],
    ['e.zzz = 1', 'E_MEMBER', /e\.zzz cannot be set.*e\['results\/zzz'\]/],
    [`e.track = 1`, 'E_MEMBER', /belongs to comex and cannot be replaced/],
    ['e.NEW_ONE = 1', 'E_PARAMETER_NAME', /NEW_ONE is no parameter.*export const NEW_ONE/],
    ['e.parameters.NEW_ONE = 1', 'E_PARAMETER_NAME', /NEW_ONE/],
    [`e.LEARNING_RATE = 'fast'`, 'E_PARAMETER_TYPE', /LEARNING_RATE.*number/],
    ['e[Symbol("s")] = 1', 'E_MEMBER', /symbol/],
    ['e.get(5)', 'E_DATA', /path of a datum to be a text, got number/],
    ['e.set(5, 1)', 'E_DATA', /path of a datum to be a text, got number/],
    ['e.has(5)', 'E_DATA', /path of a datum to be a text, got number/],
    ['delete e.LEARNING_RATE', undefined, /Cannot delete property/],
  ])('%s is an error that names what is meant', (statement, code, message) => {
    const { run } = ran(statement, 'export const LEARNING_RATE = 1;');
    expect(run.status).toBe('failed');
    if (code !== undefined) expect(run.error?.code).toBe(code);
    expect(run.error?.message).toMatch(message);
  });

  it('is not asked for by the language: e can be returned, awaited, inspected and spread', () => {
    const { run } = ran(
      `await e; console.log(e); const copy = { ...e }; return [Object.keys(copy), Object.keys(e.parameters), 'RATE' in e, 'a/b' in e, JSON.stringify(e.parameters)];`,
      'export const RATE = 1;',
    );
    expect(run.error).toBeUndefined();
    const [spread, parameters, hasRate, hasDatum, json] = run.result as [string[], string[], boolean, boolean, string];
    expect(spread).toContain('RATE');
    expect([parameters, hasRate, hasDatum, json]).toEqual([['RATE'], true, false, '{"RATE":1}']);
    expect(run.log()).toMatch(/Experiment [0-9a-z]{8} \{ RATE: 1 \}/);
  });
});
