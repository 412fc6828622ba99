import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DiffOptions, diff } from '../../src/cli/diff.ts';
import { decode } from '../../src/codec/json.ts';
import { TestProject } from '../project.ts';
import { CONTROLS, HARMFUL, scopeOf, widthOf } from './looking.ts';
import { temporaryFolder, writeRun } from './run-folders.ts';

const given = (values: Readonly<Record<string, unknown>>) => ({
  parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'given' }])),
});
const code = (files: Readonly<Record<string, string>>) =>
  [
    { snapshot: { hash: 'h', files: Object.keys(files), skipped: [] } },
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`code/${path}`, text])),
  ] as const;

async function differ(
  results: string,
  words: readonly string[],
  options: DiffOptions = {},
  how: Parameters<typeof scopeOf>[1] = {},
) {
  const scope = scopeOf(results, how);
  const status = await diff(words, {}, options, scope);
  return { ...scope.seen, status };
}

describe('comex diff', () => {
  it('shows only what differs, a column for each run', async () => {
    const results = temporaryFolder();
    const [meta, files] = code({ 'a.ts': 'one\ntwo\n' });
    const [other, otherFiles] = code({ 'a.ts': 'one\n2\n' });
    writeRun(results, 'aaaaaaaa', { ...meta, ...given({ RATE: 0.1, SAME: 1 }), result: 0.5 }, files);
    writeRun(results, 'bbbbbbbb', { ...other, ...given({ RATE: 0.2, SAME: 1 }), result: 0.25 }, otherFiles);
    const { out, err, status } = await differ(results, ['aaaaaaaa', 'bbbbbbbb']);
    expect({ err, status }).toEqual({ err: '', status: 0 });
    expect(out.replace(/^(\w{8} .*)\d\d:\d\d:\d\d(.*)$/gm, '$1hh:mm:ss$2')).toMatchInlineSnapshot(`
      "aaaaaaaa  done  digits  2026-01-31 hh:mm:ss  3 min 05 s
      bbbbbbbb  done  digits  2026-01-31 hh:mm:ss  3 min 05 s
      parameters
              aaaaaaaa  bbbbbbbb
        RATE  0.1       0.2       +100 %
      code  1 file
      changed a.ts  +1 -1
      --- a/a.ts
      +++ b/a.ts
      @@ -1,2 +1,2 @@
       one
      -two
      +2
      results
                aaaaaaaa  bbbbbbbb
        result  0.5       0.25      -50 %
      "
    `);
  });

  it('says when nothing differs; with --exit-code the status tells', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', given({ RATE: 1 }));
    writeRun(results, 'bbbbbbbb', given({ RATE: 1 }));
    writeRun(results, 'cccccccc', given({ RATE: 2 }));
    const same = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], { exitCode: true });
    expect(same).toMatchObject({ status: 0, out: expect.stringContaining('Nothing differs.') });
    expect(await differ(results, ['aaaaaaaa', 'cccccccc'], { exitCode: true })).toMatchObject({ status: 1 });
    expect(await differ(results, ['aaaaaaaa', 'cccccccc'])).toMatchObject({ status: 0 });
  });

  it('compares the parts that --only names', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', { ...given({ RATE: 1 }), result: 1 });
    writeRun(results, 'bbbbbbbb', { ...given({ RATE: 2 }), result: 2 });
    const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], { only: 'results' });
    expect(out).toContain('result  ');
    expect(out).not.toContain('RATE');
    await expect(differ(results, ['aaaaaaaa', 'bbbbbbbb'], { only: 'codes' })).rejects.toThrow('Did you mean "code"?');
  });

  it('gives JSON with every value by the run that has it, exactly', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', given({ A: Number.NaN, B: 1, GONE: 1 }));
    writeRun(results, 'bbbbbbbb', given({ A: 2, B: 1 }));
    const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], {}, { json: true });
    expect(decode(out)).toMatchObject({
      same: false,
      runs: [{ id: 'aaaaaaaa' }, { id: 'bbbbbbbb' }],
      parameters: [
        { name: 'A', values: { aaaaaaaa: Number.NaN, bbbbbbbb: 2 } },
        { name: 'GONE', values: { aaaaaaaa: 1 } },
      ],
      code: [],
    });
  });

  it('gives each value with its runs where a column for each does not fit', async () => {
    const results = temporaryFolder();
    const ids = Array.from({ length: 12 }, (_, i) => `${'abcdefghijkm'[i]!.repeat(8)}`);
    for (const [i, id] of ids.entries()) writeRun(results, id, given({ RATE: i % 3, SAME: 1 }));
    const { out } = await differ(results, ids);
    expect(out).toContain('  RATE\n    0  aaaaaaaa dddddddd gggggggg jjjjjjjj (4)\n');
    expect(widthOf(out)).toBeLessThanOrEqual(80);
  });

  it('shows where long values begin to differ', async () => {
    const results = temporaryFolder();
    const long = 'the same beginning of a very long value '.repeat(5);
    writeRun(results, 'aaaaaaaa', given({ TEXT: `${long}one` }));
    writeRun(results, 'bbbbbbbb', given({ TEXT: `${long}two` }));
    const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb']);
    expect(out).toMatch(/TEXT +….*one' +….*two'/);
  });

  it.each([80, 20])(
    'tells values apart that differ only far behind their beginning, in %d columns',
    async (columns) => {
      const results = temporaryFolder();
      const list = (end: number) => [...Array.from({ length: 200 }, (_, i) => i), end];
      writeRun(results, 'aaaaaaaa', given({ TEXT: `${'x'.repeat(10_000)}1`, LIST: list(-1) }));
      writeRun(results, 'bbbbbbbb', given({ TEXT: `${'x'.repeat(10_000)}2`, LIST: list(-2) }));
      const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], {}, { columns });
      expect(out).toMatch(/TEXT\s+…x+1".*\s…x+2"/s);
      expect(out).toMatch(/LIST\s+….*-1\].*\s….*-2\]/s);
      expect(widthOf(out)).toBeLessThanOrEqual(columns);
    },
  );

  it.each([80, 40, 20])('fits %d columns, harmless and without colour', async (columns) => {
    const results = temporaryFolder();
    const [meta, files] = code({ 'a.ts': `one${HARMFUL}\n` });
    writeRun(
      results,
      'aaaaaaaa',
      { ...meta, ...given({ RATE: HARMFUL, [HARMFUL]: 1 }), namespace: 'x'.repeat(99) },
      files,
    );
    writeRun(results, 'bbbbbbbb', {
      ...given({ RATE: 'y'.repeat(10_000) }),
      error: { name: HARMFUL, message: HARMFUL },
    });
    const parts = 'run,parameters';
    const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], { only: parts }, { columns });
    expect(out).not.toMatch(CONTROLS);
    expect(widthOf(out)).toBeLessThanOrEqual(columns);
    const all = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], {}, { columns, unicode: false });
    expect(all.out).not.toMatch(CONTROLS);
    expect((await differ(results, ['aaaaaaaa', 'bbbbbbbb'], {}, { json: true })).out).not.toMatch(CONTROLS);
  });

  it('cuts nothing for programs, and gives lines of code as they are', async () => {
    const results = temporaryFolder();
    const [meta, files] = code({ 'a.ts': `\tone ${'z'.repeat(500)}\n` });
    writeRun(results, 'aaaaaaaa', { ...meta, ...given({ RATE: `${'x'.repeat(3000)}\n`, N: 2 }) }, files);
    writeRun(results, 'bbbbbbbb', given({ RATE: 'y', N: 3 }));
    const { out } = await differ(results, ['aaaaaaaa', 'bbbbbbbb'], {}, { tty: false });
    expect(out).toMatch(/^run\tstatus\texperiment\tstarted\tduration_ms\tpath\naaaaaaaa\tdone\tdigits\t2026-01-31T/);
    expect(out).toContain(
      `parameters\taaaaaaaa\tbbbbbbbb\tchange\nRATE\t"${'x'.repeat(3000)}\\n"\t"y"\t\nN\t2\t3\t+50 %\n`,
    );
    expect(out).toContain(`-\tone ${'z'.repeat(500)}\n`);
  });

  it('compares the code of a run with the working tree', async () => {
    const project = temporaryFolder();
    const [meta, files] = code({ 'experiments/digits.ts': 'one\ntwo\n', 'lib.ts': 'lib\n' });
    writeRun(join(project, 'results'), 'aaaaaaaa', meta, files);
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    };
    write('package.json', '{}');
    write('experiments/digits.ts', 'one\ntwo\n');
    write('lib.ts', 'lib\n');
    const look = () =>
      differ(join(project, 'results'), ['aaaaaaaa'], { worktree: true, only: 'code' }, { cwd: project });
    // The snapshot was made without it.
    expect((await look()).out).toContain('added package.json');
    writeFileSync(join(project, 'lib.ts'), 'changed\n');
    const { out } = await look();
    expect(out).toContain('-lib\n+changed\n');
    expect(out).not.toContain('digits.ts  ');
    await expect(differ(join(project, 'results'), ['aaaaaaaa'])).rejects.toThrow('--worktree');
  });

  it('refuses fewer than two runs, and says that a run is not there', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa');
    await expect(differ(results, ['aaaaaaaa'])).rejects.toThrow('Expected two runs or more, got only aaaaaaaa.');
    await expect(differ(results, [])).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(differ(results, ['aaaaaaaa', 'zzzzzzzz'])).rejects.toMatchObject({ code: 'E_RUN_NOT_FOUND' });
  });

  it('compares real runs on the command line, also when their code changed in between', () => {
    const module = (line: string): string => `
      export const RATE: number = 0.1;
      export default async function experiment(e) { ${line} return RATE; }
    `;
    const project = new TestProject({ 'experiments/digits.ts': module('') });
    const first = project.run('experiments/digits.ts', ['--__SEED__', '1']).run;
    project.write({ 'experiments/digits.ts': module("e.log('hi');") });
    const second = project.run('experiments/digits.ts', ['--__SEED__', '1', '--RATE', '0.2']).run;
    const { stdout, status } = project.comex(['diff', first.id, second.id, '--exit-code', '--json']);
    expect(status).toBe(1);
    const found = JSON.parse(stdout) as Record<string, { name?: string; path?: string }[]>;
    expect(found.parameters).toMatchObject([{ name: 'RATE' }]);
    expect(found.code).toMatchObject([{ path: 'experiments/digits.ts', added: 1, removed: 1 }]);
    expect(found.results).toMatchObject([{ name: 'result' }]);
    expect([found.environment, found.git, found.inputs, found.series, found.run]).toEqual([[], [], [], [], []]);
    const tree = project.comex(['diff', second.id, '--worktree', '--exit-code']);
    expect(tree).toMatchObject({ status: 0, stdout: expect.stringContaining('The code is that of the working tree.') });
  });
});
