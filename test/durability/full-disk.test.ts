import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { fileProblems, lostAcks, readingProblems } from './check.ts';
import { Project } from './processes.ts';

const DISK = mkdtempSync(join(tmpdir(), 'comex-disk-'));
const reason = mountDisk();
if (reason !== undefined) console.warn(`No disk was filled, because none can be mounted here: ${reason}`);

/** Mounts a disk of 256 KB; says why when that is not possible. */
function mountDisk(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', DISK], { stdio: 'pipe', encoding: 'utf8' });
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').join(' ');
  }
}

afterAll(() => {
  if (reason === undefined) execFileSync('umount', [DISK]);
  rmSync(DISK, { recursive: true });
});

const HEAD = `import { rmSync, writeSync } from 'node:fs';
const ack = (...what: unknown[]): void => void writeSync(3, \`\${JSON.stringify(what)}\\n\`);
`;
/** Records until the disk is full, and does nothing about it. */
const FILLING = `${HEAD}export default (e: any) => {
  for (let i = 0; ; i++) {
    e.track('filling', i); ack('point', 'filling', i);
    e.trackMany({ 'many/a': i, 'many/b': 'x'.repeat(i % 50), 'many/c': i / 7 }); ack('point', 'many/c', i / 7);
    if (i % 10 === 0) { e.log('line', i, '.'); ack('log', \`line \${i} .\`); }
    if (i % 10 === 5) { e['a/last'] = i; ack('datum', 'a/last', i); }
    if (i % 10 === 7) { e.record('rows', { i }); ack('row', 'rows', { i }); }
  }
};`;
/** Waits on a full disk until there is room, and records the point that was refused again. */
const WAITING = `${HEAD}export default async (e: any) => {
  let refused = 0;
  for (let i = 0; i < 30_000 && refused < 3; i++) {
    if (i % 10 === 0) { e.log('line', i, '.'); ack('log', \`line \${i} .\`); }
    try { e.track('filling', i); ack('point', 'filling', i); } catch (error: any) {
      if (error.code !== 'E_STORAGE') throw error;
      refused++;
      e.log('while it was full'); ack('log', 'while it was full');
      rmSync(process.env.COMEX_BALLAST + '/' + refused);
      i--;
    }
  }
  return refused;
};`;
const FAILING = `${FILLING.replace(/for \(let i = 0; ; i\+\+\) \{/, 'for (let i = 0; ; i++) try {').replace(
  /\n {2}\}\n/,
  "\n  } catch { throw new RangeError('the error of the experiment itself'); }\n",
)}`;

describe.skipIf(reason !== undefined)('a disk that is really full', () => {
  const results = join(DISK, 'results');
  const words = ['run', 'experiments/main.ts', '--results', results];
  let project: Project;

  beforeEach(() => {
    rmSync(results, { recursive: true, force: true });
  });

  afterEach(() => project.remove());

  function onlyRun(): LoadedRun {
    const [name] = readdirSync(join(results, 'main'));
    return loadRun(join(results, 'main', name!));
  }

  it('ends a run that fills it with E_STORAGE, and everything acknowledged is there', async () => {
    project = new Project({ 'experiments/main.ts': FILLING });
    const { code, stderr, acks } = await project.start(words).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no space left on the device.*\(E_STORAGE\)/s)]);
    const run = onlyRun();
    expect(lostAcks(run, acks)).toEqual([]);
    expect(acks.length).toBeGreaterThan(1000);
    const counts = ['many/a', 'many/b', 'many/c'].map((name) => [...run.series(name)!.points()].length);
    expect(counts).toEqual(counts.map(() => counts[2]));
    expect(run.status).toBe('failed');
    expect(run.error).toMatchObject({ code: 'E_STORAGE', message: expect.stringContaining(run.path) as string });
    expect(run.log()).toMatch(/Storage: Cannot write .*\(ENOSPC\)/);
    expect([...fileProblems(results, 5), ...(await readingProblems(results))]).toEqual([]);
  });

  it('does not hide the error of the experiment itself', async () => {
    project = new Project({ 'experiments/main.ts': FAILING });
    const { code, stderr, acks } = await project.start(words).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('RangeError: the error of the experiment itself')]);
    const run = onlyRun();
    expect([run.status, run.error?.message]).toEqual(['failed', 'the error of the experiment itself']);
    expect(lostAcks(run, acks)).toEqual([]);
  });

  it('lets a run that waits for room go on, and the log says when it was full', async () => {
    const ballast = join(DISK, 'ballast');
    mkdirSync(ballast);
    for (const name of ['1', '2', '3']) writeFileSync(join(ballast, name), Buffer.alloc(24 * 1024));
    project = new Project({ 'experiments/main.ts': WAITING });
    const { code, stderr, acks } = await project.start(words, { env: { COMEX_BALLAST: ballast } }).ended;
    rmSync(ballast, { recursive: true });
    const run = onlyRun();
    expect([run.status, run.result]).toEqual(['done', 3]);
    expect(lostAcks(run, acks)).toEqual([]);
    expect(Array.from(run.series('filling')!.values)).toEqual(Array.from(run.series('filling')!.steps));
    expect(run.log()).toMatch(/Storage: Cannot write .*\(ENOSPC\).*Storage: .* can be written again/s);
    expect(stderr).toMatch(/^comex: Cannot write .*\(ENOSPC\)/);
    // The picture of the series may have found no room.
    expect([0, 1]).toContain(code);
  });

  it('refuses to begin a run, and nothing of it is left', async () => {
    project = new Project({ 'experiments/main.ts': 'export default () => 1;' });
    const ballast = join(DISK, 'ballast');
    try {
      for (let size = 2 ** 16; size >= 2 ** 12; size /= 2) {
        for (let room = true; room; ) {
          try {
            writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
          } catch {
            room = false;
          }
        }
      }
      const { code, stderr } = await project.start(words).ended;
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^comex: Cannot [^\n]*\(ENOSPC\)[^\n]*\(E_STORAGE\)\n$/),
      ]);
      expect(existsSync(join(results, 'main')) ? readdirSync(join(results, 'main')) : []).toEqual([]);
    } finally {
      rmSync(ballast);
    }
  });
});
