/** `e.track`: a million points in a whole process, and the cost of a point that is written through. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, interleave, measureProcess, median, mib, ms, times } from './measure.mjs';

const FLOOR = `
  import { closeSync, openSync, writeSync } from 'node:fs';
  const file = openSync('floor.jsonl', 'w');
  let block = '';
  for (let i = 0; i < 1_000_000; i++) {
    block += '["loss",' + i + ',' + Math.round(performance.now() * 1000) / 1000 + ',' + Math.cos(i) / 3 + ']\\n';
    if (block.length > 65536) { writeSync(file, block); block = ''; }
  }
  writeSync(file, block);
  closeSync(file);
`;

export function figures({ node, project, rounds }) {
  const cwd = project.root;
  const run = (args) => () => measureProcess(node, { args, cwd, usage: true });
  const of = interleave(
    {
      floor: run(['--input-type=module', '-e', FLOOR]),
      plain: run([BIN, 'run', 'experiments/million_exit.ts']),
      charted: run([BIN, 'run', 'experiments/million.ts']),
    },
    Math.max(3, Math.round(rounds / 3)),
  );
  const cpu = (what, { cpu: spent, wall }, limit) => {
    const value = median(spent);
    return {
      what,
      value: `${ms(value)} CPU (wall ${ms(median(wall))})`,
      beside: `plain loop, 64 KB blocks: ${ms(median(of.floor.cpu))} CPU; PyComex (quoted) 2.58 s`,
      ratio: times(value / median(of.floor.cpu)),
      ...(limit === undefined ? {} : { target: `<= ${ms(limit)}`, met: value <= limit }),
    };
  };
  const memory = (what, { rss }, limit) => {
    const value = median(rss);
    return {
      what,
      value: mib(value),
      beside: `plain loop: ${mib(median(of.floor.rss))}; PyComex (quoted) 236 MiB`,
      ratio: times(value / median(of.floor.rss)),
      target: `<= ${mib(limit)}`,
      met: value <= limit,
    };
  };
  return [
    cpu('1,000,000 points, without chart: CPU', of.plain, 1500),
    memory('1,000,000 points, without chart: peak memory', of.plain, 150 * 2 ** 20),
    cpu('1,000,000 points, with chart: CPU', of.charted),
    memory('1,000,000 points, with chart: peak memory', of.charted, 200 * 2 ** 20),
    throughFigure(node, project),
  ];
}

function throughFigure(node, project) {
  measureProcess(node, { args: [BIN, 'run', 'experiments/through.ts', '--quiet'], cwd: project.root });
  const { result } = JSON.parse(readFileSync(join(project.runs('through').at(-1), 'experiment_meta.json'), 'utf8'));
  const value = median(result.tracked);
  const floor = median(result.floor);
  return {
    what: 'a point that is written through',
    value: `${value.toFixed(2)} us`,
    beside: `writeSync of the same line: ${floor.toFixed(2)} us`,
    ratio: times(value / floor),
    target: '<= 5 us',
    met: value <= 5,
  };
}
