import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/codec/json.ts';
import { FORMATS, type Format } from '../../src/manage/export/format.ts';
import { Measured } from '../../src/manage/export/measured.ts';
import { typedColumns, type WriteOptions } from '../../src/manage/export/table.ts';
import { writerOf } from '../../src/manage/export/writers.ts';

const OPTIONS: WriteOptions = { bom: true, decimal: '.', delimiter: ',', width: (text) => text.length };

async function written(
  format: Format,
  heads: readonly string[],
  rows: ReadonlyArray<readonly unknown[]>,
  options: Partial<WriteOptions> = {},
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const columns = typedColumns(
    heads.map((head) => ({ head })),
    rows,
  );
  const make = await writerOf(format);
  const delimiter = format === 'tsv' ? '\t' : ',';
  const writer = make(columns, (data) => chunks.push(Buffer.from(data)), { ...OPTIONS, delimiter, ...options });
  for (const row of rows) writer.row(row);
  writer.end();
  return Buffer.concat(chunks);
}

/** Reads CSV as docs/commands/export.md says: cells without quotes are typed, an apostrophe before a formula goes. */
function readCsv(bytes: Buffer, delimiter = ',', decimal = '.'): unknown[][] {
  return parse(bytes, {
    bom: true,
    delimiter,
    record_delimiter: '\r\n',
    cast: (text, { quoting }) => {
      if (!quoting && text === '') return undefined;
      const number = decimal === '.' ? text : text.replace(decimal, '.');
      if (!quoting && /^(?:-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)|NaN)$/.test(number)) return Number(number);
      if (!quoting && (text === 'true' || text === 'false')) return text === 'true';
      return /^'+(?:[\t\r\n]|\s*[=+\-@＋－＝＠])/.test(text) ? text.slice(1) : text;
    },
  }) as unknown as unknown[][];
}

async function readParquet(bytes: Buffer): Promise<unknown[][]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  let rows: unknown[][] = [];
  const onComplete = (all: unknown): void => {
    rows = all as unknown[][];
  };
  await parquetRead({ file, rowFormat: 'array', onComplete });
  const { schema } = parquetMetadata(file);
  return [schema.slice(1).map(({ name }) => name), ...rows];
}

const TEXTS = [
  '=1+1',
  '+SUM(A1)',
  '-2+3',
  '@cmd',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠x',
  "'=1+1",
  "''=1+1",
  "'quoted'",
  "'",
  '-1.5',
  '1,5',
  '1.5',
  '1e5',
  '.5',
  'NaN',
  'Infinity',
  '-Infinity',
  'true',
  'null',
  '',
  ' ',
  ' padded ',
  'a,b;c\td',
  'say "hi"',
  '"',
  '""',
  'two\nlines',
  'two\r\nlines',
  'two\rlines',
  'ü 日本 🧪 \u202e',
  'x'.repeat(10_000),
  'ü'.repeat(10_000),
  '__proto__',
  '{"a":1}',
  '[1]',
  '2026-01-31T12:00:00.000Z',
  'a\\b',
  'a|b',
  '$x_1$ 50% & #1 {~^}',
  '\u0000\u001b[31m',
];

