import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRules, placeIn } from '../../../src/run/harvest/check.ts';
import { harvest } from '../../../src/run/harvest/harvest.ts';
import { harvested, subjectWith, taken } from './harvested.ts';

const count = (csv: unknown, more: object = {}) => ({ csv, take: 'count', ...more });

describe('the files of a rule', () => {
  it('are named when there are none, unless they are optional', async () => {
    const subject = subjectWith({});
    const missing = `Expected a file "eval/*.csv" in the run folder ${subject.run.path}, but there is none.`;
    expect(await harvested(subject, count('eval/*.csv'))).toBe(missing);
    expect(await harvested(subject, count('eval/*.csv', { optional: true }))).toBeUndefined();
    expect(await harvested(subject, count('e.csv', { in: 'project' }))).toContain(`in the project ${subject.root}`);
  });

  it('lie in the run folder, whatever the pattern says', async () => {
    const subject = subjectWith({ '../secret.csv': 'a\n1\n', 'e.csv': 'a\n1\n' }, { UP: '../secret' });
    for (const pattern of [
      '../secret.csv',
      '../*.csv',
      '/etc/passwd',
      'eval/../../secret.csv',
      '{UP}.csv',
      '*/../../*',
    ]) {
      expect(await harvested(subject, count(pattern))).toContain('Expected a pattern inside of the run folder, got');
    }
    expect(await harvested(subject, count('./e.csv'))).toBe(1);
    expect(await harvested(subject, count('results/walk/secret.csv', { in: 'project' }))).toBe(1);
    expect(await harvested(subject, count(join(subject.root, 'results/walk/s*.csv'), { in: 'project' }))).toBe(1);
  });

  it('are no links out of the run folder, but for what is only registered', async () => {
    const subject = subjectWith({ '../secret.csv': 'a\n1\n' });
    symlinkSync('../secret.csv', join(subject.run.path, 'link.csv'));
    expect(await harvested(subject, count('*.csv'))).toContain('is a link that leaves it. Say "in": "project"');
    expect(await harvested(subject, { file: 'link.csv' })).toMatchObject({ path: 'link.csv', bytes: 4 });
  });

  it('are those of the run and the project for a rule that stands in the metadata of a run', async () => {
    const outside = subjectWith({ 'o.csv': 'a\n1\n' });
    const subject = subjectWith({ 'e.csv': 'a\n1\n', '../../../p.csv': 'a\n1\n' });
    const { path } = subject.run;
    symlinkSync(join(outside.run.path, 'o.csv'), join(path, 'link.csv'));
    symlinkSync(outside.run.path, join(subject.root, 'elsewhere'));
    rmSync(join(path, 'experiment_log.txt'), { force: true });
    symlinkSync(join(outside.run.path, 'o.csv'), join(path, 'experiment_log.txt'));
    const ofMetadata = async (rule: unknown): Promise<unknown> => {
      const rules = await checkRules({ 'results/x': rule }, placeIn('metadata', 'walk.ts of the run k3v9x2ab'));
      const { data, failures } = await harvest(rules, subject);
      return failures[0]?.message ?? data[0]?.value;
    };
    const project = { in: 'project' };
    expect(await ofMetadata(count('e.csv'))).toBe(1);
    expect(await ofMetadata(count('*.csv', project))).toBe(1);
    const refused = 'Expected a rule in the metadata of a run to name files of the run and the project, but';
    for (const rule of [
      count('/etc/passwd', project),
      count('/etc/*', project),
      count('../*.csv', project),
      count('elsewhere/o.csv', project),
      count('elsewhere/*', project),
      { file: '/etc/passwd', in: 'project' },
      { file: 'link.csv' },
      { match: '(\\d)' },
    ]) {
      expect(await ofMetadata(rule)).toContain(refused);
    }
  });

  it('are each read once, through loops of links and many names', async () => {
    const subject = subjectWith({ 'eval/a.csv': 'a\n1\n' });
    const { path } = subject.run;
    symlinkSync('.', join(path, 'eval/loop'));
    symlinkSync('eval', join(path, 'latest'));
    symlinkSync('self', join(path, 'self'));
    symlinkSync('eval/a.csv', join(path, 'b.csv'));
    expect(await harvested(subject, count('**/*.csv'))).toBe(1);
    expect(await harvested(subject, count(['b.csv', 'eval/a.csv', '*.csv']))).toBe(1);
    symlinkSync('nowhere', join(path, 'gone.csv'));
    expect(await harvested(subject, count('gone.csv'))).toContain('Expected a file "gone.csv"');
  });

  it('have any name: what is filled in means itself', async () => {
    const name = 'a*[b]{c,d}(e)!@+$^ \'"|x?';
    const subject = subjectWith(
      { [`eval/${name}/1.csv`]: 'a\n1\n', 'eval/a/1.csv': 'a\n1\n' },
      { NAME: name, M: { w: 3 } },
    );
    expect(await harvested(subject, count('eval/{NAME}/*.csv'))).toBe(1);
    expect(await harvested(subject, count('eval/{NAME}/1.csv'))).toBe(1);
    expect(await harvested(subject, count('eval/*/*.csv'))).toBe(2);
    expect(await harvested(subject, count('eval/{a,zz}/*.csv'))).toBe(1);
    expect(await harvested(subject, count('{namespace}/{id}-{M.w}.csv'))).toContain('"vision/walk/k3v9x2ab-3.csv"');
    expect(await harvested(subject, count('{NAEM}.csv'))).toBe(
      'Expected {NAEM} to be known of the run, but the run has none. Did you mean "NAME"?',
    );
    expect(await harvested(subject, count('{M}.csv'))).toContain('but that is no text and no number');
    expect(await harvested(subject, count('{__proto__}{constructor}.csv'))).toContain('the run has none');
  });

  it("are not comex's own, unless they are named", async () => {
    const subject = subjectWith({
      'experiment_extra.csv': 'a\n1\n',
      'code/data.csv': 'a\n1\n',
      'runs/child/e.csv': 'a\n1\n',
      'e.csv': 'a\n1\n',
    });
    expect(await harvested(subject, count('**/*.csv'))).toBe(1);
    expect(await harvested(subject, count('code/*.csv'))).toBe(1);
    expect(await harvested(subject, count('experiment_*.csv'))).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('are files: a folder or a pipe is refused, and not waited for', async () => {
    const subject = subjectWith({});
    mkdirSync(join(subject.run.path, 'folder.csv'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(subject.run.path, 'pipe.csv')]);
    for (const name of ['folder.csv', 'pipe.csv']) {
      expect(await harvested(subject, count(name))).toBe(
        `${name}: Expected a file, but it is a folder, a pipe or a device.`,
      );
    }
  });
});

describe('a file that is registered', () => {
  it('is told by path, size and hash, and not copied', async () => {
    const subject = subjectWith({ '../../../models/best.pt': 'weights' });
    const sha256 = createHash('sha256').update('weights').digest('hex');
    expect(await harvested(subject, { file: 'models/best.pt', in: 'project' })).toEqual({
      path: 'models/best.pt',
      bytes: 7,
      sha256,
    });
  });

  it('is exactly one', async () => {
    const files = { 'a.pt': '', 'b.pt': '' };
    expect(await taken(files, { file: '*.pt' })).toBe('Expected one file, got 2: a.pt, b.pt.');
  });

  it('may be of any size', async () => {
    const subject = subjectWith({});
    writeFileSync(join(subject.run.path, 'sparse.bin'), '');
    truncateSync(join(subject.run.path, 'sparse.bin'), 64 * 1024 * 1024);
    expect(await harvested(subject, { file: 'sparse.bin' })).toMatchObject({ bytes: 64 * 1024 * 1024 });
  });
});
