import { describe, expect, test } from 'vitest';
import { ComexError } from '../../../src/errors.ts';
import { marked } from '../../../src/experiment/compose.ts';
import type { ParameterType } from '../../../src/experiment/definition.ts';
import { mergeValue, patchValue, resolvedMarkers, typeAt } from '../../../src/experiment/source/patch.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';
import { typeText } from '../../../src/experiment/source/type-text.ts';

const type = (annotation: string): ParameterType =>
  readModule(
    '/x/a.ts',
    `type Opt = { kind: 'sgd'; lr: number; momentum?: number } | { kind: 'adam'; lr: number; beta: [number, number] };
type Model = { hidden: number; layers: { units: number }[]; opt: Opt; note?: string };
export let A: ${annotation};`,
  ).parameters[0]!.type;

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
};

const patch = (annotation: string, base: unknown, fields: [string, unknown][]): unknown => {
  const before = structuredClone(base);
  const result = patchValue(freeze(base), new Map(fields), type(annotation), 'MODEL');
  expect(base).toEqual(before);
  return result;
};

const refusal = (action: () => unknown): ComexError => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    return error as ComexError;
  }
  throw new Error('nothing was refused');
};

const model = () => ({ hidden: 3, layers: [{ units: 1 }, { units: 2 }], opt: { kind: 'sgd', lr: 0.1, momentum: 0.9 } });

describe('patched values', () => {
  test.each<[what: string, annotation: string, base: unknown, fields: [string, unknown][], expected: unknown]>([
    ['nothing', 'Model', { a: 1 }, [], { a: 1 }],
    ['a field', 'any', { a: 1, b: 2 }, [['b', 3]], { a: 1, b: 3 }],
    ['a deep field', 'any', { a: { b: { c: 1 }, d: 2 } }, [['a.b.c', 5]], { a: { b: { c: 5 }, d: 2 } }],
    ['a new field', 'Record<string, number>', { a: 1 }, [['b', 2]], { a: 1, b: 2 }],
    ['an optional field', 'Model', model(), [['note', 'x']], { ...model(), note: 'x' }],
    [
      'a field of an array’s element',
      'Model',
      model(),
      [['layers.1.units', 5]],
      { ...model(), layers: [{ units: 1 }, { units: 5 }] },
    ],
    ['an element', 'number[]', [1, 2], [['0', 5]], [5, 2]],
    [
      'an element behind the end',
      'number[]',
      [1],
      [
        ['1', 5],
        ['2', 6],
      ],
      [1, 5, 6],
    ],
    ['an element of a tuple', '[number, string]', [1, 'a'], [['1', 'b']], [1, 'b']],
    ['no value yet', 'Model', undefined, [['hidden', 1]], { hidden: 1 }],
    ['no object yet below', 'any', {}, [['a.b', 1]], { a: { b: 1 } }],
    ['no array yet', 'number[]', null, [['0', 1]], [1]],
    [
      'a whole before a field of it',
      'any',
      { a: { x: 1 } },
      [
        ['a', { y: 2 }],
        ['a.z', 3],
      ],
      { a: { y: 2, z: 3 } },
    ],
    [
      'a whole after a field of it',
      'any',
      { a: { x: 1 } },
      [
        ['a.z', 3],
        ['a', { y: 2 }],
      ],
      { a: { y: 2 } },
    ],
    ['undefined as value', 'any', { a: 1 }, [['a', undefined]], { a: undefined }],
  ])('%s', (_, annotation, base, fields, expected) => {
    expect(patch(annotation, base, fields)).toStrictEqual(expected);
  });

  test('a value that was given whole is not changed either', () => {
    const given = freeze({ y: 2 });
    expect(
      patch('any', {}, [
        ['a', given],
        ['a.z', 3],
      ]),
    ).toEqual({ a: { y: 2, z: 3 } });
    expect(given).toEqual({ y: 2 });
  });

  test('parts that no field touches are the same', () => {
    const base = model();
    const result = patchValue(base, new Map([['hidden', 5]]), type('Model'), 'MODEL') as typeof base;
    expect(result.layers).toBe(base.layers);
    expect(result).not.toBe(base);
  });

  test.each(['__proto__', 'constructor', '__proto__.polluted', 'constructor.prototype.polluted'])(
    '%s is data',
    (path) => {
      const result = patch('any', {}, [[path, 1]]) as object;
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
      expect(Object.keys(result)).toEqual([path.split('.')[0]]);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      const base = JSON.parse('{"__proto__":{"a":1}}');
      expect(Object.keys(patch('any', base, [['b', 1]]) as object)).toEqual(['__proto__', 'b']);
    },
  );
});

