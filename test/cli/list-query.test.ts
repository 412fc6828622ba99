import { appendFileSync, cpSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendNote } from '../../src/archive/notes.ts';
import { type ListOptions, list } from '../../src/cli/list.ts';
import { type SelectionOptions, selectRuns } from '../../src/cli/selection.ts';
import { withAttachedSort } from '../../src/cli/selection-options.ts';
import { TestProject } from '../project.ts';
import { STARTED, temporaryFolder, writeRun } from './run-folders.ts';

const HOUR = 3_600_000;
const NOW = STARTED + 24 * HOUR;
const given = (value: unknown) => ({ value, source: 'given' });

async function listed(
  results: string,
  asked: Partial<ListOptions> & { readonly json?: boolean; readonly tty?: boolean } = {},
) {
  const seen = { out: '', err: '', status: -1 };
  seen.status = await list({
    results,
    json: false,
    tty: true,
    screen: { columns: 100, color: false, unicode: true },
    now: NOW,
    ...asked,
    out: (text) => {
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
  });
  return seen;
}

const ids = (out: string): string[] =>
  out
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(/\s/)[0]!);
const idsOf = async (results: string, asked: Partial<ListOptions>): Promise<string[]> =>
  ids((await listed(results, asked)).out);

/** As old as what an index keeps. */
function utimesAll(results: string): void {
  for (const name of readdirSync(join(results, 'digits')))
    utimesSync(join(results, 'digits', name, 'experiment_meta.json'), 1e9, 1e9);
}

const withData = (value: unknown) => ({ 'experiment_data.json': JSON.stringify(value) });

describe('data in a list', () => {
  it.each([3, 70])(
    'are columns, sort keys and parts of queries by their path, in an archive of %i runs',
    async (count) => {
      const results = temporaryFolder();
      for (let i = 0; i < count; i++) {
        const id = `run0${String(i).padStart(4, '0')}`;
        writeRun(
          results,
          id,
          {},
          withData({ results: { score: i, best: i === 1, list: [1] }, text: 'x'.repeat(i * 100) }),
        );
      }
      writeRun(results, 'nodata00');
      const harvested = writeRun(results, 'harvest0', {}, withData({ results: { score: 5 } }));
      appendNote(harvested, {
        kind: 'harvest',
        at: '2026-02-01T00:00:00.000Z',
        by: 'ada',
        values: { 'results/score': 1000 },
        source: {},
      });
      utimesAll(results);
      for (const _ of ['cold', 'warm']) {
        const { out } = await listed(results, { columns: 'id,results/score', sort: '-results/score', tty: false });
        const rows = out.split('\n').slice(1, -1);
        expect(rows.slice(0, 2)).toEqual([
          'harvest0\t1000',
          `run00${String(count - 1).padStart(3, '0')}\t${count - 1}`,
        ]);
        expect(rows.at(-1)).toBe('nodata00\t');
        expect(await idsOf(results, { query: 'data["results/best"]' })).toEqual(['run00001']);
        expect(await idsOf(results, { query: 'data["results/score"] == null' })).toEqual(['nodata00']);
        expect(await idsOf(results, { query: 'data["results/score"] < 1 && data["text"] == ""' })).toEqual([
          'run00000',
        ]);
        const { out: texts } = await listed(results, { columns: 'text', sort: 'results/score', limit: 4, tty: false });
        expect(texts.split('\n').filter((line) => line.endsWith('x'))).toHaveLength(2);
      }
    },
  );

  it('are told where a name is misspelt or stands as it is shown', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa', {}, withData({ results: { score: 1, list: [1, 2] } }));
    const refused = async (asked: Partial<ListOptions>, words: string): Promise<void> => {
      await expect(listed(results, asked)).rejects.toMatchObject({
        code: 'E_QUERY',
        message: expect.stringContaining(words),
      });
    };
    await refused({ query: 'data["results/scor"] > 1' }, 'Did you mean "results/score"?');
    await refused({ query: 'results/score > 1' }, 'data["results/score"]');
    await refused({ columns: 'results/scor' }, 'Did you mean "results/score"?');
    await refused({ columns: 'results/list' }, 'none has "results/list"');
  });

  it('follow a run that goes on', async () => {
    const results = temporaryFolder();
    const running = { status: 'queued', endedAt: undefined, durationMs: undefined };
    const folder = writeRun(results, 'aaaaaaaa', running, { 'experiment_data.jsonl': '["score",1]\n' });
    const score = async () => (await listed(results, { columns: 'score', tty: false })).out.split('\n')[1];
    expect(await score()).toBe('aaaaaaaa\t1');
    appendFileSync(join(folder, 'experiment_data.jsonl'), '["score",2]\n');
    expect(await score()).toBe('aaaaaaaa\t2');
  });
});

