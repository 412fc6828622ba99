/** Listing large archives: whole processes on synthesised runs, beside what only reading the folders' names takes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeArchive } from './archive-maker.mjs';
import { BIN, interleave, measureProcess, median, medianDifference, mib, ms, wallText } from './measure.mjs';

const QUERY = 'status == "done" && LEARNING_RATE < 0.01 && series["loss/val"].min < 0.2';
const ASKED = [QUERY, '--sort', 'loss/val:min', '--limit', '20'];

/** Every run's metadata is looked at once: no answer that is true to the folders can take less. */
const FLOOR = `
  import { readdirSync, statSync } from 'node:fs';
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const path = folder + '/' + entry.name;
      if (statSync(path + '/experiment_meta.json', { throwIfNoEntry: false }) === undefined) visit(path);
    }
  };
  visit(process.argv[1]);
`;

export function figures({ node, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'comex-bench-archive-'));
  const few = Math.max(3, Math.round(rounds / 3));
  try {
    return [
      ...small({ node, results: join(folder, 'small'), rounds: few }),
      ...large({ node, results: join(folder, 'large') }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function small({ node, results, rounds }) {
  makeArchive(results, 10_000);
  settle();
  const index = join(results, '.comex');
  const list = () =>
    measureProcess(node, { args: [BIN, 'list', '--results', results, ...ASKED], cwd: results, usage: true });
  const cold = interleave(
    {
      cold: () => {
        rmSync(index, { recursive: true, force: true });
        return list();
      },
    },
    rounds,
  ).cold;
  const run = someRun(results);
  list();
  const warm = interleave(
    {
      list,
      floor: () => measureProcess(node, { args: ['--input-type=module', '-e', FLOOR, results], cwd: results }),
      start: () => measureProcess(node, { args: [BIN, '--version'], cwd: results }),
      changed: () => {
        touch(run);
        settle();
        return list();
      },
    },
    rounds,
  );
  const wall = median(warm.list.wall);
  const adding = Math.max(0, medianDifference(warm.changed.wall, warm.list.wall));
  return [
    {
      what: 'list of 10,000 runs with filter, sort and limit',
      value: `${wallText(warm.list)} (${mib(median(warm.list.rss))})`,
      beside: `stat of each metadata file: ${wallText(warm.floor)}; --version: ${wallText(warm.start)}`,
      target: '< 300 ms, < 200 MiB',
      met: wall < 300 && median(warm.list.rss) < 200 * 2 ** 20,
    },
    {
      what: 'the same without an index, which it makes',
      value: `${wallText(cold)} (${mib(median(cold.rss))})`,
      target: '< 3 s',
      met: median(cold.wall) < 3000,
    },
    { what: 'adding a run to the index', value: ms(adding), target: '< 5 ms', met: adding < 5 },
  ];
}

function large({ node, results }) {
  makeArchive(results, 100_000);
  settle();
  const list = () =>
    measureProcess(node, { args: [BIN, 'list', '--results', results, ...ASKED], cwd: results, usage: true });
  const cold = list();
  list();
  const warm = interleave({ list }, 3).list;
  return [
    {
      what: 'list of 100,000 runs with filter, sort and limit',
      value: `${wallText(warm)} (${mib(median(warm.rss))})`,
      beside: `without an index: ${ms(cold.wall)} (${mib(cold.rss)})`,
      target: '< 1 s, < 200 MiB',
      met: median(warm.wall) < 1000 && median(warm.rss) < 200 * 2 ** 20,
    },
  ];
}

/** What changed just now is not kept in an index. */
function settle() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
}

function someRun(results) {
  const folder = join(results, 'text/sentiment');
  return join(folder, readdirSync(folder)[0], 'experiment_meta.json');
}

/** To the index, a run that changed is as one that is new. */
function touch(path) {
  writeFileSync(path, readFileSync(path));
}
