import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/archive/children.ts';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const TRAIN = `import type { Experiment } from 'comex';
type Self = typeof import('./train.ts');
export const EPOCHS = 3;
export const FAIL = false;
export default async function experiment(e: Experiment<Self>) {
  e.log('training', EPOCHS);
  console.log('from the console');
  for (let epoch = 0; epoch < EPOCHS; epoch++) e.track('loss', 1 / (epoch + 1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  e['results/epochs'] = e.EPOCHS;
  if (FAIL) throw new Error('no luck');
  return { epochs: EPOCHS, draw: Math.random() };
}
`;
const parent = (body: string): string =>
  `import type { Experiment } from 'comex';\nexport default async function experiment(e: Experiment) {\n${body}\n}\n`;

describe('e.run', () => {
  it('runs a child in a folder of its own below runs/, and gives its result', () => {
    const project = new TestProject({
      'experiments/jobs/train.ts': TRAIN,
      'experiments/jobs/study.ts': parent(`
  const child = await e.run('./train.ts', { parameters: { EPOCHS: 5 }, tags: ['inner'], note: 'first' });
  return { ...child, run: child.run().series('loss').count };`),
    });
    const { run, printed } = project.run('jobs/study');
    expect(printed.status, printed.stderr).toBe(0);
    const result = run.result as { id: string; path: string; run: number; status: string; result: unknown };
    expect(result).toMatchObject({ status: 'done', result: { epochs: 5 }, run: 5 });
    expect(result.path).toBe(join(run.path, 'runs', result.id));
    const child = loadRun(result.path);
    expect(child.meta).toMatchObject({
      parent: { id: run.id },
      namespace: 'jobs/train',
      tags: ['inner'],
      note: 'first',
      status: 'done',
      snapshot: { folder: '../../code', files: ['experiments/jobs/train.ts'] },
    });
    expect(child.meta.snapshot.skipped).toEqual([]);
    expect(child.log()).toMatch(/training 5\n.* from the console/);
    expect(run.log()).toContain(`[${child.id}] training 5`);
    expect(run.log()).toContain(`[${child.id}] from the console`);
    expect(existsSync(join(run.path, 'code/experiments/jobs/train.ts'))).toBe(true);
    expect(existsSync(join(child.path, 'plots'))).toBe(false);
    expect(readdirSync(child.path, { recursive: true }).length + 1).toBeLessThanOrEqual(8);
    expect(run.artifacts).toEqual([]);
  });

  it('keeps a child’s error to itself, or throws it as asked', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/study.ts': parent(`
  const { status, error, result } = await e.run('./train.ts', { parameters: { FAIL: true } });
  let thrown;
  try { await e.run('./train.ts', { parameters: { FAIL: true }, throw: true }); } catch (cause) { thrown = cause.message; }
  return { status, message: error.message, none: result === undefined, thrown };`),
    });
    const { run } = project.run('study');
    expect(run.result).toEqual({ status: 'failed', message: 'no luck', none: true, thrown: 'no luck' });
    expect(run.status).toBe('done');
  });

  it('refuses a wrong file and a wrong parameter before there is a child', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/study.ts': parent(`
  const said = [];
  for (const [file, parameters] of [['./trian.ts', {}], ['./train.ts', { EPOCH: 1 }], ['./train.ts', { EPOCHS: 'x' }]])
    await e.run(file, { parameters }).catch((error) => said.push(error.code));
  return said;`),
    });
    const { run } = project.run('study');
    expect(run.result).toEqual(['E_FILE', 'E_PARAMETER_NAME', 'E_PARAMETER_TYPE']);
    expect(existsSync(join(run.path, 'runs')) && readdirSync(join(run.path, 'runs')).length > 0).toBe(false);
  });

  it('nests to any depth, several at once, with values, output and random numbers of their own', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/middle.ts': `import type { Experiment } from 'comex';
export const FROM = 0;
export default async function experiment(e: Experiment) {
  const children = await Promise.all([1, 2, 3].map((n) => e.run('./train.ts', { parameters: { EPOCHS: FROM + n } })));
  return children.map(({ result }) => result);
}\n`,
      'experiments/top.ts': parent(`
  const children = await Promise.all([10, 20].map((n) => e.run('./middle.ts', { parameters: { FROM: n } })));
  return children.map(({ result }) => result);`),
    });
    const first = project.run('top', ['--__SEED__', '7']).run;
    const result = first.result as { epochs: number; draw: number }[][];
    expect(result.map((middle) => middle.map(({ epochs }) => epochs))).toEqual([
      [11, 12, 13],
      [21, 22, 23],
    ]);
    expect(new Set(result.flat().map(({ draw }) => draw)).size).toBe(6);
    expect(project.run('top', ['--__SEED__', '7']).run.result).toEqual(result);
    const tree = readTree(first.path);
    expect(tree.children.map(({ children }) => children.length)).toEqual([3, 3]);
    for (const { children } of tree.children) {
      for (const { run } of children) {
        expect(run.meta.snapshot.folder).toBe('../../../../code');
        expect(run.log()).toContain(`training ${run.parameters['EPOCHS']}`);
        expect(run.log().match(/training/g)).toHaveLength(1);
      }
    }
    const shown = project.comex(['tree', first.id]).stdout;
    expect(shown.match(/train {2}/g)).toHaveLength(6);
    expect(shown).toMatch(/^top {2}\w{8} {2}done.*\n├─ middle {2}\w{8} {2}done/);
    const json = JSON.parse(project.comex(['tree', first.id, '--json']).stdout);
    expect(json.children[0].children[0]).toMatchObject({ namespace: 'train', status: 'done', children: [] });
    expect(project.comex(['show', first.id]).stdout).toContain('├─ middle');
    const leaf = tree.children[0]!.children[0]!.run;
    expect(project.comex(['show', leaf.id]).stdout).toContain(`parent     ${tree.children[0]!.run.id}`);
    expect(project.comex(['list']).stdout.match(/done/g)).toHaveLength(2);
  });

  it('reads a relative path from the file that calls, also when a child in another folder extends it', () => {
    const project = new TestProject({
      'experiments/lib/train.ts': TRAIN,
      'experiments/lib/study.ts': parent("return (await e.run('./train.ts')).result.epochs;"),
      'experiments/lib/helper.ts': `export const start = (e) => e.run('./train.ts', { parameters: { EPOCHS: 9 } });\n`,
      'experiments/other/train.ts': TRAIN.replace('EPOCHS = 3', 'EPOCHS = 999'),
      'experiments/other/child.ts': `import { extend } from 'comex';\nimport { start } from '../lib/helper.ts';
export default extend('../lib/study.ts', async (e, parent) => [await parent(e), (await start(e)).result.epochs]);\n`,
    });
    expect(project.run('other/child').run.result).toEqual([3, 9]);
  });

  it('has the code of all its children as it was when it began', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/study.ts': `import { writeFileSync, readFileSync } from 'node:fs';\n${parent(`
  const first = await e.run('./train.ts');
  const path = new URL('./train.ts', import.meta.url).pathname;
  writeFileSync(path, readFileSync(path, 'utf8').replace('EPOCHS = 3', 'EPOCHS = 4'));
  const second = await e.run('./train.ts');
  return [first.result.epochs, second.result.epochs];`)}`,
    });
    const { run } = project.run('study');
    expect(run.result).toEqual([3, 3]);
    expect(readFileSync(join(run.path, 'code/experiments/train.ts'), 'utf8')).toBe(TRAIN);
  });

  it('waits for children that nobody awaited, and ends them with the run', async () => {
    const project = new TestProject({
      'experiments/slow.ts': `export default async (e) => { await new Promise((resolve) => setTimeout(resolve, e.MS)); };\nexport const MS = 300;\n`,
      'experiments/study.ts': parent("void e.run('./slow.ts');"),
      'experiments/long.ts': parent("e.log('go'); await e.run('./slow.ts', { parameters: { MS: 60_000 } });"),
    });
    const { run } = project.run('study');
    expect(readTree(run.path).children.map((child) => child.run.status)).toEqual(['done']);
    const process = project.start(['run', 'long', '--quiet']);
    const namespace = join(project.root, 'results/long');
    for (let folder: string | undefined; folder === undefined || !existsSync(join(folder, 'runs')); ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      folder = existsSync(namespace) ? project.runs('long')[0] : undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill('SIGINT');
    await new Promise((resolve) => process.on('exit', resolve));
    const tree = readTree(project.runs('long')[0]!);
    expect(tree.run.status).toBe('interrupted');
    expect(tree.children.map((child) => child.run.status)).toEqual(['interrupted']);
  });

  it('ends everything when a child calls process.exit: its parent has not come to its end, whatever the code', () => {
    for (const [code, status, child] of [
      [3, 3, 'failed'],
      [0, 1, 'done'],
    ] as const) {
      const project = new TestProject({
        'experiments/exits.ts': `export default () => process.exit(${code});\n`,
        'experiments/study.ts': parent("await e.run('./exits.ts');"),
      });
      expect(project.comex(['run', 'study', '--quiet']).status).toBe(status);
      const tree = readTree(project.runs('study')[0]!);
      expect([tree.run.status, tree.children[0]!.run.status]).toEqual(['failed', child]);
    }
  });

  it('fails a child that never settles, and nothing else', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/hangs.ts': 'export default () => new Promise(() => {});\n',
      'experiments/study.ts': parent(
        "const a = await e.run('./hangs.ts'); const b = await e.run('./train.ts'); return [a.status, a.error.code, b.status];",
      ),
    });
    const { run } = project.run('study');
    expect(run.status).toBe('done');
    expect(run.result).toEqual(['failed', 'E_NEVER_SETTLED', 'done']);
  });

  it('evaluates a chain whose parent awaits at its top and is imported by the child', () => {
    const project = new TestProject({
      'experiments/base.ts':
        'export const A = 1;\nexport const G = await Promise.resolve(A * 5);\nexport default () => [A, G];\n',
      'experiments/child.ts': `import { extend } from 'comex';\nimport { A } from './base.ts';\nexport const look = () => A;\nexport default extend('./base.ts');\n`,
      'experiments/study.ts': parent("return (await e.run('./child.ts')).result;"),
    });
    expect(project.run('study').run.result).toEqual([1, 5]);
  });

  it('keeps the secrets of a child out of its parent, too', () => {
    const project = new TestProject({
      'experiments/keyed.ts': `export const API_KEY = '';
export default (e) => { e.log('uses', e.API_KEY); console.log('prints', e.API_KEY); throw new Error('bad ' + e.API_KEY); };\n`,
      'experiments/study.ts': parent(
        "const r = await e.run('./keyed.ts', { parameters: { API_KEY: 'very-secret-text' } }); e.log(r.error.message); return r.error.message;",
      ),
    });
    const { run } = project.run('study');
    expect(run.result).toBe('bad [redacted]');
    expect(run.log()).toContain('uses [redacted]');
    expect(run.log()).not.toContain('very-secret-text');
  });

  it('refuses options that it does not know, and runs inside of themselves without an end', () => {
    const project = new TestProject({
      'experiments/train.ts': TRAIN,
      'experiments/wrong.ts': parent("await e.run('./train.ts', { parameter: { EPOCHS: 1 } } as never);"),
      'experiments/again.ts': parent(
        "const r = await e.run('./again.ts'); if (r.status !== 'done') throw new Error(r.error.message);",
      ),
    });
    expect(project.run('wrong').run.error?.message).toContain('got "parameter". Did you mean "parameters"?');
    expect(project.run('again').run.error?.message).toContain('at most 32 runs inside of one another');
  });
});
