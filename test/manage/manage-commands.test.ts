import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { decode } from '../../src/codec/json.ts';
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
    ]) {
      expect([words, project.comex(words).status]).toEqual([words, 2]);
    }
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
    expect(printed.map(({ status }) => status)).toEqual([0, 0, 0, 2, 1]);
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

describe('comex compress and import', () => {
  it('carry runs into another archive', () => {
    const { project, results } = archive();
    expect(project.comex(['compress', '--namespace', 'digits', '--out', 'x.tgz']).stdout).toContain('2 runs');
    expect(project.comex(['import', 'x.tgz', '--into', 'other', '--dry-run']).stdout).toContain('would be imported');
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
    writeFileSync(join(project.root, 'damaged'), 'x');
    expect(project.comex(['import', 'damaged']).status).toBe(1);
  });

  it('refuse a run that is being written', () => {
    const { project } = archive();
    const results = join(project.root, 'results');
    writeRun(results, 'cccccccc', { status: 'running', startedAt: new Date().toISOString(), endedAt: undefined });
    expect(project.comex(['compress', 'cccccccc']).stderr).toContain('E_RUN_BUSY');
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
    expect(stdout).toMatch(/^size\tinodes\tnamespace\n[^\n]*digits\n[\s\S]*\ttotal\n\nsize\tinodes\tkind\n/);
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
