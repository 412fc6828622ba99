// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import { describe, expect, test } from 'vitest';
import { readConfigProblems } from '../../../src/experiment/config/read.ts';
import { problems, read, refused, values, withParameters } from './reading.ts';

describe('what a YAML experiment says', () => {
  test('all its keys are read', () => {
    const text = [
      '# A small one.',
      'extend: ../digits.ts',
      'name: small',
      'description: A small run.',
      'namespace: digits/small',
      'note: |',
      '  Two',
      '  lines.',
      'tags: [a, b]',
      'include:',
      '  - ./notify.ts',
      '  - ./other.ts',
      'parameters:',
      '  EPOCHS: 2',
    ].join('\n');
    expect(read(text)).toMatchObject({
      path: '/x/sub/a.yml',
      text,
      extend: { specifier: '../digits.ts', line: 2 },
      name: 'small',
      description: 'A small run.',
      namespace: 'digits/small',
      note: 'Two\nlines.\n',
      tags: ['a', 'b'],
      include: [
        { specifier: './notify.ts', line: 11 },
        { specifier: './other.ts', line: 12 },
      ],
      parameters: [{ name: 'EPOCHS', line: 14, column: 3, value: 2 }],
      variables: [],
    });
  });

  test('an experiment to extend is enough', () => {
    const config = read('extend: ./a.ts');
    expect(config.parameters).toEqual([]);
    expect(config.tags).toEqual([]);
    expect(config.include).toEqual([]);
    expect('name' in config).toBe(false);
  });

  test.each(['parameters:', 'parameters: {}', 'parameters: null', 'tags:', 'include:', 'tags: []', 'include: []'])(
    '%s says nothing',
    (line) => expect(read(`extend: ./a.ts\n${line}\n`)).toMatchObject({ parameters: [], tags: [], include: [] }),
  );

  test('tags may be one text with commas, and are there once', () => {
    expect(read('extend: ./a.ts\ntags: a, b,, c ,a').tags).toEqual(['a', 'b', 'c']);
    expect(read('extend: ./a.ts\ntags: [b, a, b]').tags).toEqual(['b', 'a']);
  });

  test('one mixin may stand alone', () => {
    expect(read('extend: ./a.ts\ninclude: ./m.ts').include).toEqual([{ specifier: './m.ts', line: 2 }]);
  });

  test('paths are literal: the same file whatever the environment', () => {
    expect(read('extend: ./$a$$.ts').extend.specifier).toBe('./$a$$.ts');
    expect(refused('extend: ./${WHO}.ts', { WHO: 'me' })).toBe(
      'sub/a.yml:1:9: Expected extend to be literal, without environment variables, got the text "./${WHO}.ts".',
    );
    expect(refused('extend: ./a.ts\ninclude: ["./${WHO}.ts"]', { WHO: 'me' })).toContain('2:11: Expected a path in');
  });

  test.each([
    ['a byte order mark', '\uFEFFextend: ./a.ts\nparameters:\n  A: 1\n'],
    ['Windows line ends', 'extend: ./a.ts\r\nparameters:\r\n  A: 1\r\n'],
    ['a document marker', '---\nextend: ./a.ts\nparameters:\n  A: 1\n...\n'],
    ['the right directive', '%YAML 1.2\n---\nextend: ./a.ts\nparameters: {A: 1}'],
  ])('%s makes no difference', (_, text) => {
    const config = read(text);
    expect(config.parameters.map(({ name, value }) => [name, value])).toEqual([['A', 1]]);
    expect(config.text).toBe(text);
  });

  test('lines are counted behind a byte order mark and Windows line ends as an editor does', () => {
    expect(refused('\uFEFFextnd: ./a.ts')).toMatch(/^sub\/a\.yml:1:1: .*"extnd"\. Did you mean "extend"\?$/);
    expect(refused('extend: ./a.ts\r\n\r\nfoo: 1\r\n')).toMatch(/^sub\/a\.yml:3:1: /);
    expect(values('A: |\r\n  x\r\n  y\r\n')).toEqual({ A: 'x\ny\n' });
  });
});

