import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeName, isSafeRelativePath, refuseUnsafePath } from '../../src/codec/names.ts';
import { ComexError } from '../../src/errors.ts';

const anyName = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.array(fc.constantFrom('a', 'A', 'b', '/', '.', '_', '-', '~', '+', '%', '=', ' ', 'é', 'e\u0301', '\ud800'), {
      minLength: 1,
    }),
    fc.array(fc.constantFrom('con', 'CON', 'nul', 'com1', 'lpt9', '.', ' ', 'x'), { minLength: 1, maxLength: 3 }),
    fc
      .tuple(fc.constantFrom('a', 'A', '/', 'ü'), fc.integer({ min: 100, max: 400 }))
      .map(([text, times]) => text.repeat(times)),
  )
  .map((name) => (typeof name === 'string' ? name : name.join('')));

/** What a case-insensitive and normalising file system makes of a name. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFD').toUpperCase();
}

describe('encodeName', () => {
  it('gives different names different files on every file system', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        expect(folded(encodeName(a)) === folded(encodeName(b))).toBe(a === b);
      }),
      { numRuns: 3000 },
    );
  });

  it('tells names apart that differ in one place only', () => {
    fc.assert(
      fc.property(
        anyName,
        fc.nat(),
        fc.constantFrom('a', 'A', '/', '~', '%2f', '+a', '.', '=', '\udfff'),
        (name, place, extra) => {
          const at = place % (name.length + 1);
          expect(encodeName(name)).not.toBe(encodeName(name.slice(0, at) + extra + name.slice(at)));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('gives names that every system can keep, also with an extension', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const encoded = encodeName(name);
        expect(encoded).toMatch(/^[a-z0-9_%+=-][a-z0-9_.~%+=-]*$/);
        expect(encoded).not.toMatch(/\.$/);
        expect(encoded.length).toBeLessThanOrEqual(120);
        expect(isSafeRelativePath(encoded)).toBe(true);
        expect(isSafeRelativePath(`${encoded}.jsonl`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps names readable', () => {
    const names = {
      loss: 'loss',
      'val_loss-2.mean': 'val_loss-2.mean',
      'loss/train': 'loss~train',
      Loss: '+loss',
      F1: '+f1',
      'a b': 'a%20b',
      'a~b': 'a%7eb',
      ü: '%c3%bc',
      'u\u0308': 'u%cc%88',
      '.hidden': '%2ehidden',
      'end.': 'end%2e',
      '/a/': '%2fa%2f',
      con: '%63on',
      CON: '+c+o+n',
      'nul.x': '%6eul.x',
      '\ud800': '%ud800',
      __proto__: '__proto__',
    };
    for (const [name, encoded] of Object.entries(names)) expect(encodeName(name)).toBe(encoded);
  });

  it('cuts long names and tells them apart by a hash of the whole', () => {
    const long = `loss/${'x'.repeat(300)}`;
    expect(encodeName(long)).toMatch(/^loss~x{82}=[0-9a-f]{32}$/);
    expect(encodeName(long)).not.toBe(encodeName(`${long}y`));
    expect(encodeName('y'.repeat(120))).toBe('y'.repeat(120));
    expect(encodeName('y'.repeat(121))).toHaveLength(120);
    expect(encodeName('\u{1f600}'.repeat(1e6))).toMatch(/^(%f0%9f%98%80){7}=/);
    expect(encodeName(`${'z'.repeat(200)}\ud800`)).not.toBe(encodeName(`${'z'.repeat(200)}\ud801`));
  });

  it('refuses an empty name', () => {
    expect(() => encodeName('')).toThrow(ComexError);
  });
});

describe('isSafeRelativePath', () => {
  it('accepts paths that stay inside', () => {
    for (const path of [
      'a',
      'a/b.png',
      '.hidden',
      'a..b',
      '...x',
      'con1',
      'Übersicht/é.txt',
      'a b/c d',
      'x'.repeat(255),
    ]) {
      expect(isSafeRelativePath(path), path).toBe(true);
    }
  });

  it('refuses paths that leave the folder or that some system cannot keep', () => {
    const unsafe = [
      '',
      '/',
      '/a',
      'C:',
      'c:\\x',
      'C:x',
      '\\\\host\\x',
      '..',
      '../a',
      'a/../b',
      'a/..',
      '.',
      './a',
      'a/./b',
    ];
    const odd = [
      'a//b',
      'a/',
      'a\\b',
      'a\0b',
      'a.',
      'a ',
      'a./b',
      'a /b',
      '. .',
      'CON',
      'con.txt',
      'a/NUL',
      'Com1.log',
      'LPT¹',
    ];
    for (const path of [...unsafe, ...odd, 'nul .txt', 'x'.repeat(256), 'ü'.repeat(128), '\ud800']) {
      expect(isSafeRelativePath(path), path).toBe(false);
    }
  });
});

describe('refuseUnsafePath', () => {
  it('says what is wrong with a path, and accepts a good one', () => {
    refuseUnsafePath('plots/a.png', 'the artifact');
    expect(() => refuseUnsafePath('../a', 'the artifact')).toThrow(
      'Expected the artifact to be a relative path, got "../a": it has a ".." segment. Use a name such as "figures/loss.png".',
    );
    expect(() => refuseUnsafePath('x', 'it')).not.toThrow();
    try {
      refuseUnsafePath('', 'it');
    } catch (error) {
      expect((error as ComexError).code).toBe('E_NAME');
    }
  });
});
