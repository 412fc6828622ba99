import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE, TestProject } from '../project.ts';
import { editJson, fingerprint, ReproduceProject } from './reproducing.ts';

const BASE = `
import { readFileSync } from 'node:fs';
import { double } from './lib/double.ts';

export const N = 3;
export const MODEL = { width: 2, name: 'a' };
export const LIMIT = N * 2;

export default async function experiment(e) {
  const text = readFileSync(e.input('data/points.csv'), 'utf8');
  e['results/sum'] = text.trim().split('\\n').slice(1).reduce((sum, line) => sum + Number(line), 0);
  e['results/list'] = Array.from({ length: 5 }, () => e.random());
  e['results/folder'] = e.path();
  for (let i = 0; i < N; i++) e.track('loss', double(Math.random()), { step: i * 10, epoch: i });
  e.track('remark', 'in ' + e.path());
  e.track('picture', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'));
  for (let i = 0; i < 4; i++) e.record('rows', { i, value: e.random(), where: e.id });
  e['results/limit'] = LIMIT + MODEL.width;
  await e.commitRaw('notes.txt', 'first\\nfolder ' + e.path() + '\\n');
  await e.commitJson('numbers.json', [1, e.random()]);
  return { n: N, id: e.id };
}
`;
const FILES = {
  'experiments/base.ts': BASE,
  'experiments/lib/double.ts': 'export const double = (x) => 2 * x;\n',
  'data/points.csv': 'x\n1\n2\n',
};

function project(files: Readonly<Record<string, string>> = {}): ReproduceProject {
  return new ReproduceProject({ ...FILES, ...files });
}

