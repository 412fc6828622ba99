import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { META_FILE } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { redactText } from '../../src/run/redact.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

it('a debug run that has ended but still analyses keeps its folder', async () => {
  const project = new TestProject({
    [MAIN]: `import { existsSync } from 'node:fs';\nexport const WHO: string = 'x';\nexport default () => WHO;
export async function analysis() { while (WHO === 'first' && !existsSync('go')) await new Promise((r) => setTimeout(r, 20)); }`,
  });
  const first = project.start(['run', 'main', '--__DEBUG__', '--WHO=first', '--quiet']);
  const meta = join(project.root, 'results/main/debug', META_FILE);
  while (!existsSync(meta) || !readFileSync(meta, 'utf8').includes('"status": "done"')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const refused = project.comex(['run', 'main', '--__DEBUG__', '--WHO=second', '--quiet']);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('E_RUN_BUSY');
  project.write({ go: '' });
  await once(first, 'exit');
  expect(loadRun(join(project.root, 'results/main/debug')).parameters).toMatchObject({ WHO: 'first' });
  expect(project.comex(['run', 'main', '--__DEBUG__', '--WHO=second', '--quiet']).status).toBe(0);
  expect(loadRun(join(project.root, 'results/main/debug')).result).toBe('second');
});

it('a signal or a time limit that came while the thread was busy decides the status', async () => {
  const project = new TestProject({
    [MAIN]: `import { writeSync } from 'node:fs';\nexport const MS = 1000;
export default () => { writeSync(1, 'busy\\n'); const end = Date.now() + MS; while (Date.now() < end); return 1; };`,
  });
  const child = project.start(['run', 'main', '--quiet']);
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  expect(loadRun(project.runs('main')[0]!).status).toBe('interrupted');
  const late = project.comex(['run', 'main', '--MS=300', '--timeout=100ms', '--quiet']);
  expect(late.status).toBe(124);
  expect(late.stderr).toContain('E_TIMEOUT');
});

it('process.exit(0) after a time limit does not make the run done', () => {
  const project = new TestProject({
    [MAIN]: `export default (e: any) => new Promise(() => { e.signal.addEventListener('abort', () => process.exit(0)); });`,
  });
  const printed = project.comex(['run', 'main', '--timeout=200ms', '--json']);
  expect(printed.status).toBe(124);
  expect(JSON.parse(printed.stdout)).toMatchObject({ status: 'timeout' });
});

it('what is derived from a secret, a note or a tag does not show it in the metadata', () => {
  const project = new TestProject({
    [MAIN]: `export const API_KEY: string = '';\nexport const URL_WITH = \`https://x/?k=\${API_KEY}\`;\nexport default () => URL_WITH;`,
  });
  const secret = 'leakme12345';
  project.comex(['run', 'main', `--API_KEY=${secret}`, `--note=with ${secret}`, `--tag=${secret}`, '--quiet']);
  const meta = readFileSync(join(project.runs('main')[0]!, META_FILE), 'utf8');
  expect(meta).not.toContain(secret);
  expect(JSON.parse(meta)).toMatchObject({ result: 'https://x/?k=[redacted]' });
});

it('a field given anew leaves the other given fields of --from as they are', () => {
  const project = new TestProject({
    [MAIN]: `export const MODEL = { hidden: 8, dropout: 0.1, deep: { a: 1, b: 2 } };\nexport default () => MODEL;`,
  });
  project.run('main', ['--MODEL.dropout=0.5', '--MODEL.deep.a=7']);
  const { run } = project.run('main', ['--from=main', '--MODEL.hidden=64']);
  expect(run.result).toEqual({ hidden: 64, dropout: 0.5, deep: { a: 7, b: 2 } });
});

it('charts that are tracked at once keep a step and a file each', () => {
  const { run } = new TestProject({
    [MAIN]: `const chart = (n: number) => ({ type: 'bar', data: { labels: ['a'], datasets: [{ data: [n] }] } });
export default async (e: any) => {
  const first = e.track('c', chart(1)); const second = e.track('c', chart(2));
  await first; const third = e.track('c', chart(3)); await Promise.all([second, third]);
};`,
  }).run('main');
  const images = run.series('c')!.images();
  expect([...run.series('c')!.steps].sort()).toEqual([0, 1, 2]);
  expect(new Set(images).size).toBe(3);
  for (const image of images) expect(existsSync(join(run.path, image!))).toBe(true);
});

it('a helper with a syntax error, or one that is not there, is refused with file and line before there is a run', () => {
  const project = new TestProject({
    [MAIN]: `import { x } from './helper.ts';\nexport default () => x;`,
    'experiments/helper.ts': 'export const x = 1;\nexport const = 2;\n',
  });
  const broken = project.comex(['run', 'main']);
  expect([broken.status, broken.stderr]).toEqual([
    2,
    expect.stringMatching(/^comex: experiments\/helper\.ts:2:14: .*\(E_SYNTAX\)\n$/),
  ]);
  project.write({ 'experiments/helper.ts': `import './gone.ts';\nexport const x = 1;\n` });
  const missing = project.comex(['run', 'main']);
  expect([missing.status, missing.stderr]).toEqual([
    2,
    expect.stringContaining('experiments/helper.ts:1:1: Cannot find the module "./gone.ts"'),
  ]);
  expect(project.runs('main')).toEqual([]);
});

it('a long word without an end and many pieces without a newline cost no more than their length', () => {
  expect(redactText(`+${'0a'.repeat(500_000)}\n+API_KEY='hunter22'${' '.repeat(100_000)}x\n`).count).toBe(1);
  const { run } = new TestProject({
    [MAIN]: `export default () => { for (let i = 0; i < 300_000; i++) process.stdout.write('.'); };`,
  }).run('main');
  expect(run.log().match(/\./g)!.length).toBeGreaterThanOrEqual(300_000);
});
