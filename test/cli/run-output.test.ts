import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const SIMPLE = `/** What it is. */\n\n/** How many. */\nexport const N = 1;\nexport default (e: any) => { console.log('to stdout'); console.error('to stderr'); e.log('logged'); return N; };\n`;
const FAILS = `export default () => { console.log('to stdout'); throw new Error('it fails'); };\n`;

describe('--help', () => {
  const source = `/** Trains a model. */
import { writeFileSync } from 'node:fs';
writeFileSync('evaluated.txt', '');
/** Step size. */
export const RATE = 0.1;
export const KIND: 'sgd' | 'adam' = 'sgd'; // Which optimizer.
export const NEEDED: number | undefined = undefined;
export const VERBOSE = false;
export const TWICE = RATE * 2;
/** How long.\n * @unit ms */
export const LIMIT = 50;
export default () => { writeFileSync('run.txt', ''); };
`;
  it.each(['--help', '-h'])(
    '%s lists the parameters with type, default and description, and executes nothing',
    (word) => {
      const project = new TestProject({ 'experiments/train.ts': source });
      const { status, stdout, stderr } = project.comex(['run', 'train', word]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Trains a model\.\n\nUsage: comex run experiments\/train\.ts \[--NAME VALUE\]\.\.\./);
      expect(stdout).toMatch(/--RATE <number> {2}\(default 0\.1\)\n {6}Step size\./);
      expect(stdout).toMatch(/--KIND <'sgd' \| 'adam'> {2}\(default 'sgd'\)\n {6}Which optimizer\./);
      expect(stdout).toMatch(/--VERBOSE <boolean>, --no-VERBOSE/);
      expect(stdout).toMatch(/--TWICE <number> {2}\(default RATE \* 2; follows RATE\)/);
      expect(stdout).toMatch(/--LIMIT <number> {2}\(default 50; in ms\)\n {6}How long\./);
      for (const name of ['__DEBUG__', '__TESTING__', '__PREFIX__', '__SEED__', '__NAMESPACE__', '__REPRODUCIBLE__'])
        expect(stdout).toContain(`--${name}`);
      expect(readdirSync(project.root).sort()).toEqual(['experiments', 'node_modules', 'package.json']);
    },
  );

  it('without FILE tells the options, and comex --help the commands', () => {
    const project = new TestProject();
    const run = project.comex(['run', '--help']);
    expect(run.status).toBe(0);
    for (const option of [
      '--json',
      '--dry-run',
      '--watch',
      '--results',
      '--tag',
      '--tags',
      '--note',
      '--timeout',
      '--from',
      '--quiet',
    ])
      expect(run.stdout).toContain(option);
    const comex = project.comex(['--help']);
    expect([comex.status, comex.stdout]).toEqual([
      0,
      expect.stringMatching(/comex run <file>[\s\S]*comex list[\s\S]*comex show <run>/),
    ]);
    expect(project.comex(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(project.comex([]).status).toBe(2);
  });
});

describe('--json', () => {
  const project = new TestProject({
    'experiments/fine.ts': SIMPLE,
    'experiments/fails.ts': FAILS,
    'experiments/odd.ts': `export default () => ({ nan: NaN, map: new Map([[1, 2]]), text: 'é\\ud800' });`,
    'experiments/unkept.ts': 'export default () => ({ f() {} });',
  });
  const json = (
    words: readonly string[],
  ): { readonly value: Record<string, unknown>; readonly stderr: string; readonly status: number | null } => {
    const { stdout, stderr, status } = project.comex(['run', ...words, '--json']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    return { value: JSON.parse(stdout) as Record<string, unknown>, stderr, status };
  };

  it('prints one object, and everything else goes to stderr', () => {
    const { value, stderr, status } = json(['fine', '--N=3']);
    expect(value).toEqual({
      id: expect.stringMatching(/^[0-9a-z]{8}$/) as string,
      path: expect.any(String) as string,
      status: 'done',
      durationMs: expect.any(Number) as number,
      result: 3,
    });
    expect(stderr).toBe('to stdout\nto stderr\nlogged\n');
    expect(status).toBe(0);
  });

  it('prints one object for a failed run, with its error', () => {
    const { value, stderr, status } = json(['fails']);
    expect(value).toMatchObject({
      status: 'failed',
      error: { name: 'Error', message: 'it fails', stack: expect.stringContaining('fails.ts:1') as string },
    });
    expect(value).not.toHaveProperty('result');
    expect(stderr).toMatch(
      /^to stdout\nError: it fails\n\s+at .*fails\.ts:1:\d+[\s\S]*The run is kept in results\/fails\//,
    );
    expect(status).toBe(1);
  });

  it('prints results that JSON has no word for, and none that cannot be kept', () => {
    expect(json(['odd']).value['result']).toEqual({
      nan: { $number: 'NaN' },
      map: { $map: [[1, 2]] },
      text: 'é\ud800',
    });
    const unkept = json(['unkept']);
    expect(unkept.value).not.toHaveProperty('result');
    expect(unkept.stderr).toContain('the result was not kept. Cannot store the run.result.f: it is a function');
  });

  it.each(['return 5;', 'process.exit(0);'])('prints nothing else, whatever handlers of the exit print (%s)', (end) => {
    project.write({
      'experiments/exits.ts': `export default () => { process.on('exit', () => console.log('at the exit')); ${end} };`,
    });
    const { value, stderr } = json(['exits']);
    expect(value['status']).toBe('done');
    expect(stderr).toBe('at the exit\n');
  });

  it('prints nothing to stdout when there is no run', () => {
    const { stdout, stderr, status } = project.comex(['run', 'fine', '--json', '--N=x']);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain('E_PARAMETER_TYPE');
  });
});

describe('--dry-run', () => {
  const project = new TestProject({
    'experiments/train.ts': `import { writeFileSync } from 'node:fs';\nwriteFileSync('evaluated.txt', '');\nexport const RATE = 0.1;\nexport const TWICE = RATE * 2;\nexport const LATER = Date.now();\nexport default () => 1;\n`,
  });
  const untouched = (): void =>
    expect(readdirSync(project.root).sort()).toEqual(['experiments', 'node_modules', 'package.json']);

  it('prints the parameters with their sources and the folder, executes and writes nothing', () => {
    const { status, stdout, stderr } = project.comex(['run', 'train', '--dry-run', '--RATE=0.5']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/RATE +0\.5 +given +0\.1/);
    expect(stdout).toMatch(/TWICE +1 +derived +RATE \* 2/);
    expect(stdout).toMatch(/LATER +\(known when it runs\) +default/);
    expect(stdout).toMatch(/results\/train\/\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__xxxxxxxx/);
    untouched();
  });

  it('prints the same as JSON', () => {
    const { stdout } = project.comex(['run', 'train', '--dry-run', '--json', '--RATE=0.5', '--__DEBUG__']);
    const { parameters, ...rest } = JSON.parse(stdout) as { parameters: Record<string, unknown> };
    expect(rest).toEqual({
      module: join(project.root, 'experiments/train.ts'),
      namespace: 'train',
      folder: join(project.root, 'results/train/debug'),
    });
    expect(parameters).toMatchObject({
      RATE: { value: 0.5, source: 'given', default: '0.1', type: 'number' },
      TWICE: { value: 1, source: 'derived' },
      LATER: { source: 'default' },
    });
    expect(parameters['LATER']).not.toHaveProperty('value');
    untouched();
  });

  it('refuses what a run would refuse', () => {
    expect(project.comex(['run', 'train', '--dry-run', '--RAT=1']).status).toBe(2);
  });
});

describe('what a run prints', () => {
  const project = new TestProject({ 'experiments/fine.ts': SIMPLE, 'experiments/fails.ts': FAILS });

  it('are a panel before and a panel after, and its own output between them', () => {
    const { status, stdout, stderr } = project.comex(['run', 'fine', '--N=3', '--tag', 'new']);
    expect(stdout).toMatch(
      /^fine {2}[0-9a-z]{8}\n[\s\S]*What it is\.[\s\S]*experiments\/fine\.ts[\s\S]*seed[\s\S]*new[\s\S]*N[\s\S]*3[\s\S]*\nto stdout\nlogged\n\ndone after [\s\S]*results\/fine\//,
    );
    expect(stderr).toBe('to stderr\n');
    expect(stdout).not.toContain('\x1b');
    expect(status).toBe(0);
  });

  it('is nothing with --quiet but errors', () => {
    const fine = project.comex(['run', 'fine', '--quiet']);
    expect([fine.status, fine.stdout, fine.stderr]).toEqual([0, '', '']);
    expect(loadRun(project.runs('fine')[0]!).log()).toContain('to stdout');
    const fails = project.comex(['run', 'fails', '--quiet']);
    expect([fails.status, fails.stdout]).toEqual([1, '']);
    expect(fails.stderr).toMatch(/^Error: it fails\n/);
  });
});
