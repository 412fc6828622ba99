import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mountDisk, unmountDisk } from '../fault/disk.ts';
import { editJson, fingerprint, ReproduceProject, temporaryFiles } from './reproducing.ts';

/** Says on the disk that it is run. */
const LOUD = `
import { appendFileSync } from 'node:fs';
export const N = 1;
export const API_KEY = process.env.SOME_KEY ?? '';
export const CALL = (x) => x;
export default async function experiment(e) {
  if (process.env.LOUD) appendFileSync(process.env.LOUD, 'ran\\n');
  if (process.env.SLOW) { console.log('waiting'); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
  e['results/key'] = API_KEY.length;
}
`;

function project(files: Readonly<Record<string, string>> = {}): ReproduceProject {
  return new ReproduceProject({ 'experiments/loud.ts': LOUD, ...files });
}

describe('what cannot be reproduced', () => {
  it('is refused in a sentence, before anything is run', () => {
    const user = project();
    const { run } = user.run('loud', ['--N', '2']);
    const mark = join(user.temporary, 'mark');
    const meta = join(run.path, 'experiment_meta.json');
    const whole = readFileSync(meta, 'utf8');
    const refusal = (change: (meta: Record<string, unknown>) => void, words: readonly string[] = []): string => {
      editJson(meta, change);
      const before = fingerprint(user.root);
      const { status, stdout, stderr } = user.reproduce([run.path, ...words], { LOUD: mark });
      expect([status, stdout, existsSync(mark)]).toEqual([2, '', false]);
      expect(fingerprint(user.root)).toBe(before);
      writeFileSync(meta, whole);
      return stderr;
    };
    expect(refusal((record) => Object.assign(record, { status: 'interrupted' }))).toBe(
      `comex: Expected a run that came to its own end, but ${run.id} is interrupted: how far it came is no matter of its code. Run it anew: comex run experiments/loud.ts --from ${run.id}. (E_USAGE)\n`,
    );
    expect(refusal((record) => Object.assign(record, { adopted: { from: '/old/results/x' } }))).toBe(
      `comex: Expected a run of comex, but ${run.id} was adopted from /old/results/x: it has no code that could be run again. Repeat it with the program that made it. (E_EXPERIMENT)\n`,
    );
    expect(refusal((record) => delete record['snapshot'])).toContain('it has no snapshot.');
    expect(refusal((record) => delete record['seed'])).toContain('to name the module and the seed of the run.');
    expect(refusal((record) => Object.assign(record, { module: '../../../etc/x.ts' }))).toContain('(E_FILE)');
    expect(refusal((record) => Object.assign(Object(record['snapshot']), { folder: '../../../..' }))).toContain(
      'it has no snapshot.',
    );
    expect(
      refusal((record) => Object.assign(Object(record['parameters']).API_KEY, { redacted: true, given: '[redacted]' })),
    ).toBe(
      'comex: API_KEY of that run is a secret that was given, and not kept. Give it again: --API_KEY=... (E_PARAMETER_MISSING)\n',
    );
    expect(
      refusal((record) => Object.assign(Object(record['parameters']).CALL, { given: { $function: '() => 1' } })),
    ).toContain('CALL of that run was given as a function');
    rmSync(join(run.path, 'code/experiments/loud.ts'));
    expect(refusal(() => {})).toMatch(
      /but experiments\/loud\.ts is missing in .+code\. Today's code is run with --code today\./,
    );
    expect(user.reproduced([run.path, '--code', 'today'])).toMatchObject({ identical: true });
    rmSync(join(run.path, 'code'), { recursive: true });
    expect(refusal(() => {})).toContain('it has no snapshot.');
    rmSync(join(user.root, 'experiments/loud.ts'));
    expect(refusal(() => {}, ['--code', 'today'])).toMatch(/Expected today's module of the run at .+, found none/);
  });

  it('is a run that goes on', async () => {
    const user = project();
    const child = user.start(['run', 'loud'], { SLOW: '1' });
    try {
      await new Promise((resolve) => child.stdout.on('data', (text) => String(text).includes('waiting') && resolve(0)));
      const { status, stderr } = user.reproduce(['latest']);
      expect(stderr).toMatch(
        /Expected a run that is over, but of \w+ it is said: .*alive.*Wait for its end\. \(E_RUN_BUSY\)/,
      );
      expect(status).toBe(2);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.on('close', resolve));
    }
    expect(user.reproduce(['latest']).stderr).toMatch(/Expected a run that came to its own end, but \w+ is killed \(/);
  });

  it('is named when words are wrong', () => {
    const user = project();
    user.run('loud');
    const sentence = (...words: string[]): string => {
      const { status, stdout, stderr } = user.reproduce(words);
      expect([status, stdout]).toEqual([2, '']);
      return stderr;
    };
    expect(sentence()).toMatch(/^comex: Expected RUN: comex reproduce RUN/);
    expect(sentence('loud', 'loud')).toContain('Expected one RUN, got also "loud".');
    expect(sentence('lout')).toContain('Did you mean "loud"?');
    expect(sentence('loud', '--env-only')).toMatch(/Unknown arguments?: .*env-only/);
    expect(sentence('loud', '--code', 'yesterday')).toMatch(/Choices: "snapshot", "today"/);
    expect(sentence('loud', '--no-N=1')).toContain('Expected --no-N without a value.');
    expect(user.comex(['reproduce', '--help']).stdout).toContain('comex reproduce RUN [--NAME value]...');
  });
});

describe('secrets', () => {
  it('are given again, shown nowhere, and are no difference', () => {
    const user = project();
    const { run } = user.run('loud', ['--API_KEY', 'geheim-1']);
    const { identical, changed, reproduction, printed } = user.reproduced([run.id, '--API_KEY', 'geheim-1', '--keep']);
    expect(identical).toBe(true);
    expect(changed).toEqual([{ part: 'parameters', name: 'API_KEY', note: 'a secret, given again' }]);
    expect(printed.stdout + printed.stderr).not.toContain('geheim');
    const meta = readFileSync(join(reproduction.path!, 'experiment_meta.json'), 'utf8');
    expect(meta).not.toContain('geheim');
    expect(JSON.parse(meta)).toMatchObject({ argv: ['reproduce', run.id, '--API_KEY=[redacted]'] });
    expect((JSON.parse(meta) as { redacted: string[] }).redacted).toContain('argv.2');
  });
});

describe('inputs', () => {
  const READS = `
    import { statSync } from 'node:fs';
    export default function experiment(e) { e['results/size'] = statSync(e.input('data/large.bin')).size; }
  `;
  const LARGE = 'x'.repeat(10 * 1024 * 1024 + 1);

  it('that were too large to be copied are read where they are, when they are the same', () => {
    const user = project({ 'experiments/reads.ts': READS, 'data/large.bin': LARGE });
    const { run } = user.run('reads');
    expect(run.meta.inputs[0]).not.toHaveProperty('copy');
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, changed: [] });
    truncateSync(join(user.root, 'data/large.bin'), 5);
    const refused = user.reproduce([run.id]);
    expect(refused.stderr).toMatch(
      /^comex: Expected the input data\/large\.bin of the run .+; no copy was kept\), found another at .+ What there is now is read with --inputs today\. \(E_FILE\)\n$/,
    );
    expect(refused.status).toBe(2);
    const { changed, differences } = user.reproduced([run.id, '--inputs', 'today']);
    expect(changed).toMatchObject([{ part: 'inputs', name: 'data/large.bin', note: 'the file of today is read' }]);
    expect(differences.map(({ name }) => name)).toEqual(['results/size', 'data/large.bin']);
    rmSync(join(user.root, 'data/large.bin'));
    const { status, stderr } = user.reproduce([run.id]);
    expect(stderr).toMatch(
      /^comex: Expected the input data\/large\.bin of the run \(10485761 bytes, sha256 .+, found none\. Put it there\. \(E_FILE\)\n$/,
    );
    expect(status).toBe(2);
  });

  it('that were too large to be copied are not changed by code that writes to them', () => {
    const user = project({
      'experiments/appends.ts': `
        import { appendFileSync, statSync } from 'node:fs';
        export default function experiment(e) {
          const path = e.input('data/large.bin');
          e['results/size'] = statSync(path).size;
          appendFileSync(path, 'more');
        }`,
      'data/large.bin': LARGE,
    });
    const { run } = user.run('appends');
    const original = join(user.root, 'data/large.bin');
    truncateSync(original, LARGE.length);
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, changed: [] });
    expect(statSync(original).size).toBe(LARGE.length);
  });

  it('for which there is no room are named, and where there may be', ({ skip }) => {
    const user = project({ 'experiments/reads.ts': READS, 'data/large.bin': LARGE });
    const { run } = user.run('reads');
    const disk = mountDisk();
    try {
      if (disk === undefined) return skip('only root can mount a disk');
      const { status, stderr } = user.reproduce([run.id], { TMPDIR: disk });
      expect(stderr).toBe(
        `comex: Cannot copy ${user.root}/data/large.bin into the temporary folder: no space left there (ENOSPC). Set TMPDIR to a folder on a disk with more space. (E_STORAGE)\n`,
      );
      expect([status, temporaryFiles(disk)]).toEqual([1, []]);
    } finally {
      unmountDisk(disk);
    }
  });

  it('that lie outside of the project are found by relative paths', () => {
    const user = new ReproduceProject({
      'inner/package.json': '{ "name": "inner", "type": "module" }',
      'inner/experiments/reads.ts': READS.replace('data/large.bin', '../shared/points.csv'),
      'inner/experiments/imports.ts': `import { a } from '../../shared/a.ts'; export default () => a;`,
      'shared/points.csv': 'x',
      'shared/a.ts': 'export const a = 1;',
    });
    const inner = join(user.root, 'inner');
    const run = (name: string): string => {
      const { stdout, stderr } = user.comex(['run', name, '--json'], { cwd: inner });
      return (JSON.parse(stdout || stderr) as { path: string }).path;
    };
    const reads = run('reads');
    rmSync(join(user.root, 'shared/points.csv'));
    expect(user.reproduced([reads], {}, inner).identical).toBe(true);
    const imports = run('imports');
    const { identical, changed } = user.reproduced([imports], {}, inner);
    expect(identical).toBe(true);
    expect(changed).toMatchObject([
      { part: 'code', name: '../shared/a.ts', recorded: 'not kept: outside the project' },
    ]);
    rmSync(join(user.root, 'shared/a.ts'));
    const { status, stderr } = user.reproduce([imports], {}, inner);
    expect(stderr).toMatch(/Expected \.\.\/shared\/a\.ts, which the run imports and did not keep .+, found none/);
    expect(status).toBe(2);
  });

  it('that no e.input named are taken from the project, in a copy, and named', () => {
    const user = project({
      'experiments/quiet.ts': `
        import { readFileSync, appendFileSync } from 'node:fs';
        export default function experiment() {
          const text = readFileSync('data/quiet.txt', 'utf8');
          appendFileSync('data/quiet.txt', 'more');
          return text.length;
        }`,
      'data/quiet.txt': 'four',
    });
    const { run } = user.run('quiet');
    expect(run.result).toBe(4);
    user.write({ 'data/quiet.txt': 'four' });
    const { identical, changed } = user.reproduced([run.id]);
    expect(identical).toBe(true);
    expect(changed).toMatchObject([
      {
        part: 'code',
        name: 'data/quiet.txt',
        recorded: 'not kept: named in the code, not copied',
        note: 'the file of today is used',
      },
    ]);
    expect(user.read('data/quiet.txt')).toBe('four');
  });
});