describe('list', () => {
  it('names the folders that have the same id', async () => {
    const results = temporaryFolder();
    const folder = writeRun(results, 'aaaaaaaa');
    cpSync(folder, join(results, 'copied'), { recursive: true });
    writeRun(results, 'bbbbbbbb');
    const { out, err } = await listed(results);
    expect(ids(out)).toHaveLength(3);
    expect(err).toBe(`comex: 2 folders have the id aaaaaaaa: ${join(results, 'copied')}, ${folder}.\n`);
  });
});

/** Four runs, one an hour: two models, one failed, one without LR. */
function archive(): string {
  const results = temporaryFolder();
  const make = (id: string, hour: number, meta: Readonly<Record<string, unknown>>) =>
    writeRun(results, id, { startedAt: new Date(STARTED + hour * HOUR).toISOString(), ...meta });
  const series = (min: number) => ({ 'loss/val': { count: 9, kind: 'number', last: min + 1, min, max: 9 } });
  const mlp = { MODEL: given('mlp') };
  make('aaaaaaaa', 0, {
    parameters: { ...mlp, LR: given(0.1) },
    series: series(0.4),
    tags: ['ablation'],
    result: { accuracy: 0.5 },
  });
  make('bbbbbbbb', 1, {
    parameters: { ...mlp, LR: given(0.01) },
    series: series(0.1),
    status: 'failed',
    tags: ['ablation', 'late'],
  });
  make('cccccccc', 2, { parameters: { ...mlp, LR: given(0.001) }, series: series(0.2), result: { accuracy: 0.7 } });
  make('dddddddd', 3, {
    namespace: 'vision/faces',
    parameters: { MODEL: given('tree') },
    status: 'queued',
    endedAt: undefined,
    durationMs: undefined,
  });
  writeRun(join(results, 'digits', '2026-01-31__12-00-00__cccccccc', 'runs'), 'eeeeeeee', {
    namespace: 'inner',
    parent: { id: 'cccccccc' },
  });
  return results;
}

