import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';
import { onlyRun, script } from './scripts.ts';

const EVAL = `import { openRun } from 'comex';
import { twice } from './lib/helper.js';
const MODEL = { sizes: [1] };
const e = await openRun({ name: 'old/eval', parameters: { LR: 0.1, MODEL, API_KEY: 'sesamopen' }, tags: ['x'], note: 'n', description: 'What it is.' });
MODEL.sizes.push(2);
process.stderr.write('to stderr\\n');
console.log('hello', e.LR, e.API_KEY);
for (let i = 0; i < 10; i++) e.track('loss', twice(i));
e['results/x'] = 1;
e.record('rows', { a: 1 });
await e.commitJson('kept', { a: 1 });
e.LR = 0.2;
console.log(e.input('data.csv'));
const { stdout } = await e.exec('echo', ['from a program']);
e['results/echo'] = stdout.trim();
e['results/hook'] = await e.applyHook('nobody', {}, 'fallback');
await e.flush();
e.result = { best: 3 };
await e.close();
console.log('after');
`;

const project = new TestProject({
  'scripts/eval.js': EVAL,
  'scripts/lib/helper.js': 'export const twice = (x) => 2 * x;\n',
  'data.csv': 'a\n1\n',
});

describe('a run that a script opens', () => {
  const printed = script(project, 'scripts/eval.js', ['--some', 'word']);
  const run = onlyRun(project, 'old/eval');

  it('leaves the script as it is: its output goes where it went, and it goes on', () => {
    expect(printed.stderr).toBe('to stderr\n');
    expect(printed.status).toBe(0);
    expect(printed.stdout).toContain('hello 0.1 sesamopen\n');
    expect(printed.stdout).toContain('after\n');
  });

  it('is a run like any other', () => {
    expect([run.status, run.namespace, run.result]).toEqual(['done', 'old/eval', { best: 3 }]);
    expect(run.series('loss')!.values.at(-1)).toBe(18);
    expect(run.data).toEqual({ results: { x: 1, echo: 'from a program', hook: 'fallback' } });
    expect(run.table('rows')).toEqual([{ a: 1 }]);
    expect(run.artifacts.map(({ path }) => path)).toContain('kept.json');
    expect(existsSync(join(run.path, 'plots/loss.png'))).toBe(true);
    expect(run.meta).toMatchObject({
      opened: true,
      module: 'scripts/eval.js',
      argv: ['node', 'scripts/eval.js', '--some', 'word'],
      tags: ['x'],
      note: 'n',
      description: 'What it is.',
      seed: { drawn: true },
    });
    expect(run.meta.inputs.map(({ path }) => path)).toEqual(['data.csv']);
  });

  it('keeps its parameters as they were given, and how they were set; a secret is kept nowhere', () => {
    const { LR, MODEL, API_KEY } = run.meta.parameters;
    expect(LR).toMatchObject({ value: 0.2, given: 0.1, type: 'number', source: 'assigned' });
    expect(MODEL).toMatchObject({ value: { sizes: [1] }, source: 'given', type: 'object' });
    expect(API_KEY).toMatchObject({ value: '[redacted]', redacted: true });
    expect(run.log()).toContain('hello 0.1 [redacted]');
    expect(run.log()).not.toContain('sesamopen');
  });

  it('keeps the script and what it imports, and logs what it prints while it is open', () => {
    expect(run.meta.snapshot.files).toEqual(['scripts/eval.js', 'scripts/lib/helper.js']);
    expect(run.meta.snapshot.skipped).toEqual([]);
    for (const text of ['to stderr', 'hello', 'from a program', 'LR = 0.2']) expect(run.log()).toContain(text);
    expect(run.log()).not.toContain('after');
  });

  it('is shown, listed, plotted and diffed as any other', () => {
    expect(project.comex(['list']).stdout).toContain('old/eval');
    expect(project.comex(['show', 'latest']).stdout).toContain('node scripts/eval.js --some word');
    expect(project.comex(['plot', 'latest']).status).toBe(0);
    script(project, 'scripts/eval.js');
    expect(project.comex(['diff', ...project.runs('old/eval')]).stdout).toContain('old/eval');
  });

  it('is refused with a sentence where an experiment is needed', () => {
    project.write({ 'experiments/new.ts': 'export const LR = 1;\nexport default () => LR;\n' });
    for (const words of [
      ['run', 'new', '--from', run.id],
      ['analyze', run.id],
    ]) {
      const { status, stderr } = project.comex(words);
      expect(status).toBe(2);
      expect(stderr).toMatch(
        /^comex: Expected the run of an experiment, but \w+ was opened by the script scripts\/eval.js/,
      );
    }
  });
});

