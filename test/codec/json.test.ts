import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, decode, encode, encodePretty, encodeWithFunctions } from '../../src/codec/json.ts';
import { ComexError } from '../../src/errors.ts';

function roundTrip(value: unknown): unknown {
  return decode(encode(value));
}

function refusal(value: unknown, where?: string): string {
  try {
    encode(value, where);
  } catch (error) {
    expect(error).toBeInstanceOf(ComexError);
    expect((error as ComexError).code).toBe('E_DATA');
    return (error as ComexError).message;
  }
  throw new Error('was not refused');
}

const hostileKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', '$', '$$', '$number'];
const tagKeys = ['$map', '$set', '$typed', 'data', '$date', '$undefined', '$error', '$image', '$function', '$$bigint'];
const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileKeys, ...tagKeys), loneSurrogates());

function loneSurrogates(): fc.Arbitrary<string> {
  return fc
    .array(fc.integer({ min: 0xd700, max: 0xe001 }), { maxLength: 4 })
    .map((units) => String.fromCharCode(...units));
}

const typedArray = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  fc.uint8Array().map((bytes) => bytes.slice().buffer),
  fc.uint8Array().map((bytes) => new DataView(bytes.slice().buffer)),
);

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined, -0, Number.NaN)),
    key,
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    typedArray,
    fc.array(tie('value')),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
    fc.array(fc.tuple(key, tie('value'))).map(ordinaryObject),
  ),
}));