describe('list with a query', () => {
  it('shows the runs for which it holds', async () => {
    const results = archive();
    expect(await idsOf(results, { query: 'status == "done" && LR < 0.01' })).toEqual(['cccccccc']);
    expect(await idsOf(results, { query: 'series["loss/val"].min < 0.2 || "ablation" in tags' })).toEqual([
      'bbbbbbbb',
      'aaaaaaaa',
    ]);
    expect(await idsOf(results, { query: '!(LR < 0.01)' })).toEqual(['bbbbbbbb', 'aaaaaaaa']);
    expect(await idsOf(results, { query: 'namespace == "inner"', children: true })).toEqual(['eeeeeeee']);
  });

  it('has short forms', async () => {
    const results = archive();
    expect(await idsOf(results, { status: ['completed'] })).toEqual(['cccccccc', 'aaaaaaaa']);
    expect(await idsOf(results, { status: ['failed,submitted'] })).toEqual(['dddddddd', 'bbbbbbbb']);
    expect(await idsOf(results, { tag: ['ablation', 'late'] })).toEqual(['bbbbbbbb']);
    expect(await idsOf(results, { namespace: 'vision' })).toEqual(['dddddddd']);
    expect(await idsOf(results, { since: '22h30m' })).toEqual(['dddddddd', 'cccccccc']);
    expect(await idsOf(results, { since: new Date(STARTED + 2 * HOUR).toISOString() })).toEqual([
      'dddddddd',
      'cccccccc',
    ]);
    expect(await idsOf(results, { job: '7' })).toEqual([]);
    expect(await idsOf(results, { limit: 2 })).toEqual(['dddddddd', 'cccccccc']);
  });

  it('sorts by anything, with the runs that lack it last', async () => {
    const results = archive();
    expect(await idsOf(results, { sort: 'LR' })).toEqual(['cccccccc', 'bbbbbbbb', 'aaaaaaaa', 'dddddddd']);
    expect(await idsOf(results, { sort: '-LR' })).toEqual(['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd']);
    expect(await idsOf(results, { sort: 'loss/val:min', limit: 1 })).toEqual(['bbbbbbbb']);
    expect(await idsOf(results, { sort: 'MODEL,startedAt' })).toEqual(['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd']);
    expect(await idsOf(results, { sort: '-result.accuracy', limit: 1 })).toEqual(['cccccccc']);
    expect(withAttachedSort(['list', '--sort', '-startedAt', '--sort', 'x'])).toEqual([
      'list',
      '--sort=-startedAt',
      '--sort',
      'x',
    ]);
  });

  it('shows the columns that are asked for', async () => {
    const results = archive();
    const columns = 'LR,loss/val:min,duration,tags,result.accuracy';
    expect((await listed(results, { columns })).out).toBe(`\
id           LR  loss/val:min    duration  tags           result.accuracy
dddddddd
cccccccc  0.001           0.2  3 min 05 s                             0.7
bbbbbbbb   0.01           0.1  3 min 05 s  ablation late
aaaaaaaa    0.1           0.4  3 min 05 s  ablation                   0.5
`);
    const tsv = await listed(results, { columns: 'status,startedAt,loss/val', tty: false, limit: 2 });
    expect(tsv.out).toBe(
      'id\tstatus\tstartedAt\tloss/val\ndddddddd\tqueued\t2026-01-31T15:00:00.000Z\t\ncccccccc\tdone\t2026-01-31T14:00:00.000Z\t1.2\n',
    );
    const json = await listed(results, { columns: 'LR,startedAt', json: true, limit: 2 });
    expect(JSON.parse(json.out)).toEqual([
      { id: 'dddddddd', LR: null, startedAt: '2026-01-31T15:00:00.000Z' },
      { id: 'cccccccc', LR: 0.001, startedAt: '2026-01-31T14:00:00.000Z' },
    ]);
  });

  it('groups', async () => {
    const results = archive();
    expect((await listed(results, { groupBy: 'MODEL', metric: 'result.accuracy' })).out).toBe(`\
MODEL  runs  done  success  last            took  result.accuracy
mlp       3   2/3     67 %  22 h ago  3 min 05 s  0.6 ± 0.1414
tree      1   0/0           21 h ago
`);
    expect((await listed(results, { groupBy: 'namespace', tty: false })).out).toBe(
      'namespace\truns\tdone\tended\tlast\tduration_ms\ndigits\t3\t2\t3\t2026-01-31T14:00:00.000Z\t185000\nvision/faces\t1\t0\t0\t2026-01-31T15:00:00.000Z\t\n',
    );
    const groups = JSON.parse((await listed(results, { groupBy: 'tags', metric: 'LR', json: true })).out);
    expect(groups.map(({ value, runs }: { value: string; runs: number }) => [value, runs])).toEqual([
      ['ablation', 2],
      ['late', 1],
      [null, 2],
    ]);
    expect(groups[0].metrics).toEqual([{ name: 'LR', count: 1, mean: 0.1, sd: null }]);
    await expect(listed(results, { metric: 'LR' })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('has of each group the mean of the runs that are done, as an export has', async () => {
    const results = temporaryFolder();
    for (const [id, status, x] of [
      ['a0000000', 'done', 0.1],
      ['b0000000', 'done', 0.1],
      ['c0000000', 'done', 0.1],
      ['d0000000', 'failed', 7],
      ['e0000000', 'pruned', 9],
    ] as const) {
      writeRun(results, id, { status, result: { x } });
    }
    const [group] = JSON.parse((await listed(results, { groupBy: 'namespace', metric: 'result.x', json: true })).out);
    expect(group).toMatchObject({ runs: 5, done: 3, ended: 4, successRate: 0.75 });
    expect(group.metrics).toEqual([{ name: 'result.x', count: 3, mean: 0.1, sd: 0 }]);
  });

  it('says how a series is asked for', async () => {
    const results = archive();
    const refused = (query: string, words: string) =>
      expect(listed(results, { query })).rejects.toMatchObject({ message: expect.stringContaining(words) });
    await refused('loss/val < 0.5', 'none has "loss". Of a series: series["loss/val"].last.');
    await refused('series["loss/val"].lst > 0', 'Did you mean "last"?');
    await refused('series["loss/val"] > 0', 'such as series["loss/val"].last.');
  });

  it('names what no run has, with what is near', async () => {
    const results = archive();
    const refused = (asked: Partial<ListOptions>, words: string) =>
      expect(listed(results, asked)).rejects.toMatchObject({
        code: 'E_QUERY',
        message: expect.stringContaining(words),
      });
    await refused({ query: 'LRR < 1' }, '"LR"');
    await refused({ columns: 'MODLE' }, '"MODEL"');
    await refused({ sort: 'loss/vla:min' }, '"loss/val:min"');
    await refused({ columns: 'loss/val:minimum' }, 'min, max');
    await refused({ columns: 'result.acuracy' }, '"result.accuracy"');
    await refused({ groupBy: 'MODLE' }, '"MODEL"');
    await refused({ status: ['complete'] }, 'Did you mean "done"?');
    await refused(
      { since: 'yesterday' },
      'Expected a time such as 90s, 20m, 1h30m, 2d or 1w, or a date such as 2026-01-31',
    );
    await refused({ since: '2026-13-45' }, 'Expected a day of the calendar, such as 2026-01-31, got "2026-13-45".');
    await refused({ since: '2026-02-31' }, 'a day of the calendar');
    await refused({ query: '' }, 'got an empty text');
    await refused({ query: 'digits' }, '--namespace digits');
    await refused({ columns: 'git.brnach' }, 'Did you mean "branch"?');
    await refused({ limit: Number.NaN }, 'whole number');
  });

  it('shows an empty column where no run has a git or an error yet', async () => {
    const results = temporaryFolder();
    writeRun(results, 'aaaaaaaa');
    const { out } = await listed(results, { columns: 'git.branch,error.code', tty: false });
    expect(out).toBe('id\tgit.branch\terror.code\naaaaaaaa\t\t\n');
  });

  it('refuses columns of groups, and lists of names without one', async () => {
    const results = archive();
    const refused = (asked: Partial<ListOptions>, words: string) =>
      expect(listed(results, asked)).rejects.toMatchObject({
        code: 'E_USAGE',
        message: expect.stringContaining(words),
      });
    await refused({ groupBy: 'LR', columns: 'status' }, 'Expected --group-by or --columns, got both.');
    await refused({ columns: ' , ' }, 'Expected names behind --columns');
    await refused({ columns: '' }, 'Expected names behind --columns');
    await refused({ groupBy: 'LR', metric: ',' }, 'Expected names behind --metric');
  });

  it.each([
    [['list', '--limit', 'x'], '--limit to be a whole number from 1 on, got "x".'],
    [['list', '--limit', '-1'], 'got "-1".'],
    [['list', '--limit', '1.5'], 'got "1.5".'],
    [['list', '--limit', '0'], 'got "0".'],
    [['list', '--limit', '1', '--limit', '2'], 'got "1 and 2".'],
    [['tail', '-n', 'x'], '-n to be a whole number from 1 on, got "x".'],
    [['logs', 'latest', '-n', '1e1'], '-n to be a whole number from 0 on, got "1e1".'],
    [['plot', 'latest', 'loss', '--smooth', 'some'], '--smooth to be a whole number from 1 on, got "some".'],
  ])('says what is no count: comex %j', (words, said) => {
    const { status, stdout, stderr } = new TestProject().comex(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('names the columns for which there is no room', async () => {
    const results = archive();
    const columns = 'path,MODEL,LR,status,namespace';
    const narrow = { columns, screen: { columns: 40, color: false, unicode: true } };
    const { out, err } = await listed(results, narrow);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(err).toBe('Not shown, for want of room: namespace. A pipe and --json have all.\n');
    expect((await listed(results, { columns })).err).toBe('');
  });

  it('says so when nothing matches, and fails not', async () => {
    const results = archive();
    for (const tty of [true, false]) {
      const { out, err, status } = await listed(results, { query: 'LR > 5', tty });
      expect({ out, status }).toEqual({ out: '', status: 0 });
      expect(err).toBe(`No match among the 4 runs in ${results} (runs inside of runs count with --children).\n`);
    }
    expect((await listed(results, { query: 'LR > 5', json: true })).out).toBe('[]\n');
    expect(await listed(temporaryFolder(), { query: 'LR > 5', sort: 'LR', columns: 'LR' })).toMatchObject({
      out: '',
      status: 0,
    });
    expect(await listed(temporaryFolder(), { groupBy: 'LR' })).toMatchObject({ out: '', status: 0 });
  });

  it('goes on where runs lack a name or cannot be read', async () => {
    const results = archive();
    const broken = join(results, 'digits', 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'experiment_meta.json'), '{');
    mkdirSync(join(results, 'digits', 'folder', 'experiment_meta.json'), { recursive: true });
    const { out, err, status } = await listed(results, { query: 'LR < 1', sort: 'loss/val:min' });
    expect(ids(out)).toEqual(['bbbbbbbb', 'cccccccc', 'aaaaaaaa']);
    expect(err.split('\n')).toHaveLength(3);
    expect(status).toBe(0);
  });

  it('shows the names and tags that people gave', async () => {
    const results = archive();
    const at = '2026-02-01T00:00:00.000Z';
    const folder = join(results, 'digits', '2026-01-31__12-00-00__aaaaaaaa');
    appendNote(folder, { at, by: 'test', kind: 'rename', title: 'the first \x1b[31mone' });
    appendNote(folder, { at, by: 'test', kind: 'tag', add: ['new'] });
    const { out } = await listed(results, { query: 'title.startsWith("the") && "new" in tags' });
    expect(out).toContain('aaaaaaaa  the first \\x1b[31mone  done');
    expect(out).toContain('ablation new');
  });
});

describe('selectRuns', () => {
  const select = async (results: string, words: string[], options: SelectionOptions = {}, explicit = false) =>
    (await selectRuns(words, options, { results, cwd: '/', now: NOW, explicit })).runs.map(({ id }) => id);

  it('takes runs as show does, queries, and both', async () => {
    const results = archive();
    expect(await select(results, ['bbbb', 'vision/faces', 'bbbbbbbb'])).toEqual(['bbbbbbbb', 'dddddddd']);
    expect(await select(results, ['latest'])).toEqual(['dddddddd']);
    expect(await select(results, ['LR < 0.05'])).toEqual(['cccccccc', 'bbbbbbbb']);
    expect(await select(results, ['aaaa', 'bbbb', 'LR<0.05'])).toEqual(['bbbbbbbb']);
    expect(await select(results, ['bbbb', 'aaaa'], { status: ['done', 'failed'] })).toEqual(['bbbbbbbb', 'aaaaaaaa']);
    expect(await select(results, ['bbbb', 'aaaa'], { sort: '-LR' })).toEqual(['aaaaaaaa', 'bbbbbbbb']);
    expect(await select(results, ['eeee'])).toEqual(['eeeeeeee']);
    expect(await select(results, [], { limit: 1 })).toEqual(['dddddddd']);
  });

  it('refuses what means nothing', async () => {
    const results = archive();
    await expect(select(results, ['zzzz'])).rejects.toMatchObject({ code: 'E_RUN_NOT_FOUND' });
    await expect(select(results, ['LR < 1', 'LR > 1'])).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(select(results, [], {}, true)).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(select(results, [], { sort: 'LR' }, true)).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});