describe('values', () => {
  test('are those of the core schema of YAML 1.2', () => {
    const lines = `
A: [1, -5, 010, 0o17, 0x1F, +3, -0, 1.10, 1e3, .5, 5.]
B: [true, False, TRUE, null, ~, , Null]
C: [NO, yes, on, y, off, 1_000, 0b11, 12:30, 2026-01-31, nan, Infinity]
D: [.inf, -.Inf, +.INF, .nan, .NaN]
`;
    expect(values(lines.replace(', ,', ', null,'))).toEqual({
      A: [1, -5, 10, 15, 31, 3, -0, 1.1, 1000, 0.5, 5],
      B: [true, false, true, null, null, null, null],
      C: ['NO', 'yes', 'on', 'y', 'off', '1_000', '0b11', '12:30', '2026-01-31', 'nan', 'Infinity'],
      D: [Infinity, -Infinity, Infinity, Number.NaN, Number.NaN],
    });
  });

  test('big integers keep all their digits', () => {
    expect(values('A: 9007199254740993\nB: -9007199254740992\nC: 9007199254740991\nD: 0xFFFFFFFFFFFFFFFF')).toEqual({
      A: 9007199254740993n,
      B: -9007199254740992n,
      C: 9007199254740991,
      D: 0xffffffffffffffffn,
    });
  });

  test('a number beyond all numbers is refused', () => {
    expect(refused(withParameters('A: 1e999'))).toMatch(/^sub\/a\.yml:3:6: .*below 1\.8e308, got 1e999\. Write \.inf/);
  });

  test('texts are what YAML makes of them', () => {
    const lines = 'A: plain # comment\nB: "tab\\t\\u00e9\\x41"\nC: \'it\'\'s\'\nD: >\n  folded\n  text\nE: ""\nF: a#b';
    expect(values(lines)).toEqual({ A: 'plain', B: 'tab\té\u0041', C: "it's", D: 'folded text\n', E: '', F: 'a#b' });
  });

  test('an empty value is null', () => expect(values('A:\nB: []\nC: {}')).toEqual({ A: null, B: [], C: {} }));

  test('keys below a parameter are texts as they are written', () => {
    expect(values('A: {1.10: a, true: b, null: c, "": d, a.b: e, <: f, "<<": {g: 1}}')).toEqual({
      A: { '1.10': 'a', true: 'b', null: 'c', '': 'd', 'a.b': 'e', '<': 'f', '<<': { g: 1 } },
    });
  });

  test('__proto__ is a key like others', () => {
    const { A } = values('A: {__proto__: {x: 1}, constructor: 2}') as { A: object };
    expect(Object.entries(A)).toEqual([
      ['__proto__', { x: 1 }],
      ['constructor', 2],
    ]);
    expect(Object.getPrototypeOf(A)).toBe(Object.prototype);
  });

  test('aliases stand for what their anchor names', () => {
    expect(values('A: &a {x: 1}\nB: *a\nC: [*a, &a 2, *a]')).toEqual({ A: { x: 1 }, B: { x: 1 }, C: [{ x: 1 }, 2, 2] });
  });

  test('merge keys give what is not there; the first of several wins', () => {
    const lines =
      'A: &a {x: 1, y: 1}\nB: &b {<<: *a, y: 2, z: 2}\nC: {x: 3, <<: [*b, *a, {w: 4}]}\nD: {<<: *b, <<: {v: 5}}';
    expect(values(lines)).toMatchObject({
      B: { x: 1, y: 2, z: 2 },
      C: { x: 3, y: 2, z: 2, w: 4 },
      D: { x: 1, y: 2, z: 2, v: 5 },
    });
  });

  test('explicit tags of the core schema are allowed where they fit', () => {
    expect(values('A: !!str 5\nB: !!float 5\nC: !!int 5\nD: !!bool true\nE: ! 7\nF: !!map {}\nG: !!seq []')).toEqual({
      A: '5',
      B: 5,
      C: 5,
      D: true,
      E: '7',
      F: {},
      G: [],
    });
  });
});

