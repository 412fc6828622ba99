import { describe, expect, it } from 'vitest';
import { ran } from './ran.ts';

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
