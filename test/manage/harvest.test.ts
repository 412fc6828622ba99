import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { appendNote } from '../../src/archive/notes.ts';
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
    const day = loadRun(first).harvested['results/score']!.at.slice(0, 10);
    expect(stderr).toBe(
      `comex: ${id}: results/score: eval/a.csv:3: Expected 2 cells, as the header has, got 3. The value of ${day} stays; "comex harvest ${id} --remove results/score" takes it away.\n`,
    );
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

  it('carries out the other rules of a run whose metadata have wrong ones', () => {
    project.write({ 'comex.config.json': JSON.stringify({ harvest: { 'wrong/a': { match: '(f)inal' } } }) });
    const path = join(first, 'experiment_meta.json');
    const before = readFileSync(path, 'utf8');
    const meta = JSON.parse(before) as Record<string, unknown>;
    const harvest = {
      'wrong/b': { csv: 'a.csv', colum: 'b' },
      'wrong/c': { text: '/etc/passwd', in: 'project', match: '(root.*)' },
      'wrong/d': { match: 'fi(n)al' },
    };
    writeFileSync(path, JSON.stringify({ ...meta, harvest, harvested: { made: 'up' } }));
    const { status, stdout, stderr } = project.comex(['harvest', first]);
    writeFileSync(path, before);
    expect(status).toBe(1);
    expect(stdout).toContain('2 harvested, 2 problems');
    expect(stderr).toContain('"harvest.wrong/b.colum": Expected a field of a rule with "csv"');
    expect(stderr).toContain('wrong/c: Expected a rule in the metadata of a run to name files of the run');
    expect(loadRun(first).data).toMatchObject({ wrong: { a: 'f', d: 'n' } });
    expect(loadRun(first).meta.harvested).not.toHaveProperty('made');
  });

  it('takes values away again', () => {
    const removed = project.comex(['harvest', first, '--remove', 'wrong/a', '--remove', 'wrong/d', '--dry-run']);
    expect(removed.stdout).toMatch(/ {2}2 would be removed\n {2}wrong\/a {2}'f'\n/);
    expect(loadRun(first).get('wrong/a')).toBe('f');
    expect(project.comex(['harvest', first, '--remove', 'wrong/a', '--remove', 'results/own']).stdout).toContain(
      '2 removed',
    );
    expect(loadRun(first).get('wrong')).toEqual({ d: 'n' });
    expect(loadRun(first).get('results/own')).toBe(7);
    expect(loadRun(first).meta.harvested).not.toHaveProperty('wrong/a');
    expect(project.comex(['list', 'harvested["wrong/a"] == "f"']).stdout).not.toContain('walk');
    const unknown = project.comex(['harvest', first, '--remove', 'wrong/dd', '--json']);
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain('Expected a harvested value of the run, got "wrong/dd". Did you mean "wrong/d"?');
    expect(JSON.parse(unknown.stdout)).toMatchObject([{ removed: {}, problems: [{ path: 'wrong/dd' }] }]);
    expect(project.comex(['harvest', first, '--remove', 'a', '--as', 'b', '--match', '(x)']).status).toBe(2);
    expect(project.comex(['harvest', '--remove', 'a']).status).toBe(2);
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

describe('harvested values that get into the way of each other, or out of date', () => {
  const project = new TestProject({ 'experiments/walk.ts': WALK });
  let folder: string;
  const harvest = (...words: string[]) => project.comex(['harvest', folder, ...words]);
  const pdm = ['--json-file', 'summary.json', '--path', '$.pdm', '--as'];
  beforeAll(() => {
    folder = project.run('walk', ['--SCALE', '2']).run.path;
    expect(harvest(...pdm, 'scores/pdm').status).toBe(0);
  });

  it('are refused above and below others, and nothing is lost', () => {
    const above = harvest(...pdm, 'scores');
    expect(above.status).toBe(1);
    expect(above.stderr).toContain('but scores/pdm, below it, is harvested, too.');
    expect(harvest(...pdm, 'scores', '--replace').status).toBe(1);
    const below = harvest(...pdm, 'scores/pdm/x');
    expect(below.status).toBe(1);
    expect(below.stderr).toContain('but scores/pdm, above it, is harvested, too.');
    expect(loadRun(folder).data).toEqual({ results: { own: 7 }, scores: { pdm: 1 } });
    const rules = { 'new/a': { json: 'summary.json', path: '$.pdm' }, new: { json: 'summary.json', path: '$.pdm' } };
    project.write({ 'comex.config.json': JSON.stringify({ harvest: rules }) });
    const both = harvest('--dry-run');
    project.write({ 'comex.config.json': '{}' });
    expect(both.stderr).toContain('but new/a, below it, is harvested, too.');
  });

  it('that notes have already are read, and one of them can be taken away', () => {
    const notes = notesOf(folder);
    appendNote(folder, { at: 'x', by: 'y', kind: 'harvest', values: { scores: 4 }, source: {} });
    expect(loadRun(folder).data).toEqual({ results: { own: 7 }, scores: { pdm: 1 } });
    for (const words of [
      ['list', '--columns', 'scores/pdm'],
      ['show', folder],
      ['export', 'out.csv'],
    ]) {
      expect(project.comex(words).status).toBe(0);
    }
    expect(readFileSync(join(project.root, 'out.csv'), 'utf8')).toMatch(/scores\/pdm/);
    const { id } = loadRun(folder);
    expect(harvest(...pdm, 'scores/pdm').stderr).toContain(`"comex harvest ${id} --remove scores"`);
    expect(harvest('--remove', 'scores').status).toBe(0);
    expect(harvest(...pdm, 'scores/pdm').stdout).toContain('1 unchanged');
    writeFileSync(join(folder, 'experiment_notes.jsonl'), notes);
  });

  it('say that they stay when there is no file any more, and that there are fewer files', () => {
    writeFileSync(join(folder, 'eval/b.csv'), 'score\n5\n');
    const mean = ['--csv', 'eval/*.csv', '--column', 'score', '--take', 'mean', '--as', 'scores/mean'];
    expect(harvest(...mean).stderr).toBe('');
    rmSync(join(folder, 'eval/b.csv'));
    const { id } = loadRun(folder);
    expect(harvest(...mean)).toMatchObject({ status: 0, stderr: `comex: ${id}: scores/mean: 1 file, 2 before.\n` });
    rmSync(join(folder, 'eval/a.csv'));
    const gone = harvest(...mean);
    expect(gone.status).toBe(1);
    expect(gone.stderr).toMatch(
      /there is none\. The value of \d{4}-\d\d-\d\d stays; "comex harvest \w+ --remove scores\/mean"/,
    );
    const optional = harvest(...mean, '--optional');
    expect(optional.status).toBe(0);
    expect(optional.stderr).toContain('The value of ');
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
