// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
import { describe, expect, test } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import type { Declaration, ModuleSource } from '../../../src/experiment/definition.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';
import { typeText } from '../../../src/experiment/source/type-text.ts';

const ALL = "import { extend, inherit, replace, append, prepend, hookPoint } from 'comex';\n";
const read = (text: string): ModuleSource => readModule(`${process.cwd()}/experiments/foo.ts`, text);
const refusal = (text: string): ComexError => {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    return error as ComexError;
  }
  throw new Error(`nothing was refused in: ${text}`);
};

describe('the parent that a module names', () => {
  test.each<[form: string, text: string, expected: Partial<ModuleSource['extend']>]>([
    ['directly', `${ALL}export default extend('./p.ts');`, { specifier: './p.ts', line: 2, hasMain: false }],
    ['with a main', `${ALL}export default extend('./p.ts', async (e, parent) => parent(e));`, { hasMain: true }],
    ['with undefined for a main', `${ALL}export default extend('./p.ts', undefined);`, { hasMain: false }],
    ['by a constant', `${ALL}\nconst x = extend('./p.ts');\nexport default x;`, { specifier: './p.ts', line: 3 }],
    [
      'by a constant of a constant',
      `${ALL}const x = extend('./p.ts');\nconst y = (x);\nexport default y!;`,
      { line: 2 },
    ],
    ['by an export list', `${ALL}const x = extend('./p.ts');\nexport { x as default };`, { specifier: './p.ts' }],
    ['in parentheses', `${ALL}export default (extend('./p.ts'));`, { specifier: './p.ts' }],
    ['with as', `${ALL}export default extend('./p.ts') as Main;`, { specifier: './p.ts' }],
    ['with satisfies', `${ALL}export default (extend('./p.ts') satisfies Main);`, { specifier: './p.ts' }],
    ['by a template without expressions', `${ALL}export default extend(\`./p.ts\`);`, { specifier: './p.ts' }],
    ['with a wrapped path', `${ALL}export default extend(('./p.ts' as const));`, { specifier: './p.ts' }],
    ['under another name', "import { extend as child } from 'comex';\nexport default child('./p.ts');", { line: 2 }],
    ['by a namespace', "import * as comex from 'comex';\nexport default comex.extend('./p.ts');", { line: 2 }],
    ['with comments', `${ALL}export default /* a */ extend(/* b */ './p.ts' /* c */);`, { specifier: './p.ts' }],
  ])('%s', (_, text, expected) => {
    expect(read(text).extend).toMatchObject(expected as object);
    expect(read(text).exports).toContain('default');
  });

  test.each<[form: string, text: string]>([
    ['no import', "export default extend('./p.ts');"],
    ['of another library', "import { extend } from 'lodash';\nexport default extend('./p.ts');"],
    ['a type import', "import type { extend } from 'comex';\nexport default extend('./p.ts');"],
    ['an own function', "function extend(path: string) {}\nexport default extend('./p.ts');"],
    ['shadowed', `${ALL}export default function (extend: any) { extend('./p.ts'); }`],
    ['in a comment', `${ALL}// export default extend('./p.ts');\nexport default () => 1;`],
    ['a member of something else', `${ALL}export default x.extend('./p.ts');`],
  ])('%s names none', (_, text) => {
    expect(read(text)).not.toHaveProperty('extend');
  });

  test.each<[form: string, text: string, got: string, line: number]>([
    ['computed', "export default extend(\n'./' + name);", 'a computed one', 3],
    ['a template', 'export default extend(`./${name}.ts`);', 'a computed one', 2],
    ['a constant', "const p = './p.ts';\nexport default extend(p);", 'a computed one', 3],
    ['spread', 'export default extend(...args);', 'a computed one', 2],
    ['a number', 'export default extend(5);', 'a computed one', 2],
    ['missing', 'export default extend();', 'none', 2],
    ['empty', "export default extend('');", 'an empty one', 2],
  ])('a path that is %s is refused', (_, text, got, line) => {
    const error = refusal(ALL + text);
    expect(error.code).toBe('E_EXPERIMENT');
    expect(error.message).toContain(
      `experiments/foo.ts:${line}: Expected extend() to be given a literal path, got ${got};`,
    );
  });

  test.each([
    "export default wrap(extend('./p.ts'));",
    "export default x ? extend('./a.ts') : extend('./b.ts');",
    "const x = extend('./p.ts');\nexport default () => 1;",
    "export const other = extend('./a.ts');\nexport default extend('./p.ts');",
    'export default () => extend;',
    'let x = extend("./a.ts");\nx = 5;\nexport default x;',
  ])('%s is refused: it is not the default export', (text) => {
    const error = refusal(ALL + text);
    expect(error.code).toBe('E_EXPERIMENT');
    expect(error.message).toMatch(/^experiments\/foo\.ts:2: Expected extend\(\) once, as the default export/);
  });

  test.each<[form: string, text: string, expected: { specifier: string; line: number } | undefined]>([
    [
      'typeof import',
      "export default extend<typeof import('./p.ts'), Self>('./p.ts');",
      { specifier: './p.ts', line: 2 },
    ],
    [
      'an alias',
      "type Parent = typeof import('./old.ts');\nexport default extend<Parent, Self>('./p.ts');",
      { specifier: './old.ts', line: 2 },
    ],
    [
      'an exported alias of an alias',
      "type A = (typeof import('./old.ts'));\nexport type B = A;\nexport default extend<B>('./p.ts');",
      { specifier: './old.ts', line: 2 },
    ],
    [
      'typeof of a namespace',
      "import type * as P from './old.ts';\nexport default extend<typeof P>('./p.ts');",
      { specifier: './old.ts', line: 2 },
    ],
    ['none', "export default extend('./p.ts');", undefined],
    ['an unknown alias', "export default extend<Parent>('./p.ts');", undefined],
    ['a circle of aliases', "type A = B; type B = A;\nexport default extend<A>('./p.ts');", undefined],
    ['a member of an import', "export default extend<typeof import('./p.ts').x>('./p.ts');", undefined],
    ['a generic alias', "type P<T> = typeof import('./x.ts');\nexport default extend<P<1>>('./p.ts');", undefined],
  ])('the type argument: %s', (_, text, expected) => {
    expect(read(ALL + text).extend?.typed).toEqual(expected);
  });

  test.each<[form: string, text: string, expected: { specifier: string; line: number } | undefined]>([
    ['the alias Self', "\ntype Self = typeof import('./foo.ts');", { specifier: './foo.ts', line: 2 }],
    ['an exported alias', "export type Self = typeof import('./foo.ts');", { specifier: './foo.ts', line: 1 }],
    [
      'the type of e',
      "export default async function main(e: Experiment<typeof import('./old.ts')>) {}",
      { specifier: './old.ts', line: 1 },
    ],
    [
      'the type of e in an arrow function',
      "type Me = typeof import('./old.ts');\nexport default (e: Experiment<Me>) => 1;",
      { specifier: './old.ts', line: 1 },
    ],
    [
      'the type of e of a child’s main',
      `${ALL}export default extend('./p.ts', (e: Experiment<typeof import('./a.ts'), X>, parent) => 1);`,
      { specifier: './a.ts', line: 2 },
    ],
    ['another alias', "type Other = typeof import('./foo.ts');", undefined],
    ['an untyped main', 'export default (e) => 1;', undefined],
    ['a main of another type', 'export default ({ a }: Experiment<X>) => 1;', undefined],
    ['a class', 'export default class {}', undefined],
  ])('the module’s own path: %s', (_, text, expected) => {
    expect(read(text).selfImport).toEqual(expected);
  });
});

