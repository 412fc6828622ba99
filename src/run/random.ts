import type { Random } from './experiment.ts';

/**
 * Uniform numbers in [0, 1) with 53 bits: xoshiro128** (D. Blackman and S. Vigna, Scrambled linear pseudorandom number
 * generators, ACM TOMS 47:36, 2021), its state filled by splitmix32 from a hash of the seed.
 */
export function uniform(seed: number | string, stream: string): () => number {
  let state = fnv1a(`${typeof seed}:${String(seed)}:${stream}`);
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = next();
  let b = next();
  let c = next();
  let d = next() | 1; // never all zero
  const word = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled >>> 0;
  };
  return () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000;
}

/** The `e.random` of a run. */
export function createRandom(seed: number | string): Random {
  const draw = uniform(seed, 'experiment');
  const random = (() => draw()) as (() => number) & Record<string, unknown>;
  const int = (low: number, high: number): number => {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high < low) {
      throw new RangeError(`Expected e.random.int(low, high) with integers low <= high, got (${low}, ${high}).`);
    }
    return low + Math.floor(draw() * (high - low + 1));
  };
  random['int'] = int;
  // Marsaglia's polar method (G. Marsaglia and T. A. Bray, SIAM Review 6:260, 1964).
  let spare: number | undefined;
  random['normal'] = (mean = 0, standardDeviation = 1): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return mean + standardDeviation * kept;
    }
    for (;;) {
      const x = 2 * draw() - 1;
      const y = 2 * draw() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * factor;
        return mean + standardDeviation * x * factor;
      }
    }
  };
  random['choice'] = <T>(items: readonly T[]): T => {
    if (items.length === 0)
      throw new RangeError('Expected e.random.choice to get at least one item, got an empty list.');
    return items[Math.floor(draw() * items.length)]!;
  };
  random['shuffle'] = <T>(items: readonly T[]): T[] => {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  };
  return random as unknown as Random;
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
