/**
 * Reads handwritten digits: softmax regression, or a network with one hidden layer, learns from three quarters of 1797
 * images and is tested on the rest. The linear model reads about 96 % of them right, the network about 98 %.
 */
import { type ChartConfiguration, type Experiment, runIfMain } from 'comex';
import { type Digit, readDigits, sketch } from './digits/images.ts';
import { adam, createNetwork, learn, type Network, predict, sgd } from './digits/network.ts';

type Self = typeof import('./digits.ts');

/** `linear` is softmax regression, `mlp` has a hidden layer of rectified linear units. */
export const MODEL: 'linear' | 'mlp' = 'mlp';
/** Units of the hidden layer. */
export const HIDDEN = 64;
export const OPTIMIZER: 'sgd' | 'adam' = 'adam';
/** Step size. Plain gradient descent needs a larger one than Adam. */
export const LEARNING_RATE: number = OPTIMIZER === 'adam' ? 0.003 : 0.1;
/** Passes over the training images. */
export const EPOCHS = 40;
/** Images per step. */
export const BATCH_SIZE = 32;
/** Share of the images that is kept for the test. */
export const TEST_SHARE = 0.25;

interface Reading {
  readonly digit: Digit;
  readonly answer: number;
  /** Probability that the model gives to its answer. */
  readonly confidence: number;
}

export default async function experiment(e: Experiment<Self>) {
  const digits = e.random.shuffle(readDigits(e.input('experiments/data/digits.csv.gz')));
  const testSize = Math.round(digits.length * TEST_SHARE);
  const [test, train] = [digits.slice(0, testSize), digits.slice(testSize)];
  const network = createNetwork(MODEL === 'mlp' ? [64, HIDDEN, 10] : [64, 10], e.random);
  const optimize = OPTIMIZER === 'adam' ? adam(LEARNING_RATE, network.weights.length) : sgd(LEARNING_RATE);
  e.log(`${train.length} images to learn from, ${test.length} for the test, ${network.weights.length} weights`);

  let step = 0;
  let readings = test.map((digit) => read(network, digit));
  for (const epoch of e.progress(Array(EPOCHS).keys(), { label: 'epochs', total: EPOCHS })) {
    const shuffled = e.random.shuffle(train);
    for (let start = 0; start < shuffled.length; start += BATCH_SIZE) {
      const batch = shuffled.slice(start, start + BATCH_SIZE);
      const loss = learn(network, batch);
      optimize(network.weights, network.gradient);
      e.track('loss/train', loss, { step: step++, epoch: epoch + start / train.length });
    }
    readings = test.map((digit) => read(network, digit));
    e.track('accuracy/test', accuracyOf(readings), { step, epoch: epoch + 1 });
    await e.applyHook('after_epoch', { epoch, network, accuracy: accuracyOf(readings) });
  }

  const mistakes = readings.filter(({ digit, answer }) => answer !== digit.label);
  for (const { digit, answer, confidence } of mistakes) {
    e.record('mistakes', { image: digit.index, label: digit.label, answer, confidence });
  }
  const sketches = mistakes.map(({ digit, answer }) => `${digit.label}, read as ${answer}:\n${sketch(digit)}\n`);
  await e.commitRaw('mistakes.txt', sketches.join('\n'));
  const confusion = countPairs(readings);
  await e.commitJson('confusion.json', { rows: 'label', columns: 'answer', counts: confusion });
  await e.commitFig('confusion.png', confusionChart(confusion));
  e['results/accuracy'] = accuracyOf(readings);
  e.log(`${mistakes.length} of ${test.length} misread, accuracy ${accuracyOf(readings).toFixed(4)}`);
  return accuracyOf(readings);
}

export function testing(e: Experiment<Self>) {
  e.EPOCHS = 2;
}

function read(network: Network, digit: Digit): Reading {
  const probabilities = predict(network, digit.pixels);
  const confidence = Math.max(...probabilities);
  return { digit, answer: probabilities.indexOf(confidence), confidence };
}

function accuracyOf(readings: readonly Reading[]): number {
  return readings.filter(({ digit, answer }) => answer === digit.label).length / readings.length;
}

/** How often each label (row) got each answer (column). */
function countPairs(readings: readonly Reading[]): number[][] {
  const counts = Array.from({ length: 10 }, () => Array<number>(10).fill(0));
  for (const { digit, answer } of readings) counts[digit.label]![answer]! += 1;
  return counts;
}

function confusionChart(counts: readonly (readonly number[])[]): ChartConfiguration {
  const bubbles = counts.flatMap((row, label) =>
    row.map((count, answer) => ({ x: answer, y: label, r: 3.5 * Math.sqrt(count) })),
  );
  const axis = (text: string) => ({
    type: 'category',
    labels: [...counts.keys()],
    offset: true,
    title: { display: true, text },
  });
  return {
    type: 'bubble',
    data: {
      datasets: [
        { label: 'right', data: bubbles.filter(({ x, y }) => x === y) },
        { label: 'wrong', data: bubbles.filter(({ x, y, r }) => x !== y && r > 0) },
      ],
    },
    options: {
      plugins: { title: { display: true, text: 'Answers to the test images (area: number of images)' } },
      scales: { x: axis('answer'), y: axis('label') },
    },
  };
}

runIfMain(import.meta);
