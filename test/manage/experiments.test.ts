import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentsTable } from '../../src/cli/experiments.ts';
import { listExperiments } from '../../src/manage/experiments.ts';
import { TestProject } from '../project.ts';

const FILES = {
  'experiments/digits.ts': `/** Reads digits, e.g. of houses. More than that. */
import { helper } from './parts/helper.ts';
console.log('executed');
/** How many. */
export const SIZE = 2;
export const API_KEY = 'secret value';
export default () => { if (SIZE === 13) throw new Error('no'); return helper; };
`,
  'experiments/vision/small.yml':
    'extend: ../digits.ts\ndescription: A small one.\ntags: [a]\nparameters:\n  SIZE: 1\n',
  'experiments/named.yml': 'extend: ./digits.ts\nnamespace: elsewhere\n',
  'experiments/never.ts': 'export default () => 1;\n',
  'experiments/broken/syntax.ts': 'export const A = ;\n',
  'experiments/broken/typo.yml': 'extend: ../digits.ts\nparameters:\n  SZIE: 1\n',
  'experiments/broken/orphan.ts': "import { extend } from 'comex';\nexport default extend('./gone.ts');\n",
  'experiments/broken/no-main.ts': 'export function testing() {}\n',
  'experiments/parts/helper.ts': 'export const LIMIT = 1;\nexport const helper = 3;\n',
  'experiments/mixins/noisy.ts': 'export const hooks = {};\n',
  'experiments/templates/ours.ts': 'export default () => 1;\n',
};

function listed(project: TestProject, ...words: string[]) {
  const { stdout, stderr, status } = project.comex(['experiments', ...words]);
  expect(status).toBe(0);
  return { stdout, stderr };
}

interface Listed {
  name: string;
  runs: number;
  problem: string | null;
  last: { status: string; id: string } | null;
  [other: string]: unknown;
}

function json(project: TestProject): Map<string, Listed> {
  const { stdout } = listed(project, '--json');
  return new Map((JSON.parse(stdout) as Listed[]).map((each) => [each.name, each]));
}

describe('comex experiments', () => {
  it('lists modules and configs with their runs, executing none, and says what is wrong with others', () => {
    const project = new TestProject(FILES);
    expect(project.comex(['run', 'digits', '--quiet']).status).toBe(0);
    expect(project.comex(['run', 'digits', '--SIZE', '13', '--quiet']).status).toBe(1);
    expect(project.comex(['run', 'named', '--quiet']).status).toBe(0);
    expect(project.comex(['run', 'vision/small', '--__NAMESPACE__', 'other', '--quiet']).status).toBe(0);
    const { stdout, stderr } = listed(project);
    expect(stderr).toBe('');
    const rows = stdout
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('\t'));
    const heads = ['experiment', 'parameters', 'runs', 'status', 'started', 'description', 'problem'];
    expect(rows[0]).toEqual(heads);
    const brief = rows
      .slice(1)
      .map(([name, count, runs, status, , description, problem]) => [name, count, runs, status, description, problem]);
    expect(brief).toEqual([
      ['broken/no-main', '0', '0', '', '', expect.stringContaining('Expected a default export')],
      ['broken/orphan', '0', '0', '', '', expect.stringContaining('experiments/broken/gone.ts')],
      ['broken/syntax', '0', '0', '', '', expect.stringContaining('experiments/broken/syntax.ts:1:')],
      ['broken/typo', '0', '0', '', '', expect.stringContaining('Did you mean "SIZE"?')],
      ['digits', '2', '2', 'failed', 'Reads digits, e.g. of houses.', ''],
      ['named', '2', '1', 'done', 'Reads digits, e.g. of houses.', ''],
      ['never', '0', '0', '', '', ''],
      ['vision/small', '2', '1', 'done', 'A small one.', ''],
    ]);
    expect(stdout).not.toContain('executed');
  });

  it('gives types, defaults and docs as JSON, but no secrets', () => {
    const project = new TestProject(FILES);
    const { stdout } = listed(project, '--json');
    expect(stdout).not.toContain('secret value');
    const all = json(project);
    expect(all.get('digits')).toMatchObject({
      kind: 'module',
      file: join(project.root, 'experiments/digits.ts'),
      namespace: 'digits',
      parameters: {
        SIZE: { type: 'number', default: '2', doc: 'How many.' },
        API_KEY: { type: 'string', default: '[redacted]', doc: null },
      },
      runs: 0,
      last: null,
      problem: null,
    });
    expect(all.get('vision/small')).toMatchObject({
      kind: 'config',
      tags: ['a'],
      parameters: { SIZE: { default: '1' } },
    });
    expect(all.get('named')).toMatchObject({ namespace: 'elsewhere' });
  });

  it('knows the runs of a file that was moved with its runs, and those inside of other runs', () => {
    const project = new TestProject({
      'experiments/child.ts': 'export default () => 1;\n',
      'experiments/parent.ts':
        "export default async (e) => { for (let i = 0; i < 3; i++) await e.run('./child.ts'); };\n",
    });
    expect(project.run('parent').printed.status).toBe(0);
    expect(json(project).get('child')).toMatchObject({ runs: 3, last: { status: 'done' } });
    // Elsewhere, the project's path is another one.
    const copy = new TestProject({ 'experiments/child.ts': 'export default () => 1;\n' });
    const { path } = project.run('child').run;
    const results = join(project.root, 'results');
    const found = JSON.parse(listed(copy, '--json', '--results', results).stdout) as Listed[];
    expect(found.map(({ name, runs }) => [name, runs])).toEqual([['child', 4]]);
    writeFileSync(join(path, 'experiment_meta.json'), '{');
    const { stdout, stderr } = listed(project);
    expect(stdout).toContain('child\t0\t3\tdone');
    expect(stderr).toContain('experiment_meta.json');
  });

  it('fits 80 columns for people', async () => {
    const project = new TestProject({
      ...FILES,
      'experiments/a/very/long/name/of/an/experiment/that/nobody/would/type.ts': `/** ${'Words and '.repeat(30)}. */\nimport 'comex';\nexport default () => 1;\n`,
    });
    project.run('digits');
    const { root } = project;
    const experiments = await listExperiments({ root, results: join(root, 'results'), cwd: root, err: () => {} });
    const table = experimentsTable(experiments, { columns: 80, color: false, unicode: true }, Date.now());
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(table).toMatch(/^experiment +parameters +runs +last run +description\n/);
    expect(table).toMatch(/\ndigits +2 +1 +done (now|\d+ s ago) +Reads/);
    expect(table).toMatch(/\nnever +0 +0 +never\n/);
  });

  it('says how to begin where there is none', () => {
    const project = new TestProject();
    expect(listed(project)).toEqual({
      stdout: '',
      stderr: 'comex: No experiments in experiments/ yet. Make one with "comex new NAME".\n',
    });
    expect(listed(project, '--json').stdout).toBe('[]\n');
  });
});
