import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { PACKAGE, TestProject } from '../project.ts';

const BASE = `export const LR = 0.1;
export const TWICE = LR * 2;
export default async function experiment(e: any) {
  console.log('main');
  e.LR = 5;
  for (let i = 0; i < 4; i++) e.track('loss/train', i * LR);
  e.track('words', 'a'); e.track('words', 'b');
  e['results/x'] = { big: 2n, list: [1, NaN] };
  e._model = 1;
}
export const hooks = { shape: (_e: any, { x }: any) => x * LR };
export const analyses = {
  async summary(e: any) {
    await e.commitJson('summary', {
      bare: [LR, TWICE], e: [e.LR, e.parameters.TWICE], parameters: { ...e.parameters }, id: e.id,
      loss: e.get('loss/train'), same: e['loss/train'], words: e.get('words'), x: e['results/x'],
      has: [e.has('results/x'), e.has('words'), e.has('none/such'), e.has('_model')],
      hook: await e.applyHook('shape', { x: 3 }), none: await e.applyHook('none', {}, 'fallback'),
      random: [e.random(), Math.random()],
    });
  },
};
`;
const CHILD = `import { extend } from 'comex';
export const LR = 0.3;
export default extend('./base.ts');
export async function analysis(e: any) { e.log('own', LR); await e.commitRaw('own.txt', 'snapshot'); }
`;

