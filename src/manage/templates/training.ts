/** A model that learns, step by step. */
export const training = {
  description: 'Trains a small neural network to tell points inside of a circle from points around it.',
  imports: "import { type Experiment, hookPoint } from 'comex';",
  text: (head: string): string => `${head}
/** Passes over the training set. */
export const EPOCHS = 60;
/** Step size of gradient descent. */
export const LEARNING_RATE = 0.05;
/** Units of the hidden layer. */
export const HIDDEN = 8;
/** Points to learn from; as many others tell how well it went. */
export const POINTS = 300;

/** Places where experiments that extend this one, and mixins, can add code of their own. */
export const hooks = {
  /** After each pass over the training set. */
  after_epoch: hookPoint<{ epoch: number; loss: number; accuracy: number }>(),
};

export default async function experiment(e: Experiment<Self>) {
  const train = drawPoints(e, POINTS);
  const test = drawPoints(e, POINTS);
  const network = newNetwork(e, HIDDEN);
  let accuracy = 0;
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    let sum = 0;
    for (const point of e.random.shuffle(train)) sum += learn(network, point, LEARNING_RATE);
    const loss = sum / train.length;
    accuracy = test.filter((point) => predict(network, point) > 0.5 === point.inside).length / test.length;
    e.trackMany({ loss, accuracy }, epoch);
    await e.applyHook('after_epoch', { epoch, loss, accuracy });
  }
  e.log('accuracy on new points:', accuracy);
  e['results/accuracy'] = accuracy;
  return accuracy;
}

/** With --__TESTING__, to see quickly whether all of it works. */
export function testing(e: Experiment<Self>) {
  e.EPOCHS = 2;
  e.POINTS = 20;
}

/** Runs after the experiment, with its data. */
export async function analysis(e: Experiment<Self>) {
  const loss: number[] = e.get('loss');
  const accuracy: number[] = e.get('accuracy');
  const datasets = [
    { label: 'loss', data: loss },
    { label: 'accuracy on new points', data: accuracy },
  ];
  await e.commitFig('learning-curve.png', { type: 'line', data: { labels: loss.map((_, i) => i + 1), datasets } });
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly inside: boolean;
}

/** Points of a square; half of it lies inside of the circle. */
function drawPoints(e: Experiment<Self>, count: number): Point[] {
  return Array.from({ length: count }, () => {
    const [x, y] = [2 * e.random() - 1, 2 * e.random() - 1];
    return { x, y, inside: x * x + y * y < 2 / Math.PI };
  });
}

/** A hidden layer of tanh units; weights of both inputs, a bias, and the weight of the unit in the output. */
interface Network {
  readonly units: Array<{ x: number; y: number; bias: number; out: number }>;
  bias: number;
}

function newNetwork(e: Experiment<Self>, hidden: number): Network {
  const weight = () => e.random.normal();
  const units = Array.from({ length: hidden }, () => ({ x: weight(), y: weight(), bias: weight(), out: weight() }));
  return { units, bias: 0 };
}

/** Probability that a point lies inside. */
function predict({ units, bias }: Network, { x, y }: Point): number {
  const sum = units.reduce((total, unit) => total + unit.out * Math.tanh(unit.x * x + unit.y * y + unit.bias), bias);
  return 1 / (1 + Math.exp(-sum));
}

/** One step of gradient descent; returns the loss (cross entropy) before it. */
function learn(network: Network, point: Point, rate: number): number {
  const probability = predict(network, point);
  const error = probability - (point.inside ? 1 : 0);
  for (const unit of network.units) {
    const active = Math.tanh(unit.x * point.x + unit.y * point.y + unit.bias);
    const slope = error * unit.out * (1 - active * active);
    unit.out -= rate * error * active;
    unit.x -= rate * slope * point.x;
    unit.y -= rate * slope * point.y;
    unit.bias -= rate * slope;
  }
  network.bias -= rate * error;
  return -Math.log(Math.max(1e-12, point.inside ? probability : 1 - probability));
}
`,
};
