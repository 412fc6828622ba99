// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpolate } from '../../../src/experiment/config/interpolate.ts';
import { problems, read, refused, values, withParameters } from './reading.ts';

const env = { V: 'v', EMPTY: '', N: '32', NESTED: '${V}$$', UNSET: undefined };

describe('a text with environment variables', () => {
  test.each([
    ['${V}', 'v'],
    ['a${V}b', 'avb'],
    ['${V}-${N}-${V}', 'v-32-v'],
    ['${V:-d}', 'v'],
    ['${X:-d}', 'd'],
    ['${UNSET:-d}', 'd'],
    ['${X:-}', ''],
    ['${EMPTY}', ''],
    ['${EMPTY:-d}', 'd'],
    ['${X:-a b:c}', 'a b:c'],
    ['${X:-${V}}', '${V}'],
    ['${NESTED}', '${V}$$'],
    ['$$', '$'],
    ['$$$', '$$'],
    ['$${V}', '${V}'],
    ['$$${V}', '$v'],
    ['5 $', '5 $'],
    ['$V', '$V'],
    ['${1X}', '${1X}'],
    ['${}', '${}'],
    ['${ V }', '${ V }'],
    ['${V-d}', '${V-d}'],
    ['{V}', '{V}'],
    ['${X:-a\nb}', 'a\nb'],
  ])('%j is %j', (text, expected) => {
    expect(interpolate(text, env).text).toBe(expected);
  });

  test('names that every object has are not set', () => {
    expect(interpolate('${constructor}${__proto__}${toString:-x}', {}).unset).toEqual(['constructor', '__proto__']);
  });

  test('any text is written with doubled dollars', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'V', ':', '-', ' ') }), (text) => {
        expect(interpolate(text.replaceAll('$', '$$$$'), env)).toEqual({ text, names: [], unset: [] });
      }),
    );
  });
});

describe('in a YAML experiment', () => {
  test('all texts may have them, at any depth, quoted or not; nothing else does', () => {
    const lines =
      'A: ${V}\nB: "${V}"\nC: \'${V}\'\nD: |\n  x ${V}\nE: {a: ["${V}", {b: "${V}"}], "${V}": 1}\nF: 5\nG: true';
    expect(values(lines, env)).toEqual({
      A: 'v',
      B: 'v',
      C: 'v',
      D: 'x v\n',
      E: { a: ['v', { b: 'v' }], '${V}': 1 },
      F: 5,
      G: true,
    });
  });

  test('name, description, namespace, note and tags may, too', () => {
    const text = 'extend: ./a.ts\nname: n${V}\ndescription: ${V}\nnamespace: x/${V}\nnote: ${V}$$\ntags: [a, "${V}"]';
    expect(read(text, env)).toMatchObject({
      name: 'nv',
      description: 'v',
      namespace: 'x/v',
      note: 'v$',
      tags: ['a', 'v'],
      variables: ['V'],
    });
  });

  test('the variables are named, and the texts that they went into', () => {
    const config = read(withParameters('A: ${V}\nB: {x: ["a", "${Z:-1}"], a/b: "${N}"}\nC: $$\nD: $V'), env);
    expect(config.variables).toEqual(['N', 'V', 'Z']);
    expect(config.parameters.map(({ texts }) => [...texts])).toEqual([[''], ['/x/1', '/a~1b'], [], []]);
  });

  test('one that is not set is named with its line and a way out', () => {
    expect(refused(withParameters('A: 1\nB: |\n  one\n  two ${WHO}\n'))).toBe(
      'sub/a.yml:6:9: Expected the environment variable WHO to be set, as the value needs it. Set it, or write ${WHO:-default}.',
    );
  });

  test('all that are not set are told, once each, also where an alias repeats them', () => {
    const found = problems(withParameters('A: &a "${P}${Q}${P}"\nB: *a\nC: ${R}'));
    expect(found.map((problem) => /variable (\w+)/.exec(problem)?.[1])).toEqual(['P', 'Q', 'R']);
  });

  test('a missing brace is told, also where a comment cuts it off', () => {
    expect(refused(withParameters('A: ${V:-a # b}'), env)).toContain('3:6: Expected "}" behind "${V", found none');
    expect(refused(withParameters('A: x ${V'), env)).toContain('Expected "}" behind "${V"');
    expect(values('A: $${V')).toEqual({ A: '${V' });
  });

  test('one in a flow collection without quotes is told to be quoted', () => {
    for (const line of ['A: [${V}]', 'A: {b: ${V}}', 'A: [1, ${V}, 2]']) {
      expect(refused(withParameters(line), env)).toMatch(/Inside of \[ \] and \{ \}, put a text .* in quotes\.$/);
    }
    expect(refused(withParameters('A: ${V}: x'), env)).not.toContain('quotes');
  });

  test('what a variable holds is in no message', () => {
    const secret = { API_TOKEN: '../hunter2' };
    for (const key of ['name', 'namespace']) {
      const message = refused(`extend: ./a.ts\n${key}: \${API_TOKEN}`, secret);
      expect(message).toContain('got the text "${API_TOKEN}"');
      expect(message).not.toContain('hunter2');
    }
  });
});