const temporary = mkdtempSync(join(tmpdir(), 'comex-analyze-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** What is in a folder, by path: the hash of each file. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

/** A project with one run of an experiment of the given text. */
function ran(text: string, words: readonly string[] = [], files: Readonly<Record<string, string>> = {}) {
  const project = new TestProject({ 'experiments/x.ts': text, ...files });
  const { run } = project.run('x', words);
  return { project, run };
}

const json = (path: string, name: string): unknown => loadJson(join(path, name));
const loadJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('comex analyze', () => {
  const project = new TestProject({ 'experiments/base.ts': BASE, 'experiments/child.ts': CHILD });
  const { run } = project.run('child', ['--__SEED__', '7']);

  it('calls the analyses of a run, its parents’ first, with what the run ended with, and not its main function', () => {
    const first = json(run.path, 'summary.json') as Record<string, unknown>;
    const before = contents(run.path);
    for (const name of ['summary.json', 'own.txt']) rmSync(join(run.path, name));
    const { status, stdout, stderr } = project.comex(['analyze', 'latest']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`own 5\nchild  ${run.id}\n  done    summary\n  done    analysis\n`);
    const again = json(run.path, 'summary.json') as Record<string, unknown>;
    // What only the run itself has: private data, and random numbers behind those that its main function drew.
    expect(again).toEqual({ ...first, has: [true, true, false, false], random: again['random'] });
    expect(again).toMatchObject({ bare: [5, 10], e: [5, 10], loss: [0, 5, 10, 15], words: ['a', 'b'], hook: 15 });
    const { 'summary.json': _, ...rest } = before;
    expect(contents(run.path)).toMatchObject(rest);
    expect(Object.keys(contents(run.path)).sort()).toEqual(Object.keys(before).sort());
  });

  it('draws the same random numbers each time', () => {
    project.comex(['analyze', run.id]);
    const { random } = json(run.path, 'summary.json') as { random: unknown };
    project.comex(['analyze', run.id.slice(0, 6), '--only', 'summary']);
    expect((json(run.path, 'summary.json') as { random: unknown }).random).toEqual(random);
  });

  it('calls only what --only names, and refuses a name that there is not', () => {
    const { status, stdout } = project.comex(['analyze', '--only', 'analysis', run.path]);
    expect([status, stdout]).toEqual([0, `own 5\nchild  ${run.id}\n  done    analysis\n`]);
    const wrong = project.comex(['analyze', 'child', '--only', 'analysis', '--only', 'sumary']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toBe(
      'comex: Expected an analysis of the experiment, got "sumary". Did you mean "summary"? It has: summary, analysis. (E_USAGE)\n',
    );
  });

  it('takes the code of the run, or with --code today that of the project', () => {
    project.write({ 'experiments/child.ts': CHILD.replace("'snapshot'", "'today'").replace("'own'", "'new'") });
    expect(project.comex(['analyze', 'child', '--only', 'analysis']).stdout).toContain('own 5');
    expect(readFileSync(join(run.path, 'own.txt'), 'utf8')).toBe('snapshot');
    expect(project.comex(['analyze', 'child', '--only', 'analysis', '--code', 'today']).stdout).toContain('new 5');
    expect(readFileSync(join(run.path, 'own.txt'), 'utf8')).toBe('today');
    expect(project.comex(['analyze', 'child', '--code', 'yesterday']).status).toBe(2);
  });

  it('says of each parameter that the run and today’s module do not share', () => {
    const { project, run } = ran('export const OLD = 1;\nexport const LR = 2;\nexport default function f() {}\n');
    project.write({
      'experiments/x.ts':
        'export const NEW = 3;\nexport const LR = 9;\nexport default function f() {}\nexport function analysis(e: any) { e.log(LR, NEW); }\n',
    });
    const { status, stdout } = project.comex(['analyze', run.id, '--code', 'today']);
    expect(status).toBe(0);
    expect(stdout).toContain("Warning: The run had no parameter NEW: it has today's default.");
    expect(stdout).toContain('Warning: OLD of the run is no parameter any more.');
    expect(stdout).toContain('\n2 3\n');
    project.write({ 'experiments/x.ts': 'export let NEW: number;\nexport default function f() {}\n' });
    const required = project.comex(['analyze', run.id, '--code', 'today']);
    expect([required.status, required.stderr]).toEqual([2, expect.stringContaining('(E_PARAMETER_MISSING)')]);
  });

  it('prints one JSON object with --json, and what the analyses print on stderr', () => {
    const { stdout, stderr } = project.comex(['analyze', run.id, '--json']);
    const { id, path, namespace } = run;
    const analyses = [
      { name: 'summary', ok: true },
      { name: 'analysis', ok: true },
    ];
    expect(JSON.parse(stdout)).toEqual({ id, path, namespace, analyses });
    expect(stderr).toBe('own 5\n');
  });

  it('says so when there are none', () => {
    const { project, run } = ran('export default function f() {}\n');
    const { status, stdout } = project.comex(['analyze', run.id]);
    expect([status, stdout]).toEqual([
      0,
      `The run ${run.id} of x has no analyses. A module exports one as "export function analysis(e)", several as "analyses".\n`,
    ]);
    expect(project.comex(['analyze', run.id, '--only', 'a']).stderr).toContain('got "a". It has none. (E_USAGE)');
  });

  it('takes runs that failed, and refuses one that goes on', async () => {
    const { project, run } = ran(
      `export const N = 1;\nexport default function f(e: any) { e.track('a', N); throw new Error('no'); }\nexport function analysis(e: any) { e.log('got', e.get('a')); }\n`,
    );
    expect(run.status).toBe('failed');
    expect(project.comex(['analyze', run.id]).stdout).toContain('got [ 1 ]');
    project.write({
      'experiments/wait.ts': `export default function f(e: any) { console.log('ready'); return new Promise(() => setInterval(() => {}, 1000)); }\nexport function analysis(e: any) { e.log('late'); }\n`,
    });
    const child = project.start(['run', 'wait']);
    for await (const chunk of child.stdout) if (String(chunk).includes('ready')) break;
    const busy = project.comex(['analyze', 'wait']);
    expect([busy.status, busy.stderr]).toEqual([2, expect.stringMatching(/over, but \w+ is not: .*E_RUN_BUSY/)]);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(loadRun(project.runs('wait')[0]!).status).toBe('killed');
    expect(project.comex(['analyze', 'wait']).stdout).toContain('late');
  });

  it('refuses one that is done, but analyses yet', async () => {
    const project = new TestProject({
      'experiments/x.ts': `export default function f() {}\nexport async function analysis(e: any) { console.log('ready'); await new Promise((r) => setTimeout(r, 60_000)); }\n`,
    });
    const child = project.start(['run', 'x']);
    for await (const chunk of child.stdout) if (String(chunk).includes('ready')) break;
    expect(loadRun(project.runs('x')[0]!).status).toBe('done');
    const { status, stderr } = project.comex(['analyze', 'x']);
    child.kill('SIGKILL');
    expect([status, stderr]).toEqual([2, expect.stringContaining('its process has not let go of the folder yet')]);
  });

  it('takes runs of YAML experiments with mixins, without what the YAML needed from the environment', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'mixins/loud.ts': `export const LOUD = 1;\nexport const hooks = { shape: () => 'loud' };\n`,
      'mixins/out.ts': `export const OUT = 1;\nexport const hooks = {};\n`,
      'experiments/y.yml': `extend: ./base.ts\nparameters: { LR: "$\{RATE}", LOUD: 7 }\ninclude: ["../mixins/loud.ts"]\n`,
    });
    const { run } = project.run('y.yml', ['--__INCLUDE__', 'mixins/out.ts', '--OUT', '8'], { RATE: '3' });
    expect(run.error).toBeUndefined();
    rmSync(join(run.path, 'summary.json'));
    const { status, stderr } = project.comex(['analyze', 'latest']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(json(run.path, 'summary.json')).toMatchObject({ parameters: { LR: 5, LOUD: 7, OUT: 8 }, hook: 15 });
  });

  it('takes child runs, whose code is in the run above', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': CHILD,
      'experiments/up.ts': `export default async function f(e: any) { return (await e.run('./child.ts', { parameters: { LR: 2 } })).id; }\n`,
    });
    const { run } = project.run('up');
    const path = join(run.path, 'runs', String(run.result));
    rmSync(join(path, 'summary.json'));
    expect(existsSync(join(path, 'analysis.ts'))).toBe(false);
    expect(project.comex(['analyze', String(run.result)]).status).toBe(0);
    expect(json(path, 'summary.json')).toMatchObject({ bare: [5, 10] });
    const alone = join(temporary, 'alone');
    cpSync(path, alone, { recursive: true });
    const { status, stderr } = project.comex(['analyze', alone]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/A child run is copied with the run.*--code today/)]);
  });
});