describe('the mixins that a module includes', () => {
  test.each<[form: string, text: string, expected: [specifier: string, line: number][]]>([
    ['none', 'export const x = 1;', []],
    ['not exported', "const include = './x.ts';", []],
    ['one', "export const include = './x.ts';", [['./x.ts', 1]]],
    [
      'several',
      "export const include = [\n'./x.ts', // a\n`./y.ts`,\n];",
      [
        ['./x.ts', 2],
        ['./y.ts', 3],
      ],
    ],
    ['an empty array', 'export const include: string[] = [];', []],
    ['as const', "export const include = ['./x.ts'] as const;", [['./x.ts', 1]]],
    ['satisfies', "export const include = (['./x.ts'] satisfies string[]);", [['./x.ts', 1]]],
    ['by an export list', "const list = ['./x.ts'];\nexport { list as include };", [['./x.ts', 1]]],
    ['let', "export let include = './x.ts';", [['./x.ts', 1]]],
  ])('%s', (_, text, expected) => {
    expect(read(text).include).toEqual(expected.map(([specifier, line]) => ({ specifier, line })));
  });

  test.each<[form: string, text: string, line: number, got: string]>([
    ['a call', 'export const include = list();', 1, 'a computed one'],
    ['a sum', "export const include = [\n'./a.ts',\n'./' + name];", 3, 'a computed one'],
    ['a spread', 'export const include = [...others];', 1, 'a computed one'],
    ['a hole', "export const include = [, './a.ts'];", 1, 'a computed one'],
    ['a name', "const A = './a.ts';\nexport const include = [A];", 2, 'a computed one'],
    ['a template', 'export const include = [`./${x}.ts`];', 1, 'a computed one'],
    ['a number', 'export const include = 5;', 1, 'a computed one'],
    ['no value', '\nexport let include: string[];', 2, 'a computed one'],
    ['an empty path', "export const include = [''];", 1, 'an empty one'],
    ['a function', '\nexport function include() {}', 2, 'another kind of export'],
    ['a re-export', "\nexport { include } from './x.ts';", 2, 'another kind of export'],
    [
      'an array that grows',
      "export const include = [];\ninclude.push('./a.ts');",
      1,
      'an array that the module changes',
    ],
    ['a variable that changes', "export let include = './a.ts';\ninclude = './b.ts';", 1, 'a computed one'],
  ])('%s is refused', (_, text, line, got) => {
    const error = refusal(text);
    expect(error.code).toBe('E_EXPERIMENT');
    expect(error.message).toContain(`experiments/foo.ts:${line}: Expected include to be a literal path`);
    expect(error.message).toContain(`got ${got};`);
  });
});

