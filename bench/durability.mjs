/**
 * What it costs that records survive: beside a buffered writer of the same lines, and beside the same loop that records
 * nothing. All of them are runs of one experiment.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, interleave, measureProcess, median, medianRatio, ms, times } from './measure.mjs';

const PACE = 2000;
const WAYS = ['comex', 'buffered', 'nothing'];

export function figures({ node, project, rounds }) {
  const some = Math.max(3, Math.round(rounds / 2));
  const run = (name, words) => () => {
    const args = [BIN, 'run', `experiments/${name}.ts`, '--json', '--quiet', ...words];
    const { path } = JSON.parse(measureProcess(node, { args, cwd: project.root }).stdout);
    return JSON.parse(readFileSync(join(path, 'experiment_meta.json'), 'utf8')).result;
  };
  const recorded = (words) => {
    const variants = WAYS.map((way) => [way, run('recorded', ['--WAY', way, ...words])]);
    return interleave(Object.fromEntries(variants), some);
  };
  const paced = recorded(['--PACE', `${PACE}`, '--POINTS', `${2 * PACE}`]);
  const fast = recorded([]);
  const share = (cpuUs) => `${((cpuUs * PACE) / 1e4).toFixed(1)} % of a core`;
  return [
    cpuFigure('loop of 2,000 e.track a second: CPU', paced, share),
    cpuFigure('loop of e.track at full speed: CPU of a point', fast, us),
    syncFigure(fast),
    ...callFigures(run('calls', [])()),
  ];
}

const us = (value) => `${value.toFixed(2)} us`;

/** CPU time of a point, that of the loop around it included: most of it where the loop waits for timers. */
function cpuFigure(what, all, text) {
  const of = (way) => text(median(all[way].cpuUs));
  return {
    what,
    value: of('comex'),
    beside: `buffered: ${of('buffered')}; no recording: ${of('nothing')}`,
    ratio: times(medianRatio(all.comex.cpuUs, all.buffered.cpuUs)),
  };
}

function syncFigure(all) {
  const [value, floor] = [median(all.comex.syncMs), median(all.buffered.syncMs)];
  return {
    what: 'e.flush() behind 300,000 points, to the disk itself',
    value: ms(value),
    beside: `fsync of the same lines: ${ms(floor)}; of an empty file: ${ms(median(all.nothing.syncMs))}`,
    ratio: times(value / floor),
  };
}

const CALLS = {
  track: 'e.track, written through',
  log: 'e.log, written through',
  data: "e['a/b'] = number, written through",
  record: 'e.record, written through',
};

function callFigures(result) {
  return Object.entries(CALLS).map(([call, what]) => {
    const { comex, buffered } = result[call];
    return {
      what,
      value: us(median(comex)),
      beside: `buffered: ${us(median(buffered))}; no recording: ${us(median(result.nothing.comex))}`,
      ratio: times(median(comex) / median(buffered)),
    };
  });
}
