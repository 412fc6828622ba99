import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lutimesSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { decode, encode } from '../../src/codec/json.ts';
import { walkTree } from '../../src/manage/folder-tree.ts';
import { attemptOf } from '../archive/run-folder.ts';
import { writeRun } from '../cli/run-folders.ts';
import { TestProject } from '../project.ts';

const number = (value: number) => ({ value, source: 'given', type: 'number' });
const parameters = (rate: number) => ({
  parameters: { LEARNING_RATE: number(rate), BATCH: number(32), EPOCHS: number(10) },
});

function archive(): { project: TestProject; results: string; a: string; b: string } {
  const project = new TestProject();
  const results = join(project.root, 'results');
  const a = writeRun(results, 'aaaaaaaa', parameters(0.001));
  const b = writeRun(results, 'bbbbbbbb', parameters(0.01));
  return { project, results, a, b };
}

/** Makes a folder that cannot be written, also for root; returns what undoes it, undefined where nobody can do that. */
function freeze(folder: string): (() => void) | undefined {
  if (process.getuid?.() !== 0) {
    const folders = [...walkTree(folder)].filter(({ kind }) => kind === 'folder').map(({ path }) => path);
    for (const path of folders) chmodSync(path, 0o500);
    return () => {
      for (const path of folders) chmodSync(path, 0o700);
    };
  }
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'pipe' });
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'pipe' });
  } catch (error) {
    console.warn(`Nothing was made read-only, because it cannot be here: ${(error as Error).message}`);
    return undefined;
  }
  return () => execFileSync('umount', [folder]);
}

const rate = (folder: string): unknown => loadRun(folder).parameters.LEARNING_RATE;

describe('comex modify', () => {
  it('multiplies a parameter where a query holds, as a dry run first', () => {
    const { project, a, b } = archive();
    const words = ['modify', 'LEARNING_RATE < 0.01', '--set', 'LEARNING_RATE=LEARNING_RATE*10'];
    const dry = project.comex(words);
    expect(dry).toMatchObject({ status: 0, stderr: '' });
    expect(dry.stdout).toBe(
      'aaaaaaaa  digits  LEARNING_RATE: 0.001 -> 0.01\n1 run would change. This was a dry run: give --apply to do it.\n',
    );
    expect(rate(a)).toBe(0.001);
    expect(project.comex([...words, '--apply']).status).toBe(0);
    expect([rate(a), rate(b)]).toEqual([0.01, 0.01]);
    expect(
      project.comex(['modify', 'id != ""', '--set', 'BATCH=64', '--set-meta', 'description=All.', '--apply', '--json'])
        .status,
    ).toBe(0);
    expect([a, b].map((path) => [loadRun(path).parameters.BATCH, loadRun(path).description])).toEqual([
      [64, 'All.'],
      [64, 'All.'],
    ]);
    const renamed = project.comex(['modify', 'aaaaaaaa', '--rename', 'EPOCHS=STEPS', '--apply']);
    expect(renamed.stdout).toContain('EPOCHS -> STEPS: 10\n');
    expect(Object.keys(loadRun(a).parameters).sort()).toEqual(['BATCH', 'LEARNING_RATE', 'STEPS']);
    expect(loadRun(a).original.parameters).toEqual(parameters(0.001).parameters);
  });

  it('writes nothing when it is misused, and says when nothing matches', () => {
    const { project, a } = archive();
    for (const words of [
      ['id != ""'],
      ['--set', 'BATCH=1'],
      ['id != ""', '--set', 'BATCH=BATCH*'],
      ['id != ""', '--set', 'BATHC=1'],
      ['id != ""', '--set', 'BATCH'],
      ['LEARNING_RATE <', '--set', 'BATCH=1'],
    ]) {
      expect([words, project.comex(['modify', ...words, '--apply']).status]).toEqual([words, 2]);
    }
    expect(existsSync(join(a, 'experiment_notes.jsonl'))).toBe(false);
    const none = project.comex(['modify', 'LEARNING_RATE > 1', '--set', 'BATCH=1', '--apply']);
    expect(none).toMatchObject({ status: 0, stdout: 'No runs match; nothing was changed.\n' });
  });
});