describe('branches of a union', () => {
  test('a changed discriminant drops the fields of the other branch', () => {
    expect(patch('Opt', model().opt, [['kind', 'adam']])).toEqual({ kind: 'adam', lr: 0.1 });
    expect(
      patch('Model', model(), [
        ['opt.kind', 'adam'],
        ['opt.beta', [1, 2]],
      ]),
    ).toEqual({
      ...model(),
      opt: { kind: 'adam', lr: 0.1, beta: [1, 2] },
    });
  });

  test('the order of the fields does not matter', () => {
    const expected = { kind: 'adam', lr: 0.1, beta: [4, 5] };
    const kind: [string, unknown] = ['kind', 'adam'];
    const beta: [string, unknown] = ['beta', [4, 5]];
    expect(patch('Opt', model().opt, [kind, beta])).toEqual(expected);
    expect(patch('Opt', model().opt, [beta, kind])).toEqual(expected);
    expect(patch('Opt', model().opt, [['beta.0', 4], kind, ['beta.1', 5]])).toEqual(expected);
  });

  test('the same discriminant keeps everything', () => {
    expect(
      patch('Opt', model().opt, [
        ['kind', 'sgd'],
        ['lr', 1],
      ]),
    ).toEqual({ kind: 'sgd', lr: 1, momentum: 0.9 });
  });

  test('a field of another branch is refused, and the branch is named', () => {
    const error = refusal(() => patch('Model', model(), [['opt.beta', [1, 2]]]));
    expect(error.code).toBe('E_PARAMETER_NAME');
    expect(error.message).toBe(
      'Expected a field of MODEL.opt with { kind: "sgd" }, got "MODEL.opt.beta", which belongs to another branch. It has: lr, momentum.',
    );
    expect(
      refusal(() =>
        patch('Opt', model().opt, [
          ['momentum', 1],
          ['kind', 'adam'],
        ]),
      ).message,
    ).toContain('{ kind: "adam" }');
  });

  test('null beside the branches does not hide the mistake', () => {
    expect(refusal(() => patch('Opt | null', model().opt, [['beta', [1, 2]]])).code).toBe('E_PARAMETER_NAME');
    expect(
      patch('Opt | null', null, [
        ['kind', 'adam'],
        ['lr', 1],
      ]),
    ).toEqual({ kind: 'adam', lr: 1 });
  });

  test('a discriminant that no branch has leaves the rest for the check', () => {
    expect(patch('Opt', model().opt, [['kind', 'rmsprop']])).toEqual({ ...model().opt, kind: 'rmsprop' });
  });
});

