import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const WALK = `
import { mkdirSync, writeFileSync } from 'node:fs';
export const SCALE = 1;
export default async function experiment(e) {
  e['results/own'] = 7;
  writeFileSync(e.path('eval', 'a.csv'), 'score,name\\n' + SCALE + ',x\\n' + 3 * SCALE + ',y\\n');
  writeFileSync(e.path('summary.json'), JSON.stringify({ pdm: SCALE / 2 }));
  e.log('final loss=' + SCALE / 4);
}
`;
const RULES = {
  'results/score': { csv: 'eval/*.csv', column: 'score', take: 'mean' },
  'results/pdm': { json: 'summary.json', path: '$.pdm' },
  'results/loss': { match: 'final loss=(\\S+)' },
};

function notesOf(folder: string): string {
  const path = join(folder, 'experiment_notes.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('comex harvest', () => {
  const project = new TestProject({ 'experiments/walk.ts': WALK });
  let first: string;
  let second: string;
  beforeAll(() => {
    first = project.run('walk', ['--SCALE', '2', '--__SEED__', '1']).run.path;
    second = project.run('walk', ['--SCALE', '4', '--__SEED__', '1']).run.path;
    project.write({ 'comex.config.json': JSON.stringify({ harvest: RULES }) });
  });

  it('only says with --dry-run what it would take', () => {
    const { stdout, status } = project.comex(['harvest', first, '--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /walk {2}3 would be harvested\n {2}results\/score {2}4 {2}\(mean of score: 2 values of eval\/a\.csv\)/,
    );
    expect(notesOf(first)).toBe('');
  });

  it('takes values for many runs, once: a second harvest writes nothing', () => {
    const { stdout, stderr, status } = project.comex(['harvest', 'SCALE > 1']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.match(/3 harvested/g)).toHaveLength(2);
    const notes = notesOf(first);
    expect(notes.trim().split('\n')).toHaveLength(1);
    const again = project.comex(['harvest', 'SCALE > 1', '--json']);
    const [record] = JSON.parse(again.stdout) as [{ harvested: object; unchanged: string[]; problems: unknown[] }];
    expect(record).toMatchObject({ harvested: {}, unchanged: Object.keys(RULES), problems: [] });
    expect(notesOf(first)).toBe(notes);
  });

  it('shows what it took wherever a run is read', () => {
    const run = loadRun(first);
    expect(run.data).toEqual({ results: { own: 7, score: 4, pdm: 1, loss: 0.5 } });
    expect(run.get('results/score')).toBe(4);
    expect(run.harvested['results/score']).toMatchObject({
      value: 4,
      by: 'comex harvest',
      source: { rule: RULES['results/score'], files: [{ path: 'eval/a.csv', bytes: 19 }], count: 2 },
    });
    expect(JSON.parse(readFileSync(join(first, 'experiment_data.json'), 'utf8'))).toEqual({ results: { own: 7 } });
    expect(project.comex(['show', first]).stdout).toMatch(
      /harvested {2}results\/score {2}4 +mean of score: 2 values of eval\/a\.csv/,
    );
  });

  it('gives columns, keys to sort by, metrics of groups and queries', () => {
    const column = project.comex(['list', '--columns', 'results/score,results/pdm', '--sort', '-results/score']);
    expect(
      column.stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => line.split('\t').slice(1).join(' ')),
    ).toEqual(['results/score results/pdm', '8 2', '4 1']);
    expect(project.comex(['list', '--group-by', 'SCALE', '--metric', 'results/score']).stdout).toContain(
      'results/score mean',
    );
    const query = (text: string) => project.comex(['list', text, '--columns', 'SCALE']);
    expect(query('harvested["results/score"] < 5').stdout).toMatch(/^id\tSCALE\n\w+\t2\n$/);
    expect(query('harvested["results/scor"] < 5').stderr).toContain('Did you mean "results/score"?');
    expect(project.comex(['list', '--columns', 'results/scor']).stderr).toContain('Did you mean "results/score"?');
  });

  it('is seen by diff', () => {
    const [a, b] = project.runs('walk') as [string, string];
    expect(project.comex(['diff', a, b, '--only', 'results']).stdout).toContain('results/pdm');
  });

  it('takes again what has changed, and keeps what has not', () => {
    project.write({ 'comex.config.json': JSON.stringify({ harvest: RULES }) });
    writeFileSync(join(first, 'summary.json'), '{"pdm": NaN}');
    const { stdout } = project.comex(['harvest', first]);
    expect(stdout).toContain('1 harvested, 2 unchanged');
    expect(loadRun(first).get('results/pdm')).toBeNaN();
  });

  it('names what is missing or malformed with its place, and keeps the rest', () => {
    writeFileSync(join(first, 'eval/a.csv'), 'score,name\n2,x\n3,y,z\n');
    writeFileSync(join(first, 'summary.json'), '{"pdm": 9}');
    const { id } = loadRun(first);
    const { stdout, stderr, status } = project.comex(['harvest', first]);
    expect(status).toBe(1);
    expect(stderr).toBe(`comex: ${id}: results/score: eval/a.csv:3: Expected 2 cells, as the header has, got 3.\n`);
    expect(stdout).toContain('1 harvested, 1 unchanged, 1 problem');
    expect(loadRun(first).data).toEqual({ results: { own: 7, score: 4, pdm: 9, loss: 0.5 } });
  });

  it('takes one rule of the command line, and that one alone', () => {
    const rule = ['--csv', 'eval/*.csv', '--column', 'name', '--where', 'score=4', '--as', 'best/name'];
    const { stdout, status } = project.comex(['harvest', second, ...rule]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 harvested\n {2}best\/name {2}'x' {2}\(name: 1 value of eval\/a\.csv\)\n$/);
  });

  it('refuses a path where the run itself has data, unless the rule says to replace them', () => {
    const rule = ['--json-file', 'summary.json', '--path', '$.pdm', '--as', 'results/own'];
    const refused = project.comex(['harvest', first, ...rule]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'results/own: The run itself stored data there. Use another path, or say "replace": true',
    );
    const below = [...rule.slice(0, -1), 'results/own/below'];
    expect(project.comex(['harvest', first, ...below]).stderr).toContain('which has nothing below it');
    expect(project.comex(['harvest', first, ...rule, '--replace']).status).toBe(0);
    expect(loadRun(first).get('results/own')).toBe(9);
    expect(JSON.parse(readFileSync(join(first, 'experiment_data.json'), 'utf8'))).toEqual({ results: { own: 7 } });
  });

  it('prints nothing that a terminal would obey', () => {
    writeFileSync(join(first, 'eval/a.csv'), 'name\n\u001b[31mred\u0007\n');
    const { stdout, stderr } = project.comex([
      'harvest',
      first,
      '--csv',
      'eval/*.csv',
      '--column',
      'name',
      '--as',
      'best/name',
    ]);
    const wrong = project.comex(['harvest', first, '--csv', 'eval/*.csv', '--column', 'other', '--as', 'best/other']);
    for (const text of [stdout, stderr, wrong.stdout, wrong.stderr, project.comex(['show', first]).stdout]) {
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\u0007');
    }
    expect(wrong.stderr).toContain('Expected a column "other"');
  });

  it('refuses a misuse with exit status 2, before anything is read', () => {
    const misuse = (...words: string[]) => {
      const { status, stderr } = project.comex(['harvest', ...words]);
      return `${status} ${stderr}`;
    };
    expect(misuse()).toMatch(/^2 comex: Expected runs/);
    expect(misuse(first, '--csv', 'a.csv')).toMatch(/^2 comex: Expected the path of the datum with a rule: --as/);
    expect(misuse(first, '--as', 'a/b')).toMatch(/^2 comex: Expected files for --as/);
    expect(misuse(first, '--as', 'a/b', '--csv', 'e.csv', '--column', 'a', '--take', 'medain')).toMatch(
      /^2 .*Did you mean "median"/,
    );
    expect(misuse(first, '--as', 'a//b', '--csv', 'e.csv', '--column', 'a')).toMatch(
      /^2 .*Expected the path of a datum/,
    );
    expect(misuse(first, '--as', 'a/b', '--csv', 'e.csv', '--column', 'a', '--where', 'x')).toMatch(
      /^2 .*COLUMN=VALUE/,
    );
    expect(misuse(first, '--as', 'a', '--as', 'b', '--match', '(x)')).toMatch(/^2 comex: Expected --as once/);
    expect(misuse(first, 'package.json', '--as', 'a/b', '--csv', 'e.csv')).toMatch(
      /^2 comex: Expected runs, got the file package\.json\. Put patterns in quotes/,
    );
    expect(misuse('nothing')).toMatch(/^2 comex: Found no run/);
  });

  it('says that there are no rules', () => {
    project.write({ 'comex.config.json': '{}' });
    const { status, stderr } = project.comex(['harvest', first]);
    expect(`${status} ${stderr}`).toMatch(/^2 comex: Expected rules for these runs: "harvest" in comex\.config\.json/);
  });

  it('leaves out rules for other experiments', () => {
    project.write({
      'comex.config.json': JSON.stringify({ harvest: { 'a/b': { match: '(x)', namespace: 'other' } } }),
    });
    expect(project.comex(['harvest', first]).status).toBe(2);
    project.write({
      'comex.config.json': JSON.stringify({ harvest: { 'a/b': { match: '(f)inal', namespace: 'walk' } } }),
    });
    expect(project.comex(['harvest', first]).stdout).toContain("a/b  'f'");
  });
});

describe('a log of 64 MB', () => {
  it('is read in little memory, line by line', () => {
    const project = new TestProject({
      'experiments/walk.ts': WALK,
      'peak.cjs':
        "process.on('exit', () => require('fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));",
    });
    const { run } = project.run('walk');
    const line = `${'some words of a long log '.repeat(4)}loss=0.5\n`;
    const file = openSync(join(run.path, 'big.log'), 'w');
    for (let written = 0; written < 64 * 1024 * 1024; written += line.length * 1000) writeSync(file, line.repeat(1000));
    closeSync(file);
    const peak = join(project.root, 'peak.txt');
    const env = { NODE_OPTIONS: `--require ${join(project.root, 'peak.cjs')}`, PEAK: peak };
    const rule = ['--text', 'big.log', '--match', 'loss=(\\S+)', '--take', 'mean', '--as', 'results/loss'];
    const { stdout, status } = project.comex(['harvest', run.path, ...rule], { env });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('results/loss  0.5') });
    expect(Number(readFileSync(peak, 'utf8')) / 1024).toBeLessThan(200);
  });
});
