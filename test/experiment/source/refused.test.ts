import { describe, expect, test } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const refusal = (text: string, path = `${process.cwd()}/experiments/foo.ts`): ComexError => {
  try {
    readModule(path, text);
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    return error as ComexError;
  }
  throw new Error(`nothing was refused in: ${text}`);
};

describe('forms that cannot be parameters', () => {
  test.each<[form: string, text: string, line: number]>([
    ['destructured', 'export const { A, b } = x;', 1],
    ['destructured array', '\nexport const [a, B] = x;', 2],
    ['destructured deeply', 'export const { a: { b: [, C = 1] } } = x;', 1],
    ['destructured rest', 'export const { ...REST } = x;', 1],
    ['destructured and exported by name', 'const { A } = x;\nexport { A };', 1],
    ['re-exported', "\r\nexport { A } from './a.ts';", 2],
    ['re-exported under an upper-case name', "export { a as A } from './a.ts';", 1],
    ['re-exported namespace', "export * as ALL from './a.ts';", 1],
    ['imported and exported', "import { A } from './a.ts';\nexport { A };", 2],
    ['imported default and exported', "import A from './a.ts';\nexport { A };", 2],
    ['renamed', 'const lr = 1;\nexport { lr as LR };', 2],
    ['renamed by text', "const lr = 1;\nexport { lr as 'LR' };", 2],
    ['renamed from upper case', 'const A = 1;\nexport { A as B };', 2],
    ['var', 'export var LR = 1;', 1],
    ['var exported by name', 'var LR = 1;\nexport { LR };', 1],
    ['declare', 'export declare const LR: number;', 1],
    ['declare exported by name', 'declare const LR: number;\nexport { LR };', 2],
    ['exported import alias', "import * as ns from './a.ts';\nexport import LR = ns.x;", 2],
    ['the rewriter’s name', 'const __comex = 1;\nexport const A = 1;', 1],
    ['the rewriter’s name as import', "import { __comex } from 'x';\nexport const A = 1;", 1],
  ])('%s', (_, text, line) => {
    const error = refusal(text);
    expect(error.code).toBe('E_PARAMETER');
    expect(error.message).toMatch(new RegExp(`^experiments/foo\\.ts:${line}: .*[;.] ?.*\\.$`, 's'));
    expect(error.message).not.toContain('\n');
  });

  test('the message names the parameter and what to do', () => {
    expect(refusal('const lr = 1;\nexport { lr as LR };').message).toBe(
      'experiments/foo.ts:2: Expected the parameter LR to be exported under the name of its variable, got "lr as LR"; rename the variable to LR.',
    );
  });

  test('a file outside the working directory is named in full', () => {
    expect(refusal('export var A = 1;', '/elsewhere/foo.ts').message).toMatch(/^\/elsewhere\/foo\.ts:1: /);
  });
});

describe('assignments to a bare name', () => {
  const head = 'export let A = 1;\nlet x: any;\n';

  test.each([
    'A = 5;',
    'A += 5;',
    'A ??= 5;',
    'A++;',
    '--A;',
    '[A] = [1];',
    '[x, ...A] = [1];',
    '({ A } = x);',
    '({ a: A } = x);',
    '({ a: { b: [A = 2] } } = x);',
    '({ ...A } = x);',
    'for (A of [1]);',
    'for (A in x);',
    'for ([A] of x);',
    '(A as any) = 5;',
    '(A) = 5;',
    'A! = 5;',
    '(<any>A)++;',
    'function f() { A = 5; }',
    'const f = () => (A = 5);',
    'class C { static { A = 5; } }',
    'function f(b = (A = 5)) { let A; }',
    '{ A = 5; { let A; } }',
    'x = () => { try {} catch { A = 1; } };',
    'const y = { m() { A = 1; } };',
    'label: A = 3;',
  ])('%s is refused', (code) => {
    const error = refusal(head + code);
    expect(error.code).toBe('E_PARAMETER');
    expect(error.message).toMatch(/^experiments\/foo\.ts:3: .*e\.A = value/);
  });

  test.each([
    'function f(A) { A = 5; }',
    'function f({ A }) { A = 5; }',
    'function f() { A = 5; var A; }',
    'function f() { if (x) { var A; } A = 5; }',
    '{ let A = 1; A = 5; }',
    'for (let A = 0; A < 1; A++);',
    'for (let A of [1]) A = 2;',
    'try {} catch (A) { A = 5; }',
    '(function A() { A = 5; });',
    'class K { static { let A; A = 1; } }',
    'switch (x) { case 1: let A; A = 2; }',
    'namespace N { let A = 1; A = 2; }',
    'const y = (A = 5) => A;',
    'x.A = 5; x["A"]++; ({ A: x } = x);',
    'A: for (;;) break A;',
    'enum E { A = 5 }',
    'x = A; x = { A };',
  ])('%s is fine', (code) => {
    expect(readModule('/x/a.ts', head + code).parameters).toHaveLength(1);
  });
});

describe('syntax errors', () => {
  test.each<[text: string, expected: RegExp]>([
    ['export const A = ;', /^experiments\/foo\.ts:1:18: Unexpected token\.$/],
    ['// 😀\r\nlet b = "😀" 5;', /^experiments\/foo\.ts:2:1\d: /],
    ['\uFEFFlet = = 1', /^experiments\/foo\.ts:1:\d+: /],
    ['export const A: number;', /^experiments\/foo\.ts:1:\d+: Missing initializer in const declaration\.$/],
    ['export const A = 1;\nexport const A = 2;', /^experiments\/foo\.ts:2:14: A is declared or exported twice/],
    ['export const A = 1;\nfunction A() {}', /^experiments\/foo\.ts:2:10: A is declared/],
    ["import A from 'a';\nexport const A = 1;", /^experiments\/foo\.ts:1:8: A is declared/],
    ['export const A = 1;\nexport { A };', /^experiments\/foo\.ts:1:14: A is declared or exported twice/],
    ['export const A = 1;\n{ var A = 2; }', /^experiments\/foo\.ts:2:7: A is declared/],
    ['export { A };', /^experiments\/foo\.ts:1:10: A is exported but not declared/],
  ])('%j', (text, expected) => {
    const error = refusal(text);
    expect(error.code).toBe('E_SYNTAX');
    expect(error.message).toMatch(expected);
  });
});
