/** Reading a run of a million points back: each reading in a fresh process, timed inside of it. */
import { BIN, interleave, measureProcess, median, mib, ms, times } from './measure.mjs';

const READ = `
  import { loadRun } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
  const start = performance.now();
  const run = loadRun(process.argv[1]);
  const opened = performance.now();
  const { steps, values } = run.series('loss');
  const read = performance.now();
  if (values.length !== 1_000_000 || steps[999_999] !== 999_999) throw new Error('not the series that was tracked');
  console.log(JSON.stringify({ open: opened - start, all: read - start }));
`;

const PEER = `
  import { readFileSync } from 'node:fs';
  const start = performance.now();
  const lines = readFileSync(process.argv[1] + '/experiment_track.jsonl', 'utf8').trimEnd().split('\\n').slice(1);
  const steps = new Float64Array(lines.length);
  const values = new Float64Array(lines.length);
  for (let i = 0; i < lines.length; i++) [, steps[i], , values[i]] = JSON.parse(lines[i]);
  if (values.length !== 1_000_000 || steps[999_999] !== 999_999) throw new Error('not the series that was tracked');
  console.log(JSON.stringify({ all: performance.now() - start }));
`;

export function figures({ node, project, rounds }) {
  measureProcess(node, { args: [BIN, 'run', 'experiments/million_exit.ts', '--quiet'], cwd: project.root });
  const folder = project.runs('million_exit').at(-1);
  const timed = (code) => () => {
    const { stdout, rss } = measureProcess(node, {
      args: ['--input-type=module', '-e', code, folder],
      cwd: project.root,
      usage: true,
    });
    return { ...JSON.parse(stdout), rss };
  };
  const of = interleave({ read: timed(READ), peer: timed(PEER) }, Math.max(5, Math.round(rounds / 2)));
  const value = median(of.read.all);
  return [
    {
      what: 'loadRun, and a series of 1,000,000 points as arrays',
      value: `${ms(value)} (${mib(median(of.read.rss))})`,
      beside: `JSON.parse of each line: ${ms(median(of.peer.all))} (${mib(median(of.peer.rss))})`,
      ratio: times(value / median(of.peer.all)),
      target: '<= 500 ms',
      met: value <= 500,
    },
  ];
}