describe('comex tag, note and rename', () => {
  it('say what a run has now, which list and show know', () => {
    const { project } = archive();
    expect(project.comex(['tag', 'id != ""', '--add', 'a,b', '--add', 'c']).stdout).toContain(
      'aaaaaaaa  digits  a, b, c\n',
    );
    expect(project.comex(['tag', 'aaaa', '--remove', 'a,c', '--json']).stdout).toContain('"b"');
    expect(project.comex(['note', 'aaaaaaaa', 'the', 'best']).status).toBe(0);
    expect(project.comex(['rename', 'aaaaaaaa', 'My run']).status).toBe(0);
    const shown = project.comex(['show', 'aaaaaaaa']).stdout;
    expect(shown).toContain('the best');
    const listed = JSON.parse(project.comex(['list', '--json', '--tag', 'b', '"c" in tags']).stdout);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(['bbbbbbbb']);
    for (const words of [
      ['tag', 'aaaaaaaa'],
      ['tag', '--add', 'x'],
      ['tag', 'aaaaaaaa', '--add', 'a', '--remove', 'a'],
      ['tag', 'nope', '--add', 'a'],
      ['note', 'aaaaaaaa'],
      ['note', 'aaaaaaaa', ''],
      ['note', 'aaaaaaaa', 'text', '--clear'],
      ['rename', 'aaaaaaaa', ' '],
    ]) {
      expect([words, project.comex(words).status]).toEqual([words, 2]);
    }
  });

  it('take a note and a title away', () => {
    const { project, a } = archive();
    project.comex(['note', 'aaaaaaaa', 'text']);
    project.comex(['rename', 'aaaaaaaa', 'title']);
    expect(loadRun(a).meta).toMatchObject({ note: 'text', title: 'title' });
    for (const name of ['note', 'rename']) {
      expect(project.comex([name, 'aaaaaaaa', '--clear'])).toMatchObject({
        status: 0,
        stdout: 'aaaaaaaa  digits  (cleared)\n',
      });
    }
    const { meta } = loadRun(a);
    expect(['note' in meta, 'title' in meta]).toEqual([false, false]);
    expect(project.comex(['show', 'aaaaaaaa']).stdout).not.toMatch(/^ *(note|title)/m);
  });

  it('take any tag away that is there', () => {
    const project = new TestProject();
    const tags = ['\x1b[2J', 'a,b', ' x ', 'kept'];
    const folder = writeRun(join(project.root, 'results'), 'aaaaaaaa', { tags });
    for (const tag of tags.slice(0, 3)) expect(project.comex(['tag', 'aaaaaaaa', '--remove', tag]).status).toBe(0);
    expect(loadRun(folder).tags).toEqual(['kept']);
  });

  it('make what is hostile harmless', () => {
    const { project } = archive();
    const hostile = `\x1b[2J<script>\n\u202e${'x'.repeat(10_000)}`;
    const printed = [
      project.comex(['note', 'aaaaaaaa', hostile]),
      project.comex(['rename', 'aaaaaaaa', hostile]),
      project.comex(['modify', 'aaaaaaaa', '--set-meta', `description=${hostile}`]),
      project.comex(['tag', 'aaaaaaaa', '--add', hostile]),
      project.comex(['restore', hostile]),
    ];
    for (const { stdout, stderr } of printed) expect(stdout + stderr).not.toMatch(/(?![\n\t])\p{Cc}|\u202e/u);
    expect(printed.map(({ status }) => status)).toEqual([0, 0, 0, 2, 2]);
    expect(loadRun(join(project.root, 'results/digits/2026-01-31__12-00-00__aaaaaaaa')).meta.note).toBe(hostile);
  });
});

