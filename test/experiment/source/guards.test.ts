import { parseSync } from 'oxc-parser';
import { transformSync } from 'oxc-transform';
import { describe, expect, test } from 'vitest';
import { readModule } from '../../../src/experiment/source/read-module.ts';

/** What the guards add to the text, after a check that it is valid and that no line moved. */
function guarded(text: string): string {
  const module = readModule('/x/a.ts', text);
  expect(parseSync('a.ts', module.guarded).errors).toEqual([]);
  expect(transformSync('a.ts', module.guarded).errors).toEqual([]);
  expect(module.guarded.split('\n').length).toBe(text.split('\n').length);
  return module.guarded;
}

const HEAD = 'export const A = 1, B = 2;\n';
const below = (text: string): string =>
  guarded(HEAD + text)
    .split('\n')
    .slice(1)
    .join('\n');
const use = (...names: string[]): string => `__comexUse(${names.map((name) => `"${name}"`).join(', ')});`;

describe('the check before code of the top that names a parameter', () => {
  test.each<[text: string, expected: string]>([
    ['f(A);', `${use('A')}f(A);`],
    ['f(B, A, A)', `${use('B', 'A')}f(B, A, A)`],
    ['const copy = A * 2;', `${use('A')}const copy = A * 2;`],
    ['export const copy = A * 2;', `${use('A')}export const copy = A * 2;`],
    ['export default A;', `${use('A')}export default A;`],
    ['export default f(A, () => B);', `${use('A')}export default f(A, () => B);`],
    ['enum E { X = A }', `${use('A')}enum E { X = A }`],
    ['if (A) f();', `${use('A')}if (A) f();`],
    ['if (x) f(A);', `if (x) { ${use('A')}f(A); }`],
    ['if (x) f(A)\nelse if (B) g()\nh()', `if (x) { ${use('A')}f(A) }\nelse { ${use('B')}if (B) g() }\nh()`],
    ['if (x) { f(A); g(); }', `if (x) { ${use('A')}f(A); g(); }`],
    ['if (x) { function f() { A; } f(); }', 'if (x) { function f() { A; } f(); }'],
    ['for (const i of A) { g(B); }', `${use('A')}for (const i of A) { ${use('B')}g(B); }`],
    ['for (let i = 0; i < A; i++) g();', `${use('A')}for (let i = 0; i < A; i++) g();`],
    ['while (x) if (y) f(A)', `while (x) if (y) { ${use('A')}f(A) }`],
    ['do f(A); while (B);', `${use('B')}do { ${use('A')}f(A); } while (B);`],
    ['a: for (const i of A) { continue a; }', `${use('A')}a: for (const i of A) { continue a; }`],
    ['a: for (const i of x) { f(A); continue a; }', `a: for (const i of x) { ${use('A')}f(A); continue a; }`],
    [
      'try { f(A) } catch { g(B) } finally { h() }',
      `try { ${use('A')}f(A) } catch { ${use('B')}g(B) } finally { h() }`,
    ],
    [
      'switch (A) { case B: f(); break; default: g(A) }',
      `${use('A', 'B')}switch (A) { case B: f(); break; default: ${use('A')}g(A) }`,
    ],
    ['{ const y = A; }', `{ ${use('A')}const y = A; }`],
    ['/* c */ f(A); // d', `/* c */ ${use('A')}f(A); // d`],
    ['g()\nf(A)', `g()\n${use('A')}f(A)`],
    ['x = { A, b: [A] }', `${use('A')}x = { A, b: [A] }`],
    ['await f(A);', `${use('A')}await f(A);`],
  ])('%s', (text, expected) => {
    expect(below(text)).toBe(expected);
  });

  test.each([
    'f(() => A);',
    'function f(x = A) { return A; }',
    'class K { x = A; m() { A; } static s = A; }',
    'export default function (e) { return A; }',
    'export default class extends K { x = A }',
    'type T = typeof A;',
    '{ const A = 1; f(A); }',
    'x.A; ({ A: 1 });',
    'export { A as a };',
    'import { c } from "c";',
  ])('none before %s', (text) => {
    expect(below(text)).toBe(text);
  });

  test('declarations of parameters have none: they run when their values are asked for', () => {
    const text = 'export const A = 1;\nexport const B = A * 2;\nconst C = { a: B };\nexport { C };';
    const module = readModule('/x/a.ts', text);
    expect(module.guarded).toBe(module.rewritten);
    expect(module.guarded).not.toContain('__comexUse');
  });

  test('a declaration with a parameter and a copy of another is checked for the other', () => {
    expect(below('export const C = A, copy = B;')).toMatch(/^__comexUse\("B"\);export let {3}C = __comex/);
    expect(guarded('export const A = 1, copy = A;')).not.toContain('__comexUse');
  });

  test('the text that runs unguarded is the same without the checks', () => {
    const text = `${HEAD}f(A);\nconst copy = B;`;
    const module = readModule('/x/a.ts', text);
    expect(module.guarded.replaceAll(/__comexUse\([^)]*\);/g, '')).toBe(module.rewritten);
  });

  test('the name of the check is kept for comex', () => {
    expect(() => readModule('/x/a.ts', 'const __comexUse = 1;\nexport const A = 1;')).toThrow(/__comexUse/);
  });
});
