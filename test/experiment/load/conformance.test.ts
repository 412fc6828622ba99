import { describe, expect, it } from 'vitest';
import { TestProject } from '../../project.ts';

/** A project that an experiment is loaded from, and what its run must say. */
interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly result: unknown;
  /** The ways that can load it; both unless said. */
  readonly ways?: readonly ('plain' | 'tsx')[];
  /** The way that is taken when nothing is forced. */
  readonly auto: 'plain' | 'tsx';
}

const MAIN = 'experiments/main.ts';
const commonjs = '{ "name": "project", "type": "commonjs" }';
const typeless = '{ "name": "project" }';

/** Both ways of loading must make the same program of the same source. */
const CASES: readonly Case[] = [
  {
    title: 'the bare name, e.NAME, e.parameters.NAME and a derived parameter agree',
    files: {
      [MAIN]: `export const EPOCHS = 20;\nexport const STEPS = EPOCHS * 100;
export default (e: any) => [EPOCHS, e.EPOCHS, e.parameters.EPOCHS, STEPS, e.STEPS];`,
    },
    words: ['--EPOCHS', '3'],
    result: [3, 3, 3, 300, 300],
    auto: 'plain',
  },
  {
    title: 'a helper file sees the values of the run, also after e.NAME = v',
    files: {
      [MAIN]: `import { read } from './helper.ts';\nexport const RATE = 1;\nexport const DOUBLE = RATE * 2;
export default (e: any) => { const before = read(); e.RATE = 7; return [before, read()]; };`,
      'experiments/helper.ts': `import { RATE, DOUBLE } from './main.ts';\nexport const read = (): number[] => [RATE, DOUBLE];`,
    },
    words: ['--RATE=5'],
    result: [
      [5, 10],
      [7, 14],
    ],
    auto: 'plain',
  },
  {
    title: 'const X …; export { X } is a parameter, and so is one of several declarators',
    files: {
      [MAIN]: `const ALPHA = 1;\nexport const BETA = 2, GAMMA = ALPHA + BETA;\nexport { ALPHA };
export default () => [ALPHA, BETA, GAMMA];`,
    },
    words: ['--ALPHA=10'],
    result: [10, 2, 12],
    auto: 'plain',
  },
  {
    title: 'an awaited initialiser and top-level await work',
    files: {
      [MAIN]: `export const SIZE: number = await Promise.resolve(4);\nconst extra = await Promise.resolve(1);
export const HALF = SIZE / 2;\nexport default () => [SIZE, HALF, extra];`,
    },
    result: [4, 2, 1],
    auto: 'plain',
  },
  {
    title: 'imports without extension, of .js for .ts, of a folder and of JSON are found',
    files: {
      [MAIN]: `import { a } from './a';\nimport { b } from './b.js';\nimport { c } from './lib';\nimport data from './data.json';
import more from './more.json' with { type: 'json' };\nexport default () => [a, b, c, data.n, more.n];`,
      'experiments/a.ts': 'export const a: string = "a";',
      'experiments/b.ts': 'export const b: string = "b";',
      'experiments/lib/index.ts': 'export const c: string = "c";',
      'experiments/data.json': '{ "n": 1 }',
      'experiments/more.json': '{ "n": 2 }',
    },
    result: ['a', 'b', 'c', 1, 2],
    auto: 'plain',
  },
  {
    title: 'tsconfig paths and package imports are found',
    files: {
      'package.json': '{ "name": "project", "type": "module", "imports": { "#inner/*": "./src/*.ts" } }',
      'tsconfig.json':
        '{ "compilerOptions": { "target": "ES2022", "baseUrl": ".", "paths": { "@lib/*": ["./src/*"] } } }',
      [MAIN]: `import { x } from '@lib/x';\nimport { y } from '#inner/y';\nexport default () => [x, y];`,
      'src/x.ts': 'export const x = 1;',
      'src/y.ts': 'export const y = 2;',
    },
    result: [1, 2],
    auto: 'plain',
  },
  {
    title: 'enums, parameter properties, satisfies, generics and type-only imports are compiled away',
    files: {
      [MAIN]: `import type { Shape } from './shape.ts';\nimport { type Other, area } from './shape.ts';
enum Mode { Fast = 1, Slow }\nclass Box { constructor(private readonly n: number) {} get = <T,>(x: T): [T, number] => [x, this.n]; }
export const SHAPE = { w: 2, h: 3 } satisfies Shape;\nexport default (): unknown => { const o: Other = 1; return [Mode.Slow, new Box(5).get('x'), area(SHAPE), o]; };`,
      'experiments/shape.ts': `export interface Shape { w: number; h: number }\nexport type Other = number;
export const area = (s: Shape): number => s.w * s.h;`,
    },
    result: [2, ['x', 5], 6, 1],
    auto: 'plain',
  },
  {
    title: 'a project without "type" may use __dirname and import syntax',
    files: {
      'package.json': typeless,
      [MAIN]: `import { basename } from 'node:path';\nimport { here } from './helper';\nexport const N = 1;
export default () => [basename(__dirname), basename(__filename), here, N];`,
      'experiments/helper.ts': `import { basename } from 'node:path';\nexport const here: string = basename(__filename);`,
    },
    words: ['--N=2'],
    result: ['experiments', 'main.ts', 'helper.ts', 2],
    auto: 'plain',
  },
  {
    title: 'a "commonjs" project may require its own CommonJS file',
    files: {
      'package.json': commonjs,
      [MAIN]: `import { twice } from './old.cjs';\nexport const N = 1;\nexport default () => twice(N);`,
      'experiments/old.cjs': 'exports.twice = (n) => n * 2;',
    },
    words: ['--N=4'],
    result: 8,
    ways: ['tsx'],
    auto: 'tsx',
  },
  {
    title: 'a TypeScript file in CommonJS syntax is loaded',
    files: {
      'package.json': commonjs,
      [MAIN]: `const { twice } = require('./old');\nexport const N = 1;\nexport default () => twice(N);`,
      'experiments/old.ts': 'module.exports.twice = (n: number): number => n * 2;',
    },
    words: ['--N=4'],
    result: 8,
    ways: ['tsx'],
    auto: 'tsx',
  },
  {
    title: 'legacy decorators are compiled as the tsconfig says',
    files: {
      'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
      [MAIN]: `const seen: string[] = [];\nfunction mark(_: unknown, name: string): void { seen.push(name); }
class A { @mark go(): void {} }\nexport default () => { new A().go(); return seen; };`,
    },
    result: ['go'],
    ways: ['tsx'],
    auto: 'tsx',
  },
  {
    title: 'a computed import gives the module of the same run',
    files: {
      [MAIN]: `export const N = 1;\nexport const NAME = 'late';
export default async () => { const { read } = await import('./' + NAME + '.ts'); return read(); };`,
      'experiments/late.ts': `import { N } from './main.ts';\nexport const read = (): number => N;`,
    },
    words: ['--N=9'],
    result: 9,
    ways: ['tsx'],
    auto: 'tsx',
  },
  {
    title: 'functions as parameters keep their names, and objects are frozen',
    files: {
      [MAIN]: `export const LOSS = (x: number): number => x * x;\nexport const MODEL = { hidden: 8, layers: [1, 2] };
export default () => [LOSS.name, LOSS(3), Object.isFrozen(MODEL), Object.isFrozen(MODEL.layers), MODEL.hidden];`,
    },
    words: ['--MODEL.hidden', '128'],
    result: ['LOSS', 9, true, true, 128],
    auto: 'plain',
  },
  {
    title: 'an initialiser that is replaced does not run',
    files: {
      [MAIN]: `export const DATA: string = (() => { throw new Error('must not run'); })();\nexport default () => DATA;`,
    },
    words: ['--DATA', 'given'],
    result: 'given',
    auto: 'plain',
  },
  {
    title: 'JavaScript modules are experiments too',
    files: {
      [MAIN]: `import { n } from './part.js';\nexport const N = 1;\nexport default () => [n, N];`,
      'experiments/part.js': 'export const n = 3;',
    },
    words: ['--N=2'],
    result: [3, 2],
    auto: 'plain',
  },
];