function ordinaryObject(entries: ReadonlyArray<readonly [string, unknown]>): object {
  const result = {};
  for (const [name, value] of entries) {
    Object.defineProperty(result, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return result;
}

describe('encode and decode', () => {
  it('give back any value made of numbers, texts, dates, binary data and containers', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = encode(value);
        expect(text).not.toContain('\n');
        expect(isDeepStrictEqual(decode(text), value)).toBe(true);
        expect(isDeepStrictEqual(decode(encodePretty(value)), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('write the tags that the format promises', () => {
    expect(encode([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])).toBe(
      '[{"$number":"NaN"},{"$number":"Infinity"},{"$number":"-Infinity"},{"$number":"-0"}]',
    );
    expect(encode(123n)).toBe('{"$bigint":"123"}');
    expect(encode(new Date(0))).toBe('{"$date":"1970-01-01T00:00:00.000Z"}');
    expect(encode(new Date(Number.NaN))).toBe('{"$date":null}');
    expect(encode(Float32Array.of(1, -2))).toBe('{"$typed":"Float32Array","data":"AACAPwAAAMA="}');
    expect(encode(new Map([['a', 1]]))).toBe('{"$map":[["a",1]]}');
    expect(encode(new Set([1]))).toBe('{"$set":[1]}');
    expect(encode(undefined)).toBe('{"$undefined":true}');
    expect(encode({ $a: 1, b: { $$c: 2 } })).toBe('{"$$a":1,"b":{"$$$c":2}}');
  });

  it('write what JSON has words for as plain JSON', () => {
    const value = { a: [1, 2.5, 'x', true, null], b: { c: [] } };
    expect(encode(value)).toBe(JSON.stringify(value));
    expect(encodePretty(value)).toBe(JSON.stringify(value, null, 2));
    for (const item of [0, 1.5, 'x"\ud800', true, false, null]) expect(encode(item)).toBe(JSON.stringify(item));
  });

  it('keep the sign of zero and an invalid date', () => {
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
    expect(Object.is(roundTrip(0), 0)).toBe(true);
    expect((roundTrip(new Date(Number.NaN)) as Date).getTime()).toBeNaN();
  });

  it('keep only the elements that a view shows, and give a Buffer back as Uint8Array', () => {
    const view = new Float64Array(Float64Array.of(1, 2, 3, 4).buffer, 8, 2);
    const back = roundTrip(view) as Float64Array;
    expect([back, back.buffer.byteLength]).toEqual([Float64Array.of(2, 3), 16]);
    const bytes = roundTrip(Buffer.from('abc')) as Uint8Array;
    expect([bytes.constructor, ...bytes]).toEqual([Uint8Array, 97, 98, 99]);
    const data = roundTrip(new DataView(Uint8Array.of(1, 2, 3).buffer, 1)) as DataView;
    expect([data.constructor, data.byteLength, data.getUint8(0)]).toEqual([DataView, 2, 2]);
  });

  it('store holes of a sparse array as undefined', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    expect(roundTrip([1, , 3])).toStrictEqual([1, undefined, 3]);
  });

  it('store instances by their own fields or by toJSON', () => {
    class Point {
      readonly x = 1;
      readonly nan = Number.NaN;
      get length(): number {
        return 2;
      }
    }
    class Named {
      toJSON(name: string): unknown {
        return { name, when: new Date(5), self: new Point() };
      }
    }
    class Itself extends Array<number> {
      toJSON(): unknown {
        return this;
      }
    }
    expect(roundTrip(new Point())).toStrictEqual({ x: 1, nan: Number.NaN });
    expect(roundTrip({ a: new Named() })).toStrictEqual({
      a: { name: 'a', when: new Date(5), self: { x: 1, nan: Number.NaN } },
    });
    expect(encode(Itself.of(1, -0))).toBe('[1,{"$number":"-0"}]');
    expect(roundTrip(new URL('https://example.org/x'))).toBe('https://example.org/x');
    expect(roundTrip([new Number(3), new String('x'), new Boolean(false), Object(5n)])).toEqual([3, 'x', false, 5n]);
  });

  it('store null-prototype objects and values of another realm', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
    const foreign = runInNewContext('({ d: new Date(7), m: new Map([[1, NaN]]), t: Int16Array.of(1, 2), l: [-0] })');
    expect(roundTrip(foreign)).toStrictEqual({
      d: new Date(7),
      m: new Map([[1, Number.NaN]]),
      t: Int16Array.of(1, 2),
      l: [-0],
    });
  });

  it('store errors as plain records with their causes', () => {
    const error = new TypeError('outer', { cause: new Error('inner', { cause: 5n }) });
    const back = roundTrip({ error }) as { error: Record<string, unknown> };
    expect(back.error).toEqual({
      name: 'TypeError',
      message: 'outer',
      stack: error.stack,
      cause: { name: 'Error', message: 'inner', stack: (error.cause as Error).stack, cause: 5n },
    });
    expect(Object.getPrototypeOf(back.error)).toBe(Object.prototype);
  });

  it('never change a prototype, and keep __proto__ as an own field', () => {
    const text = '{"__proto__":{"polluted":true,"$$x":{"$number":"NaN"}},"$$a":{"__proto__":1,"$$b":2}}';
    const back = decode(text) as Record<string, Record<string, unknown>>;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(Object.keys(back)).toEqual(['__proto__', '$a']);
    expect(Object.keys(back.$a!)).toEqual(['__proto__', '$b']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(encode(back)).toBe(text);
  });

  it('store a value that is used in several places each time', () => {
    const shared = { a: [Number.NaN] };
    expect(roundTrip([shared, shared, { shared }])).toStrictEqual([shared, shared, { shared }]);
  });

  it('leave the value that is stored untouched', () => {
    const value = Object.freeze({ list: Object.freeze([1, Number.NaN]), $key: 1 });
    encode(value);
    canonical(value);
    expect(value).toStrictEqual({ list: [1, Number.NaN], $key: 1 });
  });

  it('store texts of 50 MB', () => {
    const text = 'é'.repeat(25_000_000);
    expect(roundTrip({ text, n: -0 })).toEqual({ text, n: -0 });
    expect(decode(encode(text))).toBe(text);
  });
});

describe('encode', () => {
  it('names the path of what cannot be stored', () => {
    const value = { list: [1, 2, { a: 1 }, { callback: () => 1 }] };
    expect(refusal(value, 'results/x')).toBe(
      'Cannot store results/x.list[3].callback: it is a function. Store its name, or what it returns.',
    );
    expect(refusal({ 'a b': [Symbol('s')] }, 'e["x"]')).toContain('e["x"]["a b"][0]: it is a symbol');
    expect(
      refusal(
        new Map<unknown, unknown>([
          [1, 2],
          ['k', { f() {} }],
        ]),
      ),
    ).toContain('value.get("k").f:');
    expect(refusal(new Map([[{ f() {} }, 2]]))).toContain('value.keys()[0].f:');
    expect(refusal([new Set([1, () => 1])])).toContain('value[0].values()[1]:');
    expect(refusal({ e: new Error('x', { cause: () => 1 }) })).toContain('value.e.cause:');
    expect(refusal({ a: { toJSON: () => [() => 1] } })).toContain('value.a.toJSON()[0]:');
    expect(refusal([[1], () => 1])).toContain('value[1]:');
  });

  it('refuses what has no content that could be read', () => {
    const key = {};
    function* generate(): Generator<number> {
      yield 1;
    }
    const refused: ReadonlyArray<readonly [unknown, string]> = [
      [() => 1, 'function'],
      [class {}, 'function'],
      [Symbol('x'), 'symbol'],
      [Object(Symbol('x')), 'symbol'],
      [new WeakMap([[key, 1]]), 'WeakMap'],
      [new WeakSet([key]), 'WeakSet'],
      [new WeakRef(key), 'WeakRef'],
      [Promise.resolve(1), 'Promise'],
      [/x/, 'RegExp'],
      [generate(), 'iterator'],
      [[1].values(), 'iterator'],
      [new Map().entries(), 'iterator'],
    ];
    for (const [value, name] of refused) {
      expect(refusal({ a: [value] })).toContain(`value.a[0]: it is a`);
      expect(refusal(value)).toContain(name);
    }
  });

  it('refuses cycles through any container', () => {
    const object: Record<string, unknown> = {};
    object.a = { b: object };
    const list: unknown[] = [];
    list.push([list]);
    const map = new Map<unknown, unknown>();
    map.set('m', map);
    const set = new Set<unknown>();
    set.add([set]);
    const error = new Error('x');
    error.cause = error;
    const json = { toJSON: (): unknown => ({ json }) };
    for (const value of [object, list, map, set, error, json]) expect(refusal(value)).toContain('it contains itself');
    expect(refusal(object, 'x')).toContain('x.a.b:');
  });

  it('refuses nesting beyond a thousand levels and accepts it up to there', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
      return value;
    };
    expect(roundTrip(nested(1000))).toEqual(nested(1000));
    expect(refusal(nested(1001))).toContain('nested more than 1000 levels deep');
    expect(refusal(nested(1001)).length).toBeLessThan(400);
  });

  it('says which value could not be read when a getter or toJSON throws', () => {
    const value = {
      get broken(): number {
        throw new Error('not ready.');
      },
    };
    expect(refusal(value, 'x')).toBe('Cannot store x: not ready.');
  });
});

describe('encodeWithFunctions', () => {
  it('writes functions as their source text, and everything else as encode does', () => {
    const text = encodeWithFunctions({ f: (x: number) => x, n: Number.NaN, $k: 1 });
    expect(decode(text)).toStrictEqual({ f: { $function: '(x) => x' }, n: Number.NaN, $k: 1 });
    expect(() => encodeWithFunctions([Symbol('s')])).toThrow('it is a symbol');
  });
});

describe('canonical', () => {
  it('does not show the order of keys, entries and items', () => {
    const a = {
      x: 1,
      y: {
        b: [
          new Map<unknown, unknown>([
            ['p', 1],
            [2, 'q'],
          ]),
        ],
        a: new Set([3, 'z', { k: 1, j: 2 }]),
      },
    };
    const b = {
      y: {
        a: new Set([{ j: 2, k: 1 }, 'z', 3]),
        b: [
          new Map<unknown, unknown>([
            [2, 'q'],
            ['p', 1],
          ]),
        ],
      },
      x: 1,
    };
    expect(canonical(a)).toBe(canonical(b));
    expect(canonical({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });

  it('has one NaN and two zeros', () => {
    const odd = new Float64Array(new BigUint64Array([0x7ff8dead00000000n, 0x7ff0000000000001n]).buffer);
    expect(canonical(odd)).toBe(canonical(Float64Array.of(Number.NaN, Number.NaN)));
    expect(encode(odd)).not.toBe(canonical(odd));
    expect(canonical([0])).not.toBe(canonical([-0]));
  });

  it('tells different values apart, and can be decoded', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        expect(canonical(a)).toBe(canonical(decode(canonical(a))));
        if (encode(a) === encode(b)) expect(canonical(a)).toBe(canonical(b));
      }),
    );
    const different = [
      1,
      '1',
      1n,
      [1],
      { 0: 1 },
      new Set([1]),
      new Map([[0, 1]]),
      null,
      undefined,
      {},
      { a: undefined },
      [],
    ];
    expect(new Set(different.map((value) => canonical(value))).size).toBe(different.length);
  });
});

describe('decode', () => {
  it('throws SyntaxError and nothing else, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), brokenJson()), (text) => {
        try {
          decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
      { numRuns: 500 },
    );
  });

  function brokenJson(): fc.Arbitrary<string> {
    return fc.tuple(anyValue, fc.nat(), fc.string({ unit: 'binary', maxLength: 2 })).map(([value, at, insert]) => {
      const text = encode(value);
      const position = at % (text.length + 1);
      return text.slice(0, position) + insert + text.slice(position + 1);
    });
  }

  it('gives back what looks like a tag and is none of this version', () => {
    const unknown = [
      { $image: 'media/loss/1.png' },
      { $function: '() => 1' },
      { $later: { $number: 'NaN' } },
      { $number: 'seven' },
      { $number: 7 },
      { $bigint: '1.5' },
      { $date: 'yesterday' },
      { $date: 5 },
      { $typed: 'Float128Array', data: '' },
      { $typed: 'constructor', data: '' },
      { $typed: 'Float64Array', data: 'AAAA' },
      { $typed: 'Float64Array' },
      { $map: [[1]] },
      { $map: 3 },
      { $set: {} },
      { $undefined: false },
      { $error: 'x' },
      { $number: 'NaN', more: 1 },
      { a: 1, $number: 'NaN' },
    ];
    for (const tag of unknown) {
      const expected = '$later' in tag ? { $later: Number.NaN } : tag;
      expect(decode(JSON.stringify([tag]))).toStrictEqual([expected]);
    }
  });

  it('does not crash on deep nesting', () => {
    const deep = (open: string, close: string): string =>
      `${open.repeat(200_000)}{"$number":"NaN"}${close.repeat(200_000)}`;
    for (const text of [deep('[', ']'), deep('{"a":', '}'), deep('{"$set":[', ']}'), '['.repeat(1_000_000)]) {
      expect(() => decode(text)).toThrow(SyntaxError);
    }
  });
});
