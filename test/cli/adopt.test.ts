import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ARCHIVE, DONE, edit, write } from '../manage/adopt-fixture.ts';
import { TestProject } from '../project.ts';
import { writeRun } from './run-folders.ts';

function project(): TestProject {
  const made = new TestProject();
  cpSync(ARCHIVE, join(made.root, 'old'), { recursive: true });
  return made;
}

it('adopts an archive of PyComex, says so line by line, and finds it again', () => {
  const { root, comex } = bound(project());
  const first = comex('adopt', 'old');
  expect(first.status, first.stderr).toBe(0);
  expect(first.stdout).toMatch(
    /^(\w{8} {2}adopted, (done|killed|failed) {2}results\/line\/2025-11-17__\d\d-\d\d-00__\w{8}\n){4}4 runs adopted\n$/,
  );
  expect(first.stderr).toContain('old/line/17_11_2025__09_20__kQ3z: OPTIMIZER is kept as text');
  const again = comex('adopt', 'old', '--json');
  expect(again).toMatchObject({ status: 0, stderr: '' });
  const records = JSON.parse(again.stdout) as Array<{ outcome: string; from: string }>;
  expect(records.map(({ outcome }) => outcome)).toEqual(Array(4).fill('same'));
  expect(records[0]?.from).toBe(join(root, 'old', DONE));
});

it('shows, plots, compares and reads adopted runs as those of comex', () => {
  const { root, comex } = bound(project());
  comex('adopt', 'old');
  const list = comex('list', 'EPOCHS == 5', '--json');
  const [, done] = JSON.parse(list.stdout) as Array<{ id: string; status: string }>;
  expect(comex('list', '--status', 'killed', '--json').stdout).toContain('"status": "killed"');
  expect(comex('show', done!.id).stdout).toMatch(/adopted +old\/line\/17_11_2025__09_20__kQ3z/);
  expect(comex('logs', done!.id).stdout).toContain('2025-11-17 09:20:00.251 begins');
  expect(comex('plot', 'line', 'loss', '--out', 'loss.png')).toMatchObject({ status: 0 });
  expect(existsSync(join(root, 'loss.png'))).toBe(true);
  expect(comex('diff', done!.id, 'latest').stdout).toContain('ValueError: EPOCHS is below zero');
  expect(comex('list', '--columns', 'loss:min').status).toBe(0);
  for (const name of ['gc', 'overview', 'du', 'tail']) expect([name, comex(name).status]).toEqual([name, 0]);
});

it('refuses what only a run of comex can do, in one sentence', () => {
  const { comex } = bound(project());
  comex('adopt', 'old/line/17_11_2025__09_20__kQ3z');
  const analysed = comex('analyze', 'latest');
  expect(analysed).toMatchObject({ status: 2, stdout: '' });
  expect(analysed.stderr).toMatch(
    /^comex: Expected a run of comex, but \w{8} was adopted from .*: comex cannot call its/,
  );
});

it('refuses to begin a run from one whose given values are not known', () => {
  const made = project();
  made.write({ 'experiments/line.ts': 'export const EPOCHS = 1;\nexport default function experiment() {}\n' });
  made.comex(['adopt', 'old']);
  const run = made.comex(['run', 'line', '--from', 'latest']);
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/was adopted from .*: what was given to it is not known\. Give the values themselves/);
});

it('names what is wrong with one folder, goes on with the rest, and exits with 1', () => {
  const made = project();
  writeRun(join(made.root, 'mine'), 'aaaaaaaa');
  edit(join(made.root, 'old', DONE), { start_time: null, description: 'x' });
  write(made.root, { 'old/line/17_11_2025__09_40__Zt1m/experiment_data.json': '{"a": ' });
  const printed = made.comex(['adopt', 'old', 'mine']);
  expect(printed.status).toBe(1);
  expect(printed.stdout).toMatch(/3 runs adopted, 2 not adopted\n$/);
  expect(printed.stderr).toContain('comex: old/line/17_11_2025__09_20__kQ3z was not adopted: its "start_time" is null');
  expect(printed.stderr).toMatch(/17_11_2025__09_40__Zt1m: its data were left out: experiment_data.json is damaged: /);
  expect(printed.stderr).toMatch(/was not adopted: it is a comex run already; .*"comex import"/);
});

it('is misused with a status of 2, and makes nothing', () => {
  const { root, comex } = bound(project());
  write(root, { 'empty/notes.txt': 'nothing' });
  for (const words of [
    [],
    [''],
    ['nowhere'],
    ['package.json'],
    ['empty'],
    ['old', '--into', '/etc'],
    ['old', '--into', ''],
    ['old', '--map', 'none.json'],
  ]) {
    const printed = comex('adopt', ...words);
    expect([words, printed.status, printed.stdout]).toEqual([words, 2, '']);
    expect(printed.stderr).toMatch(/^comex: .*\(E_\w+\)\n$/);
  }
  expect(existsSync(join(root, 'results'))).toBe(false);
});

it('is what other commands advise for an archive of PyComex in their own', () => {
  const made = new TestProject();
  cpSync(join(ARCHIVE, 'line'), join(made.root, 'results/line'), { recursive: true });
  expect(made.comex(['list']).stderr).toMatch(
    /it is of PyComex\. "comex adopt" makes a run of it; then move the folder/,
  );
  expect(made.comex(['adopt', 'results']).stdout).toMatch(/\n4 runs adopted\n$/);
  expect(made.comex(['adopt', 'results']).stdout).toMatch(/\n0 runs adopted, 4 there already\n$/);
});

it('knows of each folder what became of those before it', () => {
  const { root, comex } = bound(project());
  cpSync(join(root, 'old', DONE), join(root, 'copy'), { recursive: true });
  const words = [join('old', DONE), 'copy', '--json'];
  const outcomes = (printed: string) =>
    (JSON.parse(printed) as Array<{ outcome: string; id: string }>).map(({ outcome, id }) => [outcome, id]);
  const dry = outcomes(comex('adopt', ...words, '--dry-run').stdout);
  expect(dry).toEqual([
    ['adopted', expect.any(String)],
    ['same', dry[0]![1]],
  ]);
  expect(outcomes(comex('adopt', ...words).stdout)).toEqual(dry);
});

it('says with --dry-run what would be made', () => {
  const { root, comex } = bound(project());
  const dry = comex('adopt', 'old', '--dry-run');
  expect(dry.stdout).toMatch(
    /^\w{8} {2}would be adopted, done {2}results\/line\/2025[\s\S]*\n4 runs would be adopted\n$/,
  );
  expect(existsSync(join(root, 'results'))).toBe(false);
});

function bound(made: TestProject) {
  return { root: made.root, comex: (...words: string[]) => made.comex(words) };
}
