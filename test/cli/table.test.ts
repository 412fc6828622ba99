import { describe, expect, it } from 'vitest';
import { renderTable, renderTsv, type TableColumn } from '../../src/cli/table.ts';

const wide = { columns: 80, color: false, unicode: true };
const narrow = { columns: 40, color: false, unicode: true };
const columns: TableColumn[] = [
  { head: 'id' },
  { head: 'name', shrink: true, min: 6 },
  { head: 'count', align: 'right' },
  { head: 'remark', shrink: true },
];

describe('renderTable', () => {
  it('aligns the columns', () => {
    const rows = [
      ['a1', 'loss/train', '1680', 'fine'],
      ['b2', '損失', '7', ''],
    ];
    expect(renderTable(columns, rows, wide)).toBe(
      ['id  name        count  remark', 'a1  loss/train   1680  fine', 'b2  損失            7', ''].join('\n'),
    );
  });

  it('cuts the widest of the columns that shrink until it fits', () => {
    const rows = [['a1', 'loss/train', '1680', 'a remark that goes on and on for a while']];
    expect(renderTable(columns, rows, narrow)).toBe(
      ['id  name        count  remark', 'a1  loss/train   1680  a remark that go…', ''].join('\n'),
    );
  });

  it('leaves out columns at the right when nothing can shrink any more', () => {
    const fixed: TableColumn[] = [{ head: 'one' }, { head: 'two' }, { head: 'three' }];
    const rows = [['x'.repeat(18), 'y'.repeat(18), 'z'.repeat(18)]];
    expect(renderTable(fixed, rows, narrow)).toBe(`one                 two\n${'x'.repeat(18)}  ${'y'.repeat(18)}\n`);
  });

  it('never has a line wider than the screen, whatever a cell holds', () => {
    const hostile = ['\x1b[31m<script>\n', 'x'.repeat(10_000), '損'.repeat(10_000), '\u202e'];
    for (const screen of [wide, narrow, { ...narrow, columns: 20 }]) {
      for (const line of renderTable(columns, [hostile, [...hostile].reverse()], screen).split('\n')) {
        expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
        const cells = Array.from(line, (character) => (character === '損' ? 2 : 1)).reduce((sum, n) => sum + n, 0);
        expect(cells).toBeLessThanOrEqual(screen.columns);
      }
    }
  });

  it('has no line of heads when they are empty, and no lines without rows', () => {
    expect(renderTable([{ head: '' }, { head: '' }], [['a', 'b']], wide)).toBe('a  b\n');
    expect(renderTable([{ head: '' }], [], wide)).toBe('');
  });

  it('styles cells after they were padded, so that columns stay aligned', () => {
    const styled: TableColumn[] = [{ head: 'a', style: (cell, text) => `<${text}:${cell}>` }, { head: 'b' }];
    expect(
      renderTable(
        styled,
        [
          ['x', '1'],
          ['long', '2'],
        ],
        wide,
      ),
    ).toBe('a     b\n<x:x   >  1\n<long:long>  2\n');
  });
});

describe('renderTsv', () => {
  it('has whole cells between tabs, and each row on one line', () => {
    const tsv = renderTsv([{ head: 'a' }, { head: 'b' }], [['x\ty\n', 'z'.repeat(200)]]);
    expect(tsv).toBe(`a\tb\nx\\ty\\n\t${'z'.repeat(200)}\n`);
  });
});
