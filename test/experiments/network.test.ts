import { expect, test } from 'vitest';
import { adam, createNetwork, learn, predict, sgd } from '../../experiments/digits/network.ts';

/** Numbers in [0, 1) that repeat from run to run; `normal` need not be normal here. */
function createRandom(): Parameters<typeof createNetwork>[1] {
  let state = 1;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return Object.assign(uniform, {
    normal: (mean = 0, standardDeviation = 1) => mean + standardDeviation * (2 * uniform() - 1),
    int: (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1)),
    choice: <T>(items: readonly T[]) => items[Math.floor(uniform() * items.length)]!,
    shuffle: <T>(items: readonly T[]) => [...items],
  });
}

const random = createRandom();
const batch = Array.from({ length: 6 }, (_, i) => ({
  pixels: Float64Array.from({ length: 5 }, () => random()),
  label: i % 3,
}));

test.each([[[5, 3]], [[5, 4, 3]], [[5, 6, 4, 3]]])('the gradient of layers %j is the slope of the loss', (sizes) => {
  const network = createNetwork(sizes, createRandom());
  learn(network, batch);
  const gradient = network.gradient.slice();
  for (let k = 0; k < network.weights.length; k++) {
    const [weight, step] = [network.weights[k]!, 1e-5];
    network.weights[k] = weight + step;
    const above = learn(network, batch);
    network.weights[k] = weight - step;
    const below = learn(network, batch);
    network.weights[k] = weight;
    expect(gradient[k]).toBeCloseTo((above - below) / (2 * step), 7);
  }
});

test('the probabilities of the classes add up to 1, also for large scores', () => {
  const network = createNetwork([5, 3], createRandom());
  network.weights.fill(1000);
  const probabilities = predict(network, batch[0]!.pixels);
  expect(probabilities.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 12);
});

test.each([
  ['plain gradient descent', () => sgd(0.5)],
  ['Adam', (length: number) => adam(0.05, length)],
] as const)('%s learns a small batch by heart', (_, createOptimizer) => {
  const network = createNetwork([5, 8, 3], createRandom());
  const optimize = createOptimizer(network.weights.length);
  for (let step = 0; step < 2000; step++) {
    learn(network, batch);
    optimize(network.weights, network.gradient);
  }
  expect(learn(network, batch)).toBeLessThan(0.05);
});
