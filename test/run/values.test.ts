import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

/** Source text of values that JSON has no word for, or that a careless key or copy would lose. */
const VALUES: Readonly<Record<string, string>> = {
  nan: 'NaN',
  infinity: 'Infinity',
  minusInfinity: '-Infinity',
  minusZero: '-0',
  tiny: '5e-324',
  bigint: '-(2n ** 80n)',
  date: 'new Date(1234567890123)',
  invalidDate: 'new Date(NaN)',
  floats: 'new Float32Array([1.5, -0, NaN])',
  doubles: 'new Float64Array([0.1, Infinity])',
  bytes: 'new Uint8Array([0, 255])',
  bigs: 'new BigInt64Array([-1n])',
  buffer: 'new Uint8Array([1, 2, 3]).buffer',
  map: `new Map<unknown, unknown>([['a', -0], [{ k: 1 }, new Set([NaN])], [1n, undefined]])`,
  set: `new Set<unknown>([1, 'a', null, new Date(0)])`,
  surrogates: String.raw`'\ud800 and \udc00\u0000'`,
  emoji: `'😀'`,
  undefined: 'undefined',
  null: 'null',
  sparse: '[1, undefined, null]',
  nested: `{ a: [{ b: -0 }], 'x/y': 1, '': 2, '..': 3, $number: 'NaN' }`,
  proto: `JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3, "hasOwnProperty": 4}')`,
  prototypeless: `Object.assign(Object.create(null), { a: 1 })`,
  error: `{ name: 'an error as data' }`,
};
const names = Object.keys(VALUES);
const object = `({ ${names.map((name) => `${name}: ${VALUES[name]}`).join(', ')} })`;
/** The same values here, to compare with. */
const expected = (
  await import(
    `data:text/javascript,export default ${encodeURIComponent(object.replaceAll('<unknown, unknown>', '').replaceAll('<unknown>', ''))}`
  )
).default as Record<string, unknown>;

describe('a value that is stored', () => {
  let run: LoadedRun;
  beforeAll(() => {
    run = new TestProject({
      [MAIN]: `export const VALUES: any = ${object};
${names.map((name) => `export const P_${name.toUpperCase()}: any = ${VALUES[name]};`).join('\n')}
export default (e: any) => {
  const make = (): any => ${object};
  const seen: unknown[] = [];
  for (const name of Object.keys(make())) {
    e['by/' + name] = make()[name];
    e.set('call/' + name, make()[name]);
    e.record('rows', { name, value: make()[name] });
    seen.push([name, e['by/' + name]]);
  }
  e['whole/object'] = make();
  e.commitJson('committed', make());
  return { seen, values: make(), constructor: 1 };
};`,
    }).run(MAIN).run;
    expect(run.error).toBeUndefined();
  });

  it.each(names)(
    '%s is the same when it is read during the run and afterwards, from data, result, parameters and tables',
    (name) => {
      const value = expected[name];
      const result = run.result as { seen: [string, unknown][]; values: Record<string, unknown> };
      const records = Object.fromEntries(
        run.table('rows').map((row) => [(row as { name: string }).name, (row as { value: unknown }).value]),
      );
      const all = {
        data: run.get(`by/${name}`),
        set: run.get(`call/${name}`),
        whole: (run.data as { whole: { object: Record<string, unknown> } }).whole.object[name],
        seen: Object.fromEntries(result.seen)[name],
        result: result.values[name],
        parameter: run.parameters[`P_${name.toUpperCase()}`],
        field: (run.parameters['VALUES'] as Record<string, unknown>)[name],
        row: records[name],
      };
      for (const [from, got] of Object.entries(all)) {
        expect({ [from]: got }).toEqual({ [from]: value });
        expect(Object.is(got, value) || typeof value === 'object').toBe(true);
      }
    },
  );

  it('is stored by value: a later change of the object changes nothing, nor does a change of what was read', () => {
    const { run: stored } = new TestProject({
      [MAIN]: `export default (e: any) => { const list = [1]; const floats = new Float32Array([1]); e['a/list'] = list; e['a/floats'] = floats; list.push(2); floats[0] = 5; e['a/list'].push(3); e['a/floats'][0] = 7; return [e['a/list'], e['a/floats']]; };`,
    }).run(MAIN);
    expect(stored.result).toEqual([[1], new Float32Array([1])]);
    expect(stored.data).toEqual({ a: { list: [1], floats: new Float32Array([1]) } });
  });

  it('may be a text of 50 MB, as a datum, in a table, as an artifact and as the result', () => {
    const { run: large } = new TestProject({
      [MAIN]: `export default (e: any) => { const text = 'x"y\\u00e9'.repeat(10_000_000).slice(0, 50_000_000); e['large/text'] = text; e.record('t', { text }); e.commitRaw('t.txt', text.slice(0, 5)); return text; };`,
    }).run(MAIN, ['--quiet']);
    const text = 'x"y\u00e9'.repeat(12_500_000);
    const data = large.get('large/text') as string;
    // Compared as a whole, because a report of 50 MB helps nobody.
    expect([data === text.slice(0, data.length), data.length]).toEqual([true, 40_000_000]);
    expect((large.table('t')[0] as { text: string }).text === data).toBe(true);
    expect(large.result === data).toBe(true);
  });
});