describe('names of parameters', () => {
  test('dotted keys are the same as nested ones', () => {
    const lines = 'MODEL.hidden: 64\nMODEL.deep.a: 1\nB: 2\nMODEL:\n  kind: mlp\n  deep: {b: 2}';
    expect(values(lines)).toEqual({ MODEL: { hidden: 64, deep: { a: 1, b: 2 }, kind: 'mlp' }, B: 2 });
    expect(read(withParameters(lines)).parameters[0]).toMatchObject({ line: 3, column: 3 });
  });

  test('special names and names of other alphabets are names', () => {
    expect(values('__SEED__: 1\n_A1: 2\nÄ: 3')).toEqual({ __SEED__: 1, _A1: 2, Ä: 3 });
  });

  test.each([
    ['learningRate: 1', '"learningRate". Did you mean "LEARNING_RATE"?'],
    ['learning-rate: 1', '"learning-rate". Did you mean "LEARNING_RATE"?'],
    ['Epochs: 1', '"Epochs". Did you mean "EPOCHS"?'],
    ['model.hidden: 1', '"model.hidden". Did you mean "MODEL.hidden"?'],
    ['1: 1', 'got "1".'],
    ['"": 1', 'got "".'],
    ['A..b: 1', 'got "A..b".'],
    ['A.: 1', 'got "A.".'],
  ])('%s is no name', (line, message) => {
    expect(refused(withParameters(line))).toMatch(/^sub\/a\.yml:3:3: /);
    expect(refused(withParameters(line))).toContain(message);
  });

  test.each([
    ['A: 1\nA: 2', 'Expected each key once, got "A" again, after line 3.'],
    ['A: {x: 1}\nA.x: 2', 'Expected A.x once, got it again, after line 3.'],
    ['A.x: 1\nA.x.y: 2', 'Expected A.x once, got it again, after line 3.'],
    ['A: 1\nA.x: 2', 'Expected A once, got it again, after line 3.'],
  ])('%j gives a value twice', (lines, message) => {
    expect(refused(withParameters(lines))).toBe(`sub/a.yml:4:3: ${message}`);
  });
});

