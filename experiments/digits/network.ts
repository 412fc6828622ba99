/** A small classifier in plain TypeScript: dense layers, rectified linear units between them, softmax at the end. */
import type { Random } from 'comex';

/** One layer: `outputs` rows of `inputs` weights and a bias. Its arrays are windows on those of the network. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
}

interface Example {
  readonly pixels: Float64Array;
  readonly label: number;
}

export interface Network {
  /** All weights in one row, as an optimizer wants them. */
  readonly weights: Float64Array;
  /** Derivative of the loss by each weight, as `learn` found it. */
  readonly gradient: Float64Array;
  readonly layers: readonly Layer[];
}

/** Changes the weights by one step along a gradient. */
type Optimizer = (weights: Float64Array, gradient: Float64Array) => void;

/** A network with layers of these sizes, the first being the input. Weights: K. He et al., arXiv:1502.01852. */
export function createNetwork(sizes: readonly number[], random: Random): Network {
  const shapes = sizes.slice(1).map((outputs, i) => ({ inputs: sizes[i]!, outputs }));
  const length = shapes.reduce((sum, { inputs, outputs }) => sum + outputs * (inputs + 1), 0);
  const weights = new Float64Array(length);
  const gradient = new Float64Array(length);
  let start = 0;
  const layers = shapes.map(({ inputs, outputs }): Layer => {
    const end = start + outputs * (inputs + 1);
    const layer = { inputs, outputs, weights: weights.subarray(start, end), gradient: gradient.subarray(start, end) };
    start = end;
    for (let k = 0; k < layer.weights.length; k++) {
      const isBias = k % (inputs + 1) === inputs;
      layer.weights[k] = isBias ? 0 : random.normal(0, Math.sqrt(2 / inputs));
    }
    return layer;
  });
  return { weights, gradient, layers };
}

/** The probability of each class. */
export function predict(network: Network, input: Float64Array): Float64Array {
  return forward(network, input).at(-1)!;
}

/** Sets the network's gradient to that of the mean cross-entropy over a batch; returns that mean, in nats. */
export function learn(network: Network, batch: readonly Example[]): number {
  network.gradient.fill(0);
  let loss = 0;
  for (const { pixels, label } of batch) {
    const activations = forward(network, pixels);
    const probabilities = activations.at(-1)!;
    loss -= Math.log(probabilities[label]!) / batch.length;
    let delta: Float64Array = probabilities.map(
      (probability, k) => (probability - (k === label ? 1 : 0)) / batch.length,
    );
    for (let i = network.layers.length - 1; i >= 0; i--) {
      delta = backward(network.layers[i]!, activations[i]!, delta);
    }
  }
  return loss;
}

/** Plain gradient descent. */
export function sgd(rate: number): Optimizer {
  return (weights, gradient) => {
    for (let k = 0; k < weights.length; k++) weights[k]! -= rate * gradient[k]!;
  };
}

/** Adam: D. Kingma and J. Ba, arXiv:1412.6980, with the constants proposed there. */
export function adam(rate: number, length: number): Optimizer {
  const first = new Float64Array(length);
  const second = new Float64Array(length);
  let step = 0;
  return (weights, gradient) => {
    step++;
    const scale = (rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    for (let k = 0; k < weights.length; k++) {
      first[k] = 0.9 * first[k]! + 0.1 * gradient[k]!;
      second[k] = 0.999 * second[k]! + 0.001 * gradient[k]! ** 2;
      weights[k]! -= (scale * first[k]!) / (Math.sqrt(second[k]!) + 1e-8);
    }
  };
}

/** The input, then what each layer makes of it. */
function forward({ layers }: Network, input: Float64Array): Float64Array[] {
  const activations = [input];
  for (const [i, layer] of layers.entries()) {
    const output = affine(layer, activations[i]!);
    activations.push(i === layers.length - 1 ? softmax(output) : output.map((value) => Math.max(0, value)));
  }
  return activations;
}

function affine({ inputs, outputs, weights }: Layer, input: Float64Array): Float64Array {
  const output = new Float64Array(outputs);
  for (let row = 0, k = 0; row < outputs; row++) {
    let sum = 0;
    for (let column = 0; column < inputs; column++) sum += weights[k++]! * input[column]!;
    output[row] = sum + weights[k++]!;
  }
  return output;
}

function softmax(scores: Float64Array): Float64Array {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Adds a layer's gradient, given its input and the loss's derivative by its output; returns that by its input. */
function backward(
  { inputs, outputs, weights, gradient }: Layer,
  input: Float64Array,
  delta: Float64Array,
): Float64Array {
  const inputDelta = new Float64Array(inputs);
  for (let row = 0, k = 0; row < outputs; row++) {
    const slope = delta[row]!;
    for (let column = 0; column < inputs; column++, k++) {
      gradient[k]! += slope * input[column]!;
      // Where the rectified input is 0, nothing flows back.
      if (input[column]! > 0) inputDelta[column]! += slope * weights[k]!;
    }
    gradient[k++]! += slope;
  }
  return inputDelta;
}