const NUMBERS = [
  0,
  -0,
  1,
  -1.5,
  1e308,
  -1e308,
  5e-324,
  1e-7,
  0.1 + 0.2,
  123456789,
  Number.MAX_SAFE_INTEGER,
  2 ** 60,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

describe('a column of texts reads back equal', () => {
  it.each(['csv', 'tsv'] as const)('from .%s, and no cell begins as a formula does', async (format) => {
    const delimiter = format === 'tsv' ? '\t' : ',';
    const rows = TEXTS.map((text, index) => [index, text]);
    const bytes = await written(format, ['n', 'text'], rows);
    expect(readCsv(bytes, delimiter).slice(1)).toEqual(rows);
    const raw = parse(bytes, { bom: true, delimiter, record_delimiter: '\r\n' }) as string[][];
    for (const [, cell] of raw) expect(cell).not.toMatch(/^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/);
  });

  it('from .csv, whatever the texts are', async () => {
    const texts = fc.array(
      fc.tuple(fc.string({ unit: fc.constantFrom(...`'"=+-@\t\r\n ,;1.eNa＝x\u00fc`) }), fc.double()),
      {
        minLength: 1,
      },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (rows) => {
        expect(readCsv(await written('csv', ['text', 'n'], rows)).slice(1)).toEqual(rows);
        const inGerman = await written('csv', ['text', 'n'], rows, { decimal: ',', delimiter: ';' });
        expect(readCsv(inGerman, ';', ',').slice(1)).toEqual(rows);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it.each(['json', 'jsonl'] as const)('from .%s', async (format) => {
    const rows = [...TEXTS, '\ud800'].map((text) => [text]);
    const text = (await written(format, ['text'], rows)).toString('utf8');
    const objects =
      format === 'json'
        ? JSON.parse(text)
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line));
    expect(objects).toEqual(rows.map(([cell]) => ({ text: cell })));
  });

  it('from .parquet', async () => {
    const rows = TEXTS.map((text) => [text]);
    expect(await readParquet(await written('parquet', ['text'], rows))).toEqual([['text'], ...rows]);
  });
});

describe('a column of numbers reads back equal', () => {
  it.each(['csv', 'tsv'] as const)('from .%s, unquoted, so that a spreadsheet has numbers', async (format) => {
    const rows = NUMBERS.map((number) => [number]);
    const bytes = await written(format, ['n'], rows);
    expect(bytes.toString('utf8')).not.toContain('"');
    expect(bytes.toString('utf8')).not.toContain("'");
    expect(readCsv(bytes, format === 'tsv' ? '\t' : ',').slice(1)).toEqual(rows);
  });

  it('from .csv in a language with a decimal comma', async () => {
    const rows = [...NUMBERS.map((number) => [number, 'x']), [1.5, '1,5'], [0.25, 'a;b'], [2, '3,7;=1']];
    const bytes = await written('csv', ['n', 'text'], rows, { decimal: ',', delimiter: ';' });
    expect(bytes.toString('utf8')).toContain('-1,5;x\r\n');
    expect(readCsv(bytes, ';', ',').slice(1)).toEqual(rows);
  });

  it('from .json, where what JSON does not have is tagged as in a run folder', async () => {
    const rows = [...NUMBERS, 12345678901234567890n].map((number) => [number]);
    const text = (await written('json', ['n'], rows)).toString('utf8');
    expect(text).toContain('{"n":{"$number":"NaN"}}');
    expect(decode(text)).toEqual(rows.map(([n]) => ({ n })));
  });

  it('from .parquet, as DOUBLE', async () => {
    const rows = NUMBERS.map((number) => [number]);
    const bytes = await written('parquet', ['n'], rows);
    const [, ...read] = await readParquet(bytes);
    expect(read).toEqual(rows);
    expect(Object.is(read[1]![0], -0)).toBe(true);
  });
});

describe('Parquet', () => {
  it('has a type for each column, and JSON where a column has several kinds', async () => {
    const moment = new Date('2026-01-31T12:00:00.123Z');
    const nested = JSON.parse('{"__proto__":{"a":[1]},"b":null}');
    const heads = ['whole', 'big', 'flag', 'moment', 'mixed', 'nested', 'empty', '__proto__', 'half'];
    const rows = [
      [1, 2n ** 62n, true, moment, 'a', nested, undefined, 'p', 1],
      [-2, -3n, false, undefined, 1, [1, { a: 'ü' }], null, '', 2.5],
      [undefined, undefined, null, new Date(0), true, Number.NaN, undefined, undefined, undefined],
    ];
    const bytes = await written('parquet', heads, rows);
    const [names, ...read] = await readParquet(bytes);
    expect(names).toEqual(heads);
    expect(read).toEqual([
      [1n, 2n ** 62n, true, moment, 'a', nested, null, 'p', 1],
      [-2n, -3n, false, null, 1, [1, { a: 'ü' }], null, '', 2.5],
      [null, null, null, new Date(0), true, { $number: 'NaN' }, null, null, null],
    ]);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(
      parquetMetadata(file)
        .schema.slice(1)
        .map(({ type, converted_type }) => converted_type ?? type),
    ).toEqual(['INT64', 'INT64', 'BOOLEAN', 'TIMESTAMP_MILLIS', 'JSON', 'JSON', 'UTF8', 'UTF8', 'DOUBLE']);
  });

  it('keeps whole numbers beyond 64 bits, and moments that are none, as JSON', async () => {
    const rows = [[2n ** 70n, new Date(Number.NaN)]];
    const [, read] = await readParquet(await written('parquet', ['n', 'd'], rows));
    expect(read).toEqual([{ $bigint: String(2n ** 70n) }, { $date: null }]);
  });

  it('has more rows than one group holds', async () => {
    const rows = Array.from({ length: 120_001 }, (_, index) => [index, index / 2, `t${index % 7}`]);
    const [, ...read] = await readParquet(await written('parquet', ['i', 'x', 't'], rows));
    expect(read.length).toBe(rows.length);
    expect(read[60_001]).toEqual([60_001n, 30_000.5, 't4']);
    expect(read.at(-1)).toEqual([120_000n, 60_000, 't6']);
  });
});

describe('CSV', () => {
  it('has quotes around a text where a reader would take it for a number, a date or a truth value, and nowhere else', async () => {
    const typed = [
      ...['12', '1.5', '1,5', '.5', '1e5', '9E-12', '1.2d3', '1,234,567', "1'234", '1 234', '12%', '$5', '5 €'],
      ...['0x1F', '0b01', 'NaN', 'inf', 'Infinity', '1.#QNAN'],
      ...['2026-01-31', '31.1.2026', '1/2', '12:30', '2026-01-31 12:30:00', '2026-01-31T12:00:00.000Z', '12:30 PM'],
      ...['31 Jan 2026', '1-Dec', 'MARCH1', 'SEPT2', 'Jan 31, 2026', '1 März'],
      ...['true', 'FALSE', 'null', 'None', 'NA', 'n/a', '<NA>', '#N/A', '\\N', '', ' x', 'x '],
    ];
    const plain = [
      ...['9szpsztm', '1st', '3d', '2x4', '12a', '0xyz', '1e', '5 apples', '7z9k', '12e4q', '4f1d2c3b'],
      ...[
        'infinite',
        'nullable',
        'trueish',
        'Nancy',
        'marx1',
        'decoder2',
        'market12',
        'May',
        'October',
        'v1.2.3',
        'resnet50',
      ],
    ];
    const text = async (cell: string): Promise<string> =>
      (await written('csv', ['text'], [[cell]], { bom: false, delimiter: ';' })).toString().slice(6, -2);
    for (const cell of typed) expect(await text(cell)).toBe(`"${cell}"`);
    for (const cell of plain) expect(await text(cell)).toBe(cell);
  });

  it('is written as RFC 4180 has it, with a byte order mark and CRLF', async () => {
    const text = (
      await written(
        'csv',
        ['=a', 'b,c'],
        [
          ['x', undefined],
          ['', null],
        ],
      )
    ).toString('utf8');
    expect(text).toBe('\ufeff\'=a,"b,c"\r\nx,\r\n"",\r\n');
    expect((await written('csv', ['a'], [], { bom: false })).toString('utf8')).toBe('a\r\n');
  });

  it('has nested values as JSON, lists of plain texts with commas, and moments in ISO 8601', async () => {
    const rows = [[{ a: [1] }, ['x', 'y z'], ['a,b'], new Date(0), new Date(-1e14), [], new Map([[1, 2]])]];
    const [, cells] = readCsv(await written('csv', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], rows));
    expect(cells).toEqual([
      '{"a":[1]}',
      'x, y z',
      '["a,b"]',
      '1970-01-01T00:00:00.000Z',
      '-001199-02-15T14:13:20.000Z',
      undefined,
      '{"$map":[[1,2]]}',
    ]);
  });

  it('has no empty line where the only cell of a row is empty', async () => {
    expect((await written('csv', ['a'], [[undefined], [1]], { bom: false })).toString()).toBe('a\r\n""\r\n1\r\n');
  });
});

describe('JSON', () => {
  it('has heads as they are, and an empty list for no rows', async () => {
    const rows = [[1, { $x: 1 }, undefined]];
    const text = (await written('json', ['$number', '__proto__', 'c'], rows)).toString();
    expect(text).toBe('[\n{"$number":1,"__proto__":{"$$x":1},"c":null}\n]\n');
    expect((await written('json', ['a'], [])).toString()).toBe('[]\n');
  });
});

describe('Markdown', () => {
  /** The cells of the rows, as a reader of GitHub's Markdown has them. */
  const cellsOf = (text: string): string[][] =>
    text
      .trimEnd()
      .split('\n')
      .filter((line, index) => index !== 2 && line.startsWith('|'))
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) =>
            cell
              .trim()
              .replace(/<br>/g, '\n')
              .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
              .replace(/\\([\\`*_[\]<>|~$&])/g, '$1'),
          ),
      );

  it('shows every text as it is, one row on one line', async () => {
    const texts = TEXTS.filter((text) => !text.includes('\r\n'));
    const text = (
      await written(
        'md',
        ['a|b', '*x*'],
        texts.map((cell) => [cell, 1]),
      )
    ).toString();
    expect(text.trimEnd().split('\n').length).toBe(texts.length + 3);
    expect(cellsOf(text)).toEqual([['a|b', '*x*'], ...texts.map((cell) => [cell, '1'])]);
  });

  it('lines its columns up, numbers to the right, and leaves names as they are', async () => {
    const rows = [
      ['a', 1],
      ['LEARNING_RATE', -20.5],
    ];
    expect((await written('md', ['name', '__SEED__'], rows)).toString()).toBe(
      [
        '<!-- Made by comex export -->',
        '| name          | \\_\\_SEED\\_\\_ |',
        '| ------------- | -----------: |',
        '| a             |            1 |',
        '| LEARNING_RATE |        -20.5 |',
        '',
      ].join('\n'),
    );
  });

  it('marks the best and what is not told from it', async () => {
    const rows = [
      [new Measured(0.9123, 0.0041, 'best')],
      [new Measured(0.91, [0.9, 0.92], 'tie')],
      [new Measured(3e-9, 2e-10, undefined)],
      [new Measured(2.2, 0.1, 'best', 'a')],
      [new Measured(2.3, 0.1, 'tie', 'b')],
    ];
    const text = (await written('md', ['x'], rows, { footnotes: NOTES })).toString();
    expect(text).toContain('**0.912 ± 0.004**');
    expect(text).toContain('0.910 \\[0.900, 0.920\\] †');
    expect(text).toContain('(3.0 ± 0.2)e-9');
    expect(text).toContain('**2.20 ± 0.10** <sup>a</sup> |');
    expect(text).toContain('2.30 ± 0.10 † <sup>b</sup> |');
    expect(text.endsWith('\n\n† note\n\n<sup>a</sup> of 3 runs\n')).toBe(true);
  });
});

const NOTES = [
  { mark: '†', text: 'note' },
  { mark: 'a', text: 'of 3 runs' },
];

describe('LaTeX', () => {
  it('is a table of booktabs in which no character has a meaning', async () => {
    const rows = [
      ['50% & $x_1$ #{~^}\\', -1.5],
      ['[a]* "b" -- <c>|`±\nnext\u001b', 1e-7],
      ["''", Number.NEGATIVE_INFINITY],
      ['', Number.NaN],
    ];
    expect((await written('tex', ['LEARNING_RATE', 'x'], rows)).toString()).toBe(
      [
        '% Made by comex export; needs \\usepackage{booktabs}',
        '\\begin{tabular}{lr}',
        '\\toprule',
        'LEARNING\\_RATE & x \\\\',
        '\\midrule',
        '50\\% \\& \\$x\\_1\\$ \\#\\{\\textasciitilde{}\\textasciicircum{}\\}\\textbackslash{} & $-1.5$ \\\\',
        '{[}a]{*} \\char34{}b\\char34{} -{}- \\textless{}c\\textgreater{}\\textbar{}\\textasciigrave{}$\\pm$ next? & $1 \\times 10^{-7}$ \\\\',
        "'{}' & $-\\infty$ \\\\",
        ' & $\\mathrm{NaN}$ \\\\',
        '\\bottomrule',
        '\\end{tabular}',
        '',
      ].join('\n'),
    );
  });

  it('has measured values as formulas, the best in bold', async () => {
    const rows = [
      [new Measured(0.9123, 0.0041, 'best')],
      [new Measured(-0.91, 0.01, 'tie')],
      [new Measured(2, [1, 3], undefined)],
      [new Measured(0.5, undefined, undefined)],
      [new Measured(2.2, 0.1, 'best', 'a')],
      [new Measured(2.3, 0.1, 'tie', 'b')],
      [new Measured(3e-9, 2e-10, 'tie')],
      [new Measured(1e308, 0, undefined)],
    ];
    const text = (await written('tex', ['x'], rows, { footnotes: NOTES })).toString();
    expect(text).toContain('$\\mathbf{0.912} \\pm 0.004$');
    expect(text).toContain('$-0.910 \\pm 0.010^{\\dagger}$');
    expect(text).toContain('$2.0\\ [1.0, 3.0]$');
    expect(text).toContain('\n$0.5000$ ');
    expect(text).toContain('$\\mathbf{2.20} \\pm 0.10^{\\mathrm{a}}$');
    expect(text).toContain('$2.30 \\pm 0.10^{\\dagger,\\mathrm{b}}$');
    // Two exponents on one sign would be an error of LaTeX.
    expect(text).toContain('$(3.0 \\pm 0.2) \\times 10^{-9}{}^{\\dagger}$');
    expect(text).toContain('$1 \\times 10^{308} \\pm 0$');
    const noted = '\\multicolumn{1}{l}{\\footnotesize $^{\\mathrm{a}}$ of 3 runs} \\\\';
    expect(text.endsWith(`\\bottomrule\n${noted}\n\\end{tabular}\n% \\dagger note\n`)).toBe(true);
  });
});

it('rounds to significant digits where that is wanted, and leaves whole numbers alone', async () => {
  const rows = [[0.123456, 1234567, 98.7654]];
  expect((await written('md', ['a', 'b', 'c'], rows, { digits: 2 })).toString()).toContain('| 0.12 | 1234567 |  99 |');
});

it('has a writer for each format', async () => {
  for (const format of FORMATS) expect((await written(format, ['a'], [[1]])).length).toBeGreaterThan(0);
});