describe('comex delete, restore and purge', () => {
  it('ask for --yes before several runs go, and before any goes for good', () => {
    const { project, results, a, b } = archive();
    expect(project.comex(['delete', 'id != ""'])).toMatchObject({
      status: 2,
      stderr: 'comex: Give --yes to delete 2 runs.\n',
    });
    expect(project.comex(['delete', 'id != ""', '--dry-run']).status).toBe(0);
    expect([a, b].every(existsSync)).toBe(true);
    expect(project.comex(['delete', 'id != ""', '--yes']).stdout).toContain('comex purge');
    expect(project.comex(['list', '--json']).stdout).toBe('[]\n');
    expect(JSON.parse(project.comex(['restore', '--json']).stdout)).toHaveLength(2);
    expect(project.comex(['restore', 'aaaa']).stdout).toContain(a);
    expect(project.comex(['purge', '--older-than', '30d', '--yes']).stdout).toBe('Nothing in the trash to purge.\n');
    expect(project.comex(['purge']).status).toBe(2);
    expect(project.comex(['purge', '--yes']).stdout).toContain('freed');
    expect(readdirSync(results)).toEqual(['digits']);
    expect(project.comex(['restore']).stdout).toBe('The trash is empty.\n');
    expect(project.comex(['delete', 'LEARNING_RATE > 5', '--yes'])).toMatchObject({
      status: 0,
      stdout: 'No runs match; nothing was deleted.\n',
    });
    expect(project.comex(['delete']).status).toBe(2);
  });

  it('answer for the rest where a run is broken, which is deleted by its path', () => {
    const { project, a, b } = archive();
    writeFileSync(join(b, 'experiment_meta.json'), '{');
    const tagged = project.comex(['tag', '--status', 'done', '--add', 'x']);
    expect(tagged).toMatchObject({ status: 0, stdout: 'aaaaaaaa  digits  x\n' });
    expect(tagged.stderr).toContain(b);
    expect(project.comex(['delete', b]).status).toBe(0);
    expect([existsSync(a), existsSync(b)]).toEqual([true, false]);
  });
});

describe('a run that has lost its metadata', () => {
  it('is named by all that look, measured and deleted by its path, and comes back', () => {
    const { project, results, a, b } = archive();
    mkdirSync(join(b, 'attempts'));
    writeFileSync(join(b, 'attempts/1.json'), encode(attemptOf({ processStart: '1' })));
    rmSync(join(b, 'experiment_meta.json'));
    const line = `comex: ${b}: it has files of a run, but no experiment_meta.json\n`;
    for (const words of [
      ['list'],
      ['tag', '--status', 'done', '--add', 'x'],
      ['overview'],
      ['du', '--status', 'done'],
    ]) {
      expect([words, project.comex(words)]).toEqual([words, expect.objectContaining({ status: 0, stderr: line })]);
    }
    const shown = project.comex(['show', b]);
    expect(shown).toMatchObject({ status: 2, stderr: expect.stringContaining('comex delete PATH') });
    const du = decode(project.comex(['du', b, a, '--by', 'run', '--json']).stdout) as { run: { name: string }[] };
    expect(du.run.map(({ name }) => join(results, name)).sort()).toEqual([a, b]);
    expect(project.comex(['delete', b])).toMatchObject({ status: 0, stderr: '' });
    expect([existsSync(a), existsSync(b)]).toEqual([true, false]);
    expect(project.comex(['restore', 'bbbbbbbb']).status).toBe(0);
    expect(existsSync(join(b, 'attempts/1.json'))).toBe(true);
  });

  it('is kept while the process lives that may be about to write them', () => {
    const { project, b } = archive();
    mkdirSync(join(b, 'attempts'));
    writeFileSync(join(b, 'attempts/1.json'), encode(attemptOf()));
    rmSync(join(b, 'experiment_meta.json'));
    expect(project.comex(['delete', b])).toMatchObject({ status: 1, stderr: expect.stringContaining('E_RUN_BUSY') });
    expect(existsSync(b)).toBe(true);
  });
});

