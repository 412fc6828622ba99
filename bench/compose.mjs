/** Composition: what a chain of files costs at the start, and a thousand child runs under one parent. */
import { BIN, interleave, measureProcess, median, medianDifference, ms } from './measure.mjs';

export function figures({ node, project, rounds }) {
  const cwd = project.root;
  const run = (file) => () => measureProcess(node, { args: [BIN, 'run', file, '--quiet'], cwd, usage: true });
  const of = interleave({ single: run('experiments/single.ts'), chain: run('experiments/chain/five.ts') }, rounds);
  const more = medianDifference(of.chain.cpu, of.single.cpu);
  const args = ['--expose-gc', BIN, 'run', 'experiments/study.ts', '--json', '--quiet'];
  const { marks, inodes } = JSON.parse(measureProcess(node, { args, cwd }).stdout).result;
  const [first, last] = [marks[1], marks.at(-1)];
  const perRun = (from, to) => (to.ms - from.ms) / (to.runs - from.runs);
  const half = marks[Math.floor(marks.length / 2)];
  const slower = perRun(half, last) / perRun(first, half);
  const grown = (last.heap - first.heap) / (last.runs - first.runs);
  return [
    {
      what: 'five levels and three mixins: more CPU than one module',
      value: ms(more),
      beside: `one module: ${ms(median(of.single.cpu))}`,
      target: '<= 60 ms',
      met: more <= 60,
    },
    {
      what: '1,000 child runs, 8 at a time: a run of the second half',
      value: ms(perRun(half, last)),
      beside: `of the first half: ${ms(perRun(first, half))}`,
      ratio: `${slower.toFixed(2)}x`,
      target: '<= 1.3x (linear)',
      met: slower <= 1.3,
    },
    {
      what: 'heap of the parent: growth with each child run',
      value: `${(grown / 1024).toFixed(1)} KiB`,
      beside: `${(last.heap / 2 ** 20).toFixed(1)} MiB in all`,
      target: '<= 2 KiB',
      met: grown <= 2048,
    },
    { what: 'inodes of a child run', value: String(inodes), beside: '', target: '<= 8', met: inodes <= 8 },
  ];
}