describe('a key', () => {
  const keys = [
    'p/__proto__',
    'q/__proto__/b',
    'constructor/prototype',
    'hasOwnProperty/x',
    '../x',
    'a/..',
    './a',
    'a/ b',
    'a/😀',
    'a/$number',
    'CON/nul',
    'a/0',
  ];
  let run: LoadedRun;
  beforeAll(() => {
    run = new TestProject({
      [MAIN]: `export default (e: any) => {
  const keys = ${JSON.stringify(keys)};
  for (const key of keys) { e[key] = key; e.set('more/' + key, 2); e.track(key, 3); }
  return [keys.map((key) => e[key]), ({} as any).b, ({} as any).polluted];
};`,
    }).run(MAIN).run;
  });

  it('is data whatever it is called, and no prototype changes', () => {
    expect(run.error).toBeUndefined();
    expect(run.result).toEqual([keys, undefined, undefined]);
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });

  it.each(keys)('%s is read back as datum and as series', (key) => {
    expect([run.get(key), run.get(`more/${key}`)]).toEqual([key, 2]);
    expect(Array.from(run.series(key)?.values ?? [])).toEqual([3]);
  });

  it.each(['a//b', '/a', 'a/'])('%s has an empty part and is refused as a datum, and fine as a series', (key) => {
    const { run } = new TestProject({
      [MAIN]: `export default (e: any) => { e.track('${key}', 3); const series = e['${key}']; e['before/it'] = 1; const has = [e.has('${key}'), e.has('no${key}')]; e['before/series'] = [series, has]; e['${key}'] = 5; };`,
    }).run(MAIN);
    expect(run.error).toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining(JSON.stringify(key)) as string,
    });
    expect(run.data).toEqual({ before: { it: 1, series: [[3], [true, false]] } });
    expect(run.get(key)).toEqual([3]);
  });

  it.each(['constructor', 'then', '..', 'toString', 'a b'])(
    '%s without a slash is data through e.set and e.get',
    (key) => {
      const { run } = new TestProject({
        [MAIN]: `export default (e: any) => { e.set('${key}', 5); return [e.get('${key}'), e.has('${key}')]; };`,
      }).run(MAIN);
      expect(run.error).toBeUndefined();
      expect(run.result).toEqual([5, true]);
      expect(run.get(key)).toBe(5);
    },
  );

  it('below a value that is no object is refused, naming both', () => {
    const { run } = new TestProject({ [MAIN]: `export default (e: any) => { e['a/b'] = 5; e['a/b/c'] = 1; };` }).run(
      MAIN,
    );
    expect(run.error).toMatchObject({
      code: 'E_DATA',
      message: expect.stringMatching(/"a\/b\/c".*"a\/b" holds a number/) as string,
    });
  });

  it('that is not there is an error with the nearest name', () => {
    const { run } = new TestProject({
      [MAIN]: `export default (e: any) => { e['results/accuracy'] = 5; e.track('loss', 1); return e.get('los'); };`,
    }).run(MAIN);
    expect(run.error).toMatchObject({ code: 'E_DATA', message: expect.stringMatching(/"los".*"loss"/) as string });
  });
});

