import { beforeAll, describe, expect, it, vi } from 'vitest';
import { CODES, callsOf, isWriting, sweep, type Trial, VARIANTS } from './sweep.ts';

// A process for each call: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 300_000 });

/** The calls of the file system that a small run makes in its archive. */
let calls: readonly string[];

beforeAll(async () => {
  calls = await callsOf('plain');
});

/** The numbers of the calls, from 1 on. */
function numbers(): number[] {
  return calls.map((_, index) => index + 1);
}

describe('a run that is killed', () => {
  it('before any one of its calls of the file system leaves what it acknowledged, whole', async () => {
    expect(calls.length).toBeGreaterThan(80);
    expect(await sweep(numbers().map((at): Trial => ({ variant: 'plain', mode: 'kill', at })))).toEqual([]);
  });

  it('in the middle of any one of its writes leaves what it acknowledged, and at most one damaged line', async () => {
    const writes = numbers().filter((at) => isWriting(calls[at - 1]!));
    expect(writes.length).toBeGreaterThan(20);
    expect(await sweep(writes.map((at): Trial => ({ variant: 'plain', mode: 'torn', at })))).toEqual([]);
  });
});

describe('a disk that refuses', () => {
  // Each call with one of the codes; `npm run soak -- --sweep` makes every call fail with every code.
  it.each([
    ['one call', false],
    ['all calls from one on', true],
  ])('%s loses nothing that was acknowledged, and is named', async (_, lasting) => {
    const some = numbers().filter((at) => !lasting || at % 2 === 0);
    const trials = some.map((at): Trial => {
      const n = lasting ? at >> 1 : at;
      const code = CODES[n % CODES.length]!;
      // Each code meets both kinds of experiment.
      const variant = VARIANTS[(n + (n >> 2)) % VARIANTS.length]!;
      return { variant, mode: 'error', at, code, lasting };
    });
    expect(await sweep(trials)).toEqual([]);
  });
});
