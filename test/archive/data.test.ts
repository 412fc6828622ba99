import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataTree, replayData } from '../../src/archive/data.ts';
import { DATA_FILE, DATA_JOURNAL_FILE } from '../../src/archive/layout.ts';
import { encode } from '../../src/codec/json.ts';
import { temporaryFolder, thrown, write } from './run-folder.ts';

describe('the tree', () => {
  test('an object that is stored is a branch', () => {
    const tree = new DataTree();
    tree.set('a', { b: 1 });
    expect(tree.get('a/b')).toBe(1);
    tree.set('a/c', 2);
    expect(tree.get('a')).toEqual({ b: 1, c: 2 });
    tree.set('a', { d: 3 });
    expect(tree.toValue()).toEqual({ a: { d: 3 } });
  });

  test('an empty object is there, and can be filled', () => {
    const tree = new DataTree();
    tree.set('a', {});
    expect([tree.has('a'), tree.get('a')]).toEqual([true, {}]);
    tree.set('a/b/c', 1);
    expect(tree.get('a')).toEqual({ b: { c: 1 } });
  });

  test('values of every kind are kept', () => {
    const tree = new DataTree();
    const values = {
      nan: Number.NaN,
      zero: -0,
      big: 5n,
      date: new Date(0),
      map: new Map([[1, { a: 1 }]]),
      set: new Set(['x']),
      typed: new Float32Array([1, 2]),
      none: null,
      missing: undefined,
      list: [1, { a: [2] }],
    };
    tree.set('all', values);
    expect(tree.get('all')).toEqual(values);
    expect(tree.has('all/missing')).toBe(true);
    expect(tree.has('all/other')).toBe(false);
  });

  test('what is read is a copy', () => {
    const tree = new DataTree();
    tree.set('a', { list: [1], inner: { x: 1 } });
    (tree.get('a/list') as number[]).push(2);
    (tree.get('a') as { inner: { x: number } }).inner.x = 5;
    (tree.toValue() as { a: { list: number[] } }).a.list.push(3);
    expect(tree.get('a')).toEqual({ list: [1], inner: { x: 1 } });
  });

  test.each(['__proto__', 'constructor', '..', 'toString', 'hasOwnProperty', ' ', '.'])(
    '%s is a key like any other',
    (key) => {
      const tree = new DataTree();
      expect([tree.has(key), tree.has(`${key}/x`), tree.get(key)]).toEqual([false, false, undefined]);
      tree.set(`${key}/polluted`, 1);
      tree.set(`in/${key}`, { [key]: 2 });
      expect(tree.get(`${key}/polluted`)).toBe(1);
      expect(tree.get(`in/${key}/${key}`)).toBe(2);
      expect(tree.keys()).toEqual([key, 'in']);
      const value = tree.toValue();
      expect(Object.keys(value)).toEqual([key, 'in']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect(encode(tree)).toBe(encode(value));
    },
  );

  test('keys are those right below a path', () => {
    const tree = DataTree.from({ a: { c: 1, b: 2 }, d: [1] });
    expect([tree.keys(), tree.keys('a'), tree.keys('d'), tree.keys('none')]).toEqual([['a', 'd'], ['c', 'b'], [], []]);
  });

  test('storing below something that is no object names both', () => {
    const tree = DataTree.from({ a: { b: 3 }, list: [1], text: 'x', none: null });
    const error = thrown(() => tree.set('a/b/c/d', 1));
    expect(error).toMatchObject({
      code: 'E_DATA',
      message: expect.stringMatching(/"a\/b\/c\/d".*"a\/b" holds a number/),
    });
    expect(thrown(() => tree.set('list/0', 1)).message).toContain('"list" holds an array');
    expect(thrown(() => tree.set('none/x', 1)).message).toContain('"none" holds null');
    expect(tree.toValue()).toEqual({ a: { b: 3 }, list: [1], text: 'x', none: null });
    expect([tree.has('text/length'), tree.get('list/0')]).toEqual([false, undefined]);
  });

  test.each(['', '/', '/a', 'a/', 'a//b'])('the path %j has an empty part and is refused', (path) => {
    const tree = new DataTree();
    for (const action of [
      () => tree.set(path, 1),
      () => tree.append(path, [1]),
      () => tree.get(path),
      () => tree.has(path),
    ]) {
      expect(thrown(action)).toMatchObject({ code: 'E_DATA', message: expect.stringContaining(JSON.stringify(path)) });
    }
  });

  test('arrays, strings and objects grow by what is appended', () => {
    const tree = new DataTree();
    tree.append('list', [1]);
    tree.append('list', [2, 3]);
    tree.append('a/text', 'ab');
    tree.append('a/text', 'c');
    tree.append('a', { more: { x: 1 } });
    expect(tree.toValue()).toEqual({ list: [1, 2, 3], a: { text: 'abc', more: { x: 1 } } });
    expect(tree.get('a/more/x')).toBe(1);
  });

  test('appending what does not fit is refused', () => {
    const tree = DataTree.from({ n: 1, list: [1] });
    expect(thrown(() => tree.append('n', [1]))).toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('an array to "n", which holds a number'),
    });
    expect(thrown(() => tree.append('list', 'x')).code).toBe('E_DATA');
  });
});

describe('replaying', () => {
  const journal = (entries: readonly unknown[]) =>
    entries.map((entry) => (typeof entry === 'string' ? entry : encode(entry))).join('\n');

  test('the journal gives the data of a run that has not ended', () => {
    const folder = temporaryFolder();
    write(
      folder,
      DATA_JOURNAL_FILE,
      journal([
        ['a/b', 1],
        ['a/c', Number.NaN],
        ['a/b', [2]],
        ['a/b', [3], 'append'],
        ['__proto__/x', 1],
      ]),
    );
    const { tree, damaged } = replayData(folder);
    expect(damaged).toBe(0);
    expect(tree.get('a')).toEqual({ b: [2, 3], c: Number.NaN });
    expect(tree.get('__proto__/x')).toBe(1);
  });

  test('the whole tree is taken when it is there', () => {
    const folder = temporaryFolder();
    write(folder, DATA_JOURNAL_FILE, journal([['a', 1]]));
    write(folder, DATA_FILE, encode({ a: 2 }));
    expect(replayData(folder).tree.toValue()).toEqual({ a: 2 });
  });

  test.each(['', '{"a":2', '[1]', '3'])('a tree that reads %j is damaged, and the journal is taken', (text) => {
    const folder = temporaryFolder();
    write(folder, DATA_JOURNAL_FILE, journal([['a', 1]]));
    write(folder, DATA_FILE, text);
    const { tree, damaged } = replayData(folder);
    expect([tree.toValue(), damaged]).toEqual([{ a: 1 }, 1]);
  });

  test('a damaged line costs that line, and entries of unknown kinds are passed over', () => {
    const folder = temporaryFolder();
    write(
      folder,
      DATA_JOURNAL_FILE,
      journal([['a', 1], '["b",', ['a/x', 1], ['c', 3], { note: 1 }, ['d'], ['e', 1, 'future'], ['c//d', 1], '["f",4']),
    );
    const { tree, damaged } = replayData(folder);
    expect([tree.toValue(), damaged]).toEqual([{ a: 1, c: 3 }, 3]);
  });

  test('a run without data has an empty tree', () => {
    expect(replayData(temporaryFolder()).tree.toValue()).toEqual({});
  });

  test('a file that cannot be read is a storage error', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, DATA_FILE));
    expect(thrown(() => replayData(folder)).code).toBe('E_STORAGE');
  });
});