describe('what has no form on disk', () => {
  const refused = (statement: string): LoadedRun =>
    new TestProject({
      [MAIN]: `export default (e: any) => {\n  e['kept/before'] = 1; e.track('loss', 2); e.record('rows', { a: 3 });\n  const cycle: any = { list: [] }; cycle.list.push(cycle);\n  ${statement}\n};`,
    }).run(MAIN).run;

  it.each([
    ['a function as a datum', `e['a/b'] = { deep: [() => 1] };`, 'Cannot store a/b.deep[0]: it is a function'],
    ['a cycle as a datum', `e['a/b'] = { cycle };`, /^Cannot store a\/b.*contains itself/],
    ['a symbol through e.set', `e.set('x', [Symbol('s')]);`, 'Cannot store x[0]: it is a symbol'],
    ['a promise', `e['a/b'] = Promise.resolve(1);`, /a\/b: it is a Promise.*await/],
    ['a weak map', `e['a/b'] = new WeakMap();`, /a\/b: it is a WeakMap/],
    ['a function in a row', `e.record('rows', { a: { f() {} } });`, /rows\[\].a.f: it is a function/],
    [
      'a row that is no object',
      `e.record('rows', [1]);`,
      /row of the table "rows" to be an object of columns, got an array/,
    ],
    ['a table without a name', `e.record('', {});`, /name of a table/],
    ['a function in an artifact', `e.commitJson('x', { f() {} });`, /x\.f: it is a function/],
    ['a number as an artifact', `e.commitRaw('x', 5);`, /"x" to be a text or bytes, got number.*commitJson/],
  ])('%s is an error that names the place, and what was stored before is kept', (_, statement, message) => {
    const run = refused(statement);
    expect(run.status).toBe('failed');
    expect(run.error?.code).toBe('E_DATA');
    if (typeof message === 'string') expect(run.error?.message).toContain(message);
    else expect(run.error?.message).toMatch(message);
    expect(run.error?.stack).toMatch(/main\.ts:4:/);
    expect(run.data).toEqual({ kept: { before: 1 } });
    expect(run.table('rows')).toEqual([{ a: 3 }]);
    expect(run.get('loss')).toEqual([2]);
  });

  it.each([
    ['a function', '() => 1', 'the run.result: it is a function'],
    ['a cycle', 'cycle', 'contains itself'],
    ['what is too deep', 'Array.from({ length: 1000 }).reduce((inner: unknown) => [inner], 1)', 'levels deep'],
  ])('%s as the result leaves the run done without one, and the log says so', (_, value, message) => {
    const run = refused(`return ${value};`);
    expect([run.status, run.result]).toEqual(['done', undefined]);
    expect(run.log()).toContain('The result was not kept.');
    expect(run.log()).toContain(message);
  });
});

describe('the journal of the data', () => {
  it('holds each value before the run goes on, and growing lists by what was added', () => {
    const project = new TestProject({
      [MAIN]: `export const A = 1;
export default (e: any) => {
  const list = Array.from({ length: 200 }, (_, i) => i);
  e['a/list'] = list;
  list.push(1000, 1001);
  e['a/list'] = list;
  e['a/other'] = 'x';
  e['a/list'] = list.slice(0, 3);
  process.kill(process.pid, 'SIGKILL');
};`,
    });
    project.comex(['run', MAIN]);
    const run = loadRun(project.runs('main')[0]!);
    expect(run.status).toBe('killed');
    expect(run.data).toEqual({ a: { list: [0, 1, 2], other: 'x' } });
    const lines = readFileSync(join(run.path, 'experiment_data.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown[]);
    expect(lines[1]).toEqual(['a/list', [1000, 1001], 'append']);
    expect(lines).toHaveLength(4);
  });
});