it('cannot be used any more when it is closed, and says so; it can be read, and closed again', () => {
  const closed = new TestProject({
    'main.mjs': `import { openRun } from 'comex';
const e = await openRun({ name: 'x', parameters: { N: 1 } });
e['a/b'] = 1;
e.track('s', 5);
await Promise.all([e.close({ result: 7 }), e.close()]);
await e.close();
const refused = [() => e.track('s', 1), () => { e['a/b'] = 2; }, () => { e.N = 2; }, () => e.log('x'), () => { e.result = 2; }, () => e.fail(new Error('late')), () => e.commitRaw('a', 'b')];
const said = [];
for (const attempt of refused) { try { await attempt(); said.push('nothing'); } catch (error) { said.push(error.code + ' ' + error.message); } }
console.log(JSON.stringify({ said, read: [e.get('a/b'), e.get('s'), e.N, e.result, e.path().includes(e.id)] }));
`,
  });
  const { stdout, stderr } = script(closed, 'main.mjs');
  const { said, read } = JSON.parse(stdout) as { said: string[]; read: unknown[] };
  expect(stderr).toBe('');
  for (const text of said)
    expect(text).toMatch(/^E_MEMBER Expected an open run for e\.\w+, but \w{8} was closed before/);
  expect(read).toEqual([1, [5], 1, 7, true]);
  const run = onlyRun(closed, 'x');
  expect([run.status, run.result, run.get('a/b')]).toEqual(['done', 7, 1]);
});

it.each(['two.mjs', 'two.ts'])('two of them at once in %s keep apart what they are told', (file) => {
  const two = new TestProject({
    [file]: `import { openRun } from 'comex';
const [a, b, c] = await Promise.all([1, 2, 3].map((n) => openRun({ name: 'n' + n, seed: 1, capture: n !== 3 })));
console.log('for both');
for (let i = 0; i < 3; i++) { a.track('x', i); b.track('x', 10 * i); }
a.log('only a'); b['results/b'] = 1;
a['results/random'] = a.random(); b['results/random'] = b.random();
await a.fail(new Error('a alone'));
console.log('for b');
await b.close();
await c.close();
console.log('for nobody');
`,
  });
  const { status, stdout } = script(two, file);
  expect(status).toBe(0);
  expect(stdout).toBe('for both\nonly a\nfor b\nfor nobody\n');
  const [a, b, c] = ['n1', 'n2', 'n3'].map((name) => onlyRun(two, name));
  expect([a!.status, b!.status, c!.status]).toEqual(['failed', 'done', 'done']);
  expect([...a!.series('x')!.values]).toEqual([0, 1, 2]);
  expect([...b!.series('x')!.values]).toEqual([0, 10, 20]);
  expect(a!.get('results/random')).toBe(b!.get('results/random'));
  expect(a!.log()).toMatch(/for both\n.*only a\n/);
  expect(b!.log()).toMatch(/for both\n.*for b\n/);
  expect(b!.log()).not.toContain('only a');
  expect(c!.log()).toBe('');
});

it('has Math.random from its seed while it is open', () => {
  const random = new TestProject({
    'main.mjs': `import { openRun } from 'comex';
const native = Math.random;
const draw = async (options) => { const e = await openRun({ name: 'r', ...options }); const drawn = Math.random(); await e.close(); return drawn; };
console.log(JSON.stringify([await draw({ seed: 5 }), await draw({ parameters: { __SEED__: 5 } }), await draw({}), native === Math.random]));
`,
  });
  const [one, two, three, restored] = JSON.parse(script(random, 'main.mjs').stdout) as unknown[];
  expect(one).toBe(two);
  expect(three).not.toBe(one);
  expect(restored).toBe(true);
});

it('opens from CommonJS by import()', () => {
  const old = new TestProject({
    'old.cjs': `const { twice } = require('./lib');
(async () => {
  const { openRun } = await import('comex');
  const e = await openRun({ name: 'cjs', parameters: { X: 2 } });
  e['results/x'] = twice(e.X);
})();
`,
    'lib.cjs': 'exports.twice = (x) => 2 * x;\n',
    'package.json': '{ "name": "old" }\n',
  });
  old.write({ 'lib.js': 'exports.twice = (x) => 2 * x;\n' });
  expect(script(old, 'old.cjs').stderr).toBe('');
  const run = onlyRun(old, 'cjs');
  expect([run.status, run.get('results/x')]).toEqual(['done', 4]);
  expect(run.meta.snapshot.files).toEqual(['lib.js', 'old.cjs']);
});

