import { describe, expect, test } from 'vitest';
import { encode } from '../../src/codec/json.ts';
import { encodeName } from '../../src/codec/names.ts';
import { convertText } from '../../src/experiment/source/convert.ts';
import { readModule } from '../../src/experiment/source/read-module.ts';
import { readDocument } from './markdown.ts';

/** The rows of the table with these heads, without the marks of code. */
function tableOf(document: string, heads: string): string[][] {
  const lines = readDocument(document).split('\n');
  const start = lines.indexOf(heads);
  if (start < 0) throw new Error(`${document} has no table ${heads}`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  const rows = lines.slice(start + 2, end);
  return rows.map((row) => [...row.matchAll(/`((?:[^`])*)`/g)].map(([, cell]) => cell!.replaceAll('\\|', '|')));
}

/** The value of an expression that a document shows. */
function evaluated(expression: string): unknown {
  return new Function(`return (${expression});`)() as unknown;
}

describe('values on the command line', () => {
  test.each(tableOf('docs/cli.md', '| type | written | value |'))('as %s, %s is %s', (type, text, expected) => {
    const [parameter] = readModule('/a.ts', `export let A: ${type};`).parameters;
    expect(convertText(text!, parameter!.type, '--A')).toEqual(evaluated(expected!));
  });
});

describe('values on disk', () => {
  test.each(tableOf('docs/formats.md', '| value | in JSON |'))('%s is written as %s', (expression, json) => {
    expect(encode(evaluated(expression!))).toBe(json);
  });
});

describe('file names', () => {
  test.each(tableOf('docs/formats.md', '| name | file name |'))('%s is kept as %s', (name, file) => {
    expect(encodeName(name!)).toBe(file);
  });
});
