import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';
/** The smallest PNG: one transparent dot. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

describe('the name of an artifact', () => {
  const project = new TestProject({
    [MAIN]: `import { symlinkSync } from 'node:fs';
export default async (e: any) => {
  symlinkSync('../../..', e.path() + '/link');
  symlinkSync('code', e.path() + '/inner');
  symlinkSync('/etc/hostname', e.path() + '/file.txt');
  symlinkSync('../nowhere.txt', e.path() + '/dangling.txt');
  const names = JSON.parse(process.env.NAMES!);
  const seen: Record<string, unknown> = {};
  for (const name of names) {
    const codes: unknown[] = [];
    for (const attempt of [() => e.commitRaw(name, 'x'), () => e.commitJson(name, 1), () => e.commitFig(name + '.svg', '${SVG}'), () => e.open(name, 'w'), async () => e.path(name)]) {
      try { const made = await attempt(); await made?.close?.(); codes.push('accepted'); } catch (error: any) { codes.push(error.code); }
    }
    seen[name] = codes;
  }
  return seen;
};`,
    'outside.txt': 'mine',
  });
  const refused = [
    '../x',
    'a/../../x',
    '/tmp/x',
    'C:/x',
    'a\\\\b',
    '',
    '.',
    './x',
    'a//b',
    'a/',
    'x\u0000',
    'code/x',
    'CODE/x',
    'Experiment_x',
    'experiment_meta.json',
    'EXPERIMENT_META.JSON',
    'attempts/1.json',
    'media/x',
    'plots/x',
    'tables/x',
    'runs/x',
    'checkpoints/x',
    '.comex/x',
    'link/x',
    'inner/x',
    'con',
    'x.',
    'a /b',
  ];
  const accepted = ['x', 'deep/er/x.txt', 'my_code/x', 'x..y', 'ünïcode', 'experiment.json'];
  let run: LoadedRun;
  let seen: Record<string, string[]>;
  beforeAll(() => {
    run = project.run(MAIN, [], { NAMES: JSON.stringify([...refused, 'file.txt', 'dangling.txt', ...accepted]) }).run;
    expect(run.error).toBeUndefined();
    seen = run.result as Record<string, string[]>;
  });

  it.each(refused)('%j is refused by every call', (name) => {
    // An svg of a name such as "x." or "con" may be a name like any other.
    const codes = seen[name]!.filter((_, index) => index !== 2);
    expect(codes).toEqual(['E_NAME', 'E_NAME', 'E_NAME', 'E_NAME']);
  });

  it.each(accepted)('%j is accepted by every call', (name) => {
    expect(seen[name]).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'accepted']);
  });

  it('that is a link to a file outside is refused, and nothing outside is touched', () => {
    for (const link of ['file.txt', 'dangling.txt'])
      expect(seen[link]!.filter((_, index) => index !== 2)).toEqual(['E_NAME', 'E_NAME', 'E_NAME', 'E_NAME']);
    expect(readdirSync(project.root).sort()).toEqual([
      'experiments',
      'node_modules',
      'outside.txt',
      'package.json',
      'results',
    ]);
    expect(project.read('outside.txt')).toBe('mine');
    expect(run.meta.status).toBe('done');
  });

  it('is refused with a sentence that says why', () => {
    const { run: failed } = new TestProject({ [MAIN]: `export default (e: any) => e.commitRaw('code/x', '');` }).run(
      MAIN,
    );
    expect(failed.error).toMatchObject({
      code: 'E_NAME',
      message: expect.stringMatching(/^"code\/x" is kept for comex: .*another name\.$/) as string,
    });
  });
});

describe('artifacts', () => {
  let run: LoadedRun;
  beforeAll(() => {
    run = new TestProject({
      [MAIN]: `export default async (e: any) => {
  const png = Buffer.from('${PNG}', 'base64');
  const chart = { type: 'line', data: { labels: [1, 2], datasets: [{ label: 'a', data: [1, 2] }] } };
  const paths = [
    await e.commitJson('table', { a: NaN, b: [1] }), await e.commitJson('named.txt', 1), await e.commitRaw('deep/raw.bin', new Uint8Array([0, 255])), await e.commitRaw('text.md', 'é'),
    await e.commitFig('chart', chart), await e.commitFig('figures/chart.svg', chart, { width: 300, height: 200 }), await e.commitFig('sized.png', chart, { width: 300, height: 200 }),
    await e.commitFig('bytes.png', png), await e.commitFig('drawn.svg', '${SVG}'), await e.commitFig('buffer.svg', Buffer.from('${SVG}')),
  ];
  const file = await e.open('lines/log.txt', 'a'); await file.write('line\\n'); await file.close();
  const again = await e.open('lines/log.txt'); const read = await again.readFile('utf8'); await again.close();
  await e.commitRaw('text.md', 'second');
  const refused = [];
  for (const attempt of [() => e.commitFig('x.png', Buffer.from('no picture')), () => e.commitFig('x.png', 'no svg'), () => e.commitFig('x.pdf', chart), () => e.commitFig('x', { type: 'nonsense', data: {} }), () => e.open('missing.txt')]) {
    try { await attempt(); refused.push('accepted'); } catch (error: any) { refused.push(error.code); }
  }
  return { paths: paths.map((path) => path.slice(e.path().length + 1)), read, refused, inside: e.path('a', 'b.txt').slice(e.path().length) };
};`,
    }).run(MAIN).run;
    expect(run.error).toBeUndefined();
  });
  const file = (name: string): Buffer => readFileSync(join(run.path, name));
  const result = (): Record<string, unknown> => run.result as Record<string, unknown>;

  it('are written under their names, with the extension of their kind where there is none', () => {
    expect(result()['paths']).toEqual([
      'table.json',
      'named.txt',
      'deep/raw.bin',
      'text.md',
      'chart.png',
      'figures/chart.svg',
      'sized.png',
      'bytes.png',
      'drawn.svg',
      'buffer.svg',
    ]);
    expect(run.artifacts.map(({ path }) => path).sort()).toEqual(
      [...(result()['paths'] as string[]), 'lines/log.txt'].sort(),
    );
    expect(run.meta.artifacts).toEqual(run.artifacts);
  });

  it('hold what was committed last', () => {
    expect(JSON.parse(file('table.json').toString())).toEqual({ a: { $number: 'NaN' }, b: [1] });
    expect([...file('deep/raw.bin')]).toEqual([0, 255]);
    expect(file('text.md').toString()).toBe('second');
    expect(file('bytes.png').toString('base64')).toBe(PNG);
    expect(file('drawn.svg').toString()).toBe(SVG);
    expect([file('lines/log.txt').toString(), result()['read']]).toEqual(['line\n', 'line\n']);
    expect(result()['inside']).toBe('/a/b.txt');
  });

  it('that are charts are drawn in the size asked for', () => {
    const sized = file('sized.png');
    expect(sized.subarray(1, 4).toString()).toBe('PNG');
    expect(sized.readUInt32BE(16) / sized.readUInt32BE(20)).toBeCloseTo(1.5);
    expect(file('figures/chart.svg').toString()).toMatch(/^(<\?xml[^>]*>\s*)?<svg/);
    expect(file('chart.png').length).toBeGreaterThan(1000);
  });

  it('that are none are refused with a code', () => {
    expect(result()['refused']).toEqual(['E_CHART', 'E_CHART', 'E_NAME', 'E_CHART', 'E_STORAGE']);
  });
});

describe('e.input', () => {
  const project = new TestProject({
    [MAIN]: `import { readFileSync } from 'node:fs';
export default (e: any) => {
  const outside = process.env.OUTSIDE!;
  const paths = [e.input('data/small.csv'), e.input(process.cwd() + '/data/../data/small.csv'), e.input(outside), e.input('.env'), e.input('data/large.bin')];
  const refused = [];
  for (const path of ['data/none.csv', 'data', '']) { try { e.input(path); } catch (error: any) { refused.push([error.code, error.message]); } }
  return { paths, text: readFileSync(paths[0], 'utf8'), refused };
};`,
    'data/small.csv': 'a,b\n1,2\n',
    'data/large.bin': 'x'.repeat(10 * 1024 * 1024 + 1),
    '.env': 'API_KEY=secret-in-env-file',
  });
  const elsewhere = new TestProject({ 'far.csv': 'far\n' });
  let run: LoadedRun;
  beforeAll(() => {
    run = project.run(MAIN, [], { OUTSIDE: join(elsewhere.root, 'far.csv') }).run;
    expect(run.error).toBeUndefined();
  });

  it('returns absolute paths, of files inside and outside the project', () => {
    const { paths, text } = run.result as { paths: string[]; text: string };
    const inside = (path: string): string => join(project.root, path);
    expect(paths).toEqual([
      inside('data/small.csv'),
      inside('data/small.csv'),
      join(elsewhere.root, 'far.csv'),
      inside('.env'),
      inside('data/large.bin'),
    ]);
    expect(text).toBe('a,b\n1,2\n');
  });

  it('records size and hash of each file once, and copies it unless it is large or secret', () => {
    const [small, far, secret, large, ...more] = run.meta.inputs;
    expect(more).toEqual([]);
    expect(small).toEqual({
      path: 'data/small.csv',
      bytes: 8,
      sha256: '492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470',
      copy: 'code/data/small.csv',
    });
    expect(far).toMatchObject({
      path: join(elsewhere.root, 'far.csv'),
      bytes: 4,
      copy: expect.stringMatching(/^code\/\.inputs\/[0-9a-f]{8}-far\.csv$/) as string,
    });
    expect(readFileSync(join(run.path, far!.copy!), 'utf8')).toBe('far\n');
    expect(readFileSync(join(run.path, small!.copy!), 'utf8')).toBe('a,b\n1,2\n');
    expect(secret).toEqual({ path: '.env', bytes: 26, sha256: expect.any(String) as string });
    expect(large).toEqual({
      path: 'data/large.bin',
      bytes: 10 * 1024 * 1024 + 1,
      sha256: expect.any(String) as string,
    });
    expect(existsSync(join(run.path, 'code/.env'))).toBe(false);
  });

  it('says in the metadata what was not copied', () => {
    expect(run.meta.snapshot.skipped).toEqual([
      { path: '.env', reason: 'a file of secrets' },
      { path: 'data/large.bin', reason: expect.stringContaining('larger than') as string },
    ]);
    expect(run.meta.snapshot.files).toEqual(['experiments/main.ts']);
  });

  it('refuses what is no file, with what was expected', () => {
    const { refused } = run.result as { refused: [string, string][] };
    expect(refused.map(([code]) => code)).toEqual(['E_FILE', 'E_FILE', 'E_FILE']);
    expect(refused[0]![1]).toMatch(/data\/none\.csv, there is none\. Relative paths begin at the project root\./);
    expect(refused[1]![1]).toContain('that is no file');
  });
});