describe('commands of an archive', () => {
  it('refuse a file in place of its folder, with one sentence', () => {
    const { project } = archive();
    for (const words of [
      ['list'],
      ['list', '--status', 'done'],
      ['show', 'latest'],
      ['tree', 'latest'],
      ['overview'],
      ['experiments'],
      ['du'],
      ['gc'],
      ['restore'],
      ['analyze', 'latest'],
      ['compress', '--status', 'done'],
    ]) {
      const { status, stdout, stderr } = project.comex([...words, '--results', 'package.json']);
      expect({ words, status, stdout }).toEqual({ words, status: 2, stdout: '' });
      expect(stderr).toMatch(/^comex: Expected the archive \S+\/package\.json to be a folder, [^\n]+ \(E_FILE\)\n$/);
    }
    for (const words of [
      ['list', '--results', 'package.json/inside'],
      ['import', 'package.json', '--into', 'package.json'],
    ]) {
      expect(project.comex(words)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^[^\n]* \(E_FILE\)\n$/) });
    }
  });

  it('say what really happened where nothing could be written', ({ skip }) => {
    const { project, results, a, b } = archive();
    const c = writeRun(results, 'cccccccc');
    expect(project.comex(['compress', 'cccccccc', '--out', 'c.tar.gz']).status).toBe(0);
    rmSync(c, { recursive: true });
    project.write({ 'experiments/one.ts': 'export default () => 1;\n' });
    project.comex(['delete', b, a, '--yes']);
    project.comex(['restore', 'aaaaaaaa']);
    writeFileSync(join(results, '.4000000-x-1.tmp'), 'x');
    lutimesSync(join(results, '.4000000-x-1.tmp'), 1e9, 1e9);
    const thaw = freeze(results);
    if (thaw === undefined) return skip('nothing can be made read-only here');
    try {
      const modify = ['modify', 'aaaaaaaa', '--set', 'BATCH=64', '--apply'];
      for (const [words, said] of [
        [['gc', '--apply'], 'Nothing was dropped.\n'],
        [modify, 'Nothing was changed.\n'],
        [['purge', '--yes'], 'Nothing was purged.\n'],
        [['delete', 'aaaaaaaa'], ''],
        [['restore', 'bbbbbbbb'], ''],
        [['tag', 'aaaaaaaa', '--add', 'x'], ''],
        [['import', 'c.tar.gz'], ''],
        [['run', 'one'], ''],
      ] as const) {
        const { status, stdout, stderr } = project.comex(words);
        expect({ words, status, stdout }).toEqual({ words, status: 1, stdout: said });
        expect(stderr).not.toContain('ENOENT');
        expect(stderr).toMatch(/^comex: Cannot [^\n]* \(E_STORAGE\)\n$/);
      }
      for (const words of [
        ['gc', '--apply', '--json'],
        [...modify, '--json'],
        ['purge', '--yes', '--json'],
      ]) {
        expect(decode(project.comex(words).stdout)).toMatchObject({ failed: 1 });
      }
    } finally {
      thaw();
    }
    expect(existsSync(a)).toBe(true);
    expect(loadRun(a).parameters.BATCH).toBe(32);
  });

  it('do nothing at all for an id that the trash does not have', () => {
    const { project, a } = archive();
    project.comex(['delete', 'aaaaaaaa']);
    for (const words of [
      ['restore', 'aaaaaaaa', 'nope'],
      ['purge', 'aaaaaaaa', 'nope', '--yes'],
      ['purge', 'nope'],
      ['purge', 'nope', '--dry-run'],
    ]) {
      const { status, stdout, stderr } = project.comex(words);
      expect({ words, status, stdout }).toEqual({ words, status: 2, stdout: '' });
      expect(stderr).toMatch(/^comex: Found no run "nope" in the trash of [^\n]* \(E_RUN_NOT_FOUND\)\n$/);
    }
    expect(existsSync(a)).toBe(false);
    expect(project.comex(['restore', 'aaaaaaaa']).status).toBe(0);
  });
});