describe('refused fields', () => {
  test.each<[annotation: string, base: unknown, path: string, code: string, message: RegExp]>([
    ['Model', model(), 'hiden', 'E_PARAMETER_NAME', /got "MODEL\.hiden"\. Did you mean "hidden"\?$/],
    ['Model', model(), 'opt.lrr', 'E_PARAMETER_NAME', /got "MODEL\.opt\.lrr"\. Did you mean "lr"\?$/],
    ['Model', model(), 'qqqqqqqq', 'E_PARAMETER_NAME', /It has: hidden, layers, opt, note\.$/],
    ['Model', model(), 'layers.5.units', 'E_PARAMETER_NAME', /index of MODEL\.layers up to 2/],
    ['Model', model(), 'layers.x', 'E_PARAMETER_NAME', /"MODEL\.layers\.x"/],
    ['Model', model(), 'layers.-1', 'E_PARAMETER_NAME', /"MODEL\.layers\.-1"/],
    ['[number, number]', [1, 2], '2', 'E_PARAMETER_NAME', /"MODEL\.2"/],
    ['any', [1], 'x', 'E_PARAMETER_NAME', /"MODEL\.x"/],
    ['any', [1], 'length', 'E_PARAMETER_NAME', /"MODEL\.length"/],
    ['any', { a: 5 }, 'a.b', 'E_PARAMETER_TYPE', /Expected MODEL\.a to have fields, .*"MODEL\.a\.b".* number 5\.$/],
    ['any', { a: new Map() }, 'a.b', 'E_PARAMETER_TYPE', /a Map\.$/],
    ['any', {}, 'a..b', 'E_PARAMETER_NAME', /got "MODEL\.a\.\.b"/],
    ['any', {}, '', 'E_PARAMETER_NAME', /got "MODEL\."/],
    ['Model', model(), 'toString', 'E_PARAMETER_NAME', /"MODEL\.toString"/],
  ])('%s %o .%s', (annotation, base, path, code, message) => {
    const error = refusal(() => patchValue(base, new Map([[path, 1]]), type(annotation), 'MODEL'));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe('the type of a field', () => {
  test.each<[annotation: string, path: string, expected: string]>([
    [
      'Model',
      '',
      '{ hidden: number; layers: { units: number }[]; opt: { kind: "sgd"; lr: number; momentum?: number } | { kind: "adam"; lr: number; beta: [number, number] }; note?: string }',
    ],
    ['Model', 'hidden', 'number'],
    ['Model', 'note', 'string | undefined'],
    ['Model', 'layers.0.units', 'number'],
    ['Model', 'opt.kind', '"sgd" | "adam"'],
    ['Model', 'opt.lr', 'number'],
    ['Model', 'opt.beta.1', 'number'],
    ['Opt | null', 'momentum', 'number | undefined'],
    ['Record<string, number[]>', 'a.0', 'number'],
    ['any', 'a.b', 'any'],
    ['Imported', 'a.b', 'Imported["a"]["b"]'],
    ['{ a: Imported }', 'a.b.c', 'Imported["b"]["c"]'],
  ])('%s .%s', (annotation, path, expected) => {
    expect(typeText(typeAt(type(annotation), path, 'MODEL'))).toBe(expected);
  });

  test.each<[annotation: string, path: string, message: RegExp]>([
    ['Model', 'hiden', /got "MODEL\.hiden"\. Did you mean "hidden"\?$/],
    ['Model', 'opt.lrr', /"MODEL\.opt\.lrr"\. Did you mean "lr"\?$/],
    ['number', 'x', /^Expected MODEL to be given whole, as number has no fields, got "MODEL\.x"\.$/],
    ['Model', 'layers.first', /"MODEL\.layers\.first"/],
    ['[number]', '1', /"MODEL\.1"/],
    ['{ a: 1 }', 'constructor', /"MODEL\.constructor"/],
    ['Model', 'hidden.', /got "MODEL\.hidden\."/],
  ])('%s has no .%s', (annotation, path, message) => {
    const error = refusal(() => typeAt(type(annotation), path, 'MODEL'));
    expect(error.code).toBe('E_PARAMETER_NAME');
    expect(error.message).toMatch(message);
  });
});

const replace = (value: unknown): object => marked({ kind: 'replace', value });
const inherit = (transform?: (parent: never) => unknown): object =>
  marked({ kind: 'inherit', ...(transform === undefined ? {} : { transform }) });

const merge = (annotation: string, base: unknown, over: unknown): unknown => {
  const before = structuredClone(base);
  const result = mergeValue(freeze(base), freeze(over), type(annotation), 'MODEL');
  expect(base).toEqual(before);
  return result;
};

class Custom {
  readonly a = 1;
}

describe('merged values', () => {
  test.each<[what: string, annotation: string, base: unknown, over: unknown, expected: unknown]>([
    ['nothing', 'Model', model(), {}, model()],
    ['a field', 'any', { a: 1, b: 2 }, { b: 3 }, { a: 1, b: 3 }],
    ['a new field', 'Record<string, number>', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['an optional field', 'Model', model(), { note: 'x' }, { ...model(), note: 'x' }],
    [
      'deep fields',
      'any',
      { a: { b: { c: 1, d: 2 } }, e: 3 },
      { a: { b: { c: 5 } } },
      { a: { b: { c: 5, d: 2 } }, e: 3 },
    ],
    ['an array whole', 'Model', model(), { layers: [{ units: 9 }] }, { ...model(), layers: [{ units: 9 }] }],
    ['undefined', 'any', { a: 1 }, { a: undefined }, { a: undefined }],
    ['null for an object', 'any', { a: { b: 1 } }, { a: null }, { a: null }],
    ['an object for null', 'any', { a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['an object for an array', 'any', { a: [1] }, { a: { 0: 2 } }, { a: { 0: 2 } }],
    ['an object for a number', 'any', { a: 5 }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['keys with dots', 'Record<string, number>', { 'a.b': 1 }, { 'a.b': 2, 'c.d': 3 }, { 'a.b': 2, 'c.d': 3 }],
    ['keys like __proto__', 'any', {}, JSON.parse('{"__proto__": {"a": 1}}'), JSON.parse('{"__proto__": {"a": 1}}')],
    ['a base that is missing', 'Model', undefined, { hidden: 1 }, { hidden: 1 }],
    ['a base of null', 'any', null, { a: 1 }, { a: 1 }],
    ['a base that is no object', 'any', 5, { a: 1 }, { a: 1 }],
    ['an array over an object', 'any', { a: 1 }, [1], [1]],
    ['a number over an object', 'any', { a: 1 }, 5, 5],
    [
      'the rest of a branch',
      'Opt',
      { kind: 'sgd', lr: 0.1, momentum: 0.9 },
      { lr: 1 },
      { kind: 'sgd', lr: 1, momentum: 0.9 },
    ],
    [
      'the same branch named',
      'Opt',
      { kind: 'sgd', lr: 0.1, momentum: 0.9 },
      { kind: 'sgd' },
      { kind: 'sgd', lr: 0.1, momentum: 0.9 },
    ],
    [
      'another branch',
      'Opt',
      { kind: 'sgd', lr: 0.1, momentum: 0.9 },
      { beta: [1, 2], kind: 'adam' },
      { kind: 'adam', lr: 0.1, beta: [1, 2] },
    ],
    [
      'another branch, deeper',
      'Model',
      model(),
      { opt: { kind: 'adam', beta: [1, 2] } },
      { ...model(), opt: { kind: 'adam', lr: 0.1, beta: [1, 2] } },
    ],
  ])('%s', (_, annotation, base, over, expected) => {
    expect(merge(annotation, base, over)).toEqual(expected);
  });

  test('objects of classes are set whole and stay what they are', () => {
    const own = new Custom();
    const date = new Date(0);
    const result = mergeValue({ a: { b: 1 }, d: new Date(1) }, { a: own, d: date }, type('any'), 'MODEL');
    expect((result as { a: unknown }).a).toBe(own);
    expect((result as { d: unknown }).d).toBe(date);
    expect(mergeValue({ a: new Custom() }, { a: { b: 1 } }, type('any'), 'MODEL')).toEqual({ a: { b: 1 } });
  });

  test.each<[what: string, annotation: string, base: unknown, over: unknown, expected: unknown]>([
    ['replace in a field', 'any', { a: { b: 1, c: 2 }, d: 3 }, { a: replace({ b: 5 }) }, { a: { b: 5 }, d: 3 }],
    ['replace of all', 'any', { a: 1 }, replace({ b: 5 }), { b: 5 }],
    ['replace without a base', 'any', undefined, { a: { b: replace([1]) } }, { a: { b: [1] } }],
    ['replace in replace', 'any', { a: 1 }, { a: replace({ b: replace(2) }) }, { a: { b: 2 } }],
    [
      'replace of a discriminant',
      'Opt',
      { kind: 'sgd', lr: 1, momentum: 2 },
      { kind: replace('adam') },
      { kind: 'adam', lr: 1 },
    ],
    ['inherit', 'any', { a: 1, b: 2 }, { a: inherit(), b: 3 }, { a: 1, b: 3 }],
    ['inherit of undefined', 'any', { a: undefined }, { a: inherit((x) => [x]) }, { a: [undefined] }],
    ['inherit with a function', 'Model', model(), { hidden: inherit((x: number) => x * 2) }, { ...model(), hidden: 6 }],
    [
      'inherit, deeper',
      'Model',
      model(),
      { opt: { lr: inherit((x: number) => x * 2) } },
      { ...model(), opt: { kind: 'sgd', lr: 0.2, momentum: 0.9 } },
    ],
    [
      'inherit of an object',
      'any',
      { a: { b: 1 } },
      { a: inherit((x: object) => ({ ...x, c: 2 })) },
      { a: { b: 1, c: 2 } },
    ],
    [
      'inherit into another branch',
      'Opt',
      { kind: 'sgd', lr: 0.1, momentum: 1 },
      { kind: 'adam', lr: inherit((x: number) => x * 2) },
      { kind: 'adam', lr: 0.2 },
    ],
  ])('%s', (_, annotation, base, over, expected) => {
    expect(mergeValue(base, over, type(annotation), 'MODEL')).toEqual(expected);
  });

  test.each<[what: string, annotation: string, base: unknown, over: unknown, message: RegExp]>([
    ['an unknown field', 'Model', model(), { hiden: 1 }, /"MODEL\.hiden".* Did you mean "hidden"\?/],
    ['an unknown field, deeper', 'Model', model(), { opt: { lrr: 1 } }, /"MODEL\.opt\.lrr"/],
    [
      'a field of another branch',
      'Opt',
      { kind: 'sgd', lr: 1 },
      { beta: [1, 2] },
      /\{ kind: "sgd" \}, got "MODEL\.beta", which belongs to another branch/,
    ],
    [
      'a field of the branch that is left',
      'Opt',
      { kind: 'sgd', lr: 1, momentum: 2 },
      { kind: 'adam', momentum: 3 },
      /\{ kind: "adam" \}, got "MODEL\.momentum"/,
    ],
    [
      'inherit of a field that is left',
      'Opt',
      { kind: 'sgd', lr: 1, momentum: 2 },
      { kind: 'adam', momentum: inherit() },
      /"MODEL\.momentum", which belongs to another branch/,
    ],
    [
      'inherit of a missing field',
      'any',
      { hidden: 1 },
      { hiden: inherit() },
      /MODEL\.hiden inherits, found none\. Did you mean "hidden"\?/,
    ],
    [
      'inherit of a missing field, deeper',
      'any',
      { a: { b: 1 } },
      { a: { xyz: inherit() } },
      /MODEL\.a\.xyz inherits, found none\. It has: b\./,
    ],
    ['inherit without a base', 'any', undefined, { a: inherit() }, /MODEL\.a inherits, found none\.$/],
    [
      'inherit in an object for a number',
      'any',
      { a: 5 },
      { a: { b: inherit() } },
      /MODEL\.a\.b inherits, found none\.$/,
    ],
    [
      'inherit in replace',
      'any',
      { a: { b: 1 } },
      { a: replace({ b: inherit() }) },
      /MODEL\.a\.b inherits, found none\.$/,
    ],
  ])('%s is refused', (_, annotation, base, over, message) => {
    const error = refusal(() => mergeValue(base, over, type(annotation), 'MODEL'));
    expect(error.code).toBe('E_PARAMETER_NAME');
    expect(error.message).toMatch(message);
  });

  test('a value without markers stays the same object, also one that holds itself', () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle['self'] = circle;
    expect(resolvedMarkers(circle, 'MODEL')).toBe(circle);
    expect(mergeValue(undefined, circle, type('any'), 'MODEL')).toBe(circle);
    expect(mergeValue({ self: { b: 2 } }, circle, type('any'), 'MODEL')).toMatchObject({
      a: 1,
      self: { a: 1, b: 2, self: circle },
    });
  });
});