describe('an analysis of a run that is over', () => {
  it('records nothing and changes no parameter: each attempt is refused, and the others are called all the same', () => {
    const { project, run } = ran(`export const LR = 1;
export default function f() {}
export const analyses = {
  track: (e: any) => e.track('a', 1), many: (e: any) => e.trackMany({ a: 1 }), record: (e: any) => e.record('t', {}),
  data: (e: any) => { e['a/b'] = 1; }, set: (e: any) => e.set('a', 1), parameter: (e: any) => { e.LR = 2; },
  child: (e: any) => e.run('./y.ts'), own: (e: any) => e.commitRaw('analysis.ts', ''),
  memory: async (e: any) => { e._memo = 3; await e.flush(); }, rest: (e: any) => e.log('rest', e._memo),
};
`);
    const before = contents(run.path);
    const { status, stdout, stderr } = project.comex(['analyze', run.id]);
    expect(status).toBe(1);
    expect(stdout).toContain('rest 3');
    expect(stdout.match(/failed {2}\w+/g)).toHaveLength(8);
    expect(stderr).toContain(
      `comex: The analysis data failed: e['a/b'] = … cannot record anything: the run ${run.id} is over. Commit a file instead: e.commitJson('name.json', value). (E_MEMBER)\n`,
    );
    expect(stderr).toContain(`e.LR = … comes too late: the run ${run.id} is over`);
    expect(stderr).toContain('e.run(…) begins no child');
    expect(stderr).toContain('"analysis.ts" is kept for comex');
    expect(stderr.split('\n').filter((line) => line !== '')).toHaveLength(8);
    expect(contents(run.path)).toEqual(before);
  });

  it('fails by an error that nobody caught, by waiting for nothing, and by the end of the process', () => {
    const { project, run } = ran(`export default function f() {}
const mode = process.env.MODE;
export const analyses = {
  async lost() { if (mode === 'lost') { Promise.reject(new Error('nobody')); await new Promise((r) => setTimeout(r, 20)); } },
  never: () => mode === 'never' ? new Promise(() => {}) : 1,
  exit: () => mode === 'exit' && process.exit(0),
  server: () => { setInterval(() => {}, 1000); },
};
`);
    const results = ['lost', 'never', 'exit'].map((mode) => {
      const { status, stdout, stderr } = project.comex(['analyze', run.id], { env: { MODE: mode } });
      return [status, stdout.match(/failed {2}\w+/g), /\((E_\w+)\)|Error: (\w+)/.exec(stderr)?.slice(1).join('')];
    });
    expect(results).toEqual([
      [1, ['failed  lost'], 'nobody'],
      [1, ['failed  never'], 'E_NEVER_SETTLED'],
      [1, null, 'E_EXIT'],
    ]);
  });

  it('shows an error of its own with the line in the snapshot', () => {
    const { project, run } = ran(
      `export default function f() {}\nexport function analysis() {\n  throw new TypeError('mine');\n}\n`,
    );
    const { stderr } = project.comex(['analyze', run.id]);
    expect(stderr).toContain('The analysis analysis failed: TypeError: mine');
    expect(stderr).toContain(`${join(run.path, 'code/experiments/x.ts')}:3:9`);
  });

  it('has no value of a secret that was given, nor of a function, and computes those that nobody set', () => {
    const { project, run } = ran(
      `export const API_KEY: string = '';
export const AUTH_TOKEN: string = process.env.THE_TOKEN ?? 'none';
export const FN = (x: number) => x + LR;
export const SET: any = null;
export const LR = 1;
const client = { key: API_KEY };
export default function f(e: any) { e.LR = 2; e.SET = () => 1; }
export const analyses = {
  member: (e: any) => e.log(e.API_KEY), bare: () => \`\${API_KEY}\`, stored: () => client.key.length,
  set: (e: any) => e.SET(),
  rest: (e: any) => { e.log(AUTH_TOKEN, e.AUTH_TOKEN, FN(1), e.FN(2), Object.keys(e.parameters)); console.log(String(e.id)); e.logParameters(); },
};
`,
      ['--API_KEY', 'sk-4711'],
    );
    const { status, stdout, stderr } = project.comex(['analyze', run.id], { env: { THE_TOKEN: 'from-now' } });
    expect(status).toBe(1);
    expect(stdout.match(/failed {2}\w+/g)).toEqual(['failed  member', 'failed  bare', 'failed  stored', 'failed  set']);
    expect(stderr).toContain('The value that API_KEY had in the run was not kept: it is a secret.');
    expect(stderr).toContain('The value that SET had in the run was not kept: it is a function, or holds one.');
    expect(stdout).toContain(`from-now from-now 3 4 [ 'AUTH_TOKEN', 'FN', 'LR' ]`);
    expect(stdout).toContain('API_KEY     [redacted]');
    expect(stdout).not.toContain('sk-4711');
  });

  it('reads the inputs that the run kept', () => {
    const { project, run } = ran(
      `import { readFileSync } from 'node:fs';
export default function f(e: any) { e.input('data/a.txt'); }
export function analysis(e: any) { e.log(readFileSync(e.input('data/a.txt'), 'utf8')); }
`,
      [],
      { 'data/a.txt': 'then' },
    );
    project.write({ 'data/a.txt': 'now' });
    expect(project.comex(['analyze', run.id]).stdout).toContain('then\n');
    expect(project.comex(['analyze', run.id, '--code', 'today']).stdout).toContain('then\n');
  });

  it('runs programs, which end with it', () => {
    const { project, run } = ran(
      `export default function f() {}\nexport async function analysis(e: any) { e.log('got', (await e.exec(process.execPath, ['-p', '1+1'])).stdout.trim()); }\n`,
    );
    expect(project.comex(['analyze', run.id]).stdout).toBe(`2\ngot 2\nx  ${run.id}\n  done    analysis\n`);
  });
});