describe('comex compress and import', () => {
  it('carry runs into another archive', () => {
    const { project, results } = archive();
    expect(project.comex(['compress', '--namespace', 'digits', '--out', 'x.tgz']).stdout).toContain('2 runs');
    expect(project.comex(['import', 'x.tgz', '--into', 'other', '--dry-run']).stdout).toContain('would be imported');
    expect(project.comex(['import', 'x.tgz', '--into', 'other', '--dry-run', '--json']).stdout).toContain(
      '"outcome": "would-import"',
    );
    expect(project.comex(['import', 'x.tgz', '--into', 'other']).status).toBe(0);
    expect(project.comex(['list', '--results', 'other', '--json']).stdout.replaceAll('other', 'results')).toBe(
      project.comex(['list', '--json']).stdout,
    );
    expect(project.comex(['import', 'x.tgz', '--json']).stdout).toContain('"outcome": "same"');
    writeFileSync(join(results, 'digits/2026-01-31__12-00-00__aaaaaaaa/more'), 'x');
    const refused = project.comex(['import', 'x.tgz']);
    expect(refused).toMatchObject({ status: 1, stdout: expect.stringContaining('bbbbbbbb  is there already') });
    expect(refused.stderr).toContain('differs');
    expect(project.comex(['compress', 'aaaaaaaa', '--out', 'x.tgz']).status).toBe(1);
    expect(project.comex(['compress', 'LEARNING_RATE > 5']).stdout).toBe('No runs match; nothing was written.\n');
    expect(project.comex(['import', 'nothing']).status).toBe(2);
    expect(project.comex(['import', 'results'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^comex: Expected FILE [^\n]*, got the folder [^\n]* \(E_FILE\)\n$/),
    });
    writeFileSync(join(project.root, 'damaged'), 'x');
    expect(project.comex(['import', 'damaged']).status).toBe(1);
  });

  it('refuse a run that is being written', () => {
    const { project } = archive();
    const results = join(project.root, 'results');
    writeRun(results, 'cccccccc', { status: 'running', startedAt: new Date().toISOString(), endedAt: undefined });
    const refused = project.comex(['compress', 'cccccccc']);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('E_RUN_BUSY') });
    expect(project.comex(['compress', 'cccccccc', '--force']).status).toBe(0);
    expect(readdirSync(project.root)).toContain('comex-2026-01-31__12-00-00__cccccccc.tar.gz');
  });
});

describe('comex du and gc', () => {
  it('say what the archive takes, and what of it nobody needs', () => {
    const { project, results } = archive();
    mkdirSync(join(results, '.comex/index'), { recursive: true });
    const { stdout, status } = project.comex(['du']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^bytes\tinodes\tnamespace\n\d+\t\d+\tdigits\n[\s\S]*\ttotal\n\nbytes\tinodes\tkind\n/);
    const json = decode(project.comex(['du', 'aaaaaaaa', '--by', 'run', '--json']).stdout) as {
      run: unknown[];
      bytes: number;
    };
    expect(json.run).toEqual([{ name: 'digits/2026-01-31__12-00-00__aaaaaaaa', bytes: json.bytes, inodes: 2 }]);
    expect(project.comex(['gc']).stdout).toContain('dry run');
    expect(existsSync(join(results, '.comex/index'))).toBe(true);
    expect(project.comex(['gc', '--apply', '--json']).stdout).toContain('"applied": true');
    expect(existsSync(join(results, '.comex/index'))).toBe(false);
    expect(project.comex(['gc']).stdout).toBe('Nothing to drop.\n');
  });

  it('work on an archive that is empty, or not there', () => {
    const project = new TestProject();
    for (const words of [
      ['du'],
      ['gc'],
      ['purge', '--yes'],
      ['restore'],
      ['delete', '--status', 'done'],
      ['tag', '--status', 'done', '--add', 'x'],
    ]) {
      expect([words, project.comex(words)]).toMatchObject([words, { status: 0, stderr: '' }]);
    }
    expect(existsSync(join(project.root, 'results'))).toBe(false);
  });
});
