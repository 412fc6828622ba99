import { beforeAll, describe, expect, it } from 'vitest';
import { CODES, callsOf, isWriting, sweep, type Trial, VARIANTS } from './sweep.ts';

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
  // Every call, each with one of the codes; `npm run soak -- --sweep` makes every call fail with every code.
  it.each([
    ['one call', false],
    ['all calls from one on', true],
  ])('%s loses nothing that was acknowledged, and is named', async (_, lasting) => {
    const trials = numbers().map((at): Trial => {
      const code = CODES[(at + (lasting ? 2 : 0)) % CODES.length]!;
      // Neighbours have different ends, and both kinds of refusal meet each call with the other one.
      const variant = VARIANTS[(at + (at >> 2) + (lasting ? 1 : 0)) % VARIANTS.length]!;
      return { variant, mode: 'error', at, code, lasting };
    });
    expect(await sweep(trials)).toEqual([]);
  });
});