describe('the hooks that a module registers', () => {
  const hooks = (text: string): [string, string][] => read(ALL + text).hooks.map(({ name, mode }) => [name, mode]);

  test.each<[form: string, text: string, expected: [name: string, mode: string][]]>([
    [
      'methods and properties',
      'export const hooks = { a(e) {}, b: async () => 1, c, "d-e": f, get g() { return 1; } };',
      [
        ['a', 'plain'],
        ['b', 'plain'],
        ['c', 'plain'],
        ['d-e', 'plain'],
        ['g', 'plain'],
      ],
    ],
    [
      'modes',
      'export const hooks = { a: append(f), b: prepend(async (e) => 1), c: replace(f), d: hookPoint<{ x: 1 }>() };',
      [
        ['a', 'append'],
        ['b', 'prepend'],
        ['c', 'replace'],
        ['d', 'point'],
      ],
    ],
    [
      'wrapped modes',
      'export const hooks = { a: (append(f) as any), b: prepend(f)! };',
      [
        ['a', 'append'],
        ['b', 'prepend'],
      ],
    ],
    ['satisfies', 'export const hooks = { a() {} } satisfies Hooks<Self>;', [['a', 'plain']]],
    ['as', 'export const hooks = ({ a() {} }) as const;', [['a', 'plain']]],
    ['annotated', 'export const hooks: Hooks = { a: append(f) };', [['a', 'append']]],
    ['an export list', 'const hooks = { a() {} };\nexport { hooks };', [['a', 'plain']]],
    ['another local name', 'const mine = { a() {} };\nexport { mine as hooks };', [['a', 'plain']]],
    [
      'constants for values',
      'const f = append(g);\nexport const hooks = { f, a: f };',
      [
        ['f', 'append'],
        ['a', 'append'],
      ],
    ],
    [
      'the same twice',
      'export const hooks = { a: append(f), b() {}, a() {} };',
      [
        ['b', 'plain'],
        ['a', 'plain'],
      ],
    ],
    ['computed literals', "export const hooks = { ['a']: f };", [['a', 'plain']]],
    ['an array method of the same name', 'export const hooks = { a: list.append(f) };', [['a', 'plain']]],
  ])('%s', (_, text, expected) => {
    expect(hooks(text)).toEqual(expected);
    expect(read(ALL + text).hooksKnown).toBe(true);
  });

  test('modes are told by the names they were imported under', () => {
    const text = `import { append as last } from 'comex';\nimport * as lib from 'comex';
function prepend(f) { return f; }
export const hooks = { a: last(f), b: lib.prepend(f), c: prepend(f) };`;
    expect(read(text).hooks.map(({ mode }) => mode)).toEqual(['append', 'prepend', 'plain']);
  });

  test('entries have their lines and their JSDoc', () => {
    const text = `export const hooks = {
  /** After an epoch. */
  after_epoch() {},
  // no JSDoc
  other: f,
};`;
    expect(read(text).hooks).toEqual([
      { name: 'after_epoch', line: 3, mode: 'plain', doc: 'After an epoch.' },
      { name: 'other', line: 5, mode: 'plain' },
    ]);
  });

  test.each<[form: string, text: string, names: string[]]>([
    ['a spread', 'export const hooks = { ...base, a() {} };', ['a']],
    ['a computed key', 'export const hooks = { [name]: f, a() {} };', ['a']],
    ['a prototype', 'export const hooks = { __proto__: base, a() {} };', ['a']],
    ['changes in place', 'export const hooks: any = { a() {} };\nhooks.b = f;', ['a']],
    ['a call', 'export const hooks = make();', []],
    ['a re-export', "export { hooks } from './other.ts';", []],
    ['a class', 'export class hooks {}', []],
    ['an import', "import { hooks } from './other.ts';\nexport { hooks };", []],
  ])('%s leaves entries open', (_, text, names) => {
    expect(read(text).hooksKnown).toBe(false);
    expect(read(text).hooks.map(({ name }) => name)).toEqual(names);
  });

  test('no hooks are known hooks', () => {
    expect(read('const hooks = make();')).toMatchObject({ hooks: [], hooksKnown: true });
  });
});

