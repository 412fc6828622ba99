import { appendFileSync, chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../src/codec/json.ts';
import { type LineOptions, readJsonLines, readLines } from '../../src/codec/lines.ts';
import { ComexError } from '../../src/errors.ts';

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'comex-lines-'));
  path = join(folder, 'file');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function lines(content: string | Uint8Array, options?: LineOptions) {
  writeFileSync(path, content);
  const found: string[] = [];
  const offsets: number[] = [];
  const result = readLines(
    path,
    (line, offset) => {
      found.push(line);
      offsets.push(offset);
    },
    options,
  );
  return { ...result, lines: found, offsets };
}

function records(content: string | Uint8Array, options?: { readonly from?: number }) {
  writeFileSync(path, content);
  const found: unknown[] = [];
  const result = readJsonLines(path, (record) => found.push(record), options);
  return { ...result, records: found };
}

describe('readLines', () => {
  it('gives every whole line with its offset, and tells of a torn one', () => {
    expect(lines('a\n\nüb\r\nc')).toEqual({ lines: ['a', '', 'üb\r'], offsets: [0, 2, 3], bytes: 8, tornTail: true });
    expect(lines('a\nb\n')).toEqual({ lines: ['a', 'b'], offsets: [0, 2], bytes: 4, tornTail: false });
    expect(lines('')).toEqual({ lines: [], offsets: [], bytes: 0, tornTail: false });
    expect(lines('\n')).toEqual({ lines: [''], offsets: [0], bytes: 1, tornTail: false });
    expect(lines('torn')).toEqual({ lines: [], offsets: [], bytes: 0, tornTail: true });
  });

  it('gives the torn line too when asked', () => {
    const read = lines('a\nbü', { includeTail: true });
    expect(read).toEqual({ lines: ['a', 'bü'], offsets: [0, 2], bytes: 5, tornTail: true });
  });

  it('reads nothing from a missing file', () => {
    expect(readLines(join(folder, 'none'), () => expect.unreachable())).toEqual({ bytes: 0, tornTail: false });
    expect(readJsonLines(join(folder, 'none'), () => expect.unreachable()).bytes).toBe(0);
  });

  it('goes on where an earlier reading ended', () => {
    const first = lines('a\nbb\npart');
    appendFileSync(path, 'ial\nc\n');
    const more: Array<[string, number]> = [];
    const second = readLines(path, (line, offset) => more.push([line, offset]), { from: first.bytes });
    expect(more).toEqual([
      ['partial', 5],
      ['c', 13],
    ]);
    expect(first.bytes + second.bytes).toBe(15);
    expect(lines('a\n', { from: 100 })).toMatchObject({ lines: [], bytes: 0, tornTail: false });
  });

  it('splits the same whatever the length of lines and the place of multi-byte characters', () => {
    const line = fc.tuple(fc.constantFrom('a', 'ü', '€', '\u{1f600}', 'x\ry'), fc.integer({ min: 0, max: 90_000 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (parts, torn) => {
        const expected = parts.map(([text, times]) => text.repeat(times));
        const read = lines(expected.join('\n') + (torn ? '' : '\n'), { includeTail: true });
        if (torn && expected.at(-1) === '') expected.pop();
        else if (expected.length === 0 && !torn) expected.push('');
        expect(read.lines.length).toBe(expected.length);
        expect(read.lines.every((text, i) => text === expected[i])).toBe(true);
        const starts = expected.map((_, i) => Buffer.byteLength(expected.slice(0, i).join('\n')) + (i > 0 ? 1 : 0));
        expect(read.offsets).toEqual(starts);
      }),
      { numRuns: 40 },
    );
  });

  it('never throws for random bytes, and loses none of the lines', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const newlines = bytes.filter((byte) => byte === 10).length;
        const read = lines(bytes);
        expect(read.lines).toHaveLength(newlines);
        expect(read.bytes).toBe(bytes.lastIndexOf(10) + 1);
        const { damaged, records: found } = records(bytes);
        expect(damaged + found.length).toBeLessThanOrEqual(newlines + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a line of 60 MB, and passes over one that no text could be', () => {
    const long = 'y'.repeat(60_000_000);
    expect(lines(`a\n${long}\nb\n`).lines.map((line) => line.length)).toEqual([1, 60_000_000, 1]);
    writeFileSync(path, '[1]\n');
    truncateSync(path, 258 * 1024 * 1024);
    expect(readJsonLines(path, () => {})).toEqual({ bytes: 4, tornTail: true, damaged: 0 });
    appendFileSync(path, '\n[2]\n');
    const found: unknown[] = [];
    const read = readJsonLines(path, (record, offset) => found.push([record, offset]));
    expect(found).toEqual([
      [[1], 0],
      [[2], 258 * 1024 * 1024 + 1],
    ]);
    expect(read).toEqual({ bytes: 258 * 1024 * 1024 + 5, tornTail: false, damaged: 1 });
  });

  it('passes on what the callback throws, and can be called from it', () => {
    writeFileSync(path, 'a\nb\n');
    expect(() =>
      readLines(path, () => {
        throw new RangeError('mine');
      }),
    ).toThrow(RangeError);
    const seen: string[] = [];
    readLines(path, (outer) => readLines(path, (inner) => seen.push(outer + inner)));
    expect(seen).toEqual(['aa', 'ab', 'ba', 'bb']);
  });

  it('says why an existing file cannot be read', () => {
    expect(() => readLines(folder, () => {})).toThrow(/^Cannot read .*: it is a folder, not a file \(EISDIR\)/);
    writeFileSync(path, 'a\n');
    expect(() => readLines(join(path, 'below'), () => {})).toThrow(ComexError);
    chmodSync(path, 0);
    const asRoot = process.platform === 'win32' || process.getuid?.() === 0;
    if (!asRoot) expect(() => readJsonLines(path, () => {})).toThrow(/permission denied \(EACCES\)/);
    rmSync(path, { force: true });
  });
});

describe('readJsonLines', () => {
  it('loses only the damaged lines, and no empty one counts', () => {
    const text = '[1]\n{broken\n\n  \r\n{"a":{"$number":"NaN"}}\nundefined\n"x"\n\0\0\0\n';
    const read = records(text);
    expect(read.records).toStrictEqual([[1], { a: Number.NaN }, 'x']);
    expect(read).toMatchObject({ damaged: 3, tornTail: false, bytes: text.length });
  });

  it('counts nothing as damaged that the callback throws', () => {
    writeFileSync(path, '[1]\n');
    expect(() =>
      readJsonLines(path, () => {
        throw new SyntaxError('mine');
      }),
    ).toThrow('mine');
  });

  it('survives a tail torn at every byte', () => {
    const whole = '["a",1]\n';
    const last = '["üb€",{"$number":"-0"},"\u{1f600}"]';
    const bytes = Buffer.from(whole + last);
    for (let end = 0; end <= bytes.length; end++) {
      const read = records(bytes.subarray(0, end));
      const firstWhole = end >= whole.length - 1;
      const lastWhole = end === bytes.length;
      expect(read.records).toStrictEqual([
        ...(firstWhole ? [['a', 1]] : []),
        ...(lastWhole ? [['üb€', -0, '\u{1f600}']] : []),
      ]);
      expect(read.tornTail).toBe(!lastWhole && ![0, whole.length - 1, whole.length].includes(end));
      expect(read.damaged).toBe(0);
    }
  });

  it('goes on behind an accepted tail without giving it twice', () => {
    const first = records('[1]\n[2]');
    expect(first).toMatchObject({ records: [[1], [2]], tornTail: false, bytes: 7 });
    expect(records('[1]\n[2]\n[3]\n', { from: first.bytes })).toMatchObject({ records: [[3]], damaged: 0, bytes: 5 });
  });

  it('gives back what encode wrote, across the borders of chunks', () => {
    const values = Array.from({ length: 3000 }, (_, i) => [i, 'ü'.repeat(i % 300), i % 7 === 0 ? Number.NaN : -i]);
    expect(records(`${values.map((value) => encode(value)).join('\n')}\n`).records).toStrictEqual(values);
  });
});