describe('the code of a run that is over', () => {
  const PACKED = `import { half } from 'half';
import { helper } from './helper.ts';
export const N = 3;
export default function f() {}
export function analysis(e: any) { e.log('half of', helper(N), half(N)); }
`;
  const project = new TestProject({
    'experiments/x.ts': PACKED,
    'experiments/helper.ts': `export const helper = (n: number) => n;\n`,
  });
  project.write({
    'node_modules/half/package.json': '{ "name": "half", "type": "module", "exports": { "import": "./index.js" } }',
    'node_modules/half/index.js': 'export const half = (n) => n / 2;\n',
  });
  const { run } = project.run('x');
  const moved = join(temporary, 'moved');
  cpSync(run.path, moved, { recursive: true });

  it('is that of the run also when the project has changed or lost its files', () => {
    renameSync(join(project.root, 'experiments'), join(project.root, 'gone'));
    expect(project.comex(['analyze', run.id]).stdout).toContain('half of 3 1.5');
    const today = project.comex(['analyze', run.id, '--code', 'today']);
    expect([today.status, today.stderr]).toEqual([2, expect.stringContaining("Expected today's module of the run at")]);
    renameSync(join(project.root, 'gone'), join(project.root, 'experiments'));
  });

  it('finds its packages in the project of the run, or in the one that the command runs in, wherever the folder is', () => {
    const before = contents(moved);
    const copies = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('comex-code-'));
    const others = copies();
    expect(project.comex(['analyze', moved], { cwd: temporary }).stdout).toContain('half of 3 1.5');
    expect(project.comex(['analyze', moved, '--code', 'today'], { cwd: temporary }).stdout).toContain('half of 3 1.5');
    const other = new TestProject();
    const away = `${project.root}-away`;
    renameSync(project.root, away);
    const lacking = other.comex(['analyze', moved]);
    expect([lacking.status, lacking.stderr]).toEqual([
      2,
      `comex: The code of the run needs the package "half", which is not installed in ${other.root}. Install it there, or run the command in a project that has it. (E_EXPERIMENT)\n`,
    ]);
    cpSync(join(away, 'node_modules/half'), join(other.root, 'node_modules/half'), { recursive: true });
    expect(other.comex(['analyze', moved]).stdout).toContain('half of 3 1.5');
    renameSync(away, project.root);
    expect(contents(moved)).toEqual(before);
    expect(copies()).toEqual(others);
  });

  it('that is damaged or throws is named in a sentence', () => {
    const broken = join(temporary, 'broken');
    cpSync(run.path, broken, { recursive: true });
    rmSync(join(broken, 'code/experiments/helper.ts'));
    const { status, stderr } = project.comex(['analyze', broken]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/x\.ts:2:1: .*helper\.ts.*--code today\. \(E_SYNTAX\)/),
    ]);
    writeFileSync(join(broken, 'code/experiments/x.ts'), `throw new Error('at the top');\n${PACKED}`);
    writeFileSync(join(broken, 'code/experiments/helper.ts'), 'export const helper = 1;');
    const thrown = project.comex(['analyze', broken]);
    expect([thrown.status, thrown.stderr]).toEqual([
      2,
      expect.stringMatching(/^comex: The code of the run cannot be evaluated: at the top\n +at .*x\.ts:1:7/),
    ]);
    rmSync(join(broken, 'code'), { recursive: true });
    expect(project.comex(['analyze', broken]).stderr).toContain('there is no folder');
  });
});