describe('comex reproduce', () => {
  it('runs a run again and finds it identical, with everything that it kept, and leaves no trace', () => {
    const user = project();
    const { run } = user.run('base', ['--N', '4', '--MODEL.width', '7']);
    const before = fingerprint(join(user.root, 'results'));
    const { identical, changed, compared, differences, printed } = user.reproduced([run.id]);
    expect(differences).toEqual([]);
    expect(changed).toEqual([]);
    expect(identical).toBe(true);
    expect(printed.status).toBe(0);
    expect(compared).toMatchObject({ data: 4, series: 3, points: 6, tables: 1, rows: 4, artifacts: 2, runs: 1 });
    expect(fingerprint(join(user.root, 'results'))).toBe(before);
    expect(user.runs('base')).toHaveLength(1);
  });

  it('does not mind what is changed in the project, for the snapshot is run', () => {
    const user = project();
    const { run } = user.run('base');
    user.write({ 'experiments/lib/double.ts': 'export const double = (x) => 2.5 * x;\n', 'data/points.csv': 'x\n9\n' });
    const { identical, changed, printed } = user.reproduced([run.id]);
    expect(identical).toBe(true);
    expect(printed.status).toBe(0);
    expect(changed).toMatchObject([
      {
        part: 'code',
        name: 'project',
        note: "1 file of the project has changed since (experiments/lib/double.ts); the snapshot's code is run",
      },
      { part: 'inputs', name: 'data/points.csv', note: 'the copy in the run folder is read' },
    ]);
    rmSync(join(user.root, 'data'), { recursive: true });
    rmSync(join(user.root, 'experiments'), { recursive: true });
    expect(user.reproduced([run.id]).identical).toBe(true);
  });

  it('runs the code of today when asked to, names the changed files, and says by how much the results differ', () => {
    const user = project();
    const { run } = user.run('base');
    user.write({ 'experiments/lib/double.ts': 'export const double = (x) => (x > 0 ? 2 * x * 1.5 : x);\n' });
    const { identical, changed, differences, printed } = user.reproduced([run.id, '--code', 'today']);
    expect([identical, printed.status]).toEqual([false, 1]);
    expect(changed).toEqual([{ part: 'code', name: 'experiments/lib/double.ts', note: 'changed, +1 -1' }]);
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({
      part: 'series',
      name: 'loss',
      differing: 3,
      of: 3,
      unit: 'point',
      first: 0,
    });
    expect(differences[0]!['maxRelative']).toBeCloseTo(0.5, 9);
  });

  it('names a snapshot that was changed after the run', () => {
    const user = project();
    const { run } = user.run('base');
    const file = join(run.path, 'code/experiments/lib/double.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('2 *', '3 *'));
    const { identical, changed } = user.reproduced([run.id]);
    expect(identical).toBe(false);
    expect(changed).toMatchObject([
      {
        part: 'code',
        name: 'code',
        note: 'the snapshot was changed after the run, experiments/lib/double.ts since its end: what is run is not what it ran',
      },
    ]);
  });

  it('reads the inputs of today when asked to, and says that they were others', () => {
    const user = project();
    const { run } = user.run('base');
    user.write({ 'data/points.csv': 'x\n1\n2\n3\n' });
    const { changed, differences } = user.reproduced([run.id, '--inputs', 'today']);
    expect(changed).toMatchObject([{ part: 'inputs', name: 'data/points.csv', note: 'the file of today is read' }]);
    expect(differences).toMatchObject([
      { part: 'data', name: 'results/sum', original: 3, reproduction: 6, maxAbsolute: 3, maxRelative: 1 },
      { part: 'inputs', name: 'data/points.csv' },
    ]);
  });

  it('names another Node, machine, comex, lock file and dependency, and compares all the same', () => {
    const user = project({
      'package.json': '{ "name": "p", "type": "module", "dependencies": { "one": "1", "two": "2" } }',
      'package-lock.json': '{ "lockfileVersion": 3, "packages": {} }',
    });
    user.write({
      'node_modules/one/package.json': '{ "name": "one", "version": "1.0.0" }',
      'node_modules/two/package.json': '{ "name": "two", "version": "2.0.0" }',
    });
    const { run } = user.run('base');
    expect(user.reproduced([run.id]).changed).toEqual([]);
    editJson(join(run.path, 'experiment_environment.json'), (record) => {
      Object.assign(record, { node: 'v18.1.0', platform: 'darwin', arch: 'arm64' });
      Object.assign(record['dependencies'] as object, { one: '1.2.3', gone: '5.0.0' });
    });
    editJson(join(run.path, 'experiment_meta.json'), (meta) => void Object.assign(meta, { comex: '0.0.9' }));
    user.write({ 'package-lock.json': '{ "lockfileVersion": 3, "packages": {}, "x": 1 }' });
    const { identical, changed } = user.reproduced([run.id]);
    expect(identical).toBe(true);
    const named = Object.fromEntries(changed.map(({ name, recorded, now }) => [name, [recorded, now]]));
    expect(named).toMatchObject({
      comex: ['0.0.9', expect.any(String)],
      node: ['v18.1.0', process.version],
      platform: ['darwin', process.platform],
      arch: ['arm64', process.arch],
      one: ['1.2.3', '1.0.0'],
      gone: ['5.0.0', undefined],
      'package-lock.json': [expect.stringMatching(/^[0-9a-f]{12}$/), expect.stringMatching(/^[0-9a-f]{12}$/)],
    });
    expect(Object.keys(named)).toHaveLength(7);
  });

  it('gives the run the locale and time zone that it had', () => {
    const user = project({
      'experiments/zone.ts': `export default function experiment(e) { return [process.env.TZ, new Date(0).getHours()]; }`,
    });
    const { run } = user.run('zone', [], { TZ: 'Asia/Tokyo' });
    expect(run.result).toEqual(['Asia/Tokyo', 9]);
    expect(user.reproduced([run.id], { TZ: 'America/New_York' }).identical).toBe(true);
  });

  it('takes parameters anew, names them, and refuses what is none before anything is run', () => {
    const user = project();
    const { run } = user.run('base');
    const { changed, differences, printed } = user.reproduced([run.id, '--N', '5', '--MODEL.width=4']);
    expect(printed.status).toBe(1);
    expect(changed).toEqual([
      { part: 'parameters', name: 'N', recorded: '3', now: '5', note: 'given anew' },
      { part: 'parameters', name: 'MODEL.width', now: '4', note: 'given anew' },
    ]);
    expect(differences).toContainEqual({
      part: 'result',
      name: 'result/n',
      original: 3,
      reproduction: 5,
      maxAbsolute: 2,
      maxRelative: 2 / 3,
    });
    expect(differences).toContainEqual(
      expect.objectContaining({ part: 'series', name: 'loss', differing: 2, of: 5, first: 30 }),
    );
    const unknown = user.reproduce([run.id, '--NN', '5']);
    expect(unknown.stderr).toBe(
      'comex: Expected a parameter of the experiment, got "NN". Did you mean "N"? (E_PARAMETER_NAME)\n',
    );
    expect(unknown.status).toBe(2);
    const wrong = user.reproduce([run.id, '--N', 'many']);
    expect(wrong.stderr).toContain('Expected --N to be a number, got "many"');
    expect(wrong.status).toBe(2);
  });

  it('takes over what was given to the run, and not what people said of it later', () => {
    const user = project();
    const { run } = user.run('base', ['--N', '6']);
    expect(user.comex(['modify', run.id, '--set', 'N=1', '--apply']).status).toBe(0);
    expect(user.reproduced([run.id]).identical).toBe(true);
  });

  it('compares values of all kinds, and takes folders and ids in them for what they are, also in keys', () => {
    const user = project({
      'experiments/kinds.ts': `
        export const WHEN = new Date('2026-01-01');
        export const BIG = 10n;
        export const NAN = 1;
        export const LIST: number[] = [1];
        export default function experiment(e) {
          e['r/given'] = [WHEN, BIG, NAN];
          e['r/typed'] = new Float64Array([1, e.random(), NaN, -0]);
          e['r/map'] = new Map([[e.path(), 1]]);
          e['r/set'] = new Set([e.id]);
          e['r/deep'] = [{ a: [1, { b: LIST }] }];
          for (const i of [1, 2, 3]) e.track('a', i === 2 ? NaN : i);
          return { [e.path()]: 1, [e.id]: 2, inf: -Infinity };
        }`,
    });
    const words = ['--WHEN', '2026-02-03', '--BIG', '12345678901234567890n', '--NAN', 'NaN', '--LIST', '[1,2,3]'];
    const { run } = user.run('kinds', [...words, '--__SEED__', 'text']);
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, differences: [], changed: [] });
    const { differences, changed } = user.reproduced([run.id, '--LIST', '[1,2,4]', '--NAN', '3']);
    expect(changed.map(({ recorded, now }) => [recorded, now])).toEqual([
      ['[ 1, 2, 3 ]', '[1,2,4]'],
      ['NaN', '3'],
    ]);
    expect(differences).toMatchObject([
      { part: 'data', name: 'r/given', differing: 1, of: 3, first: 2 },
      { part: 'data', name: 'r/deep', differing: 1, of: 4, first: '0/a/1/b/2', maxAbsolute: 1, maxRelative: 1 / 3 },
    ]);
    expect(user.reproduce([run.id, '--ignore', '']).status).toBe(2);
  });

  it('reproduces a YAML experiment, one with a mixin named from outside, and a debug run', () => {
    const user = project({
      'experiments/vary.yml': 'extend: ./base.ts\nparameters:\n  N: 5\n',
      'mixins/more.ts': `export const EXTRA = 7;\nexport const hooks = { after_run(e) { e['results/extra'] = EXTRA; } };\n`,
    });
    const runs = [
      user.run('experiments/vary.yml').run,
      user.run('base', ['--__INCLUDE__', 'mixins/more.ts', '--EXTRA', '8']).run,
      user.run('base', ['--__DEBUG__', '--__PREFIX__', 'pre']).run,
    ];
    expect(runs[1]!.get('results/extra')).toBe(8);
    rmSync(join(user.root, 'mixins'), { recursive: true });
    for (const run of runs) expect(user.reproduced([run.path])).toMatchObject({ identical: true, differences: [] });
  });

  it('reproduces runs inside of runs, and such a run alone', () => {
    const user = project({
      'experiments/parent.ts': `
        export default async function experiment(e) {
          const all = await Promise.all([1, 2, 3].map((n) => e.run('./base.ts', { parameters: { N: n } })));
          e['results/ids'] = all.map(({ id }) => id);
          return all.map(({ result }) => result.n);
        }`,
    });
    const { run } = user.run('parent');
    const whole = user.reproduced([run.id]);
    expect(whole).toMatchObject({ identical: true, compared: { runs: 4, rows: 12 } });
    for (const id of readdirSync(join(run.path, 'runs'))) {
      expect(user.reproduced([join(run.path, 'runs', id)])).toMatchObject({ identical: true, changed: [] });
    }
    user.write({ 'experiments/lib/double.ts': 'export const double = (x) => 3 * x;\n' });
    const { differences } = user.reproduced([run.id, '--code', 'today']);
    expect(differences.map((each) => [each['run'], each.name, each['of']])).toEqual([
      ['base 1', 'loss', 1],
      ['base 2', 'loss', 2],
      ['base 3', 'loss', 3],
    ]);
  });

  it('takes a run that failed for reproduced when it fails in the same way', () => {
    const user = project({
      'experiments/fails.ts': `export default function experiment(e) { e['results/a'] = 1; throw new TypeError('bad ' + e.path()); }`,
    });
    const { run } = user.run('fails');
    const { identical, printed, reproduction } = user.reproduced([run.id]);
    expect([identical, printed.status, reproduction.status]).toEqual([true, 0, 'failed']);
    expect(printed.stderr).toContain('TypeError: bad');
    expect(printed.stderr).not.toContain('The run is kept');
    user.write({ 'experiments/fails.ts': `export default function experiment(e) { e['results/a'] = 1; }` });
    expect(user.reproduced([run.id, '--code', 'today']).differences).toMatchObject([
      { part: 'end', name: 'status', original: 'failed', reproduction: 'done' },
      { part: 'end', name: 'error' },
    ]);
  });

  it('keeps the run that was made when asked to, as a run of the project', () => {
    const user = project();
    const { run } = user.run('base', ['--N', '4', '--__PREFIX__', 'pre', '--tag', 'a']);
    const before = fingerprint(run.path);
    const { identical, reproduction, printed } = user.reproduced([run.id, '--keep', '--MODEL.width', '9']);
    expect([identical, printed.status]).toEqual([false, 1]);
    expect(fingerprint(run.path)).toBe(before);
    expect(reproduction.path).toMatch(new RegExp(`results/base/pre__[-_0-9]+__${reproduction.id}$`));
    const meta = JSON.parse(readFileSync(join(reproduction.path!, 'experiment_meta.json'), 'utf8'));
    expect(meta).toMatchObject({
      reproduces: { id: run.id },
      root: user.root,
      cwd: user.root,
      argv: ['reproduce', run.id, '--MODEL.width=9'],
      seed: { value: run.meta.seed?.value },
    });
    expect(JSON.stringify(meta)).not.toContain('comex-reproduce');
    const shown = user.comex(['show', reproduction.id]).stdout;
    expect(shown).toContain(`command    comex reproduce ${run.id} --MODEL.width=9`);
    expect(user.reproduced([reproduction.id]).identical).toBe(true);
    const debug = user.run('base', ['--__DEBUG__']).run;
    const kept = user.reproduced([debug.path, '--keep']).reproduction;
    expect(kept.path).toMatch(/base\/\d{4}-[-_0-9]+__[0-9a-z]{8}$/);
    expect(user.comex(['list', '--json']).stdout).toContain(kept.id);
  });

  it('leaves out of the comparison what --ignore names, and says which pattern left out nothing', () => {
    const user = project({
      'experiments/timed.ts': `
        export default async function experiment(e) {
          e['timing/all'] = process.hrtime()[1]; e['results/a'] = 1;
          e.track('ns/sort', process.hrtime()[1]);
          e.record('rows', { i: 1, ns: process.hrtime()[1] });
          await e.commitRaw('time.txt', String(process.hrtime()[1]));
          return process.hrtime()[1];
        }`,
    });
    const { run } = user.run('timed');
    const named = user.reproduced([run.id]).differences.map(({ part, name }) => `${part} ${name}`);
    expect(named).toEqual([
      'result result',
      'data timing/all',
      'series ns/sort',
      'tables rows/ns',
      'artifacts time.txt',
    ]);
    const ignore = ['timing', 'ns/*', 'rows/ns', '*.txt', 'result'].flatMap((name) => ['--ignore', name]);
    const { identical, compared } = user.reproduced([run.id, ...ignore]);
    expect(identical).toBe(true);
    expect(compared['ignored']).toEqual(['result', 'timing', 'ns/sort', 'rows/ns', 'time.txt']);
    const { stderr } = user.reproduce([run.id, ...ignore, '--ignore', 'tming/*']);
    expect(stderr).toBe('comex: --ignore tming/* has left nothing out.\n');
  });

  it('says what differs in each kind of what a run keeps', () => {
    const user = project();
    const { run } = user.run('base');
    editJson(join(run.path, 'experiment_data.json'), (data) => {
      const results = data['results'] as Record<string, unknown>;
      (results['list'] as number[])[3]! += 0.25;
      results['gone'] = { $number: 'NaN' };
    });
    const track = join(run.path, 'experiment_track.jsonl');
    writeFileSync(track, readFileSync(track, 'utf8').replace(/\["loss",20,([\d.]+),[\d.]+/, '["loss",20,$1,5'));
    const rows = join(run.path, 'tables/rows.jsonl');
    writeFileSync(rows, `${readFileSync(rows, 'utf8').replace('"i":2', '"i":12')}{"i":4}\n`);
    writeFileSync(join(run.path, 'notes.txt'), 'first\nsecond\n');
    writeFileSync(join(run.path, 'media/picture/0.svg'), '<svg/>');
    rmSync(join(run.path, 'numbers.json'));
    writeFileSync(join(run.path, 'later.txt'), 'written by hand');
    const { differences } = user.reproduced([run.id]);
    expect(differences).toMatchObject([
      {
        part: 'data',
        name: 'results/list',
        differing: 1,
        of: 5,
        unit: 'item',
        first: 3,
        maxAbsolute: expect.closeTo(0.25, 9),
      },
      { part: 'data', name: 'results/gone', note: 'only in the original' },
      { part: 'series', name: 'loss', differing: 1, of: 3, first: 20 },
      { part: 'series', name: 'picture', differing: 1, of: 1 },
      { part: 'tables', name: 'rows/i', differing: 1, of: 5, unit: 'row', first: 3, maxAbsolute: 10 },
      { part: 'tables', name: 'rows', first: 5, note: '5 -> 4 rows' },
      { part: 'artifacts', name: 'notes.txt', line: { number: 2, original: 'second' } },
      { part: 'artifacts', name: 'numbers.json', note: 'it is gone from the run folder' },
    ]);
    const printed = user.reproduce([run.id, '--quiet']);
    expect(printed.stdout).toMatch(/^not identical /m);
    expect(printed.stdout).toMatch(/^ {2}data {7}results\/list +1 of 5 items, the first at 3; by at most 0\.25 /m);
    expect(printed.stdout).toMatch(/^ {2}series {5}loss +1 of 3 points, from step 20; by at most /m);
  });

  it('works in a folder with spaces, from another folder, with an archive that cannot be written', () => {
    const user = project();
    const root = join(user.root, 'my project');
    user.write(Object.fromEntries(Object.entries(FILES).map(([path, text]) => [`my project/${path}`, text])));
    user.write({ 'my project/package.json': '{ "name": "inner", "type": "module" }' });
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(PACKAGE, join(root, 'node_modules/comex'));
    const { stdout } = user.comex(['run', 'base', '--json'], { cwd: root });
    const { path } = JSON.parse(stdout) as { path: string };
    chmodSync(path, 0o500);
    chmodSync(join(root, 'results'), 0o500);
    const before = fingerprint(join(root, 'results'));
    try {
      expect(user.reproduced([path], {}, user.root)).toMatchObject({ identical: true, changed: [] });
      expect(user.reproduced(['base'], {}, join(root, 'data'))).toMatchObject({ identical: true, changed: [] });
      expect(fingerprint(join(root, 'results'))).toBe(before);
    } finally {
      chmodSync(join(root, 'results'), 0o700);
      chmodSync(path, 0o700);
    }
  });
});

