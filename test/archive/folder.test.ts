import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimFolder, plannedFolder } from '../../src/archive/folder.ts';
import { temporaryFolder, thrown, write, writeRun } from './run-folder.ts';

const now = new Date(2026, 0, 5, 7, 8, 9);
let results: string;

beforeEach(() => {
  results = join(temporaryFolder(), 'results');
});

function claim(changes: Partial<Parameters<typeof claimFolder>[0]> = {}) {
  return claimFolder({ results, namespace: 'vision/digits', prefix: '', debug: false, now, ...changes });
}

test('a claim makes an empty folder named by the local time and a new id', () => {
  const { id, name, path } = claim();
  expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/);
  expect(name).toBe(`2026-01-05__07-08-09__${id}`);
  expect(path).toBe(join(results, 'vision', 'digits', name));
  expect(readdirSync(path)).toEqual([]);
});

test('a prefix goes before the name', () => {
  const { id, name } = claim({ prefix: 'first try' });
  expect(name).toBe(`first try__2026-01-05__07-08-09__${id}`);
});

test('the planned folder is where a claim would be, and nothing is made', () => {
  const request = { results, namespace: 'a', prefix: 'p', debug: false, now };
  expect(plannedFolder(request)).toBe(join(results, 'a', 'p__2026-01-05__07-08-09__xxxxxxxx'));
  expect(plannedFolder({ ...request, debug: true })).toBe(join(results, 'a', 'debug'));
  expect(thrown(() => readdirSync(results)).code).toBe('ENOENT');
});

test.each(['../x', 'a/b', 'a\\b', 'nul\0', '.trash', 'a:b', 'what?', 'a\nb', 'x'.repeat(250), '/abs'])(
  'the prefix %j is refused',
  (prefix) => {
    expect(thrown(() => claim({ prefix })).code).toBe('E_NAME');
    expect(thrown(() => readdirSync(results)).code).toBe('ENOENT');
  },
);

test.each(['', '..', 'a/../b', '/a', 'a//b', 'a/', 'con', 'a\\b', '.trash/a', '.comex', 'x/.trash-1', 'x'.repeat(300)])(
  'the namespace %j is refused',
  (namespace) => {
    expect(thrown(() => claim({ namespace })).code).toBe('E_NAME');
  },
);

test('a results folder is made, but not the folder above it: that is a typo', () => {
  expect(claim().path).toContain(results);
  const typo = join(results, 'none', 'results');
  expect(thrown(() => claim({ results: typo }))).toMatchObject({
    code: 'E_FILE',
    message: expect.stringContaining(typo),
  });
});

test('a file in place of a folder is a storage error', () => {
  write(results, 'vision', '');
  expect(thrown(() => claim()).code).toBe('E_STORAGE');
});

test('many processes at once get a folder each', async () => {
  const racers = new Racers(4, 50, false);
  await racers.ready();
  const outcomes = await racers.go();
  await racers.end();
  expect(new Set(outcomes.flatMap(({ paths }) => paths)).size).toBe(200);
  expect(readdirSync(join(results, 'race'))).toHaveLength(200);
}, 60_000);