describe('analysis.ts', () => {
  it.each(['module', 'commonjs'])('opens the run and calls its analyses, in a project of type %s', (type) => {
    const project = new TestProject({
      'package.json': JSON.stringify({ name: 'p', type }),
      'experiments/base.ts': BASE,
      'experiments/child.ts': CHILD,
    });
    const { run } = project.run('child');
    expect(run.artifacts.map(({ path }) => path)).toEqual(['own.txt', 'summary.json']);
    const copy = join(project.root, 'copies/of/it');
    cpSync(run.path, copy, { recursive: true });
    rmSync(join(copy, 'own.txt'));
    const tsx = join(PACKAGE, 'node_modules/tsx/dist/cli.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsx, join(copy, 'analysis.ts')], {
      cwd: temporary,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`child ${run.id} done\nown 5\nsummary done\nanalysis done\n`);
    expect(readFileSync(join(copy, 'own.txt'), 'utf8')).toBe('snapshot');
  });
});

describe('analyzeRun', () => {
  it('returns how each analysis ended, beside other runs of the process', () => {
    const project = new TestProject({
      'experiments/x.ts': `export const N = 1;
export default function f() {}
export const analyses = { good: (e: any) => e.log('good', N), bad() { throw new Error('bad ' + N); } };
`,
      'use.ts': `import { analyzeRun, runExperiment } from 'comex';
const [one, two] = await Promise.all([1, 2].map((N) => runExperiment('x', { parameters: { N } })));
const shown = (all: any) => all.map(({ name, ok, error }: any) => [name, ok, error?.message]);
console.log(JSON.stringify(await Promise.all([one, two].map(async ({ path }) => shown(await analyzeRun(path, { show: false }))))));
console.log(JSON.stringify(shown(await analyzeRun(two!.id, { only: ['good'], code: 'today' }))));
console.log(await analyzeRun(two!.id, { only: ['goad'] }).catch((e) => e.code));
console.log(await analyzeRun(two!.id, { code: 'now' as any }).catch((e) => e.code));
`,
    });
    const tsx = join(PACKAGE, 'node_modules/tsx/dist/cli.mjs');
    const { stdout, stderr } = spawnSync(process.execPath, [tsx, 'use.ts'], { cwd: project.root, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      '[[["good",true,null],["bad",false,"bad 1"]],[["good",true,null],["bad",false,"bad 2"]]]',
      'good 2',
      '[["good",true,null]]',
      'E_USAGE',
      'E_USAGE',
    ]);
  });
});
