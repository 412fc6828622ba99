import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameMatcher } from '../../src/archive/series-names.ts';
import { wantedColumns, wantedNames } from '../../src/manage/export/column-words.ts';
import { withMember } from '../../src/manage/export/json-text.ts';
import { saveView } from '../../src/manage/export/save-view.ts';
import { checkOptions, viewOf } from '../../src/manage/export/views.ts';

const columns = (list: string): string[] => wantedColumns(list, '--columns').map(({ head, name }) => `${head}|${name}`);

describe('a list of columns', () => {
  it('has names, with heads before them or without', () => {
    expect(columns('PDM=results/pdm, LR = LEARNING_RATE ,loss/val:min,duration')).toEqual([
      'PDM|results/pdm',
      'LR|LEARNING_RATE',
      'loss/val:min|loss/val:min',
      'duration|duration',
    ]);
  });

  it('has heads and names with commas, equals signs and quotes in double quotes', () => {
    expect(columns('"a, b = ""c"""="x,y=z",d')).toEqual(['a, b = "c"|x,y=z', 'd|d']);
    expect(columns('" x "=y, "two words"=z')).toEqual([' x |y', 'two words|z']);
    expect(columns('say "hi"=x')).toEqual(['say "hi"|x']);
  });

  it('may have a comma too many', () => {
    expect(columns(',a,,b,')).toEqual(['a|a', 'b|b']);
  });

  it.each(['', ' , ', 'a=b=c', 'a=', '=b', '"a', '"a"b', 'a="b'])('is refused as %s', (list) => {
    expect(() => columns(list)).toThrow(/Cannot read --columns ".*Write NAME or HEAD=NAME/s);
  });

  it('of names alone has quotes, too', () => {
    expect(wantedNames('loss/*,"a,b",c', '--series')).toEqual(['loss/*', 'a,b', 'c']);
  });
});

describe('a pattern', () => {
  it('takes an asterisk for any text, and every other character as it is', () => {
    const fits = nameMatcher(['loss/*', 'a.b', '*(x)']);
    expect(['loss/val', 'loss/', 'a.b', 'f(x)', 'a\n(x)'].every(fits)).toBe(true);
    expect(['loss', 'axb', 'fx', 'xloss/val'].some(fits)).toBe(false);
  });
});

describe('a member of a JSON text', () => {
  it('is set, and everything else stays as it is written', () => {
    const text = '{\n    "results": "here",  "tags": ["a","b"],\n  "views": { "old": {"columns":"id"} }\n}\n';
    const changed = withMember(text, ['views', 'new'], { sort: 'id' });
    expect(
      changed.startsWith('{\n    "results": "here",  "tags": ["a","b"],\n  "views": { "old": {"columns":"id"},'),
    ).toBe(true);
    expect(JSON.parse(changed)).toEqual({
      results: 'here',
      tags: ['a', 'b'],
      views: { old: { columns: 'id' }, new: { sort: 'id' } },
    });
  });

  it.each([
    ['{}', '{\n  "views": {\n    "a": {\n      "x": 1\n    }\n  }\n}'],
    ['{ }\n', '{\n  "views": {\n    "a": {\n      "x": 1\n    }\n  }\n}\n'],
    ['{"views":{"a":{"y":[{"z":"}"}]},"b":1}}', '{"views":{"a":{\n      "x": 1\n    },"b":1}}'],
    ['{"views":{},"k":null}', '{"views":{\n    "a": {\n      "x": 1\n    }\n  },"k":null}'],
    [
      '{"a\\"b":"{\\\\","n":-1.5e3}',
      '{"a\\"b":"{\\\\","n":-1.5e3,\n  "views": {\n    "a": {\n      "x": 1\n    }\n  }}',
    ],
  ])('is set in %s', (text, changed) => {
    expect(withMember(text, ['views', 'a'], { x: 1 })).toBe(changed);
    expect(() => JSON.parse(changed)).not.toThrow();
  });
});

describe('a view', () => {
  it('has options as the command line has, and lists for those with commas', () => {
    const view = {
      columns: ['A=x', '"b,c"=y'],
      tag: 'paper',
      status: ['done'],
      limit: 3,
      children: true,
      foldBy: 'MODEL',
    };
    expect(viewOf({ paper: view }, 'paper')).toEqual({
      columns: 'A=x,"b,c"=y',
      tag: ['paper'],
      status: ['done'],
      limit: 3,
      children: true,
      foldBy: 'MODEL',
    });
  });

  it('that is not there, or has what comex does not know, is refused with the nearest name', () => {
    const views = { paper: { colums: 'id' }, other: { limit: '3' }, list: [], more: { columns: [1] } };
    expect(() => viewOf(views, 'papper')).toThrow('got "papper". Did you mean "paper"?');
    expect(() => viewOf(undefined, 'x')).toThrow('It has none yet; --save-view NAME makes one.');
    expect(() => viewOf(views, 'toString')).toThrow('There are paper, other, list, more.');
    expect(() => viewOf(views, 'paper')).toThrow('got "colums". Did you mean "columns"?');
    expect(() => viewOf(views, 'other')).toThrow(
      'Expected "limit" of the view "other" in comex.config.json to be a number',
    );
    expect(() => viewOf(views, 'list')).toThrow('to be an object, got an array');
    expect(() => viewOf(views, 'more')).toThrow('to be a text or a list of texts');
    expect(() => viewOf([], 'x')).toThrow('Expected "views" in comex.config.json to be an object, got an array.');
  });

  it('has values that mean something', () => {
    expect(() => checkOptions({ spread: 'ci59' })).toThrow('Did you mean "ci95"?');
    expect(() => checkOptions({ alpha: 5 })).toThrow('between 0 and 1');
    expect(() => checkOptions({ digits: 0 })).toThrow('from 1 to 17');
    expect(() => checkOptions({ limit: -1 })).toThrow('whole number');
  });
});

describe('the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'comex-views-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps a view, also where there was no file, and through a link', () => {
    const path = join(folder, 'comex.config.json');
    saveView(path, 'a', { columns: 'id', tag: [], limit: undefined, bom: false });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ views: { a: { columns: 'id', bom: false } } });
    writeFileSync(join(folder, 'real.json'), '{ "results": "r" }\n');
    symlinkSync('real.json', join(folder, 'link.json'));
    saveView(join(folder, 'link.json'), '__proto__', { sort: 'id' });
    expect(readFileSync(join(folder, 'real.json'), 'utf8')).toContain('"__proto__": {\n      "sort": "id"');
    expect(viewOf(JSON.parse(readFileSync(join(folder, 'real.json'), 'utf8')).views, '__proto__')).toEqual({
      sort: 'id',
    });
  });
});