describe('debug', () => {
  const debug = () => claim({ debug: true });
  const folder = () => join(results, 'vision', 'digits', 'debug');

  test('uses one folder, replacing what an ended debug run left', () => {
    const first = debug();
    expect(first).toMatchObject({ name: 'debug', path: folder() });
    writeRun(first.path, { id: first.id, debug: true, status: 'failed' });
    write(first.path, 'old.txt', 'x');
    const second = debug();
    expect(second.id).not.toBe(first.id);
    expect(readdirSync(folder())).toEqual([]);
    expect(readdirSync(join(results, 'vision', 'digits'))).toEqual(['debug']);
  });

  test('replaces a debug run that was killed', () => {
    writeRun(folder(), { debug: true, status: 'running' }, { processStart: '1' });
    debug();
    expect(readdirSync(folder())).toEqual([]);
  });

  test('is refused while a debug run is alive, naming its process', () => {
    writeRun(folder(), { debug: true, status: 'running' }, { attempt: 1 });
    const error = thrown(debug);
    expect(error.code).toBe('E_RUN_BUSY');
    expect(error.message).toContain(`process ${process.pid} on `);
    expect(readdirSync(folder())).toContain('attempts');
  });

  test.each([
    ['a run that is no debug run', () => writeRun(folder(), { debug: false, status: 'done' })],
    ["a user's own files", () => write(folder(), 'thesis.tex', 'x')],
    ['damaged metadata', () => write(folder(), 'experiment_meta.json', '{')],
    ['nothing yet, since a run is just beginning in it', () => mkdirSync(folder(), { recursive: true })],
  ])('never replaces a folder that holds %s', (_what, make) => {
    make();
    const before = readdirSync(folder());
    expect(thrown(debug)).toMatchObject({ code: 'E_RUN_BUSY', message: expect.stringContaining(folder()) });
    expect(readdirSync(folder())).toEqual(before);
  });

  test('takes over a folder that a process left empty long ago, and a lock', () => {
    mkdirSync(folder(), { recursive: true });
    utimesSync(folder(), 0, 0);
    debug();
    writeRun(folder(), { debug: true, id: 'abcdefgh' });
    const lock = join(results, 'vision', 'digits', '.trash-debug-abcdefgh');
    mkdirSync(lock);
    expect(thrown(debug).code).toBe('E_RUN_BUSY');
    utimesSync(lock, 0, 0);
    debug();
    expect(readdirSync(join(results, 'vision', 'digits'))).toEqual(['debug']);
  });

  test('of many processes that replace the folder at once exactly one succeeds', async () => {
    const racers = new Racers(4, 1, true);
    await racers.ready();
    for (let round = 0; round < 50; round++) {
      writeRun(join(results, 'race', 'debug'), { debug: true, id: `round${round}` });
      const outcomes = await racers.go();
      expect(outcomes.map(({ paths }) => paths.length).sort()).toEqual([0, 0, 0, 1]);
      expect(outcomes.flatMap(({ codes }) => codes)).toEqual(Array(3).fill('E_RUN_BUSY'));
      expect(readdirSync(join(results, 'race', 'debug'))).toEqual([]);
    }
    await racers.end();
    expect(readdirSync(join(results, 'race'))).toEqual(['debug']);
  }, 60_000);
});

interface Outcome {
  readonly paths: readonly string[];
  readonly codes: readonly string[];
}

/** Processes that are started once, and claim all at the same time whenever they are told to. */
class Racers {
  readonly #children: ChildProcessWithoutNullStreams[];

  constructor(count: number, claims: number, debug: boolean) {
    const module = fileURLToPath(new URL('../../src/archive/folder.ts', import.meta.url));
    const request = JSON.stringify({ results, namespace: 'race', prefix: '', debug });
    const program = `
      const { claimFolder } = await import(${JSON.stringify(module)});
      process.stdin.on('data', () => {
        const paths = [], codes = [];
        for (let i = 0; i < ${claims}; i++) {
          try { paths.push(claimFolder({ ...${request}, now: new Date(0) }).path); } catch (error) { codes.push(error.code); }
        }
        process.stdout.write(JSON.stringify({ paths, codes }) + '\\n');
      });
      process.stdin.on('end', () => process.exit());
      process.stdout.write('ready\\n');`;
    mkdirSync(results, { recursive: true });
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    this.#children = Array.from({ length: count }, () => spawn(process.execPath, args));
  }

  async ready(): Promise<void> {
    await this.#lines();
  }

  async go(): Promise<Outcome[]> {
    const lines = this.#lines();
    for (const child of this.#children) child.stdin.write('go\n');
    return (await lines).map((line) => JSON.parse(line) as Outcome);
  }

  async end(): Promise<void> {
    const ended = this.#children.map((child) => once(child, 'close'));
    for (const child of this.#children) child.stdin.end();
    await Promise.all(ended);
  }

  /** The next line of each. */
  #lines(): Promise<string[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        let line = '';
        while (!line.endsWith('\n')) line += String((await once(child.stdout, 'data'))[0]);
        return line;
      }),
    );
  }
}