it('has its results harvested by the rules of the project when it is closed', () => {
  const harvested = new TestProject({
    'comex.config.json': '{ "harvest": { "results/score": { "csv": "eval.csv", "column": "score" } } }',
    'main.mjs': `import { openRun } from 'comex';
const e = await openRun({ name: 'x' });
await e.commitRaw('eval.csv', 'score\\n0.5\\n');
await e.close();
`,
  });
  expect(script(harvested, 'main.mjs').stderr).toBe('');
  expect(onlyRun(harvested, 'x').get('results/score')).toBe(0.5);
});

it('runs experiments as its children', () => {
  const parent = new TestProject({
    'scripts/sweep.js': `import { openRun } from 'comex';
const e = await openRun({ name: 'sweep', seed: 1 });
for (const N of [1, 2]) { const child = await e.run('../experiments/one.ts', { parameters: { N } }); e.track('result', child.result); }
`,
    'experiments/one.ts': `export const N = 0;\nexport default () => { console.log('child', N); return N * 10; };\n`,
  });
  const { status, stdout } = script(parent, 'scripts/sweep.js');
  expect(status).toBe(0);
  expect(stdout).toMatch(/\[\w{8}\] child 1\n/);
  const run = onlyRun(parent, 'sweep');
  expect([...run.series('result')!.values]).toEqual([10, 20]);
  const children = readdirSync(join(run.path, 'runs')).map((id) => loadRun(join(run.path, 'runs', id)));
  expect(children.map(({ status }) => status)).toEqual(['done', 'done']);
});

describe('is refused with a sentence, and leaves no folder,', () => {
  it.each([
    ['openRun({ name: "x", parameters: { learningRate: 1 } })', 'E_PARAMETER_NAME', 'Write LEARNING_RATE.'],
    ['openRun({ name: "x", parameters: { __SED__: 1 } })', 'E_PARAMETER_NAME', 'Did you mean "__SEED__"?'],
    ['openRun({ name: "x", parameters: { __INCLUDE__: "a" } })', 'E_PARAMETER_NAME', 'a script has no hooks'],
    ['openRun({ name: "x", parameters: { __DEBUG__: "yes" } })', 'E_PARAMETER_TYPE', '__DEBUG__'],
    ['openRun({ name: "x", seed: 1, parameters: { __SEED__: 1 } })', 'E_USAGE', 'Expected one seed'],
    ['openRun({ name: "../x" })', 'E_NAME', 'the name of the run'],
    ['openRun({ nam: "x" })', 'E_USAGE', 'Did you mean "name"?'],
    ['openRun({})', 'E_USAGE', 'Expected "name" of openRun to be a text such as "old/eval", got undefined'],
    ['openRun()', 'E_USAGE', 'Expected openRun({ name, parameters }), got undefined'],
    ['openRun({ name: "x", tags: "a" })', 'E_USAGE', 'a list of texts, got "a"'],
    ['openRun({ name: "x", results: "no/such/folder" })', 'E_FILE', 'folder above'],
  ])('%s', (call, code, text) => {
    const wrong = new TestProject({
      'main.mjs': `import { openRun } from 'comex';\nawait ${call}.catch((error) => console.log(error.code, error.message));\n`,
    });
    const { stdout, stderr } = script(wrong, 'main.mjs');
    expect(stderr).toBe('');
    expect(stdout).toContain(code);
    expect(stdout).toContain(text);
    expect(existsSync(join(wrong.root, 'results/x'))).toBe(false);
  });

  it('inside of an experiment', () => {
    const inside = new TestProject({
      'experiments/main.ts': `import { openRun } from 'comex';\nexport default async () => { await openRun({ name: 'inner' }); };\n`,
    });
    const { run } = inside.run('main');
    expect(run.error?.message).toContain('an experiment calls it, which has a run');
    expect(inside.runs('inner')).toEqual([]);
  });
});

it('keeps a field of a parameter whatever its name', () => {
  const made = new TestProject({
    'main.mjs': `import { openRun } from 'comex';
const e = await openRun({ name: 'x', parameters: { CONFIG: JSON.parse('{"__proto__":{"lr":1},"a":2}') } });
e['results/keys'] = Object.keys(e.CONFIG);
`,
  });
  expect(script(made, 'main.mjs').status).toBe(0);
  const run = onlyRun(made, 'x');
  expect(run.get('results/keys')).toEqual(['__proto__', 'a']);
  expect(JSON.stringify(run.parameters['CONFIG'])).toBe('{"__proto__":{"lr":1},"a":2}');
});