describe('packages', () => {
  const USES = `import { one } from 'one'; export default () => one;`;
  const ONE = {
    'package.json': '{ "name": "one", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'index.js': 'export const one = 1;',
  };
  const within = (folder: string): Record<string, string> =>
    Object.fromEntries(Object.entries(ONE).map(([name, text]) => [`${folder}/${name}`, text]));

  it('are no code of the project, wherever they lie, and are used where they are installed', () => {
    const user = project({ 'experiments/uses.ts': USES });
    user.write(within('experiments/node_modules/one'));
    const { run } = user.run('uses');
    expect(readdirSync(join(run.path, 'code/experiments'))).toEqual(['uses.ts']);
    const { identical, changed } = user.reproduced([run.id]);
    expect([identical, changed]).toEqual([true, []]);
    rmSync(join(user.root, 'experiments/node_modules'), { recursive: true });
    user.write(within('node_modules/one'));
    expect(user.reproduced([run.id]).identical).toBe(true);
  });

  it('that are links to folders elsewhere are named, since no version tells their code', () => {
    const user = project({
      'experiments/uses.ts': USES,
      'package.json': '{ "name": "p", "type": "module", "dependencies": { "one": "*" } }',
    });
    user.write(within('packages/one'));
    symlinkSync(join(user.root, 'packages/one'), join(user.root, 'node_modules/one'));
    const { run } = user.run('uses');
    const { identical, changed } = user.reproduced([run.id]);
    expect(identical).toBe(true);
    expect(changed).toEqual([
      {
        part: 'packages',
        name: 'one',
        note: `linked to ${user.root}/packages/one: its code was not kept, and is what it is today`,
      },
    ]);
  });

  it('are installed from the lock file of the run with --install, and a failure of npm is told', () => {
    const manifest = '{ "name": "p", "version": "1.0.0", "type": "module" }';
    const lock =
      '{ "name": "p", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": { "": { "name": "p", "version": "1.0.0" } } }';
    const user = project({ 'package.json': manifest, 'package-lock.json': lock });
    const { run } = user.run('loud');
    const installed = user.reproduced([run.id, '--install']);
    expect(installed).toMatchObject({ identical: true, changed: [], packages: 'installed' });
    writeFileSync(
      join(run.path, 'code/package.json'),
      manifest.replace('}', ', "dependencies": { "gone": "1.0.0" } }'),
    );
    const failed = user.reproduce([run.id, '--install']);
    expect(failed.stderr).toMatch(
      /comex: npm ci exited with 1: the packages of the run cannot be installed, so nothing was run\..+\(E_EXEC\)\n$/,
    );
    expect([failed.status, failed.stdout]).toEqual([1, '']);
    writeFileSync(join(run.path, 'code/package.json'), manifest);
    rmSync(join(run.path, 'code/package-lock.json'));
    const refused = user.reproduce([run.id, '--install']);
    expect(refused.stderr).toContain(
      'Expected the run to have kept a package-lock.json for --install, but it has no lock file.',
    );
    expect(refused.status).toBe(2);
  });
});