describe.each(CASES)('$title', ({ files, words, result, ways, auto }) => {
  it.each(ways ?? ['plain', 'tsx'])('loaded by %s', (way) => {
    const { run, printed } = new TestProject(files).run(MAIN, words, { COMEX_LOADER: way });
    expect(run.error, printed.stderr).toBeUndefined();
    expect(run.result).toEqual(result);
  });

  it(`takes ${auto} by itself`, () => {
    const { run } = new TestProject(files).run(MAIN, words);
    expect(run.result).toEqual(result);
    expect(run.meta.loader).toBe(auto);
  });
});

describe.each(['plain', 'tsx'])('loaded by %s', (way) => {
  const env = { COMEX_LOADER: way };

  it('a stack shows the lines of the source', () => {
    const source = `/** Doc. */\nexport const RATE: number = 0.1;\nexport const MODEL = {\n  hidden: 8, // a comment\n};

interface Unused {\n  a: number;\n}\n\nexport default function experiment(): void {\n  deep();\n}\nfunction deep(): never {\n  throw new Error('here');\n}\n`;
    const { run, printed } = new TestProject({ [MAIN]: source }).run(MAIN, ['--RATE=2'], env);
    expect(printed.status).toBe(1);
    expect(run.error?.message).toBe('here');
    expect(run.error?.stack).toMatch(/main\.ts:15:\d+\)?\n.*main\.ts:12:/);
    expect(run.error?.stack).not.toContain('comex=');
  });

  it('a file that only a computed import reaches gets into the snapshot', () => {
    const { run } = new TestProject({
      [MAIN]: `const name = './late' + '.ts';\nexport default async () => (await import(name)).n;`,
      'experiments/late.ts': 'export const n = 1;',
    }).run(MAIN, [], way === 'plain' ? {} : env);
    expect(run.result).toBe(1);
    expect(run.meta.snapshot.files).toContain('experiments/late.ts');
    expect(run.meta.snapshot.skipped).toContainEqual(expect.objectContaining({ path: 'experiments/main.ts:2' }));
  });

  it('the module that fails to load fails the run with its own message', () => {
    const { run, printed } = new TestProject({ [MAIN]: `import 'no-such-package';\nexport default () => 1;` }).run(
      MAIN,
      [],
      env,
    );
    expect(printed.status).toBe(1);
    expect(run.status).toBe('failed');
    expect(run.error?.message).toContain('no-such-package');
  });
});