describe('the hooks that a module applies', () => {
  test.each<[text: string, names: string[], known: boolean]>([
    ["e.applyHook('a'); await e.applyHook(`b`, {});", ['a', 'b'], true],
    ["(e as any).applyHook<number>('a'); e?.applyHook!('b');", ['a', 'b'], true],
    ["e.applyHook('a', { x: e.applyHook('b') });", ['a', 'b'], true],
    ["e['applyHook']('a');", ['a'], true],
    ["e.applyHook('a'); e.applyHook(name);", ['a'], false],
    ['e.applyHook(`a${x}`);', [], false],
    ['e.applyHook();', [], false],
    ["const { applyHook } = e; applyHook('a');", [], false],
    ['const f = e.applyHook;', [], false],
    ["call(e['applyHook']);", [], false],
    ['type T = { applyHook(name: string): void }; let e: { applyHook: any };', [], true],
    ['// applyHook(name)\nconst x = "e.applyHook(y)";', [], true],
  ])('%s', (text, names, known) => {
    const module = read(text);
    expect(module.hookPoints.map(({ name }) => name)).toEqual(names);
    expect(module.hookPointsKnown).toBe(known);
  });
});

describe('the experiments that a module runs', () => {
  test.each<[text: string, specifiers: string[]]>([
    ["await e.run('./a.ts'); x.run('../b', {}); e.run(`./a.ts`);", ['./a.ts', '../b']],
    [
      "e.run('a.ts'); e.run('a.mts'); e.run('a.js'); e.run('a.mjs'); e.run('a.yml'); e.run('a.yaml');",
      ['a.ts', 'a.mts', 'a.js', 'a.mjs', 'a.yml', 'a.yaml'],
    ],
    ["(e as any).run('./a.ts'); e?.run('./b.ts');", ['./a.ts', './b.ts']],
    [
      "e.run(path); e.run('make'); e.run('a.py'); e.runs('./a.ts'); run('./a.ts'); e.x.run('./a.ts'); e['run']('./a.ts'); e.run();",
      [],
    ],
    ["// e.run('./a.ts')", []],
  ])('%s', (text, specifiers) => {
    expect(read(text).runs.map(({ specifier }) => specifier)).toEqual(specifiers);
  });

  test('each is told once, with its first line', () => {
    expect(read("\ne.run('./a.ts');\ne.run('./a.ts');").runs).toEqual([{ specifier: './a.ts', line: 2 }]);
  });
});