describe('a reproduction', () => {
  it('calls no plugins', () => {
    const user = project({
      'comex.config.json': '{ "plugins": ["./loud-plugin.mjs", "tensorboard"], "results": "out/runs" }',
      'loud-plugin.mjs': `import { appendFileSync } from 'node:fs';
        export default () => ({ beforeRun() { if (process.env.LOUD) appendFileSync(process.env.LOUD, 'plugin'); } });`,
      'experiments/tracks.ts': `export default (e) => e.track('x', 1);`,
      'out/keep': '',
    });
    const { run } = user.run('tracks');
    expect(run.artifacts.map(({ path }) => path.replace(/\/.*/, ''))).toEqual(['tensorboard']);
    const mark = join(user.temporary, 'mark');
    const { identical, changed } = user.reproduced([run.id], { LOUD: mark });
    expect(identical).toBe(true);
    expect(changed).toMatchObject([{ part: 'environment', name: 'plugins' }]);
    expect(existsSync(mark)).toBe(false);
  });

  it('is made of a strict run where there is no repository, and says where the commit is', () => {
    const user = project({
      'package-lock.json': '{ "lockfileVersion": 3, "packages": {} }',
      '.gitignore': 'results/\nnode_modules\n',
    });
    const git = (...words: string[]): number | null =>
      spawnSync('git', ['-C', user.root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { stdio: 'ignore' })
        .status;
    expect([git('init', '-q'), git('add', '.'), git('commit', '-q', '-m', 'first')]).toEqual([0, 0, 0]);
    const { run } = user.run('loud', ['--__REPRODUCIBLE__', '--__SEED__', '1']);
    expect(run.status).toBe('done');
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, changed: [] });
    user.write({ 'experiments/loud.ts': `${LOUD}// changed\n` });
    expect(git('commit', '-q', '-a', '-m', 'second')).toBe(0);
    const { identical, changed } = user.reproduced([run.id, '--keep']);
    expect(identical).toBe(true);
    expect(changed).toMatchObject([
      { part: 'code', name: 'project' },
      { part: 'git', name: 'commit', recorded: run.meta.git!.commit!.slice(0, 7), note: 'the snapshot holds the code' },
    ]);
    rmSync(join(user.root, '.git'), { recursive: true });
    expect(user.reproduced([run.id]).changed).toMatchObject([
      { part: 'code', name: 'project' },
      { part: 'git', note: 'no repository is there; the snapshot holds the code' },
    ]);
  });

  it('compares what was harvested at the end, and not what was harvested later', () => {
    const user = project({
      'experiments/evaluates.ts': `
        export const harvest = { 'results/score': { csv: 'scores.csv', column: 'score', take: 'mean' } };
        export default async (e) => { await e.commitRaw('scores.csv', 'score\\n1\\n2\\n'); };`,
    });
    const { run } = user.run('evaluates');
    expect(run.get('results/score')).toBe(1.5);
    expect(user.reproduced([run.id])).toMatchObject({ identical: true, changed: [] });
    const note = {
      at: '2026-01-31T12:00:00.000Z',
      by: 'comex harvest',
      kind: 'harvest',
      values: { 'results/more': 3 },
    };
    appendFileSync(join(run.path, 'experiment_notes.jsonl'), `${JSON.stringify({ ...note, source: null })}\n`);
    expect(user.reproduced([run.id]).identical).toBe(true);
  });

  it('ends with a signal, its run with it, and leaves nothing', async () => {
    const user = project();
    const { run } = user.run('loud');
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = user.start(['reproduce', run.id], { SLOW: '1', TMPDIR: user.temporary });
      let said = '';
      const waiting = new Promise((resolve) =>
        child.stderr.on('data', (text) => {
          said += String(text);
          if (said.includes('waiting')) resolve(0);
        }),
      );
      await waiting;
      child.kill(signal);
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(code).toBe(status);
      expect(said).toContain(`comex: The reproduction was ended by ${signal}; nothing was kept. (E_INTERRUPTED)`);
      expect(temporaryFiles(user.temporary)).toEqual([]);
    }
    expect(user.runs('loud')).toHaveLength(1);
  });

  it('can be made beside others of the same run', async () => {
    const user = project();
    const { run } = user.run('loud');
    const codes = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = user.start(['reproduce', run.id, '--keep', '--quiet'], { TMPDIR: user.temporary });
        return await new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(user.runs('loud')).toHaveLength(4);
    expect(temporaryFiles(user.temporary)).toEqual([]);
  });
});
