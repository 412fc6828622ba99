import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { META_FILE } from '../../src/archive/layout.ts';
import { readMeta } from '../../src/archive/read-meta.ts';
import { encode } from '../../src/codec/json.ts';
import { metaOf, temporaryFolder, thrown, write, writeRun } from './run-folder.ts';

test('metadata are read back as they were written, with numbers that JSON lacks', () => {
  const parameters = { RATE: { value: Number.NaN, source: 'given' }, LIMIT: { value: 10n, source: 'default' } };
  const changes = { parameters, result: { best: Number.POSITIVE_INFINITY }, tags: ['a'] };
  const folder = writeRun(temporaryFolder(), changes);
  expect(readMeta(folder)).toEqual(metaOf(changes));
});

test('metadata of PyComex are called that, also with words that JSON lacks', () => {
  for (const value of ['1', 'NaN']) {
    const folder = temporaryFolder();
    write(folder, META_FILE, `{"start_time": 1763371200, "parameters": {"A": {"value": ${value}}}}`);
    expect(thrown(() => readMeta(folder)).message).toMatch(/it is of PyComex\. "comex adopt" makes a run of it/);
  }
  const folder = temporaryFolder();
  write(folder, META_FILE, '{"start_time": 1763371200, ');
  expect(thrown(() => readMeta(folder)).message).toMatch(/it is no JSON/);
});

test('fields that are not known do no harm', () => {
  const folder = temporaryFolder();
  write(folder, META_FILE, encode({ ...metaOf(), future: { a: 1 } }));
  expect(readMeta(folder).id).toBe('k3v9x2ab');
});

test('a field of the wrong type is taken as missing', () => {
  const folder = temporaryFolder();
  write(
    folder,
    META_FILE,
    encode({ ...metaOf(), tags: 'none', parameters: { A: 3, B: { value: 1 } }, endedAt: 'soon', namespace: 5 }),
  );
  const meta = readMeta(folder);
  expect(meta.tags).toEqual([]);
  expect(meta.parameters).toEqual({ B: { value: 1 } });
  expect(meta).not.toHaveProperty('endedAt');
  expect(meta.namespace).toBe('');
});

test('a parent is kept, and one without a usable id is dropped', () => {
  expect(readMeta(writeRun(temporaryFolder(), { parent: { id: 'abcdefgh' } })).parent).toEqual({ id: 'abcdefgh' });
  expect(readMeta(writeRun(temporaryFolder(), { parent: { id: '../x' } }))).not.toHaveProperty('parent');
});

test('a folder without metadata is no run', () => {
  const folder = temporaryFolder();
  expect(thrown(() => readMeta(folder))).toMatchObject({
    code: 'E_RUN_NOT_FOUND',
    message: expect.stringContaining(folder),
  });
  expect(thrown(() => readMeta(join(folder, 'none')))).toMatchObject({ code: 'E_RUN_NOT_FOUND' });
  expect(thrown(() => readMeta(join(write(folder, 'file', ''), 'below')))).toMatchObject({ code: 'E_RUN_NOT_FOUND' });
});

test('metadata of a newer format are refused with the advice to update', () => {
  const folder = writeRun(temporaryFolder(), { format: 2 });
  const error = thrown(() => readMeta(folder));
  expect(error.code).toBe('E_RUN_FORMAT');
  expect(error.message).toContain('has format 2, and this comex reads formats up to 1');
});

test.each([
  ['nothing', ''],
  ['half of it', encode(metaOf()).slice(0, 100)],
  ['no object', '[1]'],
  ['no format', '{"id":"a"}'],
  ['a format that is no whole number', '{"format":"1"}'],
  ['an object nested too deeply', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
  ['no id', encode({ ...metaOf(), id: undefined })],
  ['an id that leaves the folder', encode(metaOf({ id: '../../etc' }))],
  ['a name that is a path', encode(metaOf({ name: 'a/b' }))],
  ['a start that is no time', encode(metaOf({ startedAt: 'yesterday' }))],
])('metadata that hold %s are a format error that names the file', (_what, text) => {
  const folder = temporaryFolder();
  const path = write(folder, META_FILE, text);
  expect(thrown(() => readMeta(folder))).toMatchObject({
    code: 'E_RUN_FORMAT',
    message: expect.stringContaining(path),
  });
});

test('metadata that the file system refuses are a storage error', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, META_FILE));
  expect(thrown(() => readMeta(folder))).toMatchObject({ code: 'E_STORAGE' });
});

test('hostile keys become plain fields and change no prototype', () => {
  const folder = temporaryFolder();
  write(
    folder,
    META_FILE,
    encode(metaOf()).replace('"hooks":{}', '"hooks":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}'),
  );
  const meta = readMeta(folder);
  expect(Object.hasOwn(meta.hooks, '__proto__')).toBe(true);
  expect((meta as { polluted?: unknown }).polluted).toBeUndefined();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