describe('how a declaration stands to its parent', () => {
  const only = (text: string): Declaration => read(ALL + text).parameters[0]!;

  test.each<[text: string, form: Declaration['form'], type: string]>([
    ['export const A = 1;', 'plain', 'number'],
    ['export let A: number;', 'plain', 'number'],
    ['export const A = { a: 1 };', 'fields', '{ a: number }'],
    ['export const A = {};', 'fields', 'Record<string, any>'],
    ['export const A = ({ a: 1 } as const);', 'fields', '{ a: number }'],
    ['export const A: T = { a: 1 } satisfies T;', 'fields', 'T'],
    ['export const A = x ? { a: 1 } : { a: 2 };', 'plain', '{ a: number }'],
    ['export const A = [1];', 'plain', 'number[]'],
    ['export const A = inherit();', 'inherit', 'inherited'],
    ['export const A = inherit((x: number) => x * 2);', 'inherit', 'inherited'],
    ['export const A: number = inherit();', 'inherit', 'number'],
    ['export const A = (inherit() as number);', 'inherit', 'number'],
    ['export const A = inherit<number>();', 'inherit', 'inherited'],
    ['export const A = replace(5);', 'replace', 'number'],
    ['export const A = replace({ a: 1 })!;', 'replace', '{ a: number }'],
    ['export const A: string | number = replace(5);', 'replace', 'string | number'],
    ['export const A = replace(null);', 'replace', 'any'],
    [
      'export const A = { a: inherit(), b: { c: inherit((x) => x), d: replace([1]) } };',
      'fields',
      '{ a: inherited; b: { c: inherited; d: number[] } }',
    ],
    ['export const A = [replace(1)];', 'plain', 'number[]'],
    ['export const A = f(replace(1));', 'plain', 'unknown'],
  ])('%s', (text, form, type) => {
    expect(only(text)).toMatchObject({ form });
    expect(typeText(only(text).type)).toBe(type);
  });

  test('names are those of the import', () => {
    const text = `import { inherit as parent, replace as whole } from 'comex';\nimport * as comex from 'comex';
export const A = parent(), B = whole(1), C = comex.inherit(), D = comex.replace('x');`;
    expect(read(text).parameters.map(({ form }) => form)).toEqual(['inherit', 'replace', 'inherit', 'replace']);
  });

  test('a function of the same name is no marker', () => {
    const text =
      'function inherit(x?: number) { return 5; }\nconst replace = (x: number) => x;\nexport const A = inherit(), B = replace(1);\nconst y = [inherit()];';
    expect(read(text).parameters.map(({ form }) => form)).toEqual(['plain', 'plain']);
    const shadowed = `${ALL}export const A = inherit((inherit: any) => inherit(1));\nfunction f(inherit: any) { return inherit(); }`;
    expect(read(shadowed).parameters[0]?.form).toBe('inherit');
  });

  test('annotations are told apart', () => {
    const { parameters } = read(`${ALL}export const A: number = 1, B = 1 as number, C: any = inherit();`);
    expect(parameters.map(({ annotated }) => annotated)).toEqual([true, false, true]);
  });

  test.each([
    'export const A = [inherit()];',
    'export const A = 1 + inherit();',
    'export const A = f(inherit());',
    'export const A = replace({ a: inherit() });',
    'export const A = inherit(() => inherit());',
    'export const A = { a: [inherit()] };',
    'export const A = { inherit };',
    'export const A = { ...inherit() };',
    'export const A = { [inherit()]: 1 };',
    'export const A = inherit?.();',
    'export const A = await inherit();',
    'export const A = inherit;',
    'export const lower = inherit();',
    'const A = inherit();',
    'export default () => inherit();',
    'export const A = x ? inherit() : 1;',
  ])('%s is refused: the runner would not see it', (text) => {
    const error = refusal(`${ALL}\n${text}`);
    expect(error.code).toBe('E_PARAMETER');
    expect(error.message).toMatch(
      /^experiments\/foo\.ts:3: Expected inherit\(\) directly behind "export const NAME ="/,
    );
  });

  test('a misplaced one of a namespace is refused, too', () => {
    expect(refusal("import * as c from 'comex';\nexport const A = [c.inherit()];").message).toMatch(
      /:2: Expected inherit/,
    );
  });
});

describe('parameters of other modules', () => {
  test.each<[text: string, expected: [name: string, specifier: string][]]>([
    ["import { LR } from './p.ts';\nexport const A = LR * 2;", [['LR', './p.ts']]],
    ["import { LR as rate } from './p.ts';\nexport const A = rate * 2;", [['LR', './p.ts']]],
    ["import { lr as LR } from './p.ts';\nexport const A = LR;", []],
    ["import { LR } from './p.ts';\nexport const A = () => LR + LR;", [['LR', './p.ts']]],
    ["import { LR } from './p.ts';\nexport const A = (LR) => LR;", []],
    [
      "import { LR, OTHER } from '@/p';\nimport { X } from '#lib';\nexport const A = [X, LR];",
      [
        ['X', '#lib'],
        ['LR', '@/p'],
      ],
    ],
    ["import * as p from './p.ts';\nexport const A = p.LR + p.lower + q.X;", [['LR', './p.ts']]],
    ["import type { LR } from './p.ts';\nexport const A: typeof LR = 1;", []],
    ["import { EOL } from 'node:os';\nexport const A = EOL;", []],
    ["import LR from './p.ts';\nexport const A = LR;", []],
    ["import { LR } from './p.ts';\nexport const B = LR, A = 1;", []],
    ["import { LR } from './p.ts';\nexport let A: number;", []],
  ])('%s', (text, expected) => {
    const used = read(text).parameters.find(({ name }) => name === 'A')!.usesImported;
    expect(used.map(({ name, specifier }) => [name, specifier])).toEqual(expected);
  });
});
