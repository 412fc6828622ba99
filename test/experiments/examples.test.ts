import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const minute = 60_000;
let archive: string;

beforeAll(() => {
  archive = mkdtempSync(join(tmpdir(), 'comex-examples-'));
});

afterAll(() => {
  rmSync(archive, { recursive: true, force: true });
});

interface FinishedRun {
  readonly path: string;
  readonly status: string;
  readonly result?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: what an example stored
  readonly results: any;
}

/** Runs an example as a user does. */
function runExample(name: string, ...words: readonly string[]): FinishedRun {
  return runProgram([join(root, 'dist/bin.js'), 'run', `experiments/${name}.ts`, ...words]);
}

function runProgram(words: readonly string[]): FinishedRun {
  const command = [...words, '--json', '--results', archive];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const run = JSON.parse(stdout) as FinishedRun;
  return { ...run, results: readJson(run, 'experiment_data.json').results };
}

// biome-ignore lint/suspicious/noExplicitAny: what an example stored
function readJson(run: FinishedRun, file: string): any {
  return JSON.parse(readFileSync(join(run.path, file), 'utf8'));
}

function readTable(run: FinishedRun, name: string): Record<string, number>[] {
  const lines = readFileSync(join(run.path, 'tables', `${name}.jsonl`), 'utf8').trim();
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line));
}

/** Width and height of a PNG file in the run folder. */
function pictureSize(run: FinishedRun, file: string): [number, number] {
  const bytes = readFileSync(join(run.path, file));
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

function expectPictures(run: FinishedRun, ...files: readonly string[]): void {
  for (const file of files) expect(Math.min(...pictureSize(run, file)), file).toBeGreaterThan(200);
}

describe('quickstart', () => {
  test('finds the line again, and draws it', () => {
    const run = runExample('quickstart', '--SLOPE', '-3', '--__SEED__', '1');
    expect(run.status).toBe('done');
    expect(run.results.recovered).toBe(true);
    expect(run.results.slope).toBeCloseTo(-3, 0);
    expectPictures(run, 'fit.png', 'plots/loss.png');
  });

  test('its tolerance follows the noise that was asked for', () => {
    const run = runExample('quickstart', '--NOISE', '0.001', '--__SEED__', '1');
    expect(readJson(run, 'experiment_meta.json').parameters.TOLERANCE.value).toBeCloseTo(
      0.005 * Math.sqrt(3 / 200),
      12,
    );
    expect(run.results.recovered).toBe(true);
    expect(run.results.intercept).toBeCloseTo(-1, 3);
  });

  test('is as long as a quickstart may be', () => {
    const lines = readFileSync(join(root, 'experiments/quickstart.ts'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThan(40);
  });
});

describe('digits', () => {
  test.each(['1', '2', '3'])(
    'reads at least 94 of 100 unseen digits (seed %s)',
    (seed) => {
      const run = runExample('digits', '--__SEED__', seed);
      expect(run.status).toBe('done');
      expect(run.results.accuracy).toBeGreaterThanOrEqual(0.94);
      expect(run.result).toBe(run.results.accuracy);
      expectPictures(run, 'confusion.png');
    },
    minute,
  );

  test(
    'the same seed gives the same accuracy, whichever way the model learns',
    () => {
      const words = ['--MODEL', 'linear', '--OPTIMIZER', 'sgd', '--EPOCHS', '5', '--__SEED__', '7'];
      const [first, second] = [runExample('digits', ...words), runExample('digits', ...words)];
      expect(first.results.accuracy).toBe(second.results.accuracy);
      expect(first.results.accuracy).toBeGreaterThan(0.85);
      expect(readJson(first, 'experiment_meta.json').parameters.LEARNING_RATE.value).toBe(0.1);
    },
    minute,
  );

  test(
    'its table of mistakes, its confusion matrix and its accuracy agree',
    () => {
      const run = runExample('digits', '--__TESTING__');
      const { counts } = readJson(run, 'confusion.json') as { counts: number[][] };
      const total = counts.flat().reduce((sum, count) => sum + count, 0);
      const right = counts.reduce((sum, row, label) => sum + row[label]!, 0);
      expect(total).toBe(449);
      expect(run.results.accuracy).toBe(right / total);
      expect(readTable(run, 'mistakes').length).toBe(total - right);
      expect(readFileSync(join(run.path, 'mistakes.txt'), 'utf8').match(/read as/g)?.length).toBe(total - right);
    },
    minute,
  );

  test(
    'its metadata identify the images that it read',
    () => {
      const run = runExample('digits', '--__TESTING__');
      expect(readJson(run, 'experiment_meta.json').inputs).toMatchObject([
        {
          path: 'experiments/data/digits.csv.gz',
          sha256: '46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a',
        },
      ]);
    },
    minute,
  );
});

describe('diffusion', () => {
  test.each(['1', '2', '3'])(
    'agrees with the formula within the statistical error (seed %s)',
    (seed) => {
      const run = runExample('diffusion', '--__SEED__', seed);
      expect(run.status).toBe('done');
      expect(run.results.agrees).toBe(true);
      expect(run.results.largestZ).toBeLessThan(5);
      expect(run.results.diffusion.measured / run.results.diffusion.expected).toBeCloseTo(1, 1);
      expectPictures(run, 'msd.png');
    },
    minute,
  );

  test(
    'notices a walker that the formula does not describe',
    () => {
      const rows = readTable(runExample('diffusion', '--__SEED__', '4'), 'msd');
      const wrong = rows.map(({ measured, error, time }) => (measured! - 400 * time!) / error!);
      expect(Math.max(...wrong.map(Math.abs))).toBeGreaterThan(50);
    },
    minute,
  );
});

describe('sorting', () => {
  test(
    'fits the growth of every sort to its times, all of them of right results',
    () => {
      const run = runExample('sorting');
      expect(run.status).toBe('done');
      // How fast they grow is for a person to look at: a busy machine moves every timing.
      const exponents = run.results.exponents as Record<string, number>;
      expect(Object.keys(exponents)).toEqual(['float64array', 'array', 'merge', 'insertion']);
      for (const [name, exponent] of Object.entries(exponents)) expect(exponent, name).toBeGreaterThan(0);
      expect(readTable(run, 'timings')).toHaveLength(3 * 8 + 4);
      expectPictures(run, 'sorting.png');
    },
    minute,
  );
});

test.each(['quickstart', 'digits', 'diffusion', 'sorting'])(
  '%s runs quickly with --__TESTING__',
  (name) => {
    const run = runExample(name, '--__TESTING__');
    const meta = readJson(run, 'experiment_meta.json');
    expect(meta).toMatchObject({ status: 'done', testing: true, namespace: name });
    expect(meta.description).toBeTruthy();
    expect(existsSync(join(run.path, 'code', 'experiments', `${name}.ts`))).toBe(true);
  },
  minute,
);

test.each(['digits', 'diffusion', 'sorting'])('%s also runs as a program of its own', (name) => {
  const run = runProgram(['--import', 'tsx', `experiments/${name}.ts`, '--__TESTING__']);
  expect(readJson(run, 'experiment_meta.json')).toMatchObject({ status: 'done', testing: true, namespace: name });
});