describe('a run from elsewhere', () => {
  it('is reproduced from the file that compress made, and after its import', () => {
    const user = project();
    const { run } = user.run('base', ['--N', '4']);
    user.run('base');
    expect(user.comex(['compress', run.id, '--out', 'one.tar.gz']).status).toBe(0);
    expect(user.comex(['compress', '--namespace', 'base', '--out', 'both.tar.gz']).status).toBe(0);
    const elsewhere = new ReproduceProject({});
    for (const name of ['one.tar.gz', 'both.tar.gz']) cpSync(join(user.root, name), join(elsewhere.root, name));
    rmSync(user.root, { recursive: true });
    expect(elsewhere.reproduced(['one.tar.gz'])).toMatchObject({ identical: true, run: { id: run.id } });
    const both = elsewhere.reproduce(['both.tar.gz']);
    expect(both.stderr).toMatch(
      /Expected both\.tar\.gz to hold one run, but it holds 2: .+"comex import".+\(E_RUN_AMBIGUOUS\)/,
    );
    expect(both.status).toBe(2);
    expect(elsewhere.comex(['import', 'one.tar.gz']).status).toBe(0);
    expect(elsewhere.reproduced([run.id])).toMatchObject({
      identical: true,
      changed: [{ part: 'inputs', note: 'the copy in the run folder is read' }],
      packages: elsewhere.root,
    });
    writeFileSync(join(elsewhere.root, 'broken.tar.gz'), 'no archive');
    expect(elsewhere.reproduce(['broken.tar.gz'])).toMatchObject({ status: 1, stdout: '' });
  });
});

it('needs no project at all but that which the run came from', () => {
  const user = project();
  const { run } = user.run('base');
  const other = new TestProject();
  const printed = user.reproduce([run.path], {}, other.root);
  expect(printed.stdout).toMatch(/^identical /m);
});