describe('what is refused', () => {
  test.each<[text: string, message: string]>([
    ['', '1:1: Expected a mapping such as "extend: ./experiment.ts", got an empty file.'],
    ['# nothing\n', '1:1: Expected a mapping such as "extend: ./experiment.ts", got an empty file.'],
    ['\uFEFF', '1:1: Expected a mapping such as "extend: ./experiment.ts", got an empty file.'],
    ['- a', '1:1: Expected a mapping such as'],
    ['./a.ts', '1:1: Expected a mapping such as'],
    ['name: a', '1:1: Expected "extend", the path of the experiment that this one varies, found none.'],
    ['extend:', '1:8: Expected extend to be the path of an experiment, got nothing.'],
    ['extend: ""', '1:9: Expected extend to be the path of an experiment, got the text "".'],
    ['extend: [a.ts]', '1:9: Expected extend to be the path of an experiment, got a list.'],
    ['extend: {a: 1}', '1:9: Expected extend to be the path of an experiment, got a mapping.'],
    ['extend: a\nparameters: [A]', '2:13: Expected parameters to be a mapping of names to values, got a list.'],
    ['extend: a\nparameters: A', '2:13: Expected parameters to be a mapping of names to values, got the text "A".'],
    ['extend: a\nparameters: !replace {}', '2:22: Expected parameters to be a mapping'],
    ['extend: a\nname: 1.10', '2:7: Expected name to be a text, got the number 1.10. Write it in quotes: "1.10".'],
    ['extend: a\ndescription:', '2:13: Expected description to be a text, got nothing.'],
    ['extend: a\ntags: 5', '2:7: Expected tags to be a list of texts or a text with commas, got the number 5.'],
    [
      'extend: a\ntags: [a, true]',
      '2:11: Expected a tag to be a text, got the boolean true. Write it in quotes: "true".',
    ],
    ['extend: a\ninclude: {a: b}', '2:10: Expected include to be a path or a list of paths, got a mapping.'],
    ['extend: a\nbase_path: b', '2:1: Expected a key of an experiment, got "base_path". The keys are: extend, name,'],
    ['extend: a\nparams: {}', '2:1: Expected a key of an experiment, got "params".'],
    ['extend: a\nEPOCHS: 1', '2:1: Expected a key of an experiment, got "EPOCHS". Put it below "parameters".'],
    ['extend: a\nextend: b', '2:1: Expected each key once, got "extend" again, after line 1.'],
    ['extend: a\n---\nextend: b', '2:1: Expected one YAML document, got a second one.'],
    ['%YAML 1.1\n---\nextend: a', '1:1: Expected YAML 1.2, got a directive of YAML 1.1.'],
    ['extend: a\nparameters:\n\tA: 1', '3:1: Expected YAML: Tabs are not allowed as indentation.'],
    ['extend: a: b', '1:9: Expected YAML: Nested mappings are not allowed in compact mappings.'],
    ['extend: "a', '1:11: Expected YAML: '],
    ['extend: a\n? [x]\n: 1', '2:3: Expected a text for a key, got a list or mapping.'],
    ['extend: a\n: 1', '2:1: Expected a text for a key, got none.'],
    ['extend: &a a\n*a : 1', '2:1: Expected a text for a key, got an alias.'],
  ])('%j', (text, message) => {
    expect(refused(text)).toContain(`sub/a.yml:${message}`);
  });

  test.each<[lines: string, message: string]>([
    ['A: *a', '3:6: Expected an anchor "&a" before the alias "*a", found none.'],
    ['A: &a [*a]', '3:10: Expected a value that does not contain itself, got an alias of what it is in.'],
    ['A: &a {x: {<<: *a}}', '3:18: Expected a value that does not contain itself'],
    ['A: &a {<<: *a}', '3:14: Expected a value that does not contain itself'],
    ['A: {<<: 5}', '3:11: Expected "<<" to merge a mapping or a list of mappings, got another value.'],
    ['A: !!timestamp 2026-01-31', '3:18: Expected no tags but !replace, got !!timestamp. Write the value as it is'],
    ['A: !!set {a}', '3:12: Expected no tags but !replace, got !!set.'],
    ['A: !!binary aGk=', '3:15: Expected no tags but !replace, got !!binary.'],
    ['A: !!int x', '3:12: Expected no tags but !replace, got !!int.'],
    ['A: !Replace {}', '3:15: Expected no tags but !replace, got !Replace.'],
    ['A: !replace 5', '3:15: Expected !replace before a mapping only, got another value.'],
    ['A: !replace [5]', '3:15: Expected !replace before a mapping only, got another value.'],
    ['A: {x: 1, x: 2}', '3:13: Expected each key once, got "x" again, after line 3.'],
  ])('as a parameter, %j', (lines, message) => {
    expect(refused(withParameters(lines))).toContain(`sub/a.yml:${message}`);
  });

  test.each([
    ['name', 'a/b'],
    ['name', 'a:b'],
    ['name', ''],
    ['name', '..'],
    ['name', 'con'],
    ['name', 'a.'],
    ['name', 'x'.repeat(300)],
    ['namespace', '../x'],
    ['namespace', '/x'],
    ['namespace', 'C:/x'],
    ['namespace', 'a//b'],
    ['namespace', 'a/'],
    ['namespace', 'a\\b'],
    ['namespace', 'a/.comex/b'],
    ['namespace', 'a?'],
    ['namespace', 'a\nb'],
  ])('a %s %j that no folder can have', (key, text) => {
    const message = refused(`extend: ./a.ts\n${key}: ${JSON.stringify(text)}`);
    expect(message).toMatch(new RegExp(`^sub/a\\.yml:2:${key.length + 3}: Expected (${key}|a ${key} without)`));
    expect(message).not.toContain('figures');
  });

  test('a file outside of the working directory is named in full', () => {
    const all = readConfigProblems('/y/a.yml', 'foo: 1', {});
    expect(all.source).toBeUndefined();
    expect(all.problems.map(({ code }) => code)).toEqual(['E_CONFIG', 'E_CONFIG']);
  });
});

describe('all problems at once', () => {
  test('come in the order of the file, each at its place', () => {
    const text = 'extend: ./a.ts\nnam: x\nparameters:\n  lr: 1\n  A: ${A}\n  B: !foo 1\n  C: 3\n  A: 2\ntags: 5\n';
    expect(problems(text).map((problem) => problem.split(' ')[0])).toEqual(['2:1', '8:3', '9:7']);
    const others = problems(text.replace('  A: 2\n', ''));
    expect(others.map((problem) => problem.split(' ')[0])).toEqual(['2:1', '4:3', '5:6', '6:11', '8:7']);
  });

  test('leave what is right', () => {
    const { source } = readConfigProblems('/x/a.yml', 'extend: ./a.ts\nfoo: 1\nparameters:\n  lr: 1\n  A: 2', {});
    expect(source).toMatchObject({ extend: { specifier: './a.ts' }, parameters: [{ name: 'A', value: 2 }] });
  });

  test('are one for each line of broken YAML', () => {
    const found = problems('extend: ./a.ts\nA: b: c: d\nB: ]\nC: "x" y z\n');
    expect(found.map((problem) => problem.split(':')[0])).toEqual(['2', '3', '4']);
  });
});
