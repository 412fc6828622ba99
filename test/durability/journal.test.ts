import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replayData } from '../../src/archive/data.ts';
import { DATA_JOURNAL_FILE } from '../../src/archive/layout.ts';
import { AppendLog } from '../../src/codec/append.ts';
import { encode } from '../../src/codec/json.ts';
import { isComexError } from '../../src/errors.ts';
import { RunData } from '../../src/run/data.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'comex-journal-'));
  path = join(folder, DATA_JOURNAL_FILE);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The journal of the run that `emptyRun` has made. */
let journal: AppendLog | undefined;

function emptyRun(): RunData {
  rmSync(path, { force: true });
  return new RunData(folder, (file) => {
    journal = new AppendLog(file);
    return journal;
  });
}

/** What the journal says, as text: with the order of keys, and what JSON has no word for. */
function replayed(): string {
  return encode(replayData(folder).tree.toValue());
}

type Fields = Record<string, unknown>;

/** What the paths of a run hold, by a way of its own: nested objects, each change a copy. */
function changed(fields: Fields, [key, ...below]: readonly string[], value: unknown): Fields | undefined {
  const inner = below.length === 0 ? value : changedBelow(fields[key!], Object.hasOwn(fields, key!), below, value);
  return inner === REFUSED ? undefined : { ...fields, [key!]: inner };
}

const REFUSED = Symbol('refused');

function changedBelow(node: unknown, exists: boolean, path: readonly string[], value: unknown): unknown {
  if (!exists) return changed({}, path, value) ?? REFUSED;
  const isObject = typeof node === 'object' && node !== null && Object.getPrototypeOf(node) === Object.prototype;
  return isObject ? (changed(node as Fields, path, value) ?? REFUSED) : REFUSED;
}

type Action = (current: unknown) => unknown;

const leaf = fc.oneof(
  fc.double(),
  fc.constantFrom<unknown>(Number.NaN, -0, null, true, undefined, 7n, new Date(0), '"\\', '\u{1f600}', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const key = fc.constantFrom('a', 'b', '$map', '7', 'é');
const long = fc.integer({ min: 60, max: 90 });

/** What an experiment does with a value that it holds: it sets a new one, or adds to the old one. */
const action: fc.Arbitrary<Action> = fc.oneof(
  leaf.map((value) => () => value),
  fc.tuple(long, leaf).map(
    ([count, item]) =>
      () =>
        Array.from({ length: count }, () => item),
  ),
  fc.tuple(long, fc.constantFrom('text', '"\\', 'é')).map(
    ([count, piece]) =>
      () =>
        piece.repeat(count),
  ),
  fc.tuple(long, leaf).map(
    ([count, item]) =>
      () =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, item])),
  ),
  fc.dictionary(key, leaf).map((fields) => () => ({ ...fields })),
  fc.array(fc.tuple(leaf, leaf)).map((entries) => () => new Map(entries)),
  // In three of four cases a value grows, or nearly does.
  ...Array.from({ length: 3 }, () => fc.tuple(key, fc.array(leaf, { minLength: 1, maxLength: 3 })).map(growth)),
  fc.constant<Action>((current) => (Array.isArray(current) ? current.slice(0, -1) : current)),
  fc.constant<Action>((current) => (Array.isArray(current) ? [0, ...current.slice(1), 1] : current)),
);

/** A path, what is done with its value, and whether that is the value that was set there last or what is there now. */
type Step = readonly [path: string, act: Action, own: boolean];

function growth([name, added]: readonly [string, readonly unknown[]]): Action {
  return (current) => {
    if (Array.isArray(current)) return [...current, ...added];
    if (typeof current === 'string') return `${current}${String(added[0])}`;
    if (current instanceof Map) return new Map([...current, [name, added]]);
    if (typeof current === 'object' && current !== null) return { ...current, [`${name}-${added.length}`]: added };
    return added;
  };
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.constantFrom('a', 'a', 'a', 'a/b', 'a/b', 'a/b/c', 'a/k3', 'd', 'x/__proto__/y'), action, fc.boolean()),
  { maxLength: 25 },
);

/** Carries out the steps; gives the size of the journal and what it has to say after each that was accepted. */
function carriedOut(all: readonly Step[]) {
  const data = emptyRun();
  const held = new Map<string, unknown>();
  let model: Fields = {};
  const states: Array<{ readonly bytes: number; readonly model: Fields }> = [{ bytes: 0, model: {} }];
  for (const [where, act, own] of all) {
    const value = act(own ? held.get(where) : data.has(where) ? data.get(where) : undefined);
    held.set(where, value);
    const next = changed(model, where.split('/'), value);
    expect(isAccepted(() => data.set(where, value))).toBe(next !== undefined);
    if (next === undefined) continue;
    model = next;
    journal?.flush();
    states.push({ bytes: statSync(path).size, model });
  }
  return states;
}

function isAccepted(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (isComexError(error)) return false;
    throw error;
  }
}

describe('the journal of the data', () => {
  it('says what was set, whatever was set, grown and replaced before', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { model } = carriedOut(all).at(-1)!;
        expect(replayed()).toBe(encode(model));
      }),
      { numRuns: 300 },
    );
  });

  it('torn at any byte, says what was set up to some call', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20 }), (all, cuts) => {
        const states = carriedOut(all);
        if (states.length === 1) return;
        const whole = readFileSync(path);
        // Around the ends of lines, and anywhere.
        const ends = states.flatMap(({ bytes }) => [bytes - 2, bytes - 1, bytes, bytes + 1]);
        for (const at of [...ends, ...cuts.map((cut) => Math.floor(cut * whole.length))]) {
          if (at < 0 || at > whole.length) continue;
          writeFileSync(path, whole.subarray(0, at));
          // A last line without its newline is whole, too.
          const { model } = states.findLast(({ bytes }) => bytes - 1 <= at)!;
          expect(replayed()).toBe(encode(model));
        }
      }),
      { numRuns: 100 },
    );
  });

  const GROWING: Readonly<Record<string, (before: unknown, i: number) => unknown>> = {
    'an array': (before, i) => [...((before as number[] | undefined) ?? []), i / 7],
    'an array of objects': (before, i) => [...((before as object[] | undefined) ?? []), { i, name: 'é' }],
    'an object': (before, i) => ({ ...(before as object | undefined), [`key ${i}`]: i / 7 }),
    'a text': (before, i) => `${(before as string | undefined) ?? ''}line ${i}\n`,
  };

  it.each(Object.entries(GROWING))('grows in proportion to %s that grows piece by piece', (_, grow) => {
    const sizeOf = (pieces: number): number => {
      const data = emptyRun();
      let value: unknown;
      for (let i = 0; i < pieces; i++) {
        value = grow(value, i);
        data.set('a/b', value);
      }
      // So many at once may stand in a block.
      journal?.flush();
      expect(replayed()).toBe(encode({ a: { b: value } }));
      return statSync(path).size;
    };
    expect(sizeOf(2000) / sizeOf(1000)).toBeLessThan(2.2);
    expect(statSync(path).size).toBeLessThan(60 * 1000);
  });
});
