import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listArtifacts } from '../../src/archive/artifacts.ts';
import { logFile } from '../../src/archive/layout.ts';
import { readLog } from '../../src/archive/log.ts';
import { readTable, scanTable, tableNames } from '../../src/archive/tables.ts';
import { encode } from '../../src/codec/json.ts';
import { encodeName } from '../../src/codec/names.ts';
import { temporaryFolder, thrown, write, writeRun } from './run-folder.ts';

describe('tables', () => {
  const writeTable = (folder: string, name: string, lines: readonly unknown[]): void => {
    const texts = lines.map((line) => (typeof line === 'string' ? line : encode(line)));
    write(folder, `tables/${encodeName(name)}.jsonl`, texts.join('\n'));
  };

  test('rows come back in order, and a damaged one costs that row', () => {
    const folder = temporaryFolder();
    writeTable(folder, 'cases', [{ n: 1, loss: Number.NaN }, '{"n":', { n: 2 }, '{"n":3']);
    expect(readTable(folder, 'cases')).toEqual([{ n: 1, loss: Number.NaN }, { n: 2 }]);
    expect(scanTable(folder, 'cases', () => {})).toEqual({ damaged: 1 });
  });

  test('names are those that were recorded under, whatever their files are called', () => {
    const folder = temporaryFolder();
    const names = ['cases', 'F1', 'a/b', 'a_b', 'con', 'naïve 表', '__proto__', 'x.y', '\ud800'];
    for (const name of names) writeTable(folder, name, [{ name }]);
    write(folder, 'tables/notes.txt', 'no table');
    expect(tableNames(folder)).toEqual([...names].sort());
    for (const name of names) expect(readTable(folder, name)).toEqual([{ name }]);
  });

  test('a table with a very long name goes by the name of its file, and is found by both', () => {
    const folder = temporaryFolder();
    const long = 'x'.repeat(300);
    writeTable(folder, long, [{ n: 1 }]);
    const [name] = tableNames(folder) as [string];
    expect(name).toBe(encodeName(long));
    expect(readTable(folder, name)).toEqual([{ n: 1 }]);
    expect(readTable(folder, long)).toEqual([{ n: 1 }]);
  });

  test('a table that does not exist has no rows, also by a name that leads elsewhere', () => {
    const folder = temporaryFolder();
    write(folder, 'secret.jsonl', '{"n":1}\n');
    mkdirSync(join(folder, 'tables'));
    expect([readTable(folder, 'none'), readTable(folder, '../secret'), tableNames(temporaryFolder())]).toEqual([
      [],
      [],
      [],
    ]);
  });

  test('a table that cannot be read is a storage error', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tables', 'cases.jsonl'), { recursive: true });
    expect(thrown(() => readTable(folder, 'cases')).code).toBe('E_STORAGE');
    write(folder, 'other/tables', '');
    expect(thrown(() => tableNames(join(folder, 'other'))).code).toBe('E_STORAGE');
  });
});

describe('the log', () => {
  test('is that of all attempts in order, each from a new line on', () => {
    const folder = temporaryFolder();
    write(folder, logFile(10), 'tenth\n');
    write(folder, logFile(1), 'first\ntorn');
    write(folder, logFile(2), 'second\n');
    write(folder, 'experiment_log.2.bak.txt', 'not a log');
    expect(readLog(folder)).toBe('first\ntorn\nsecond\ntenth\n');
  });

  test('is empty when nothing was logged', () => {
    expect(readLog(temporaryFolder())).toBe('');
  });

  test('that cannot be read is a storage error', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, logFile(1)));
    expect(thrown(() => readLog(folder)).code).toBe('E_STORAGE');
    expect(thrown(() => readLog(join(folder, 'none'))).code).toBe('E_STORAGE');
  });
});

describe('artifacts', () => {
  test('are the files that comex does not own, sorted, with their sizes', () => {
    const folder = writeRun(temporaryFolder(), {}, { attempt: 1 });
    for (const own of [
      'code/a.ts',
      'plots/x.png',
      'media/a/1.png',
      'runs/x/y',
      'tables/a.jsonl',
      'checkpoints/1',
      '.comex/index',
      'analysis.ts',
      'experiment_log.txt',
      '.12-abc-0.tmp',
    ]) {
      write(folder, own, 'own');
    }
    write(folder, 'plot.png', '12345');
    write(folder, 'deep/er/code/experiment_x.json', '1');
    write(folder, 'deep/.12-abc-0.tmp', 'half');
    write(folder, 'Z.txt', '');
    expect(listArtifacts(folder)).toEqual([
      { path: 'Z.txt', bytes: 0 },
      { path: 'deep/er/code/experiment_x.json', bytes: 1 },
      { path: 'plot.png', bytes: 5 },
    ]);
  });

  test('links that leave the folder, loop or lead to what comex owns are passed over', () => {
    const outside = temporaryFolder();
    write(outside, 'secret.txt', 'secret');
    const folder = writeRun(temporaryFolder());
    write(folder, 'models/step5.bin', '123');
    const links: [string, string][] = [
      [join(outside, 'secret.txt'), 'outside.txt'],
      [outside, 'outside'],
      ['..', 'up'],
      ['.', 'self'],
      ['../../..', 'models/loop'],
      ['circle', 'circle'],
      ['nowhere', 'broken'],
      ['experiment_meta.json', 'meta.json'],
      ['models', 'also'],
      ['models/step5.bin', 'best.bin'],
    ];
    for (const [target, name] of links) symlinkSync(target, join(folder, name));
    expect(listArtifacts(folder)).toEqual([
      { path: 'best.bin', bytes: 3 },
      { path: 'models/step5.bin', bytes: 3 },
    ]);
  });

  test('of a folder that is gone are a storage error', () => {
    expect(thrown(() => listArtifacts(join(temporaryFolder(), 'none'))).code).toBe('E_STORAGE');
  });
});
